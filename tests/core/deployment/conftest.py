"""A leader, a node that shares no folder with it, and distributions that only the leader has."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
MAIN = """
if __name__ == "__main__":
    import sys
    with Run(job_store={store!r}, batch_system="apart", restart="--restart" in sys.argv, clean={clean!r}) as run:
        print(run.start({root}))
"""


@dataclass(frozen=True)
class Apart:
    """The leader's folder, which workers see empty, and the node's."""

    leader: Path
    node: Path

    def write(self, name: str, text: str) -> None:
        """A file of the leader's."""
        path = self.leader / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def script(self, text: str, root: str, name: str = "flow.py", clean: str = "on-success") -> None:
        """A script whose workflow starts with ``root``."""
        head = "from toil_core.run import Run\nfrom toil_core.workflow import Context, Job, job, job_function\n"
        self.write(name, head + text + MAIN.format(store=str(self.leader / "store"), root=root, clean=clean))

    def run(self, *words: str, status: int = 0, text: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the leader's folder."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.leader / "site"),
            "TMPDIR": str(self.leader),
            "TEST_NODE": str(self.node),
            "TEST_LEADER": str(self.leader),
            **variables,
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", *words],
            cwd=self.leader / "work",
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def install(self, name: str, version: str, files: Mapping[str, str | bytes], needs: str = "") -> None:
        """A distribution that only the leader has, as an installer leaves it."""
        info = f"{name}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        metadata += f"Requires-Dist: {needs}\n" if needs else ""
        self.put({**files, f"{info}/METADATA": metadata}, f"{info}/RECORD")

    def put(self, files: Mapping[str, str | bytes], record: str) -> None:
        """Files of the leader's installed distributions, and the list of them."""
        lines = [f"{record},,\n"]
        for file, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            path = self.leader / "site" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{file},sha256={digest},{len(content)}\n")
        (self.leader / "site" / record).write_text("".join(lines))

    def tables(self) -> list[Path]:
        """What the job store holds of the list of what was sent."""
        return [path for path in (self.leader / "store" / "code").iterdir() if path.read_bytes().startswith(b"{")]

    def arrived(self) -> set[str]:
        """The files that the node has been sent, by their names below the folders of parts."""
        folder = self.node / "tmp" / "toil-code-0"  # whoever runs the tests is root in the worker's view
        files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        names = {"/".join(path.parts[1:]) for path in files if "__pycache__" not in path.parts}
        return names - {"", "+in-use", "deployment.json"}


@pytest.fixture
def apart(tmp_path: Path) -> Apart:
    """A leader and a node, with the batch system ``apart`` between them."""
    view = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else []), "true"]
    if shutil.which("unshare") is None or subprocess.run(view, capture_output=True, check=False).returncode != 0:
        pytest.skip("nothing can be given a view of the file system of its own here")
    made = Apart(tmp_path / "leader", tmp_path / "node")
    for folder in (made.leader / "work", made.leader / "site", made.node / "store", made.node / "tmp"):
        folder.mkdir(parents=True)
    plugin = (HERE / "apart_plugin.py").read_bytes()
    info = "apart_plugin-1.dist-info"
    metadata = "Metadata-Version: 2.1\nName: apart-plugin\nVersion: 1\n"
    points = "[toil]\napart = apart_plugin\n"
    made.put(
        {"apart_plugin.py": plugin, f"{info}/METADATA": metadata, f"{info}/entry_points.txt": points}, f"{info}/RECORD"
    )
    return made
