"""Customer keys are read from files, sent as the service asks, and shown nowhere."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from toil_core.errors import UsageError
from toil_gce.customer_key import read_key

KEY = bytes(range(32))


@pytest.mark.parametrize("content", [KEY, base64.b64encode(KEY), base64.b64encode(KEY) + b"\n"])
def test_key_is_raw_or_in_base64(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    key = read_key(str(path))
    assert key is not None
    assert key.content == KEY


def test_no_file_means_no_key() -> None:
    assert read_key("") is None


def test_request_carries_the_key_and_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(KEY)
    key = read_key(str(path))
    assert key is not None
    assert key.headers() == {
        "X-Goog-Encryption-Algorithm": "AES256",
        "X-Goog-Encryption-Key": base64.b64encode(KEY).decode(),
        "X-Goog-Encryption-Key-Sha256": base64.b64encode(hashlib.sha256(KEY).digest()).decode(),
    }
    assert "content" not in repr(key)


@pytest.mark.parametrize("content", [b"", b"short", b"!" * 44, base64.b64encode(KEY[:-1]), b"x" * 5000])
def test_file_without_a_key_is_refused_and_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="openssl rand") as caught:
        read_key(str(path))
    assert str(path) in str(caught.value)
    assert not content or content.decode() not in str(caught.value)


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_key(str(tmp_path / "none"))
