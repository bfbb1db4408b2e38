"""The contract kit of container engines. A backend's test inherits ``ContainerEngineContract``."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import uuid
from pathlib import Path
from typing import ClassVar

import pytest

from toil_core.api.container import ContainerEngine, ContainerRun, Mount
from toil_core.errors import ToilError

_SECRET = "open sesame"


class ContainerEngineContract:
    """What every container engine promises, as tests to inherit::

        class TestMyEngine(ContainerEngineContract):
            @pytest.fixture
            def engine(self) -> ContainerEngine:
                return MyEngine(MyOptions())

            @pytest.fixture
            def image(self, engine) -> str:
                return "debian:stable-slim"

    ``image`` has ``sh``, ``cat``, ``env``, ``sleep`` and ``id``, and is here or can be had.
    """

    timeout_seconds: ClassVar[float] = 120.0
    """How long one small container may take."""

    ends_with_its_processes: ClassVar[bool] = False
    """Whether containers have no names: they end when the command's process group does."""

    @pytest.fixture
    def engine(self) -> ContainerEngine:
        """The engine under test; skip, with the reason, where it is not installed."""
        raise NotImplementedError("override the fixture `engine`")

    @pytest.fixture
    def image(self, engine: ContainerEngine) -> str:
        """An image to run."""
        raise NotImplementedError("override the fixture `image`")

    def test_an_engine_that_is_here_passes_its_check(self, engine: ContainerEngine) -> None:
        engine.check()

    def test_the_command_runs_with_its_output_and_exit_status(self, engine: ContainerEngine, image: str) -> None:
        done = self._run(engine, ContainerRun(image, ["sh", "-c", "echo out; echo err >&2; exit 7"], _name()))
        assert (done.returncode, done.stdout) == (7, b"out\n")
        assert b"err\n" in done.stderr

    def test_arguments_arrive_as_they_are(self, engine: ContainerEngine, image: str) -> None:
        words = ["a b", "", "$HOME", "'\"\\", "--name=x", "näh"]
        done = self._run(engine, ContainerRun(image, ["sh", "-c", 'printf "%s|" "$@"', "sh", *words], _name()))
        assert done.stdout.decode() == "".join(f"{word}|" for word in words)

    def test_mounts_are_seen_and_only_writable_ones_are_written(
        self, engine: ContainerEngine, image: str, tmp_path: Path
    ) -> None:
        (tmp_path / "in put").mkdir()
        (tmp_path / "in put" / "file").write_text("given")
        (tmp_path / "out").mkdir()
        script = "cat /given/file > result; touch /given/new 2>/dev/null || echo refused"
        run = ContainerRun(
            image,
            ["sh", "-c", script],
            _name(),
            mounts=[Mount(tmp_path / "in put", "/given"), Mount(tmp_path / "out", "/made", is_writable=True)],
            work_dir="/made",
            user=f"{os.geteuid()}:{os.getegid()}",
        )
        done = self._run(engine, run)
        assert done.stdout == b"refused\n"
        assert (tmp_path / "out" / "result").read_text() == "given"
        assert not (tmp_path / "in put" / "new").exists()

    def test_the_environment_arrives_and_no_value_of_it_is_in_the_command(
        self, engine: ContainerEngine, image: str
    ) -> None:
        run = ContainerRun(image, ["sh", "-c", 'printf %s "$PASSWORD"'], _name(), environment={"PASSWORD": _SECRET})
        assert not any(_SECRET in word for word in engine.invocation(run).command)
        assert self._run(engine, run).stdout.decode() == _SECRET

    def test_a_variable_that_the_engine_reads_itself_is_for_the_container_only(
        self, engine: ContainerEngine, image: str
    ) -> None:
        command = ["sh", "-c", 'echo "$PATH"']
        run = ContainerRun(image, command, _name(), environment={"PATH": "/nowhere:/usr/bin:/bin"})
        invocation = engine.invocation(run)
        assert "PATH" not in invocation.environment
        done = self._run(engine, run)
        assert (done.returncode, done.stdout) == (0, b"/nowhere:/usr/bin:/bin\n")

    def test_nothing_of_our_own_environment_arrives(
        self, engine: ContainerEngine, image: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ONLY_HERE", _SECRET)
        done = self._run(engine, ContainerRun(image, ["env"], _name()))
        assert done.returncode == 0
        assert _SECRET.encode() not in done.stdout

    def test_an_entrypoint_stands_before_the_command(self, engine: ContainerEngine, image: str) -> None:
        given = self._run(engine, ContainerRun(image, ["-c", "echo $0 $1", "a", "b"], _name(), entrypoint="sh"))
        assert (given.returncode, given.stdout) == (0, b"a b\n")
        none = self._run(engine, ContainerRun(image, ["sh", "-c", "echo c"], _name(), entrypoint=""))
        assert (none.returncode, none.stdout) == (0, b"c\n")

    def test_a_read_only_container_cannot_write_to_its_root(self, engine: ContainerEngine, image: str) -> None:
        command = ["sh", "-c", "(echo x > /file) 2>/dev/null || echo refused"]
        done = self._run(engine, ContainerRun(image, command, _name(), is_read_only=True))
        assert (done.returncode, done.stdout) == (0, b"refused\n")

    def test_a_container_that_is_killed_ends_its_command(self, engine: ContainerEngine, image: str) -> None:
        name = _name()
        invocation = engine.invocation(ContainerRun(image, ["sh", "-c", "echo up; sleep 600"], name))
        environment = {**os.environ, **invocation.environment}
        with subprocess.Popen(
            invocation.command, env=environment, stdout=subprocess.PIPE, start_new_session=True
        ) as process:
            assert process.stdout is not None
            watchdog = threading.Timer(self.timeout_seconds, process.kill)
            watchdog.start()
            try:
                assert process.stdout.readline() == b"up\n"
                if not self.ends_with_its_processes:
                    assert engine.is_running(name) is True
                engine.kill(name)
                if self.ends_with_its_processes:
                    os.killpg(process.pid, signal.SIGKILL)
                assert process.wait(self.timeout_seconds) != 0
            finally:
                watchdog.cancel()

    def test_killing_what_is_not_there_is_no_error(self, engine: ContainerEngine) -> None:
        engine.kill(_name())
        assert engine.is_running(_name()) is None

    def test_an_image_that_is_here_is_not_pulled_and_one_that_is_nowhere_is_told_of(
        self, engine: ContainerEngine, image: str
    ) -> None:
        engine.ensure_image(image)
        with pytest.raises(ToilError, match="no-such-image"):
            engine.ensure_image("localhost/no-such-image:latest")

    def _run(self, engine: ContainerEngine, run: ContainerRun) -> subprocess.CompletedProcess[bytes]:
        invocation = engine.invocation(run)
        return subprocess.run(
            invocation.command,
            env={**os.environ, **invocation.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=self.timeout_seconds,
            check=False,
        )


def _name() -> str:
    return f"toil-test-{uuid.uuid4().hex[:12]}"
