"""Files of this machine by their URLs."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from toil_core.errors import UrlError
from toil_core.local.file_url import FileUrlAccess
from toil_core.system.writer_tag import writer_tag
from toil_core.testing import UrlAccessContract


@pytest.fixture
def access():
    return FileUrlAccess()


class TestContract(UrlAccessContract):
    @pytest.fixture
    def access(self):
        return FileUrlAccess()

    @pytest.fixture
    def nowhere(self, tmp_path):
        (tmp_path / "plain").write_text("")
        return (tmp_path / "plain/below/it").as_uri()

    @pytest.fixture
    def publish(self, tmp_path):
        def put(name, content):
            path = tmp_path / "published" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            return path.as_uri()

        return put


def test_localhost_is_this_machine_and_another_host_is_not(access, tmp_path):
    (tmp_path / "a").write_text("a")
    with access.read((tmp_path / "a").as_uri().replace("file://", "file://localhost")) as stream:
        assert stream.read() == b"a"
    with pytest.raises(UrlError, match="names a file of the machine elsewhere"):
        access.facts("file://elsewhere/a")


def test_a_name_that_is_not_utf_8_is_found_and_a_zero_byte_is_refused(access, tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9")).write_text("a")
    assert access.facts(f"{tmp_path.as_uri()}/caf%E9").size == 1
    with pytest.raises(UrlError, match="cannot name a file"):
        access.facts(f"{tmp_path.as_uri()}/a%00b")


def test_what_is_written_has_the_mode_that_the_user_chose_for_new_files(access, tmp_path):
    before = os.umask(0o027)
    try:
        FileUrlAccess().write((tmp_path / "out").as_uri(), io.BytesIO(b"x"), is_executable=True)
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750


def test_a_link_to_another_file_system_is_declined_and_leaves_nothing(access, tmp_path, monkeypatch):
    (tmp_path / "source").write_text("content")

    def refuse(*_, **__):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert not access.link((tmp_path / "out").as_uri(), tmp_path / "source")
    assert [one.name for one in tmp_path.iterdir()] == ["source"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the super user may write everywhere")
def test_a_folder_that_must_not_be_written_to_is_one_clear_line(access, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UrlError, match=r"Cannot write .*out: permission denied"):
        access.write((tmp_path / "out").as_uri(), io.BytesIO(b"x"))


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that nobody can write to")
def test_a_destination_that_nobody_can_make_is_refused_with_the_reason(access):
    with pytest.raises(UrlError, match=r"^/proc cannot be written to: .*\. Name another place$"):
        access.check_destination("file:///proc/made/below")


def test_a_destination_behind_a_link_that_leads_nowhere_is_refused(access, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(UrlError, match="link is not a folder"):
        access.check_destination((tmp_path / "link/made").as_uri())


def test_what_a_killed_process_left_half_written_goes_with_the_next_file(access, tmp_path):
    killed = """
import io, os, signal, sys
from toil_core.local.file_url import FileUrlAccess

class Dies(io.RawIOBase):
    def read(self, size=-1):
        os.kill(os.getpid(), signal.SIGKILL)

FileUrlAccess().write(sys.argv[1], Dies())
"""
    subprocess.run([sys.executable, "-c", killed, f"file://{tmp_path}/a"], check=False, timeout=60)
    (left,) = os.listdir(tmp_path)
    mine = tmp_path / f".toil-{writer_tag()}-other"
    mine.touch()
    (tmp_path / ".toil-notes").touch()
    access.write(f"file://{tmp_path}/b", io.BytesIO(b"b"))
    assert set(os.listdir(tmp_path)) == {"b", ".toil-notes", mine.name}, left
