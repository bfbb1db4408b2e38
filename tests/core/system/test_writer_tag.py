"""A writer's tag tells whether the writer has ended, and never guesses."""

from __future__ import annotations

import os
import subprocess
import sys

from toil_core.system.writer_tag import is_gone, writer_tag

TELL = "from toil_core.system.writer_tag import writer_tag; print(writer_tag())"


def test_living_process_is_not_gone() -> None:
    assert not is_gone(writer_tag())


def test_ended_process_is_gone() -> None:
    tag = subprocess.run([sys.executable, "-c", TELL], check=True, capture_output=True, text=True).stdout.strip()
    assert tag != writer_tag()
    assert is_gone(tag)


def test_process_of_another_place_is_never_called_gone() -> None:
    assert not is_gone("another-boot-4026531836.999999999")
    assert not is_gone("")
    assert not is_gone(writer_tag() + "x")


def test_forked_child_has_a_tag_of_its_own() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, writer_tag().encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        tag = told.read()
    os.waitpid(child, 0)
    assert tag.rpartition(".")[2] == str(child)
