"""Jobs: what a workflow's author makes and links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from toil_core.errors import UsageError
from toil_core.workflow.node import Node
from toil_core.workflow.promise import Promise
from toil_core.workflow.settings import Declared, JobKeywords

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

T = TypeVar("T")
R = TypeVar("R")
AnyJob = TypeVar("AnyJob", bound="Job[Any]")
AnyService = TypeVar("AnyService", bound="Service[Any]")


class Work(Generic[R]):
    """What jobs and services have in common: settings, a promise of a value, services. Making one runs
    nothing; what ``__init__`` stored in attributes travels to the worker, and promises among it are values
    by then.
    """

    _node: Node

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        # Here and not in __init__, so that a subclass that forgets super().__init__(), and a job
        # fresh from a pickle, are whole.
        made = super().__new__(cls)
        object.__setattr__(made, "_node", Node(cls.__qualname__, made))  # also of a frozen dataclass
        return made

    def __init__(self, **keywords: Unpack[JobKeywords]) -> None:
        self.configure(**keywords)

    def configure(self, **keywords: Unpack[JobKeywords]) -> Self:
        """Change settings (see ``JobSettings``); returns the job itself."""
        self._node.settings = self._node.settings.updated(**keywords)
        return self

    def add_service(self, service: AnyService) -> AnyService:
        """Have a service start when this job has run, or this service has started; returns the service.

        What was added to the job waits until all its services, and theirs, have started. They are stopped
        when all of that is done. Raises ``UsageError`` for a service that has been added before.
        """
        self._node.add_service(service_node(service))
        return service

    @overload
    def rv(self) -> Promise[R]: ...
    @overload
    def rv(self, *path: Any) -> Promise[Any]: ...
    def rv(self, *path: Any) -> Promise[Any]:
        """A promise of what the job, or the start of the service, returns, or of the part that a path of
        indices, keys and attribute names leads to."""
        return Promise(self._node, path)

    def __getstate__(self) -> dict[str, Any]:
        names = [*self.__dict__, *_slots(type(self))]
        return {name: getattr(self, name) for name in names if name != "_node" and hasattr(self, name)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)


class Service(Work[R]):
    """Something that runs beside the jobs that need it, such as a database: see ``Work.add_service``.

    Subclass it and write ``start``, and ``stop``. All is called in one process of a worker, which has
    the resources that the service asks for from before its start until after its stop.
    """

    def start(self, context: Any) -> R:
        """Start it, and return what its clients need to know, as plain data of less than 64 KiB.
        ``context`` is a ``workflow.Context``."""
        raise NotImplementedError(f"{type(self).__qualname__} has no start() of its own")

    def stop(self, context: Any) -> None:
        """Stop it: its clients are done, or the run is stopped, or it failed. Not called where its process is
        killed, as by a time limit, or for a checkpoint job above it that begins anew: what must be undone then is to
        be deferred (``Context.defer``)."""

    def check(self, context: Any) -> bool:
        """Whether it still runs, asked now and then. What this raises fails the service and its clients;
        ``False`` says that it has ended by itself, and its clients go on."""
        return True

    def __repr__(self) -> str:
        return f"<service {self._node.name}>"


class Job(Work[R]):
    """A piece of work, and what runs after it.

    Subclass it and write ``run``. Or let a function be the work: ``@job``, ``Job.of``.
    """

    @staticmethod
    def of(function: Callable[..., T], /, *args: Any, **kwargs: Any) -> FunctionJob[T]:
        """A job that calls a function of some module with these arguments, promises among them.

        Raises ``UsageError`` if the function does not take such arguments.
        """
        if isinstance(getattr(function, "declared", None), Declared):  # it is decorated, and makes the job itself
            made: FunctionJob[T] = cast("Any", function)(*args, **kwargs)
            return made
        return FunctionJob(function, args, kwargs)

    def run(self, context: Any) -> R | Promise[R]:
        """Do the work, in a worker. ``context`` is a ``workflow.Context``. Jobs that are added to this
        one while it runs become part of the workflow when it has returned; it may return a promise of theirs."""
        raise NotImplementedError(f"{type(self).__qualname__} has no run() of its own")

    def add_child(self, job: AnyJob) -> AnyJob:
        """Have a job run after this one ran; returns that job."""
        self._node.add_child(node_of(job))
        return job

    def add_follow_on(self, job: AnyJob) -> AnyJob:
        """Have a job run after this one's children and all that follows them; returns that job."""
        self._node.add_follow_on(node_of(job))
        return job

    def encapsulate(self) -> EncapsulatedJob[R]:
        """This job with everything that follows it as one job: what is added to the result, children
        too, runs after all of it. Add the result, not this job, to the workflow."""
        return EncapsulatedJob(self)

    def __repr__(self) -> str:
        return f"<job {self._node.name}>"


class FunctionJob(Job[R]):
    """A job whose work is a call of a function."""

    def __init__(
        self,
        function: Callable[..., R],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        takes_context: bool = False,
        known: Signature | None = None,
        declared: Declared | None = None,
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.takes_context = takes_context
        if declared is not None:
            self._node.settings, self._node.declared = declared.settings, declared
        self._node.label = getattr(function, "__qualname__", None) or repr(function)
        _check_call(self._node.label, known or signature_of(function), (None, *args) if takes_context else args, kwargs)

    def run(self, context: Any) -> R:
        """Call the function."""
        if self.takes_context:
            return self.function(context, *self.args, **self.kwargs)
        return self.function(*self.args, **self.kwargs)


class EncapsulatedJob(Job[R]):
    """A job together with all that follows it; see ``Job.encapsulate``."""

    def __init__(self, inner: Job[R]) -> None:
        self._inner = inner
        name = node_of(inner).name
        self._node.label = f"before {name}"
        self._node.work = None
        self._node.stands_for = node_of(inner).stands_for or node_of(inner)
        self._after = Node(f"after {name}")
        self._node.add_child(node_of(inner))
        self._node.add_follow_on(self._after)

    def run(self, context: Any) -> R:
        """Never called: this job only holds others together."""
        raise AssertionError("an encapsulated job has no work of its own")

    def configure(self, **keywords: Unpack[JobKeywords]) -> Self:
        """Change settings of the job inside."""
        self._inner.configure(**keywords)
        return self

    def add_child(self, job: AnyJob) -> AnyJob:
        """Have a job run after all that was encapsulated; returns that job."""
        self._after.add_child(node_of(job))
        return job

    def add_follow_on(self, job: AnyJob) -> AnyJob:
        """Have a job run after this one's children and all that follows them; returns that job."""
        self._after.add_follow_on(node_of(job))
        return job

    def add_service(self, service: AnyService) -> AnyService:
        """Have a service start when all that was encapsulated is done; returns the service."""
        self._after.add_service(service_node(service))
        return service

    @overload
    def rv(self) -> Promise[R]: ...
    @overload
    def rv(self, *path: Any) -> Promise[Any]: ...
    def rv(self, *path: Any) -> Promise[Any]:
        """A promise of what the job inside returns."""
        return self._inner.rv(*path)


def _slots(kind: type) -> Iterator[str]:
    """The names of attributes that instances keep in slots, as Python finds them."""
    for base in kind.__mro__:
        names: str | Iterable[str] = base.__dict__.get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            if name not in ("__dict__", "__weakref__"):
                is_private = name.startswith("__") and not name.endswith("__")
                yield f"_{base.__name__.lstrip('_')}{name}" if is_private else name


def service_node(service: Service[Any]) -> Node:
    """The service's place in the graph. Raises ``UsageError`` for what is no service."""
    if not isinstance(service, Service):
        raise UsageError(f"not a service: {service!r}", "Make one of a subclass of Service")
    return service._node


def node_of(job: Job[Any]) -> Node:
    """The job's place in the graph. Raises ``UsageError`` for what is no job."""
    if not isinstance(job, Job):
        raise UsageError(f"not a job: {job!r}", "Decorate functions with @job and call them, or use Job.of(function)")
    return job._node


def signature_of(function: Callable[..., Any]) -> Signature | None:
    """What a function takes; ``None`` if it does not tell. Raises ``UsageError`` for what cannot be called."""
    if not callable(function):
        raise UsageError(f"not a function: {function!r}", "Decorate a function, as @job or @job(cores=2)")
    try:
        return signature(function)
    except ValueError:  # some functions written in C do not tell
        return None


def _check_call(name: str, known: Signature | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if known is None:
        return
    try:
        known.bind(*args, **kwargs)
    except TypeError as error:
        raise UsageError(f'job "{name}" cannot be called like this: {error}', f"It takes {known}") from error
