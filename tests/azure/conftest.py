"""The emulator, and places in it."""

from __future__ import annotations

import uuid

import pytest

import azurite
from toil_azure.accounts import Accounts


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    """An emulator of this session's own."""
    if azurite.command() is None:
        pytest.skip("Azurite is not installed: npm install azurite, and name its azurite-blob in TOIL_AZURITE")
    emulator = azurite.Azurite(tmp_path_factory.mktemp("azurite"))
    emulator.start()
    yield emulator
    emulator.stop()


@pytest.fixture
def accounts_at(tmp_path):
    """The accounts of the emulator, at a URL that leads to it, as an environment tells them."""

    def make(url, **environment):
        told = {"AZURE_STORAGE_SERVICE_ENDPOINT": f"{url}/{{account}}", "AZURE_ACCOUNT_KEY": azurite.KEY, **environment}
        return Accounts({name: value for name, value in told.items() if value}, tmp_path)

    return make


@pytest.fixture
def accounts(emulator, accounts_at):
    """The accounts of the emulator."""
    return accounts_at(emulator.url)


@pytest.fixture
def container():
    """A name that nobody has used."""
    return f"toil-test-{uuid.uuid4().hex[:20]}"


@pytest.fixture
def rest(container):
    """What is behind ``azure:``, of a store that nobody has used."""
    return f"{azurite.ACCOUNT}:{container}"
