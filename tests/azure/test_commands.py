"""The commands of ``toil`` with a run in Azurite."""

from __future__ import annotations

import pytest

import azurite
from store_commands import StoreCommands

pytestmark = [pytest.mark.network, pytest.mark.slow]


class TestCommandsOnAzure(StoreCommands):
    @pytest.fixture(autouse=True)
    def environment(self, emulator, tmp_path, monkeypatch):
        for name, value in {**emulator.environment, "HOME": str(tmp_path)}.items():
            monkeypatch.setenv(name, value)

    @pytest.fixture
    def locator(self, rest):
        return f"azure:{rest}"

    @pytest.fixture
    def server(self, emulator):
        return emulator.url

    def through(self, endpoint):
        return {"AZURE_STORAGE_SERVICE_ENDPOINT": f"{endpoint}/{{account}}", "AZURE_ACCOUNT_KEY": azurite.KEY}
