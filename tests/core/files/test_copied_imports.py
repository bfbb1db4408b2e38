"""What a store's service copies by itself is imported without being read here."""

from __future__ import annotations

import io

import pytest

from toil_core.api.url_access import UrlAccess, UrlFacts
from toil_core.errors import NoSuchUrl
from toil_core.files.job_files import SMALL_BYTES, JobFiles
from toil_core.files.node_files import NodeFiles
from toil_core.files.urls import Urls
from toil_core.model.ids import AttemptId
from toil_core.testing.memory_storage import MemoryPlace, MemoryStorage

URL = "service://place/folder/reads.fq"
LONG = bytes(SMALL_BYTES + 1)


class Service(UrlAccess):
    """Things at URLs; ``reads`` are those that were read."""

    def __init__(self) -> None:
        self.things = {URL: LONG}
        self.tells_size = True
        self.reads = []

    def facts(self, url):
        if url not in self.things:
            raise NoSuchUrl(f"There is nothing at {url}")
        return UrlFacts(len(self.things[url]) if self.tells_size else None, is_executable=True)

    def read(self, url, start=0):
        self.reads.append(url)
        return io.BytesIO(self.things[url][start:])


class CopyingStorage(MemoryStorage):
    """Copies what its service has, while it may."""

    def __init__(self, service: Service) -> None:
        super().__init__(MemoryPlace())
        self.create()
        self.service = service
        self.may_copy = True

    def copy_url(self, key, url):
        if not self.may_copy:
            return None
        self.put(key, self.service.things[url])
        return len(self.service.things[url])


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def storage(service):
    return CopyingStorage(service)


@pytest.fixture
def files(storage, service, tmp_path):
    node = NodeFiles(storage, appends=False, cache_dir=tmp_path / "cache", writer="w", urls=Urls(lambda url: service))
    return JobFiles(node, AttemptId("1.1"), tmp_path / "work")


def content(files, ref):
    with files.open(ref) as stream:
        return stream.read()


def test_copied_file_is_known_by_size_and_name_and_has_no_checksum(files, service, storage):
    ref = files.import_url(URL)
    assert (ref.size, ref.name, ref.executable, ref.checksum) == (len(LONG), "reads.fq", True, "")
    assert service.reads == []
    assert files.written == [ref]
    assert list(storage.list("files/1.1/")) == [ref.key]
    assert content(files, ref) == LONG


def test_small_file_is_read_and_its_checksum_is_known(files, service):
    service.things[URL] = LONG[1:]
    ref = files.import_url(URL)
    assert service.reads == [URL]
    assert ref.checksum


def test_file_of_a_length_that_nobody_tells_is_read(files, service):
    """As one that is stored packed: what a service would copy is not its content."""
    service.tells_size = False
    assert files.import_url(URL).checksum
    assert service.reads == [URL]


def test_what_the_service_does_not_copy_is_read(files, service, storage):
    storage.may_copy = False
    ref = files.import_url(URL)
    assert service.reads == [URL]
    assert content(files, ref) == LONG
    assert list(storage.list("files/")) == [ref.key]


def test_copied_file_has_the_size_that_the_service_tells_of_the_copy(files, service, storage):
    found = storage.copy_url

    def replaced_first(key, url):
        service.things[url] = LONG + b"more"
        return found(key, url)

    storage.copy_url = replaced_first
    ref = files.import_url(URL)
    assert ref.size == len(LONG) + 4
    assert content(files, ref) == LONG + b"more"


def test_copied_file_is_found_by_path_on_a_node(files):
    ref = files.import_url(URL)
    assert files.local_path(ref).read_bytes() == LONG


def test_nothing_at_the_url_is_told_before_anything_is_copied(files, storage):
    with pytest.raises(NoSuchUrl):
        files.import_url(URL + "-not-there")
    assert list(storage.list("")) == []
