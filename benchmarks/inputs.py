"""Inputs and documents that are too large, or too regular, to be kept: made before a case is measured."""

from __future__ import annotations

import json
import random
from pathlib import Path


def many_files(folder: Path) -> list[str]:
    """5,000 small files, and a job order of them."""
    _fill(folder / "files", 5000)
    files = [{"class": "File", "path": str(path)} for path in sorted((folder / "files").iterdir())]
    return [_written(folder / "order.json", {"files": files})]


def directory(folder: Path) -> list[str]:
    """A directory of 10,000 small files, and a job order of it."""
    _fill(folder / "files", 10_000)
    return [_written(folder / "order.json", {"directory": {"class": "Directory", "path": str(folder / "files")}})]


def layers(folder: Path) -> list[str]:
    """A workflow of 200 steps in 20 levels; each step reads what two of the level before it said."""
    width, depth = 10, 20
    steps = {}
    for level in range(depth):
        for number in range(width):
            before = [f"s{level - 1}x{number}/said", f"s{level - 1}x{(number + 1) % width}/said"]
            source = {"source": before} if level else {"default": []}
            steps[f"s{level}x{number}"] = {"run": "#tool", "in": {"files": source}, "out": ["said"]}
    last = [f"s{depth - 1}x{number}/said" for number in range(width)]
    tool = {
        "id": "tool",
        "class": "CommandLineTool",
        "baseCommand": ["cat", "/dev/null"],
        "inputs": {"files": {"type": "File[]", "inputBinding": {}}},
        "stdout": "said.txt",
        "outputs": {"said": "stdout"},
    }
    main = {
        "id": "main",
        "class": "Workflow",
        "requirements": {"MultipleInputFeatureRequirement": {}},
        "inputs": {},
        "outputs": {"said": {"type": "File[]", "outputSource": last}},
        "steps": steps,
    }
    return [_written(folder / "layers.cwl", {"cwlVersion": "v1.2", "$graph": [tool, main]})]


def lines(folder: Path) -> list[str]:
    """A file of 20 MB whose lines are in no order, the same each time."""
    chance = random.Random(20)
    path = folder / "lines.txt"
    with path.open("w") as out:
        out.writelines(f"{chance.getrandbits(152):038x}\n" for _ in range(20_000_000 // 39))
    return [str(path)]


def large_file(folder: Path) -> list[str]:
    """A file of 100 MB."""
    path = folder / "large"
    path.write_bytes(random.Random(100).randbytes(1_000_000) * 100)
    return [str(path)]


def packed(folder: Path) -> list[str]:
    """A packed workflow of 200 different tools, none of which is run: what is left is the loading."""
    count = 200
    tools = [_tool(number) for number in range(count)]
    steps = {
        f"s{number}": {
            "run": f"#t{number}",
            "in": {"word": f"s{number - 1}/said" if number % 10 else "word", "wanted": "wanted"},
            "when": "$(inputs.wanted)",
            "out": ["said"],
        }
        for number in range(count)
    }
    main = {
        "id": "main",
        "class": "Workflow",
        "inputs": {"word": "string?", "wanted": {"type": "boolean", "default": False}},
        "outputs": {"said": {"type": "string?", "outputSource": f"s{count - 1}/said"}},
        "steps": steps,
    }
    return [_written(folder / "packed.cwl", {"cwlVersion": "v1.2", "$graph": [*tools, main]})]


def _tool(number: int) -> dict[str, object]:
    binding = {"glob": "said.txt", "loadContents": True, "outputEval": "$(self[0].contents)"}
    return {
        "id": f"t{number}",
        "class": "CommandLineTool",
        "doc": f"Tool {number} of many, with the parts that tools in a packed workflow have.",
        "baseCommand": ["echo", "-n"],
        "requirements": {"InlineJavascriptRequirement": {}},
        "hints": {"ResourceRequirement": {"coresMin": 1, "ramMin": 64}},
        "inputs": {
            "word": {"type": "string?", "doc": "A word.", "inputBinding": {"position": 1, "prefix": "--word"}},
            "count": {"type": "int?", "inputBinding": {"position": 2}},
            "file": {"type": "File?", "inputBinding": {"position": 3}},
        },
        "stdout": "said.txt",
        "outputs": {"said": {"type": "string", "outputBinding": binding}},
    }


def _fill(folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05}.txt").write_text(f"{number}\n")


def _written(path: Path, content: object) -> str:
    path.write_text(json.dumps(content, indent=1))
    return str(path)
