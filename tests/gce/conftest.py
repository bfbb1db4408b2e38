"""A storage-testbench that the tests of this folder share, and stores in it that nobody has used."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterator

import pytest

from gcs_servers import HURRIED, serve_emulator, serve_testbench
from toil_gce.storage import GoogleStorage


@pytest.fixture(scope="session")
def testbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a storage-testbench of this session's own."""
    with serve_testbench(tmp_path_factory.mktemp("testbench")) as address:
        yield address


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    """The address of an emulator, of this session's own, that ignores conditions of writes."""
    with serve_emulator() as address:
        yield address


@pytest.fixture
def gcs(testbench: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Clients of this test speak to the testbench, without credentials."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", testbench)
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "TOIL_GOOGLE_KEY_FILE", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    return testbench


@pytest.fixture
def unused() -> str:
    """What is behind ``google:``, of a store that nobody has used."""
    return f"some-project:toil-test-{uuid.uuid4().hex[:20]}"


@pytest.fixture
def client(gcs: str, unused: str) -> Callable[[], GoogleStorage]:
    """Makes clients of that store."""
    return functools.partial(GoogleStorage, unused, None, patience=HURRIED)
