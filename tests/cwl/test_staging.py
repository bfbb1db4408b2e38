"""Files of one tool run."""

from __future__ import annotations

import os

from toil_core.files.job_files import JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.local.file_storage import FileStorage
from toil_core.local.file_url import FileUrlAccess
from toil_core.model.ids import AttemptId
from toil_cwl.staging import Staging
from toil_cwl.values import ref_of


def test_what_a_container_left_as_somebody_elses_is_stored_and_stays_where_it_is(tmp_path):
    storage = FileStorage(str(tmp_path / "store"))
    storage.create()
    urls = Urls(lambda _: FileUrlAccess())
    node = NodeFiles(storage, appends=True, cache_dir=tmp_path / "cache", writer="w", urls=urls)
    files = JobFiles(node, AttemptId("1.1"), tmp_path)
    (tmp_path / "out" / "folder").mkdir(parents=True)
    made = tmp_path / "out" / "folder" / "made"
    made.write_text("by root")
    if os.geteuid() == 0:
        os.chown(made, 12345, 12345)
    else:
        made.parent.chmod(0o555)
    value = {"class": "Directory", "location": made.parent.as_uri()}
    stored = Staging(files, tmp_path).stored(value, tmp_path / "out")
    made.parent.chmod(0o755)
    assert made.read_text() == "by root"
    with files.open(ref_of(stored["listing"][0]["location"])) as stream:
        assert stream.read() == b"by root"
