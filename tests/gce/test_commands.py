"""The commands of ``toil`` with a run in Google's testbench."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from store_commands import StoreCommands

pytestmark = [pytest.mark.network, pytest.mark.slow]


class TestCommandsOnGoogle(StoreCommands):
    @pytest.fixture
    def locator(self, gcs: str, unused: str) -> str:
        return f"google:{unused}"

    @pytest.fixture
    def server(self, gcs: str) -> str:
        return gcs

    def through(self, endpoint: str) -> Mapping[str, str]:
        return {"STORAGE_EMULATOR_HOST": endpoint}
