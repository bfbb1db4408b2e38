"""Jobs of a workflow, by upstream's names: subclass ``Job``, or wrap functions."""

from __future__ import annotations

import logging
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

import configargparse

from toil.accelerators import (
    AcceleratorRequirement,
    accelerator_satisfies,
    accelerators_fully_satisfy,
    parse_accelerator,
)
from toil.carrier import Carrier, Running, ServiceCarrier, carrier_of, service_carrier_of
from toil.common import Toil
from toil.description import CheckpointJobDescription, JobDescription, ServiceJobDescription
from toil.exceptions import (
    ConflictingPredecessorError,
    FilesDownloadedStoppingPointReached,
    JobException,
    JobGraphDeadlockException,
    JobPromiseConstraintError,
    absent_from,
)
from toil.fileStores.abstractFileStore import AbstractFileStore
from toil.options import add_options, default_options, new_parser
from toil.place import Place, in_order, roots
from toil.promised import Promised, PromisedRequirement, unwrap, unwrap_all
from toil.requirements import declared_by, keywords_of_call, keywords_of_job, shown
from toil.requirer import Requirer
from toil_core.errors import IllegalGraph
from toil_core.model.payload import Payload
from toil_core.workflow import Context, Promise
from toil_core.workflow import EncapsulatedJob as CoreEncapsulatedJob
from toil_core.workflow import Job as CoreJob
from toil_core.workflow import Service as CoreService
from toil_core.workflow.compilation import compile_workflow
from toil_core.workflow.job import node_of, service_node

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "AcceleratorRequirement",
    "CheckpointJobDescription",
    "ConflictingPredecessorError",
    "EncapsulatedJob",
    "FilesDownloadedStoppingPointReached",
    "FunctionWrappingJob",
    "Job",
    "JobDescription",
    "JobException",
    "JobFunctionWrappingJob",
    "JobGraphDeadlockException",
    "JobPromiseConstraintError",
    "Promise",
    "Promised",
    "PromisedRequirement",
    "PromisedRequirementFunctionWrappingJob",
    "PromisedRequirementJobFunctionWrappingJob",
    "Requirer",
    "ServiceHostJob",
    "ServiceJobDescription",
    "accelerator_satisfies",
    "accelerators_fully_satisfy",
    "parse_accelerator",
    "unwrap",
    "unwrap_all",
]

AnyJob = TypeVar("AnyJob", bound="Job")

_OWN = ("_carrier", "_place", "_running")  # of this process: no part of what travels to a worker


class Job(Requirer):
    """A piece of work, and what runs after it. Making one runs nothing.

    Subclass it and write ``run(self, fileStore)``; attributes travel to the worker, and promises
    among them are values by then. A plain ``Job()`` does nothing and only holds others together.
    """

    _carrier: CoreJob[Any]
    _place: Place[Job]
    _running: Running | None
    _unit_name = _display_name = ""
    _debug_flags: frozenset[str] = frozenset()
    files_to_use: frozenset[str] = frozenset()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        # Here and not in __init__: a subclass may add children before it calls super().__init__(), or never call it.
        made = super().__new__(cls)
        made._carrier = Carrier(made).configure(name=cls.__name__, shares_process=True)
        made._place = Place()
        made._running = None
        return made

    def __init__(
        self,
        memory: Any = None,
        cores: Any = None,
        disk: Any = None,
        accelerators: Any = None,
        preemptible: Any = None,
        preemptable: Any = None,
        walltime: Any = None,
        unitName: str = "",
        checkpoint: bool = False,
        displayName: str = "",
        descriptionClass: type | None = None,
        local: bool | None = None,
        files: set[str] | None = None,
    ) -> None:
        """``memory`` and ``disk`` are bytes or like ``"2G"``; each requirement may be a promise or a
        ``PromisedRequirement``. ``descriptionClass`` and ``local`` change nothing here, and ``files``
        is kept as ``files_to_use``."""
        if unitName:
            self._unit_name = unitName
        if displayName:
            self._display_name = displayName
        if files:
            self.files_to_use = frozenset(files)
        self._carrier.configure(name=" ".join(filter(None, (displayName or self._default_name(), unitName))))
        asked = keywords_of_job(
            memory=memory,
            cores=cores,
            disk=disk,
            accelerators=accelerators,
            preemptible=preemptible,
            preemptable=preemptable,
            walltime=walltime,
            checkpoint=checkpoint,
        )
        self._carrier.configure(**asked)

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Do the work, in a worker; jobs that are added to this one now become part of the workflow."""

    def addChild(self, childJob: AnyJob) -> AnyJob:
        """Have a job run after this one ran; returns that job."""
        self._carrier.add_child(carrier_of(childJob))
        self._place.children.append(childJob)
        childJob._place.predecessors.append(self)
        return childJob

    def addFollowOn(self, followOnJob: AnyJob) -> AnyJob:
        """Have a job run after this one's children and all that follows them; returns that job."""
        self._carrier.add_follow_on(carrier_of(followOnJob))
        self._place.follow_ons.append(followOnJob)
        followOnJob._place.predecessors.append(self)
        return followOnJob

    def addChildFn(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> FunctionWrappingJob:
        """``addChild`` of ``wrapFn``."""
        return self.addChild(self.wrapFn(fn, *args, **kwargs))

    def addFollowOnFn(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> FunctionWrappingJob:
        """``addFollowOn`` of ``wrapFn``."""
        return self.addFollowOn(self.wrapFn(fn, *args, **kwargs))

    def addChildJobFn(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> JobFunctionWrappingJob:
        """``addChild`` of ``wrapJobFn``."""
        return self.addChild(self.wrapJobFn(fn, *args, **kwargs))

    def addFollowOnJobFn(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> JobFunctionWrappingJob:
        """``addFollowOn`` of ``wrapJobFn``."""
        return self.addFollowOn(self.wrapJobFn(fn, *args, **kwargs))

    def addService(self, service: Service, parentService: Service | None = None) -> Promise[Any]:
        """Have a service start when this job ran, after ``parentService``, and stop when all that follows the
        job is done; a promise of what its ``start`` returns. Raises ``JobException`` if it has been added to a
        job before, or the parent is no service of this job."""
        carrier = service_carrier_of(service)
        if service_node(carrier).predecessors:
            raise JobException(f"The service {service} has been added to a job already", "Make another one")
        if parentService is not None and not self.hasService(parentService):
            raise JobException(f"{parentService} is no service of {self}", "Add the parent first, to the same job")
        above = self._carrier if parentService is None else service_carrier_of(parentService)
        above.add_service(carrier)
        self._place.services.append(service)
        return carrier.rv()

    @staticmethod
    def wrapFn(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> FunctionWrappingJob:
        """A job that calls a function of a module. ``memory``, ``cores``, ``disk``, ``accelerators``,
        ``preemptible``, ``walltime`` and ``checkpoint`` are the job's own, here or as defaults of the function."""
        is_promised = _is_promised(kwargs)
        return (PromisedRequirementFunctionWrappingJob if is_promised else FunctionWrappingJob)(fn, *args, **kwargs)

    @staticmethod
    def wrapJobFn(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> JobFunctionWrappingJob:
        """As ``wrapFn``, for a function whose first parameter is the running job."""
        is_promised = _is_promised(kwargs)
        kind = PromisedRequirementJobFunctionWrappingJob if is_promised else JobFunctionWrappingJob
        return kind(fn, *args, **kwargs)

    def encapsulate(self, name: str | None = None) -> EncapsulatedJob:
        """This job with all that follows it as one job: what is added to the result runs after all of it."""
        return EncapsulatedJob(self, name)

    def rv(self, *path: Any) -> Promise[Any]:
        """A promise of what ``run`` returns, or of the part that indices, keys and attribute names lead to."""
        return self._carrier.rv(*path)

    def prepareForPromiseRegistration(self, jobStore: Any) -> None:
        """Nothing is to be prepared here: promises find their jobs by themselves."""

    def hasChild(self, childJob: Job) -> bool:
        """Whether a job is this one's child."""
        return childJob in self._place.children

    def hasFollowOn(self, followOnJob: Job) -> bool:
        """Whether a job is this one's follow-on."""
        return followOnJob in self._place.follow_ons

    def hasPredecessor(self, job: Job) -> bool:
        """Whether this is a child or follow-on of a job."""
        return job in self._place.predecessors

    def hasService(self, service: Service) -> bool:
        """Whether a service was added to this job."""
        return service in self._place.services

    def getRootJobs(self) -> set[Job]:
        """The jobs from which everything connected to this one starts."""
        return roots(self, _place_of)

    def getTopologicalOrderingOfJobs(self) -> Sequence[Job]:
        """This job and its successors, each after those that it follows."""
        return in_order(self, _place_of)

    def checkJobGraphForDeadlocks(self) -> None:
        """Raises ``JobGraphDeadlockException`` if the workflow around this job could never finish."""
        found = self.getRootJobs()
        if len(found) != 1:
            names = ", ".join(sorted(node_of(job._carrier).name for job in found)) or "none"
            raise JobGraphDeadlockException(f"a workflow has one root, and this has {len(found)}: {names}")
        try:
            compile_workflow(node_of(found.pop()._carrier), "", lambda text: Payload(text=text))
        except IllegalGraph as error:
            raise JobGraphDeadlockException(error.message, error.cure) from error

    checkJobGraphConnected = checkJobGraphForDeadlocks
    checkJobGraphAcylic = checkJobGraphForDeadlocks
    checkNewCheckpointsAreLeafVertices = checkJobGraphForDeadlocks

    @property
    def fileStore(self) -> AbstractFileStore:
        """The job's files, while it runs. Raises ``JobException`` otherwise."""
        return self._ran().file_store

    @property
    def tempDir(self) -> str:
        """A directory of the job; it goes when the job ends."""
        return self._ran().temp_dir

    @property
    def jobStoreID(self) -> str:
        """The job's id, while it runs."""
        return str(self._ran().context.job_id)

    def log(self, text: str, level: int = logging.INFO) -> None:
        """Have the leader log a line, once the job has succeeded."""
        self._ran().context.log(text, level)

    def defer(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Have a function called when the job ends, also when it fails; the last deferred first."""
        self._ran().context.defer(function, *args, **kwargs)

    @property
    def description(self) -> JobDescription:
        """What the job is called and asks for."""
        names = (self._default_name(), self._unit_name, self._display_name)
        return self._kind_of_description().of(self, *names, self.jobStoreID if self._running is not None else "")

    @property
    def checkpoint(self) -> bool:
        """Whether the job is run again when something in its subtree failed for good."""
        return node_of(self._carrier).settings.checkpoint

    @checkpoint.setter
    def checkpoint(self, value: bool) -> None:
        self._carrier.configure(checkpoint=value)

    def set_debug_flag(self, flag: str) -> None:
        """Have the job do something special when it runs, as ``download_only``."""
        self._debug_flags = self._debug_flags | {flag}

    def has_debug_flag(self, flag: str) -> bool:
        """Whether that flag was set."""
        return flag in self._debug_flags

    def files_downloaded_hook(self, host_and_job_paths: Sequence[tuple[str, str]] | None = None) -> None:
        """To be called by a job that has its input files, each pair the path here and the one that its tool
        will see. Raises ``FilesDownloadedStoppingPointReached`` if the flag ``download_only`` was set."""
        if self.has_debug_flag("download_only"):
            raise FilesDownloadedStoppingPointReached(list(host_and_job_paths or ()))

    def __repr__(self) -> str:
        return f"Job({node_of(self._carrier).name!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _OWN}

    def __copy__(self) -> Self:
        """A job with the same work and requirements, that nobody was added to."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__getstate__())
        node_of(made._carrier).settings = node_of(self._carrier).settings
        node_of(made._carrier).declared = node_of(self._carrier).declared
        return made

    def _begin(self, running: Running) -> None:
        self._running = running
        self._carrier = running.carrier

    def _ran(self) -> Running:
        if self._running is None:
            raise JobException(f"{self} does not run here", "Use this inside of the job's run method or function")
        return self._running

    def _required(self, name: str) -> Any:
        return shown(
            node_of(self._carrier).settings if self._running is None else self._running.context.resources, name
        )

    def _require(self, name: str, value: Any) -> None:
        self._carrier.configure(**keywords_of_job(**{name: value}))

    def _kind_of_description(self) -> type[JobDescription]:
        return CheckpointJobDescription if self.checkpoint else JobDescription

    def _default_name(self) -> str:
        return type(self).__name__

    class Service(Requirer):
        """Something that runs beside the jobs that need it; see ``Job.addService``. Subclass it, and write
        ``start``, ``stop`` and ``check``, which one process calls."""

        _carrier: CoreService[Any]

        def __new__(cls, *args: Any, **kwargs: Any) -> Self:
            made = super().__new__(cls)
            made._carrier = ServiceCarrier(made).configure(name=cls.__name__)
            return made

        def __init__(
            self,
            memory: Any = None,
            cores: Any = None,
            disk: Any = None,
            accelerators: Any = None,
            preemptible: Any = None,
            preemptable: Any = None,
            walltime: Any = None,
            unitName: str = "",
        ) -> None:
            """What the service has from before its start until after its stop, as for a ``Job``."""
            asked = keywords_of_job(
                memory=memory,
                cores=cores,
                disk=disk,
                accelerators=accelerators,
                preemptible=preemptible,
                preemptable=preemptable,
                walltime=walltime,
            )
            self._carrier.configure(**asked)
            self._carrier.configure(name=" ".join(filter(None, (type(self).__name__, unitName))))

        def _required(self, name: str) -> Any:
            return shown(service_node(self._carrier).settings, name)

        def _require(self, name: str, value: Any) -> None:
            self._carrier.configure(**keywords_of_job(**{name: value}))

        def start(self, job: Any) -> Any:
            """Start it; what this returns is what ``addService`` promised. ``job`` has a file store."""
            raise NotImplementedError(f"{type(self).__name__} has no start of its own")

        def stop(self, job: Any) -> None:
            """Stop it."""
            raise NotImplementedError(f"{type(self).__name__} has no stop of its own")

        def check(self) -> bool:
            """Whether it runs. ``False``: it has ended, and all is well. What this raises fails its clients."""
            raise NotImplementedError(f"{type(self).__name__} has no check of its own")

        def __repr__(self) -> str:
            return f"Service({service_node(self._carrier).name!r})"

        def __getstate__(self) -> dict[str, Any]:
            return {name: value for name, value in self.__dict__.items() if name not in _OWN}

        def __copy__(self) -> Self:
            """A service that does the same, with the same requirements."""
            made = type(self).__new__(type(self))
            made.__dict__.update(self.__getstate__())
            service_node(made._carrier).settings = service_node(self._carrier).settings
            return made

        def _begin(self, context: Context) -> ServiceHostJob:
            host = ServiceHostJob()
            host._begin(Running(host._carrier, context))
            return host

    class Runner:
        """Running a workflow from a script."""

        @staticmethod
        def getDefaultArgumentParser(jobstore_as_flag: bool = False) -> configargparse.ArgumentParser:
            """A parser with the options of a run; a script may add its own."""
            parser = new_parser()
            add_options(parser, jobstore_as_flag)
            return parser

        @staticmethod
        def getDefaultOptions(jobStore: str | None = None, jobstore_as_flag: bool = False) -> Namespace:
            """The options of a run without a command line."""
            return default_options(jobStore)

        @staticmethod
        def addToilOptions(parser: ArgumentParser, jobstore_as_flag: bool = False) -> None:
            """Give a script's own parser, of ``argparse`` or ``configargparse``, the options of a run."""
            add_options(parser, jobstore_as_flag)

        @staticmethod
        def startToil(job: Job, options: Namespace) -> Any:
            """Run a workflow, or go on with it if the options say ``restart``; the root job's value.

            Raises as ``Toil.start`` does.
            """
            with Toil(options) as toil:
                return toil.restart() if getattr(options, "restart", False) else toil.start(job)


class FunctionWrappingJob(Job):
    """A job that calls a function; see ``Job.wrapFn``."""

    def __init__(self, userFunction: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        if not callable(userFunction):
            raise JobException(f"not a function: {userFunction!r}", "Hand the function itself, then its arguments")
        self.userFunction = userFunction
        self._args = args
        self._kwargs = kwargs
        super().__init__(**keywords_of_call(userFunction, kwargs))
        if isinstance(userFunction, FunctionType):
            node_of(self._carrier).declared = declared_by(userFunction)

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Call the function."""
        return self.userFunction(*self._args, **self._kwargs)

    def _default_name(self) -> str:
        return str(getattr(self.userFunction, "__name__", self.userFunction))


class JobFunctionWrappingJob(FunctionWrappingJob):
    """A job that calls a function with the running job before the arguments; see ``Job.wrapJobFn``."""

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Call the function."""
        return self.userFunction(self, *self._args, **self._kwargs)


class PromisedRequirementFunctionWrappingJob(FunctionWrappingJob):
    """A ``FunctionWrappingJob`` some of whose requirements are promised."""


class PromisedRequirementJobFunctionWrappingJob(JobFunctionWrappingJob):
    """A ``JobFunctionWrappingJob`` some of whose requirements are promised."""


class ServiceHostJob(Job):
    """The job in which a service runs, as its ``start`` and ``stop`` are given it. No jobs are added to it."""

    def _kind_of_description(self) -> type[JobDescription]:
        return ServiceJobDescription

    def addChild(self, childJob: AnyJob) -> AnyJob:
        """Raises ``JobException``."""
        raise _adds_nothing()

    def addFollowOn(self, followOnJob: AnyJob) -> AnyJob:
        """Raises ``JobException``."""
        raise _adds_nothing()

    def addService(self, service: Job.Service, parentService: Job.Service | None = None) -> Promise[Any]:
        """Raises ``JobException``."""
        raise _adds_nothing()


class EncapsulatedJob(Job):
    """A job together with all that follows it; see ``Job.encapsulate``."""

    def __init__(self, job: Job, unitName: str | None = None) -> None:
        self._carrier = CoreEncapsulatedJob(carrier_of(job))
        self._place.children.append(job)
        job._place.predecessors.append(self)


if not TYPE_CHECKING:  # or every name would pass for one of this module
    _OF_LANGUAGES = "Import files with Toil.importFile, or with fileStore.import_file in a job"
    __getattr__ = absent_from(
        __name__,
        dict.fromkeys(("ImportsJob", "WorkerImportJob", "CombineImportsJob"), _OF_LANGUAGES),
    )


def _adds_nothing() -> JobException:
    return JobException("a service adds no jobs", "Add them to the job that has the service")


def _is_promised(kwargs: dict[str, Any]) -> bool:
    return any(isinstance(keyword, (Promise, PromisedRequirement)) for keyword in _requirements(kwargs))


def _requirements(kwargs: dict[str, Any]) -> list[Any]:
    return [kwargs[name] for name in ("memory", "cores", "disk", "accelerators", "preemptible") if name in kwargs]


def _place_of(job: Job) -> Place[Job]:
    return job._place
