"""The folder that a person wants logs in is there before anything runs, or the run does not begin."""

from __future__ import annotations

import pytest

from toil_core.engine.logs import make_log_folder
from toil_core.errors import UsageError


def test_the_folder_of_logs_is_made_and_empty(tmp_path):
    for _ in range(2):
        make_log_folder(tmp_path / "new/logs")
    assert list((tmp_path / "new/logs").iterdir()) == []


def test_what_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for place in ("file", "file/logs"):
        with pytest.raises(UsageError, match=r"Logs cannot be kept in .*\. Name another by --write-logs"):
            make_log_folder(tmp_path / place)
