"""Where accounts and their credentials come from."""

from __future__ import annotations

import base64
import traceback

import pytest

from toil_azure.accounts import Accounts
from toil_core.errors import UsageError

KEY = base64.b64encode(b"a key that nobody may see").decode()
OTHER = base64.b64encode(b"another key").decode()
IN_FILE = f"[AzureStorageCredentials]\nfirst={KEY}\nsecond={OTHER}\n"


def find(name, home, told=None, endpoint=""):
    return Accounts(told or {}, home).find(name, endpoint)


def test_a_key_of_the_environment_opens_any_account_of_the_public_cloud(tmp_path):
    account = find("first", tmp_path, {"AZURE_ACCOUNT_KEY": f" {KEY}\n"})
    assert (account.key, account.source) == (KEY, "AZURE_ACCOUNT_KEY")
    assert account.endpoint == "https://first.blob.core.windows.net"


def test_a_file_holds_keys_of_several_accounts(tmp_path):
    (tmp_path / ".toilAzureCredentials").write_text(IN_FILE)
    assert [find(name, tmp_path).key for name in ("first", "second")] == [KEY, OTHER]
    assert find("third", tmp_path).key == ""


def test_the_environment_comes_before_the_file(tmp_path):
    (tmp_path / ".toilAzureCredentials").write_text(IN_FILE)
    assert find("first", tmp_path, {"AZURE_ACCOUNT_KEY": OTHER}).key == OTHER


def test_a_connection_string_holds_for_its_own_account_only(tmp_path):
    text = f"DefaultEndpointsProtocol=https;AccountName=first;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn"
    told = {"AZURE_STORAGE_CONNECTION_STRING": text, "AZURE_ACCOUNT_KEY": OTHER}
    first, second = find("first", tmp_path, told), find("second", tmp_path, told)
    assert (first.key, first.endpoint) == (KEY, "https://first.blob.core.chinacloudapi.cn")
    assert (second.key, second.endpoint) == (OTHER, "https://second.blob.core.windows.net")


def test_a_connection_string_may_have_an_endpoint_and_a_signature(tmp_path):
    text = "BlobEndpoint=https://first.blob.core.windows.net/;SharedAccessSignature=?sv=2026&sig=abc%3D"
    account = find("first", tmp_path, {"AZURE_STORAGE_CONNECTION_STRING": text})
    assert (account.signature, account.endpoint) == ("sv=2026&sig=abc%3D", "https://first.blob.core.windows.net")


def test_the_emulator_has_an_account_that_everybody_knows(tmp_path):
    account = find("devstoreaccount1", tmp_path, {"AZURE_STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true"})
    assert account.endpoint == "http://127.0.0.1:10000/devstoreaccount1"
    assert account.key


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("http://127.0.0.1:10000/{account}", "http://127.0.0.1:10000/first"),
        ("http://127.0.0.1:10000/first/", "http://127.0.0.1:10000/first"),
        ("https://first.blob.core.usgovcloudapi.net", "https://first.blob.core.usgovcloudapi.net"),
        ("https://storage.example.org", "https://storage.example.org"),
        ("https://second.blob.core.usgovcloudapi.net", "https://first.blob.core.windows.net"),
        ("http://127.0.0.1:10000/second", "https://first.blob.core.windows.net"),
    ],
)
def test_an_endpoint_of_the_environment_holds_for_the_account_it_names(tmp_path, told, expected):
    told = {"AZURE_STORAGE_SERVICE_ENDPOINT": told, "AZURE_ACCOUNT_KEY": KEY}
    assert find("first", tmp_path, told).endpoint == expected


def test_the_endpoint_of_a_url_holds_unless_the_environment_says_another(tmp_path):
    zone = "https://first.z12.blob.storage.azure.net"
    assert find("first", tmp_path, {"AZURE_ACCOUNT_KEY": KEY}, zone).endpoint == zone
    told = {"AZURE_ACCOUNT_KEY": KEY, "AZURE_STORAGE_SERVICE_ENDPOINT": "http://127.0.0.1:1/{account}"}
    assert find("first", tmp_path, told, zone).endpoint == "http://127.0.0.1:1/first"


def test_tokens_are_never_sent_without_encryption(tmp_path):
    assert find("first", tmp_path, {"AZURE_STORAGE_SERVICE_ENDPOINT": "http://127.0.0.1:1/{account}"}).source == ""


@pytest.mark.parametrize(
    ("told", "in_file"),
    [
        ({"AZURE_ACCOUNT_KEY": KEY[:-1]}, ""),
        ({"AZURE_STORAGE_CONNECTION_STRING": f"AccountName=first;AccountKey={KEY[:-1]}"}, ""),
        ({"AZURE_STORAGE_CONNECTION_STRING": KEY.rstrip("=")}, ""),
        ({"AZURE_STORAGE_SERVICE_ENDPOINT": KEY}, ""),
        ({}, f"first={KEY}\n"),
        ({}, f"[AzureStorageCredentials]\n{KEY[:-2]}\n"),
        ({}, f"[AzureStorageCredentials]\nfirst={KEY[:-1]}\n"),
        ({}, f"[Other]\nfirst={KEY}\n"),
    ],
)
def test_credentials_that_cannot_be_any_are_told_with_a_cure_and_without_the_secret(tmp_path, told, in_file):
    if in_file:
        (tmp_path / ".toilAzureCredentials").write_text(in_file)
    with pytest.raises(UsageError) as caught:
        find("first", tmp_path, told)
    assert caught.value.cure
    everything = "".join(traceback.format_exception(caught.value))
    assert KEY[:-4] not in everything
    assert "\n" not in str(caught.value)


def test_an_unreadable_file_is_told(tmp_path):
    (tmp_path / ".toilAzureCredentials").mkdir()
    with pytest.raises(UsageError, match=r"Cannot read ~/\.toilAzureCredentials: is a directory"):
        find("first", tmp_path)


def test_accounts_do_not_show_their_secrets(tmp_path):
    assert KEY not in repr(find("first", tmp_path, {"AZURE_ACCOUNT_KEY": KEY}))


def test_urls_without_an_account_use_the_one_that_is_told(tmp_path):
    assert Accounts({"AZURE_STORAGE_ACCOUNT": "first"}, tmp_path).default() == "first"
    text = f"AccountName=second;AccountKey={KEY}"
    assert Accounts({"AZURE_STORAGE_CONNECTION_STRING": text}, tmp_path).default() == "second"
    (tmp_path / ".toilAzureCredentials").write_text(f"[AzureStorageCredentials]\nthird={KEY}\n")
    assert Accounts({}, tmp_path).default() == "third"


def test_urls_without_an_account_need_one(tmp_path):
    (tmp_path / ".toilAzureCredentials").write_text(IN_FILE)
    with pytest.raises(UsageError, match="Set AZURE_STORAGE_ACCOUNT, or write az://CONTAINER@ACCOUNT/BLOB"):
        Accounts({}, tmp_path).default()
