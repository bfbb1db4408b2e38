"""Locators, environment variables, keys and tags, without a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from toil_aws.encryption import chosen_encryption, kept_encryption
from toil_aws.endpoint import Endpoint, endpoint, home_region
from toil_aws.place import place
from toil_aws.s3_client import S3Client
from toil_aws.s3_options import S3Options
from toil_aws.s3_storage import S3Storage
from toil_aws.tags import asked_tags
from toil_core.errors import StorageError, UsageError


def test_locator_names_region_and_bucket():
    found = place("us-west-2:my-store")
    assert (found.region, found.bucket, found.locator) == ("us-west-2", "toil-my-store", "aws:us-west-2:my-store")


def test_region_of_the_environment_stands_in_for_one_that_is_not_named():
    assert place(":my-store", "eu-west-1").locator == "aws:eu-west-1:my-store"
    assert place("my-store", "eu-west-1").locator == "aws:eu-west-1:my-store"


@pytest.mark.parametrize(
    "rest", ["", ":", "us-west-2:", "my-store", "us-west-2:My-Store", "us-west-2:a.b", "us-west-2:-a", "us-west-2:a-"]
)
def test_locator_that_names_no_bucket_is_refused_with_what_to_try(rest):
    with pytest.raises(UsageError) as caught:
        place(rest)
    assert f"aws:{rest}" in str(caught.value)
    assert caught.value.cure


@pytest.mark.parametrize("name", ["n" * 59, "a_b", "a--x-s3", "a-s3alias", "../x", "a b", "ä"])
def test_name_that_s3_would_refuse_is_refused_before_it_is_asked(name):
    with pytest.raises(UsageError, match="cannot be part of the name of a bucket"):
        place(f"us-west-2:{name}")


def test_server_is_that_of_toils_variables_before_those_of_the_sdk():
    sdk = {"AWS_ENDPOINT_URL_S3": "https://s3.example.org"}
    assert endpoint(sdk).url == "https://s3.example.org"
    assert endpoint({"AWS_ENDPOINT_URL": "https://any.example.org"}).url == "https://any.example.org"
    assert endpoint({**sdk, "TOIL_S3_HOST": "ceph"}).url == "https://ceph"
    plain = {**sdk, "TOIL_S3_HOST": "ceph", "TOIL_S3_PORT": "7480", "TOIL_S3_USE_SSL": "False"}
    assert endpoint(plain).url == "http://ceph:7480"
    assert endpoint({}).url == ""


@pytest.mark.parametrize(
    "environment",
    [
        {"TOIL_S3_PORT": "80"},
        {"TOIL_S3_HOST": "a", "TOIL_S3_PORT": "http"},
        {"TOIL_S3_HOST": "a", "TOIL_S3_USE_SSL": "maybe"},
        {"TOIL_S3_HOST": "http://a"},
        {"TOIL_AWS_ZONE": "somewhere"},
    ],
)
def test_variables_that_make_no_sense_are_named(environment):
    with pytest.raises(UsageError, match="|".join(environment)):
        endpoint(environment)


def test_region_is_that_of_the_zone_unless_one_is_named():
    assert home_region({"TOIL_AWS_ZONE": "us-west-2a"}) == "us-west-2"
    assert home_region({"TOIL_AWS_ZONE": "us-west-2-lax-1a"}) == "us-west-2"
    assert home_region({"TOIL_AWS_ZONE": "us-gov-east-1b"}) == "us-gov-east-1"
    assert home_region({"TOIL_AWS_ZONE": "us-west-2a", "TOIL_AWS_REGION": "eu-west-1"}) == "eu-west-1"
    assert endpoint({"TOIL_AWS_REGION": "eu-west-1"}, "us-west-2").region == "us-west-2"


def test_url_that_makes_no_sense_is_told(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "nonsense:")
    with pytest.raises(StorageError, match="aws:us-west-2:x could not be opened: its URL makes no sense"):
        S3Storage("us-west-2:x").open()


def test_server_that_a_configuration_file_names_is_known(monkeypatch):
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[default]\nendpoint_url = http://ceph.example.org\n")
    server = S3Client(endpoint({}, "us-west-2")).server
    assert (server.url, server.is_amazon, server.is_private) == ("http://ceph.example.org", False, False)


@pytest.mark.parametrize(
    ("url", "is_amazon", "is_private"),
    [
        ("", True, True),
        ("https://s3.us-west-2.amazonaws.com", True, True),
        ("https://s3.cn-north-1.amazonaws.com.cn", True, True),
        ("https://amazonaws.com.example.org", False, True),
        ("http://ceph.example.org", False, False),
        ("http://127.0.0.1:7480", False, True),
    ],
)
def test_servers_are_told_apart(url, is_amazon, is_private):
    assert (Endpoint(url).is_amazon, Endpoint(url).is_private) == (is_amazon, is_private)


def test_password_in_the_url_of_a_server_is_not_shown():
    assert Endpoint("https://user:secret@s3.example.org/x").shown == "https://s3.example.org"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (S3Options(), {}),
        (S3Options(s3_encryption="sse-s3"), {"ServerSideEncryption": "AES256"}),
        (S3Options(s3_encryption="sse-kms"), {"ServerSideEncryption": "aws:kms"}),
        (S3Options(s3_kms_key="k"), {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k"}),
    ],
)
def test_encryption_is_asked_for_as_s3_wants_it_and_again_by_what_the_store_keeps(options, said):
    chosen = chosen_encryption(options)
    assert chosen.to_write == said
    assert chosen.to_read == {}
    assert kept_encryption(chosen.facts, None, "the store") == chosen


def test_customer_key_is_kept_nowhere_and_never_shown(tmp_path):
    file = tmp_path / "key"
    file.write_bytes(b"thirty-two-bytes-of-a-secret-key")
    chosen = chosen_encryption(S3Options(sse_key=str(file)))
    assert chosen.to_write == {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": file.read_bytes()}
    assert "secret" not in repr(chosen) + json.dumps(dict(chosen.facts))
    assert kept_encryption(chosen.facts, None, "the store") == chosen


@pytest.mark.parametrize("size", [0, 31, 33])
def test_key_of_another_length_is_refused(tmp_path, size):
    file = tmp_path / "key"
    file.write_bytes(bytes(size))
    with pytest.raises(UsageError, match="does not hold 32 bytes"):
        chosen_encryption(S3Options(sse_key=str(file)))


@pytest.mark.parametrize(
    "options",
    [
        S3Options(sse_key="k", s3_kms_key="k"),
        S3Options(sse_key="k", s3_encryption="sse-s3"),
        S3Options(s3_kms_key="k", s3_encryption="sse-s3"),
        S3Options(s3_encryption="rot13"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options):
    with pytest.raises(UsageError):
        chosen_encryption(options)


def test_tags_are_those_of_both_variables():
    environment = {"TOIL_AWS_TAGS": '{"project": "x"}', "TOIL_OWNER_TAG": "me"}
    assert asked_tags(environment) == {"project": "x", "Owner": "me"}
    assert asked_tags({}) == {}


@pytest.mark.parametrize("text", ["x", "[]", '{"a": 1}'])
def test_tags_that_are_no_texts_are_refused(text):
    with pytest.raises(UsageError, match="TOIL_AWS_TAGS"):
        asked_tags({"TOIL_AWS_TAGS": text})


def test_plugin_is_found_without_importing_boto3():
    script = "import sys; from toil_core.plugins.manager import PluginManager; p = PluginManager.load();"
    script += "p.storage('aws:us-west-2:x'); p.url_access('s3://b/k'); print([m for m in sys.modules if 'boto' in m])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
