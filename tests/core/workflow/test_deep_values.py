"""Values that hold promises, whose values hold promises, and so on, as a loop made of jobs returns them."""

from __future__ import annotations

from toil_core.model.ids import JobId
from toil_core.workflow.node import Node
from toil_core.workflow.pickling import Values, dump_value
from toil_core.workflow.promise import Promise

DEPTH = 3000  # more than the interpreter's stack has


def texts_of(values):
    """What jobs 0, 1, ... returned, where job n may hold promises of other jobs by their number."""
    nodes = [Node(str(number)) for number in range(len(values))]
    ids = {node: JobId(node.name) for node in nodes}
    return {ids[node]: dump_value(value(nodes), node.name, ids).text for node, value in zip(nodes, values, strict=True)}


def test_a_value_is_found_however_many_jobs_handed_it_on():
    handed_on = [lambda nodes, number=number: Promise(nodes[number + 1]) for number in range(DEPTH)]
    texts = texts_of([*handed_on, lambda nodes: {"found": 7}])
    assert Values(texts, "").load(texts[JobId("0")]) == {"found": 7}


def test_lists_of_lists_of_promises_are_put_together_each_part_once():
    def level(number):
        return lambda nodes: [number, Promise(nodes[number + 1], (0,)), Promise(nodes[number + 1])]

    texts = texts_of([*(level(number) for number in range(400)), lambda nodes: ["end"]])
    found = Values(texts, "").load(texts[JobId("0")])
    for number in range(400):
        assert found[0] == number
        assert found[1] == found[2][0]
        found = found[2]
    assert found == ["end"]
