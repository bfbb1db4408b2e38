"""URLs of blobs."""

from __future__ import annotations

import pytest

from toil_azure.blob_address import parse_address
from toil_core.errors import UrlError


def parsed(url):
    address = parse_address(url, lambda: "mine")
    return address.account, address.container, address.blob, address.endpoint


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("az://box/a/b.txt", ("mine", "box", "a/b.txt", "")),
        ("AZ://box/", ("mine", "box", "", "")),
        ("az://box", ("mine", "box", "", "")),
        ("az://box@yours/a", ("yours", "box", "a", "")),
        ("az://box@yours.blob.core.windows.net/a", ("yours", "box", "a", "https://yours.blob.core.windows.net")),
        ("wasb://box@yours.blob.core.windows.net/a%20b", ("yours", "box", "a b", "https://yours.blob.core.windows.net")),
        ("wasbs://$root@yours.blob.core.usgovcloudapi.net/a?b#c",
         ("yours", "$root", "a?b#c", "https://yours.blob.core.usgovcloudapi.net")),
        ("https://yours.blob.core.windows.net/box/a/b%23", ("yours", "box", "a/b#", "https://yours.blob.core.windows.net")),
        ("http://YOURS.blob.core.windows.net/box/a", ("yours", "box", "a", "https://yours.blob.core.windows.net")),
        ("https://yours.z1.blob.storage.azure.net/box/a", ("yours", "box", "a", "https://yours.z1.blob.storage.azure.net")),
    ],
)  # fmt: skip
def test_the_forms_of_a_url_name_account_container_and_blob(url, expected):
    assert parsed(url) == expected


def test_a_signature_is_part_of_no_text():
    url = "https://yours.blob.core.windows.net/box/a?sv=2026&sig=secret%3D"
    address = parse_address(url, lambda: "")
    assert address.signature == "sv=2026&sig=secret%3D"
    assert "secret" not in f"{address} {address!r}"


@pytest.mark.parametrize(
    "url",
    [
        "az://",
        "az:///a",
        "wasb://box/a",
        "wasbs://@yours.blob.core.windows.net/a",
        "https://yours.blob.core.windows.net/",
    ],
)
def test_a_url_that_names_no_container_is_told_with_a_cure(url):
    with pytest.raises(UrlError, match="container") as caught:
        parsed(url)
    assert caught.value.cure


@pytest.mark.parametrize("url", ["wasbs://box@yours.blob.example.org/a", "az://box@yours.blob.core.windows.net.evil/a"])
def test_credentials_are_shown_to_the_services_own_hosts_only(url):
    with pytest.raises(UrlError, match="is no storage account of Azure"):
        parsed(url)
