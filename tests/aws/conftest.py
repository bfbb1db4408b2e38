"""The servers that the tests of toil-aws talk to; each is started once a session, at the first need."""

from __future__ import annotations

import functools
import shutil
import tempfile
import uuid
from pathlib import Path

import botocore.session
import pytest

from aws.moto_server import moto_server
from aws.rgw_server import ACCESS_KEY, SECRET_KEY, RgwServer, missing_programs
from toil_aws import s3_client

FAULTS = ("test_call_gets_over_a_fault_that_passes", "test_refusal_is_told_at_once")
SAMPLED = ("internal_late-", "reset-", "denied-")
"""Of these tests of the kit, those that are in every run: all faults with all operations would take a minute more."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """moto comes with the tests' requirements, so what needs no other server runs always, but for what is long."""
    for item in items:
        if item.path.parent != Path(__file__).parent:
            continue
        asked = getattr(item, "callspec", None)
        at_server = asked.params.get("at_server") if asked else None
        if at_server == "rgw" or (at_server is None and "rgw_server" in item.fixturenames):
            item.add_marker("network")
        elif item.originalname in FAULTS and not asked.id.startswith(SAMPLED):
            item.add_marker("slow")


@pytest.fixture
def no_session_is_kept():
    """The test has credentials of its own."""
    s3_client.forget_sessions()
    yield
    s3_client.forget_sessions()


@pytest.fixture(scope="session", autouse=True)
def descriptions_of_services():
    """The SDK reads its descriptions of services anew for each session, in a tenth of a second; here once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", functools.cache(botocore.session.create_loader))
        yield


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
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    s3_client.forget_sessions()


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    """The URL of a moto server."""
    pytest.importorskip("moto", reason="moto is not installed: pip install 'moto[s3,server]'")
    with moto_server(tmp_path_factory.mktemp("moto")) as (url, _):
        yield url


@pytest.fixture(scope="session")
def rgw_server(tmp_path_factory):
    """Ceph's S3 server; it takes some 20 seconds to start."""
    missing = missing_programs()
    if missing:
        pytest.skip(f"Ceph is not installed: {', '.join(missing)}")
    folder = Path(tempfile.mkdtemp(prefix="toil-rgw-"))  # short, for there are sockets in it
    server = RgwServer(folder)
    try:
        server.begin()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


@pytest.fixture
def rgw(rgw_server, monkeypatch):
    """Ceph's server, named by the environment both ways."""
    host, _, port = rgw_server.url.removeprefix("http://").partition(":")
    for name, value in {
        "AWS_ENDPOINT_URL_S3": rgw_server.url,
        "TOIL_S3_HOST": host,
        "TOIL_S3_PORT": port,
        "TOIL_S3_USE_SSL": "false",
    }.items():
        monkeypatch.setenv(name, value)
    return rgw_server


@pytest.fixture(params=["moto", "rgw"])
def at_server(request, monkeypatch):
    """The environment of each server in turn."""
    if request.param == "moto":
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", request.getfixturevalue("moto"))
    else:
        request.getfixturevalue("rgw")
    return request.param


@pytest.fixture
def unused():
    """A store's name that nobody has used."""
    return f"t{uuid.uuid4().hex[:16]}"
