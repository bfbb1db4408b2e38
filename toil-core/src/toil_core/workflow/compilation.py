"""From linked jobs to the descriptions that the engine runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from toil_core.errors import IllegalGraph, UsageError
from toil_core.model.description import Edge, EdgeKind, Isolation, JobDescription, Placement
from toil_core.model.ids import JobId
from toil_core.model.payload import Payload
from toil_core.workflow.legality import check_checkpoints, check_order, check_places
from toil_core.workflow.node import Node, is_service, reachable
from toil_core.workflow.pickling import dump, dump_value, hidden_for_good
from toil_core.workflow.promise import Producer
from toil_core.workflow.script import apart
from toil_core.workflow.settings import JobSettings

RUN = "toil_core.workflow.body:run_job"
SERVE = "toil_core.workflow.body:run_service"
PASS = "toil_core.workflow.body:pass_by"
ISSUE = "toil_core.workflow.body:issue_with_requirements"


@dataclass(frozen=True)
class Held:
    """A job whose requirements are promises: what is known of it, and its settings."""

    job: JobDescription
    settings: JobSettings
    reads: tuple[JobId, ...]


def compile_workflow(root: Node, script: str, store: Callable[[str], Payload]) -> list[JobDescription]:
    """The jobs a new run starts with, the root first.

    ``store`` makes payloads of texts. Raises ``IllegalGraph``, naming jobs, for graphs that
    could never finish, and ``UsageError`` for work that cannot be sent.
    """
    if root.predecessors:
        above = next(iter(root.predecessors))
        raise IllegalGraph(f'job "{root.name}" follows "{above.name}" and cannot be the root', "Start the root")
    nodes = list(reachable(root))
    ids: dict[Producer, JobId] = {node: JobId(str(number)) for number, node in enumerate(nodes)}
    check_places(nodes)
    compiler = _Compiler(nodes, ids, script, store)
    jobs = compiler.compile(nodes, needs=())
    if not compiler.hidden or script.startswith(apart("")):
        return jobs
    if not script:
        raise hidden_for_good(compiler.hidden)
    return compile_workflow(root, apart(script), store)


@dataclass(frozen=True)
class Additions:
    """What a job that ran adds to the workflow: jobs, its value as text, and the jobs whose values
    are promised inside it."""

    jobs: Sequence[JobDescription]
    value: str
    needs: tuple[JobId, ...]


def compile_additions(
    running: Node, value: object, job: JobId, new_id: Callable[[], JobId], script: str, store: Callable[[str], Payload]
) -> Additions:
    """What a job that ran, and returned ``value``, leaves to the workflow.

    Raises ``UsageError`` as ``compile_workflow`` does.
    """
    ids: dict[Producer, JobId] = {running: job}
    if not running.has_successors:
        dumped = dump_value(value, running.name, ids)
        if dumped.reads:
            raise UsageError(f'job "{running.name}" returned a promise of itself', "Return promises of other jobs")
        return Additions((), dumped.text, ())
    nodes = list(reachable(running))
    check_places(nodes)
    for node in nodes[1:]:
        ids[node] = new_id()
    dumped = dump_value(value, running.name, ids)
    needs = [node for node in nodes if node in dumped.reads]
    jobs = _Compiler(nodes, ids, script, store).compile(nodes[1:], needs)
    return Additions(jobs, dumped.text, tuple(ids[node] for node in needs))


@dataclass
class _Compiler:
    nodes: Sequence[Node]
    ids: Mapping[Producer, JobId]
    script: str
    store: Callable[[str], Payload]
    reads: dict[Node, list[Node]] = field(default_factory=dict)
    hidden: str = ""

    def compile(self, wanted: Sequence[Node], needs: Sequence[Node]) -> list[JobDescription]:
        check_checkpoints(wanted)
        self._by_producer: dict[Producer, Node] = {node: node for node in self.nodes}
        jobs = [self._described(node) for node in wanted]
        check_order(self.nodes, self.reads, needs)
        return jobs

    def _described(self, node: Node) -> JobDescription:
        edges = tuple(self._places(node))
        if node.work is None:
            return JobDescription(
                id=self.ids[node],
                name=node.name,
                body=PASS,
                payload=Payload(text="" if node.stands_for is None else self.ids[node.stands_for]),
                edges=edges,
                placement=Placement.LEADER,
                isolation=Isolation.RESIDENT,
            )
        text, reads = self._dumped(node, node.work)
        settings = node.settings
        work = JobDescription(
            id=self.ids[node],
            name=node.name,
            body=SERVE if is_service(node) else RUN,
            payload=self.store(text),
            edges=(*edges, *(Edge(EdgeKind.DATA, job) for job in reads)),
            isolation=Isolation.SHARED if settings.shares_process and not is_service(node) else Isolation.FORK,
            retries=settings.retries,
            checkpoint=settings.checkpoint,
            declared="" if node.declared is None else node.declared.written(settings),
        )
        if settings.is_promised:
            if is_service(node):
                raise UsageError(f'the service "{node.name}" cannot have a promise as a requirement')
            return self._held(node, work, edges, reads)
        return replace(work, requirements=settings.requirements(node.name))

    def _held(
        self, node: Node, work: JobDescription, edges: tuple[Edge, ...], reads: tuple[JobId, ...]
    ) -> JobDescription:
        """A glue job in the job's place, which will read the requirements and add the job."""
        text, settings_reads = self._dumped(node, Held(replace(work, edges=()), node.settings, reads))
        return JobDescription(
            id=self.ids[node],
            name=held_name(node.name),
            body=ISSUE,
            payload=self.store(text),
            edges=(*edges, *(Edge(EdgeKind.DATA, job) for job in settings_reads)),
            placement=Placement.LEADER,
            isolation=Isolation.RESIDENT,
        )

    def _places(self, node: Node) -> list[Edge]:
        edges = []
        for parent in node.predecessors:
            above = self.ids[parent]
            if node in parent.children:
                edges.append(Edge(EdgeKind.CHILD, above))
                if parent.settings.is_promised:
                    # The parent's id is that of its glue; only its value tells that the job itself ran.
                    edges.append(Edge(EdgeKind.DATA, above))
            if node in parent.follow_ons:
                edges.append(Edge(EdgeKind.FOLLOW_ON, above))
            if node in parent.services:
                edges.append(Edge(EdgeKind.SERVICE, above))
        return edges

    def _dumped(self, node: Node, work: object) -> tuple[str, tuple[JobId, ...]]:
        dumped = dump(work, node.name, self.ids)
        self.hidden = self.hidden or dumped.hidden
        producers = [self._by_producer[producer] for producer in dumped.reads]
        self.reads.setdefault(node, []).extend(producers)
        return _with_script(self.script, dumped.text), tuple(self.ids[producer] for producer in producers)


def held_name(name: str) -> str:
    """What people call the glue in place of a job whose requirements are promised."""
    return f"requirements of {name}"


def _with_script(script: str, text: str) -> str:
    return f"{script}\n{text}"
