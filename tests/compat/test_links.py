"""How content gets to a job where it cannot be linked."""

from __future__ import annotations

import errno
import os

from toil.fileStores.abstractFileStore import _link_hard


def test_content_is_copied_where_it_cannot_be_linked(tmp_path, monkeypatch):
    def refused(source, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    there, here = tmp_path / "there", tmp_path / "here"
    there.write_text("content")
    there.chmod(0o755)
    here.symlink_to(there)
    _link_hard(here)
    assert (here.is_symlink(), here.read_text(), here.stat().st_mode & 0o777) == (False, "content", 0o755)
    assert not here.samefile(there)
