"""Runs the kit of job stores over every backend and draws a table, backend by case, as a plugin of pytest::

    PYTHONPATH=tests python -m pytest -p contract_table $(python tests/contract_table.py)

Called as a script it names the files that inherit the kit. The table goes to the end of what pytest
prints: where a case was skipped there is a number, and below it the reason.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KITS = re.compile(r"class \w+\([^)]*StorageContract\)")
COUNTERS = ("put_ms", "get_ms", "size_ms", "put_per_s", "get_per_s", "up_mib_per_s", "down_mib_per_s")


def files(root: Path) -> list[str]:
    """The test files with a backend of the kit in them; not the kit's own tests, whose backends are doubles."""
    found = {*root.glob("tests/**/test_*.py"), *root.glob("examples/*/tests/test_*.py")}
    found -= {*root.glob("tests/core/testing/*.py")}
    return sorted(str(path.relative_to(root)) for path in found if KITS.search(path.read_text()))


@dataclass
class Cell:
    """How the variants of one case went for one backend."""

    outcomes: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@dataclass
class Table:
    """What pytest reported, by case and by backend."""

    cells: dict[str, dict[str, Cell]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Cell)))
    backends: list[str] = field(default_factory=list)
    counters: dict[str, dict[str, object]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, report: pytest.TestReport) -> None:
        """Take one of the two or three reports of a test."""
        _, kind, case = (*report.nodeid.split("::"), "", "")[:3]
        if not case or (report.when != "call" and report.outcome == "passed"):
            return
        backend = kind.removeprefix("Test")
        if backend not in self.backends:
            self.backends.append(backend)
        cell = self.cells[case.partition("[")[0].removeprefix("test_").replace("_", " ")][backend]
        cell.outcomes.append(report.outcome)
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            cell.reasons.append(str(report.longrepr[2]).removeprefix("Skipped: "))
        self.counters[backend].update((name, value) for name, value in report.user_properties if name in COUNTERS)

    def lines(self) -> list[str]:
        """The table in Markdown, then the reasons, then the counters."""
        reasons: list[str] = []
        rows = [["case", *self.backends]]
        for case, cells in self.cells.items():
            rows.append([case, *(shown(cells.get(backend), reasons) for backend in self.backends)])
        rows += [[name, *(str(self.counters[one].get(name, "")) for one in self.backends)] for name in COUNTERS]
        told = [f"({number}) {reason}" for number, reason in enumerate(reasons, 1)]
        return [*drawn(rows), "", *told, "-: only of stores behind a network, where requests may fail"]


def shown(cell: Cell | None, reasons: list[str]) -> str:
    """A cell in a word."""
    if cell is None:
        return "-"
    if "failed" in cell.outcomes:
        return "FAILED"
    for reason in cell.reasons:
        if reason not in reasons:
            reasons.append(reason)
    marks = "".join(sorted({f"({reasons.index(reason) + 1})" for reason in cell.reasons}))
    return f"ok {marks}".strip() if "passed" in cell.outcomes else f"skipped {marks}".strip()


def drawn(rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [" | ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return [f"| {line} |" for line in lines]


TABLE = pytest.StashKey[Table]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin a table."""
    config.stash[TABLE] = Table()
    config.pluginmanager.register(Listener(config.stash[TABLE]))


class Listener:
    """Fills the table; with xdist, in the process that gathers what workers report."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a report."""
        self._table.add(report)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the cases of the kit; a backend's further tests are no part of the contract."""
    items[:] = [item for item in items if is_of_the_kit(item)]


def is_of_the_kit(item: pytest.Item) -> bool:
    """Whether a test is inherited from, or overrides, one of a kit of job stores."""
    kind = getattr(item, "cls", None)
    name = getattr(item, "originalname", item.name)
    kits = [one for one in inspect.getmro(kind) if one.__module__.startswith("toil_core.testing")] if kind else []
    return any(one.__name__.endswith("StorageContract") for one in kits) and any(hasattr(one, name) for one in kits)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Draw the table."""
    terminalreporter.section("the contract of job stores")
    for line in config.stash[TABLE].lines():
        terminalreporter.write_line(line)


if __name__ == "__main__":
    print(*files(ROOT), sep="\n")
    sys.exit(0)
