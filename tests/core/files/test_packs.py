"""A pack that is not stored loses nothing that it could still store, and leaves no file open; no two are one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from toil_core.errors import StorageError
from toil_core.files.node_files import NodeFiles
from toil_core.files.packs import Pack
from toil_core.files.urls import Urls
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage

GIVEN_UP = """
import gc
from toil_core.files.packs import Pack
pack = Pack(None, lambda: "packs/a")
for _ in range(200):
    pack.add(bytes(65536))
del pack
gc.collect()
"""


class Refusing(MemoryStorage):
    refuses = True

    def put(self, key, content, *, if_absent=False):
        if self.refuses:
            content.read(1)
            raise StorageError("The store is away", "Try again")
        super().put(key, content, if_absent=if_absent)


def test_a_pack_that_is_given_up_closes_its_temporary_file():
    ended = subprocess.run([sys.executable, "-W", "error", "-c", GIVEN_UP], capture_output=True, text=True, check=True)
    assert ended.stderr == ""


def test_a_pack_whose_put_failed_can_be_read_and_stored_again():
    storage = Refusing(MemoryPlace())
    storage.create()
    pack = Pack(storage, lambda: "packs/a")
    content = os.urandom(100)
    key, offset = pack.add(content)
    with pytest.raises(StorageError):
        pack.store()
    with pack.open(key, offset, len(content)) as stream:
        assert stream.read() == content
    storage.refuses = False
    pack.store()
    with storage.get(key) as stream:
        assert stream.read() == content


def test_processes_that_follow_each_other_under_one_name_replace_no_pack(tmp_path):
    storage = MemoryStorage(MemoryPlace())
    storage.create()
    kept = []
    for content in (b"first", b"second"):
        node = NodeFiles(storage, appends=False, cache_dir=tmp_path, writer="w", urls=Urls(lambda _: None))
        pack = Pack(storage, node.new_pack)
        kept.append(pack.add(content)[0])
        pack.store()
    assert [storage.get(key).read() for key in kept] == [b"first", b"second"]
