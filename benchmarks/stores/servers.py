"""The servers, as the tests start them: child processes in folders of their own."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).resolve().parents[2] / "tests"
_RGW_DISK_BYTES = 16 * 1024**3
_RGW_FREES_SOON = """
rgw gc obj min wait = 1
rgw gc processor period = 1
rgw gc processor max time = 10
"""


class NoServer(Exception):
    """A server is not installed here; the message says how to have it."""


@dataclass(frozen=True)
class Kind:
    """A kind of server. ``module`` holds the service that is spoken to it, of which some contestants may be
    left out. No object is longer than ``most_bytes``."""

    name: str
    shown: str
    module: str
    left_out: tuple[str, ...] = ()
    most_bytes: int = 1 << 40


KINDS = {
    kind.name: kind
    for kind in (
        # It makes a copy of the whole object for every range that is asked for.
        Kind("aws-moto", "`aws:` on moto", "benchmarks.stores.aws", ("boto3, 16 MiB parts",), 256 << 20),
        Kind("aws-rgw", "`aws:` on Ceph RGW", "benchmarks.stores.aws"),
        Kind("google", "`google:` on storage-testbench", "benchmarks.stores.google"),
        Kind("azure", "`azure:` on Azurite", "benchmarks.stores.azure"),
    )
}


@contextlib.contextmanager
def serving(name: str, folder: Path) -> Iterator[Mapping[str, str]]:
    """The variables that lead clients to a server that lives as long as the context. Raises ``NoServer``."""
    if str(_TESTS) not in sys.path:
        sys.path.append(str(_TESTS))
    serve = {"aws-moto": _moto, "aws-rgw": _rgw, "google": _testbench, "azure": _azurite}[name]
    with serve(folder) as variables:
        yield variables


def _of_tests(module: str) -> Any:  # the tests are not typed
    return importlib.import_module(module)


def _aws(url: str) -> dict[str, str]:
    keys = _of_tests("aws.rgw_server")
    return {
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_ACCESS_KEY_ID": keys.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": keys.SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextlib.contextmanager
def _moto(folder: Path) -> Iterator[Mapping[str, str]]:
    if importlib.util.find_spec("moto") is None:
        raise NoServer("moto is not installed: pip install 'moto[s3,server]'")
    with _of_tests("aws.moto_server").moto_server(folder) as (url, _):
        yield _aws(url)


@contextlib.contextmanager
def _rgw(folder: Path) -> Iterator[Mapping[str, str]]:
    rgw = _of_tests("aws.rgw_server")
    if missing := rgw.missing_programs():
        raise NoServer(f"Ceph is not installed: {', '.join(missing)} missing; try: nox -s servers")
    server = rgw.RgwServer(folder, _RGW_DISK_BYTES, _RGW_FREES_SOON)
    try:
        server.begin()
        yield _aws(server.url)
    finally:
        server.kill()


@contextlib.contextmanager
def _testbench(folder: Path) -> Iterator[Mapping[str, str]]:
    servers = _of_tests("gcs_servers")
    if not os.environ.get(servers.TESTBENCH):
        raise NoServer(f"{servers.TESTBENCH} names no checkout of googleapis/storage-testbench with a folder venv")
    with servers.serve_testbench(folder) as url:
        yield {"STORAGE_EMULATOR_HOST": url}


@contextlib.contextmanager
def _azurite(folder: Path) -> Iterator[Mapping[str, str]]:
    azurite = _of_tests("azurite")
    if azurite.command() is None:
        raise NoServer("Azurite is not installed: npm install azurite, and name its azurite-blob in TOIL_AZURITE")
    server = azurite.Azurite(folder)
    server.start()
    try:
        yield {**server.environment, "AZURE_STORAGE_ACCOUNT": azurite.ACCOUNT}
    finally:
        server.stop()
