"""The options of a run in upstream's words: flags in camelCase, values under the documented names.

After parsing, the namespace holds for each option the value that the run will use: of the command line,
else of the environment (``TOIL_...``), else of the configuration file, else the default. What a script
changes in it then wins.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from argparse import SUPPRESS, Action, ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import configargparse

from toil.foreign_options import FOREIGN, NOT_FOR_RUNS, Effect, Foreign
from toil_core.config.declared import Declared
from toil_core.config.reading import plain_key
from toil_core.config.yaml_file import read_yaml
from toil_core.errors import UnsupportedFeature, UsageError
from toil_core.model.units import parse_bytes
from toil_core.run import Run, tell_uncaught
from toil_core.workflow.script import ScriptRead, stop_if_loading

_log = logging.getLogger("toil")

_LEVELS = ("Off", "Critical", "Error", "Warning", "Info", "Debug", "Trace")
_LEVELS_HERE = {"off": "critical", "trace": "debug", "warn": "warning", "fatal": "critical"}
_ONCE_CALLED = {"singleMachine": "single_machine", "gridEngine": "grid_engine"}
_ONCE_CALLED |= {name: name.lower() for name in ("HTCondor", "LSF", "Mesos", "Slurm", "Torque")}
_CONFIG = "config"
_OWN = "_of_script"
_DEFAULTS = {"enforce_memory": "false"}  # upstream only plans with memory, and many a script asks for too little
_HERE_IF_BARE = ("writeLogs", "writeLogsGzip", "clusterStats")  # without a value, the current folder
_RENAMED = {"default_time_limit": "defaultWalltime"}
_WORDS = ("true", "false", "yes", "no", "on", "off")
_BARE = ("restart", "stats", "disableProgress")  # documented without a value
_NO_LIMIT = 2**63 - 1
_UNLIMITED = {"max_cores": None, "max_memory": None, "max_disk": None, "max_job_duration": 0}
"""Options that are a large number, upstream, where there is no limit; and what they are in the core."""
_SIZES = ("maxLogFileSize",)
_UNRESOLVED = "_as_parsed"


class UnreadOptions(Namespace):
    """The options of a script without a main guard that is read again by a worker, which has not its
    arguments: the reading ends where they are first asked for."""

    def __getattr__(self, name: str) -> Any:
        stop_if_loading()
        raise UsageError(f"the script's option {name} is not known to its workers", "Hand it to the job that reads it")


class _Switch(Action):
    """Documented without a value; with one where the parser tells values from other words by ``_plain``."""

    def __call__(self, parser: Any, namespace: Namespace, values: Any, option_string: str | None = None) -> None:
        setattr(namespace, self.dest, self.const if values == [] else values)


def new_parser() -> configargparse.ArgumentParser:
    """A parser for a script. Abbreviations of flags are refused."""
    return configargparse.ArgumentParser(allow_abbrev=False)


def default_options(jobStore: str | None) -> Namespace:
    """The options of a run without a command line."""
    parser = new_parser()
    add_options(parser, jobstore_as_flag=True)
    options: Namespace = parser.parse_args([] if jobStore is None else ["--jobStore", jobStore])
    return options


def add_options(parser: ArgumentParser, jobstore_as_flag: bool) -> None:
    """Declare all options of a run, but for flags that the script has for its own ends, now or later.

    Raises ``PluginError`` as the core does.
    """
    tell_uncaught()
    taken = frozenset(parser._option_string_actions)
    for container in (parser, *parser._action_groups):
        container.conflict_handler = "resolve"  # what a script adds later is meant as it says
    ours: list[_Ours] = []
    if jobstore_as_flag:
        parser.add_argument("--jobStore", "--jobstore", dest="jobStore", default=None, help=_JOB_STORE)
    else:
        parser.add_argument("jobStore", default=None, help=_JOB_STORE)
    group = parser.add_argument_group("Options of the run")

    def declare(dest: str, *flags: str, **facts: Any) -> None:
        free = [flag for flag in flags if flag not in taken] if flags[0] not in taken else []
        ours.append(_Ours(dest, flags[0], group.add_argument(*free, dest=dest, **facts) if free else None))

    declare(_CONFIG, "--config", metavar="FILE", default=None, help="Read options from this YAML file.")
    for option in _core_options():
        declare(documented_name(option), *_flags(option), **_facts(option))
    for level in _LEVELS:
        flags = sorted({f"--log{level}", f"--log{level.upper()}", f"--log{level.lower()}"})
        if free := [flag for flag in flags if flag not in taken]:
            group.add_argument(*free, dest="logLevel", action="store_const", const=level.upper(), help=SUPPRESS)
    for foreign in foreign_here():
        declare(foreign.dest, *foreign.flags, **_foreign_facts(foreign))
    own = tuple(one.dest for one in ours if one.action is None)
    parser.set_defaults(**{_UNRESOLVED: True}, **({_OWN: own} if own else {}))  # parsers made of this one have these
    _resolve_after_parsing(parser, ours)


@dataclass(frozen=True)
class _Ours:
    """An option of the run in a script's parser; no action if its flag was the script's."""

    dest: str
    flag: str
    action: Action | None

    @property
    def is_there(self) -> bool:
        return self.action is not None and self.flag in self.action.option_strings  # the script may have it since

    @property
    def switches(self) -> Sequence[str]:
        if self.action is None or not self.is_there or self.dest in _HERE_IF_BARE:
            return ()
        return self.action.option_strings if self.action.nargs == "?" or self.is_bare else ()

    @property
    def is_bare(self) -> bool:
        return isinstance(self.action, _Switch)


def prepare(options: Namespace) -> None:
    """Act upon the options that the core does not know. Raises ``UnsupportedFeature`` for what the run
    could not keep to, and ``UsageError`` for values that make no sense."""
    if getattr(options, _UNRESOLVED, False):  # by a parser that has this module's for a parent
        _resolve(options)
    own = _of_script(options)
    for foreign in foreign_here():
        value = getattr(options, foreign.dest, foreign.default)
        if (value or None) == (foreign.default or None) or foreign.dest in own:
            continue
        if foreign.effect is Effect.REFUSED:
            raise UnsupportedFeature(f"toil-compat does not have the option {foreign.flags[0]}", foreign.why)
        if foreign.effect is Effect.TOLD:
            _log.warning("The option %s changes nothing: %s", foreign.flags[0], foreign.why)


@contextmanager
def variables_of_jobs(options: Namespace) -> Iterator[None]:
    """For as long as the run lasts, what ``--setEnv`` says, or a script by a list or mapping, is this process's too:
    jobs have its environment."""
    given: Any = getattr(options, "environment", None) or ()
    settings = [f"{name}={value}" for name, value in given.items()] if isinstance(given, Mapping) else given
    wanted = dict(setting.split("=", 1) for setting in settings if "=" in setting)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def keywords_of_run(options: Namespace) -> Mapping[str, Any]:
    """What ``Run`` is to be given. Options that a script's namespace lacks are left to the core."""
    return _given(options, _DEFAULTS)


def _given(options: Namespace, defaults: Mapping[str, str]) -> dict[str, Any]:
    own = _of_script(options)
    config = None if _CONFIG in own else getattr(options, _CONFIG, None)
    others = [*NOT_FOR_RUNS, *(name for foreign in foreign_here() for name in _keys(foreign))]
    found: dict[str, Any] = {_CONFIG: config, "job_store": getattr(options, "jobStore", None), "of_others": others}
    for option in _core_options():
        name = documented_name(option)
        value = None if name in own else getattr(options, _spelt_otherwise(name, options), None)
        if option.name == "log_level" and value is not None:
            level = logging.getLevelName(value) if isinstance(value, int) else str(value)
            value = _LEVELS_HERE.get(level.lower(), level)
        if option.name == "batch_system":
            value = _ONCE_CALLED.get(str(value), value)
        if option.name in _UNLIMITED and isinstance(value, (int, float)) and value >= _NO_LIMIT:
            value = _UNLIMITED[option.name]
        if option.name == "default_accelerators" and value is not None:
            value = [text for texts in value for text in str(texts).split(",")]
        found[option.name] = defaults.get(option.name) if value is None else value
    return found


def _spelt_otherwise(name: str, options: Namespace) -> str:
    other = name.replace("reemptible", "reemptable")
    return other if hasattr(options, other) else name  # parsed options have the first: a script has set the other


def _of_script(options: Namespace) -> Sequence[str]:
    """Names in parsed options that would be the run's, if the script had not flags of its own for them."""
    found: Sequence[str] = getattr(options, _OWN, ())
    return found


def documented_name(option: Declared) -> str:
    """``jobStore`` for ``job_store``."""
    if option.name in _RENAMED:
        return _RENAMED[option.name]
    first, *rest = option.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def in_documented_words(text: str) -> str:
    """A message with the flags that scripts know."""
    known = {option.flag: f"--{documented_name(option)}" for option in Run.options()}
    return re.sub(r"--[a-z][a-z0-9-]*", lambda flag: known.get(flag[0], flag[0]), text)


_JOB_STORE = "Where the run is kept: a folder, file:FOLDER, or the locator of another installed kind of job store."


def _core_options() -> Sequence[Declared]:
    return [option for option in Run.options() if option.name != "job_store"]


def foreign_here() -> Sequence[Foreign]:
    """The documented options that neither the core nor an installed plugin has."""
    known = {flag for option in _core_options() for flag in (option.flag, *option.hidden_flags)}
    return [foreign for foreign in FOREIGN if known.isdisjoint(foreign.flags)]


def _flags(option: Declared) -> Sequence[str]:
    plain = [flag for flag in (option.flag, *option.hidden_flags) if "-" not in flag[2:]]
    return list(dict.fromkeys((f"--{documented_name(option)}", *plain)))  # help shows the first


def _facts(option: Declared) -> dict[str, Any]:
    text = SUPPRESS if option.facts.is_hidden else option.facts.help.replace("%", "%%")
    facts: dict[str, Any] = {"default": None, "help": text}
    if documented_name(option) in _BARE:
        facts |= {"action": _Switch, "nargs": 0, "const": "true"}
    elif option.kind is bool:
        facts |= {"nargs": "?", "const": "true", "metavar": "BOOL"}
    else:
        facts["metavar"] = option.facts.metavar or option.name.rpartition("_")[2].upper()
        facts["action"] = "append" if option.repeats else "store"
    if documented_name(option) in _HERE_IF_BARE:
        facts |= {"nargs": "?", "const": os.getcwd()}
    return facts


def _foreign_facts(foreign: Foreign) -> dict[str, Any]:
    facts: dict[str, Any] = {"default": foreign.default, "help": SUPPRESS}
    if isinstance(foreign.default, bool):
        facts |= {"nargs": "?", "const": True, "type": _truth}
        if foreign.dest in _BARE:
            facts |= {"action": _Switch, "nargs": 0}
    elif foreign.dest in _SIZES:
        facts["type"] = parse_bytes
    elif isinstance(foreign.default, list):
        facts |= {"action": "append", "default": None}
    elif isinstance(foreign.default, (int, float)):
        facts["type"] = type(foreign.default)
    elif foreign.dest in _HERE_IF_BARE:
        facts |= {"nargs": "?", "const": os.getcwd()}
    return facts


def _resolve_after_parsing(parser: ArgumentParser, ours: Sequence[_Ours]) -> None:
    parse = parser.parse_known_args

    def parse_and_resolve(args: Any = None, namespace: Any = None, **more: Any) -> tuple[Namespace, list[str]]:
        try:
            stop_if_loading()
        except ScriptRead:
            return UnreadOptions(), []
        for one in ours:
            if one.action is not None and not one.is_there:
                one.action.default = SUPPRESS  # or it would stand where the script's own is to be
        switches = {flag for one in ours for flag in one.switches}
        words = _plain(sys.argv[1:] if args is None else args, switches)
        with _switches_with_values(ours):
            found, rest = parse(words, namespace, **more)
        if own := tuple(one.dest for one in ours if not one.is_there):
            setattr(found, _OWN, own)
        try:
            _resolve(found)
        except UsageError as error:
            parser.error(in_documented_words(str(error)))
        return found, rest

    parser.parse_known_args = parse_and_resolve  # type: ignore[method-assign, assignment]


@contextmanager
def _switches_with_values(ours: Sequence[_Ours]) -> Iterator[None]:
    bare = [one.action for one in ours if one.action is not None and one.is_bare]
    for action in bare:
        action.nargs = "?"
    try:
        yield
    finally:
        for action in bare:
            action.nargs = 0


def _plain(args: Any, switches: set[str]) -> list[str]:
    """Arguments with a value at each switch, so that none takes the word behind it for its own."""
    words = args.split() if isinstance(args, str) else [str(word) for word in args]
    found: list[str] = []
    for word in words:
        if found and found[-1] in switches:
            if word.lower() in _WORDS:
                found[-1] += f"={word}"
                continue
            found[-1] += "=true"
        found.append(word)
    if found and found[-1] in switches:
        found[-1] += "=true"
    return found


def _keys(foreign: Foreign) -> Sequence[str]:
    return [foreign.dest, *(flag[2:] for flag in foreign.flags if flag.startswith("--"))]


def _read_foreign(found: Namespace, own: Sequence[str]) -> None:
    file = None if _CONFIG in own else getattr(found, _CONFIG, None)
    by_key = {plain_key(key): foreign for foreign in foreign_here() for key in _keys(foreign)} if file else {}
    for entry in read_yaml(Path(file)) if file else ():
        foreign = by_key.get(plain_key(entry.key))
        if foreign is None or not entry.value or foreign.dest in own:
            continue
        if getattr(found, foreign.dest, None) in (None, foreign.default):  # or the command line had it
            try:
                setattr(found, foreign.dest, _foreign_value(foreign, entry.value))
            except ValueError as error:
                raise UsageError(f'{file}:{entry.line}: {entry.key} is "{entry.value}"') from error


def _foreign_value(foreign: Foreign, given: str | tuple[str, ...]) -> Any:
    texts = [given] if isinstance(given, str) else [*given]
    if isinstance(foreign.default, list):
        return texts
    text = ",".join(texts)
    if isinstance(foreign.default, bool):
        return _truth(text)
    if foreign.dest in _SIZES:
        return parse_bytes(text)
    return type(foreign.default)(text) if isinstance(foreign.default, (int, float)) else text


def _resolve(found: Namespace) -> None:
    vars(found).pop(_UNRESOLVED, None)
    own = _of_script(found)
    _read_foreign(found, own)
    for foreign in FOREIGN:
        if isinstance(foreign.default, list) and foreign.dest not in own and getattr(found, foreign.dest, None) is None:
            setattr(found, foreign.dest, list(foreign.default))
    given = _given(found, {})
    keeps_store = {"clean": "never"} if getattr(found, "stats", False) else {}
    resolved = Run.resolved(defaults={**_DEFAULTS, **keeps_store}, **given)
    for option in _core_options():
        if option.name == "log_level" and given["log_level"] is not None:
            continue  # OFF and TRACE are said as they were
        if documented_name(option) in own:
            continue
        setattr(found, documented_name(option), _documented_value(option, resolved[option.name]))
    found.jobStore = resolved["job_store"] or None


def _documented_value(option: Declared, value: Any) -> Any:
    if option.name in _UNLIMITED and value == _UNLIMITED[option.name]:
        return _NO_LIMIT
    if isinstance(value, tuple):
        return [option.show(item) for item in value]
    if isinstance(value, Enum):
        first, *rest = str(value.value).split("-")
        return str(value.value).upper() if option.name == "log_level" else first + "".join(map(str.capitalize, rest))
    return str(value) if isinstance(value, Path) else value


def _truth(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError(text)
    return text.lower() in _WORDS[::2]
