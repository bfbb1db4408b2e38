"""The servers that the tests of toil-aws talk to; each is started once a session, at the first need."""

from __future__ import annotations

import uuid

import pytest

from aws.moto_server import moto_server


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path_factory):
    """Nothing of the machine's own account is used."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TOIL_S3_HOST", "TOIL_S3_PORT", "TOIL_S3_USE_SSL", "TOIL_AWS_TAGS", "TOIL_OWNER_TAG"):
        monkeypatch.delenv(name, raising=False)
    nowhere = tmp_path_factory.mktemp("aws")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ACCESS-KEY-OF-TESTS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET-KEY-OF-TESTS")


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    """The URL of a moto server."""
    pytest.importorskip("moto", reason="moto is not installed: pip install 'moto[s3,server]'")
    with moto_server(tmp_path_factory.mktemp("moto")) as (url, _):
        yield url


@pytest.fixture
def unused():
    """A store's name that nobody has used."""
    return f"t{uuid.uuid4().hex[:16]}"
