"""Accelerators as people write them."""

from __future__ import annotations

import pytest

from toil_core.model.requirements import Accelerator, parse_accelerator


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", Accelerator(2)),
        ("gpu", Accelerator(1)),
        ("gpu:3", Accelerator(3)),
        ("nvidia:2", Accelerator(2, brand="nvidia")),
        ("amd", Accelerator(1, brand="amd")),
        ("cuda:2", Accelerator(2, api="cuda")),
        ("nvidia-tesla-k80:1", Accelerator(1, model="nvidia-tesla-k80")),
    ],
)
def test_a_number_a_brand_an_api_or_a_model_says_which_devices(text: str, expected: Accelerator) -> None:
    assert parse_accelerator(text) == expected
