"""What a job may ask for, in the words a workflow's author uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypedDict

from toil_core.errors import UsageError
from toil_core.model.requirements import Accelerator, Requirements
from toil_core.model.units import parse_bytes, parse_cores, parse_seconds
from toil_core.workflow.promise import Computed, Promise
from toil_core.workflow.script import LOADED_AS

if TYPE_CHECKING:
    from typing_extensions import Unpack

Later = Promise[Any] | Computed
"""A requirement that is known only while the workflow runs."""


class JobKeywords(TypedDict, total=False):
    """The keywords that ``@job``, ``Job(...)`` and ``Job.configure`` take; ``JobSettings`` says what they mean."""

    name: str
    cores: float | str | Later | None
    memory: int | str | Later | None
    disk: int | str | Later | None
    accelerators: int | Accelerator | Sequence[Accelerator] | Later | None
    preemptible: bool | Later | None
    time_limit: float | Later | None
    retries: int | None
    checkpoint: bool
    shares_process: bool


@dataclass(frozen=True)
class JobSettings:
    """What a job asks for. ``None`` means: the run's default. Requirements may be promises, or
    computed from them.

    ``name`` is shown to people, by default the function's or class's own. ``cores`` may be a fraction.
    ``memory`` and ``disk`` are bytes or like ``"2Gi"``. ``accelerators`` is a number of GPUs or says
    which. ``time_limit`` is seconds of wall time. ``retries`` is the number of tries after the first;
    those whose process was killed or ended without a result are counted apart, and the sixth fails the job.
    A ``checkpoint`` job is run again when something in its subtree has failed for good.
    ``shares_process``: where workers are processes of this machine, the job may run in one that has run
    other such jobs, which costs a tenth of one of its own. For code that keeps nothing between calls.
    """

    name: str = ""
    cores: float | str | Later | None = None
    memory: int | str | Later | None = None
    disk: int | str | Later | None = None
    accelerators: int | Accelerator | Sequence[Accelerator] | Later | None = None
    preemptible: bool | Later | None = None
    time_limit: float | Later | None = None
    retries: int | None = None
    checkpoint: bool = False
    shares_process: bool = False

    @property
    def is_promised(self) -> bool:
        """Whether some requirement is known only while the workflow runs."""
        return any(isinstance(value, (Promise, Computed)) for value in self.__dict__.values())

    def updated(self, **keywords: Unpack[JobKeywords]) -> JobSettings:
        """The same with some settings replaced. Raises ``UsageError`` for an unknown keyword."""
        try:
            return replace(self, **keywords)
        except TypeError as error:
            known = ", ".join(field.name for field in fields(self))
            raise UsageError(f"not a job's setting: {', '.join(keywords)}", f"Settings are: {known}") from error

    def requirements(self, job: str) -> Requirements:
        """These settings as the engine wants them; none may be a promise.

        Raises ``UsageError`` that names the job, if a value makes no sense.
        """
        if self == _NOTHING:
            return _DEFAULT
        try:
            self._check_choices()
            return Requirements(
                cores=None if self.cores is None else parse_cores(_known(self.cores)),
                memory=None if self.memory is None else _size(_known(self.memory)),
                disk=None if self.disk is None else _size(_known(self.disk)),
                accelerators=None if self.accelerators is None else _accelerators(_known(self.accelerators)),
                preemptible=None if self.preemptible is None else _claim("preemptible", _known(self.preemptible)),
                time_limit_seconds=None if self.time_limit is None else parse_seconds(_known(self.time_limit)),
            )
        except (ValueError, TypeError, OverflowError) as error:
            raise UsageError(f'job "{job}" asks for something that makes no sense: {error}') from error

    def _check_choices(self) -> None:
        _claim("checkpoint", self.checkpoint)
        _claim("shares_process", self.shares_process)
        if self.retries is not None and not (isinstance(self.retries, int) and self.retries >= 0):
            raise ValueError(f"{self.retries!r} retries")


@dataclass(frozen=True, slots=True)
class Declared:
    """Settings, and the place in the author's code that says them."""

    place: str
    settings: JobSettings

    def written(self, settings: JobSettings) -> str:
        """For the description of a job that has these settings after all."""
        if settings is self.settings:
            return self.place
        names = (field.name for field in fields(JobSettings))
        own = [name for name in names if getattr(settings, name) != getattr(self.settings, name)]
        return " ".join([self.place, *own])


def place_of(function: Any, reader: str = "") -> str:
    """How the place of a function is written, empty if it has no name; workers' own name for the script
    means the script. ``reader`` is who reads what is declared there, if that is not ``@job``."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    if not module or not name:
        return ""
    place = f"{'__main__' if module == LOADED_AS else module}:{name}"
    return f"{reader}@{place}" if reader else place


_NOTHING = JobSettings()
_DEFAULT = Requirements()


def _known(value: Any) -> Any:
    if isinstance(value, Computed):
        value = value.value()
    if isinstance(value, Promise):
        raise TypeError(f'a promise of "{value.producer.name}"')
    return value


def _size(value: str | int) -> int:
    size = parse_bytes(value)
    if size < 0:
        raise ValueError(f"{size} bytes")
    return size


def _claim(name: str, value: Any) -> bool:
    meant = {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
    if meant not in (True, False):  # "no" would count as yes
        raise TypeError(f"{name}={value!r} (it is True or False)")
    return bool(meant)


def _accelerators(value: int | Accelerator | Sequence[Accelerator]) -> tuple[Accelerator, ...]:
    if isinstance(value, int):
        value = (Accelerator(value),) if value else ()
    wanted = (value,) if isinstance(value, Accelerator) else tuple(value)
    if all(isinstance(item, Accelerator) for item in wanted):
        if any(item.count < 1 for item in wanted):
            raise ValueError(f"{min(item.count for item in wanted)} accelerators")
        return wanted
    raise TypeError(f"accelerators {value!r} (a number of GPUs, or Accelerator objects)")
