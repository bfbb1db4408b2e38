"""What goes wrong with accounts, names and servers is one line: store, operation and cure, never a secret."""

from __future__ import annotations

import json

import boto3
import pytest

from aws.rgw_server import OTHER_ACCESS_KEY, OTHER_SECRET_KEY
from aws.unconditional_server import unconditional
from toil_aws.bucket import Bucket
from toil_aws.endpoint import Endpoint
from toil_aws.failure import S3Failure
from toil_aws.s3_client import S3Client
from toil_aws.s3_options import S3Options
from toil_aws.s3_storage import S3Storage
from toil_aws.s3_url import S3UrlAccess
from toil_core.errors import NoSuchStore, NoSuchUrl, StorageError, StoreExists, ToilError, UrlError
from toil_core.system.retry import Patience

REGION = "us-west-2"
HURRIED = Patience(attempts=3, base_seconds=0.001)

pytestmark = pytest.mark.usefixtures("no_session_is_kept")


def storage(unused, options=None):
    return S3Storage(f"{REGION}:{unused}", options, patience=HURRIED)


def told(act, kind=StorageError):
    """The one line of the error that ``act`` raises."""
    with pytest.raises(kind) as caught:
        act()
    line = str(caught.value)
    assert "\n" not in line
    assert caught.value.cure
    assert "SECRET-KEY-OF-TESTS" not in line
    assert "WRONG" not in line
    return line


def client():
    return boto3.Session().client("s3", region_name="us-east-1")


# Credentials.


def test_wrong_secret_is_told_at_once(rgw, unused, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "A-WRONG-SECRET")
    line = told(storage(unused).create)
    assert f"aws:{REGION}:{unused} could not be made: the secret key is wrong" in line


def test_unknown_access_key_is_told_at_once(rgw, unused, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "NOBODY")
    assert "could not be opened: the service does not know the access key" in told(storage(unused).open)


def test_no_credentials_are_told(moto, unused, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "could not be made: there are no credentials. Give them by aws configure" in told(storage(unused).create)


def test_profile_that_is_not_there_is_told(moto, unused, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    monkeypatch.setenv("TOIL_AWS_PROFILE", "nowhere")
    assert "there is no such profile. Check AWS_PROFILE and TOIL_AWS_PROFILE" in told(storage(unused).open)


# Buckets that are not ours.


def test_bucket_of_somebody_else_is_left_alone(rgw, unused, monkeypatch):
    client().create_bucket(Bucket=f"toil-{unused}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OTHER_ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", OTHER_SECRET_KEY)
    assert "belongs to somebody else. Choose another name" in told(storage(unused).create)
    assert "could not be opened: access is denied" in told(storage(unused).open)
    assert "could not be removed: access is denied" in told(storage(unused).destroy)


def test_bucket_used_for_something_else_is_left_alone(at_server, unused):
    s3 = client()
    s3.create_bucket(Bucket=f"toil-{unused}")
    s3.put_object(Bucket=f"toil-{unused}", Key="thesis.txt", Body=b"five years of work")
    for act in (storage(unused).create, storage(unused).destroy):
        assert "is used for something else than a job store. It was left alone" in told(act)
    told(storage(unused).open, NoSuchStore)
    assert s3.get_object(Bucket=f"toil-{unused}", Key="thesis.txt")["Body"].read() == b"five years of work"


def test_empty_bucket_with_tags_of_others_is_left_alone(at_server, unused):
    s3 = client()
    s3.create_bucket(Bucket=f"toil-{unused}")
    s3.put_bucket_tagging(Bucket=f"toil-{unused}", Tagging={"TagSet": [{"Key": "project", "Value": "x"}]})
    for act in (storage(unused).create, storage(unused).destroy):
        assert "is used for something else" in told(act)
    assert s3.get_bucket_tagging(Bucket=f"toil-{unused}")["TagSet"] == [{"Key": "project", "Value": "x"}]


@pytest.mark.parametrize(
    ("action", "act", "permission"),
    [
        ("s3:DeleteBucket", lambda store: store.destroy(), "s3:DeleteBucket"),
        ("s3:PutObject", lambda store: store.put("a", b""), "s3:PutObject"),
        ("s3:GetObject", lambda store: store.get("a"), "s3:GetObject"),
        ("s3:ListBucket", lambda store: list(store.list("")), "s3:ListBucket"),
    ],
)
def test_permission_that_lacks_is_named(rgw, unused, action, act, permission):
    store = storage(unused)
    store.create()
    store.put("a", b"content")
    bucket = f"toil-{unused}"
    whole = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    denial = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": whole}
    client().put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denial]}))
    line = told(lambda: act(store))
    assert f"access is denied. The permission {permission} is needed" in line
    client().delete_bucket_policy(Bucket=bucket)
    store.destroy()


def test_store_that_is_there_is_not_made_again(at_server, unused):
    first = storage(unused)
    first.create()
    assert f"toil clean aws:{REGION}:{unused}" in told(storage(unused).create, StoreExists)
    first.destroy()


def test_store_in_another_region_is_named(at_server, unused):
    storage(unused).create()
    elsewhere = S3Storage(f"eu-west-1:{unused}", patience=HURRIED)
    assert f"Try: aws:{REGION}:{unused}" in told(elsewhere.open, NoSuchStore)
    assert f"Try: aws:{REGION}:{unused}" in told(elsewhere.destroy)
    assert f"toil clean aws:{REGION}:{unused}" in told(elsewhere.create, StoreExists)
    storage(unused).open()
    storage(unused).destroy()


def test_store_that_was_made_anew_survives_a_removal_that_came_too_late(moto, unused, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    storage(unused).create()
    late = storage(unused)._store
    removed = late._removed

    def overtaken(claim):
        storage(unused).destroy()
        storage(unused).create()
        storage(unused).put("a", b"of the new store")
        monkeypatch.setattr(late, "_removed", removed)
        return False

    monkeypatch.setattr(late, "_removed", overtaken)
    late.destroy()
    assert storage(unused).get("a").read() == b"of the new store"
    storage(unused).destroy()


# Servers.


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("refuses", "it says that they are not implemented"),
        ("ignores", "8 were told that they were first"),
        ("looks", "were told that they were first"),
    ],
)
def test_server_without_conditional_writes_is_refused_and_nothing_is_left(moto, unused, monkeypatch, way, words):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    with unconditional(moto, way) as url:
        spoilt = S3Storage(f"{REGION}:{unused}", server=Endpoint(url, REGION), patience=HURRIED)
        line = told(spoilt.create)
    assert f"aws:{REGION}:{unused} could not be made: {url} has no conditional writes" in line
    assert words in line
    assert f"toil-{unused}" not in {bucket["Name"] for bucket in client().list_buckets()["Buckets"]}


def test_server_that_is_not_there_is_told(unused, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    assert "could not be made: the connection was refused. Check that the service runs" in told(storage(unused).create)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://no-such-host.invalid")
    assert "there is no such host. Check TOIL_S3_HOST" in told(storage(unused).open)


@pytest.mark.parametrize("act", ["create", "open", "destroy"])
def test_server_that_is_not_there_is_not_waited_for_at_the_first_request(unused, act):
    waits = []
    patience = Patience(attempts=24, sleep=waits.append)
    nowhere = S3Storage(f"{REGION}:{unused}", server=Endpoint("http://127.0.0.1:9", REGION), patience=patience)
    told(getattr(nowhere, act))
    assert 1 < len(waits) < 6


def test_listing_that_breaks_off_without_a_mark_is_an_error(unused, monkeypatch):
    page = {"IsTruncated": True, "Contents": [{"Key": "objects/a"}]}
    monkeypatch.setattr(S3Client, "call", lambda *_, **__: page)
    listed = Bucket(S3Client(Endpoint("http://127.0.0.1:9", REGION)), unused).keys("")
    assert next(listed) == "objects/a"
    with pytest.raises(S3Failure, match="there is more to list"):
        next(listed)


# Keys.


def test_store_with_a_customer_key_is_read_with_that_key_only(moto, unused, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    key, other = tmp_path / "key", tmp_path / "other"
    key.write_bytes(bytes(range(32)))
    other.write_bytes(bytes(32))
    with_key = storage(unused, S3Options(sse_key=str(key)))
    with_key.create()
    with_key.put("a", b"content")
    later = storage(unused)
    assert later.get("a").read() == b"content"
    assert "does not hold the key of the job store" in told(
        storage(unused, S3Options(sse_key=str(other))).open, ToilError
    )
    key.unlink()
    assert f"The key file {key} cannot be read" in told(storage(unused).open, ToilError)
    storage(unused).destroy()


def test_customer_key_is_not_sent_where_it_could_be_read(unused, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://s3.example.org")
    key = tmp_path / "key"
    key.write_bytes(bytes(32))
    line = told(storage(unused, S3Options(sse_key=str(key))).create, ToilError)
    assert "would go to http://s3.example.org without encryption" in line


# URLs.


def test_url_of_what_is_not_there_is_told(at_server, unused):
    access = S3UrlAccess(patience=HURRIED)
    told_of_bucket = told(lambda: access.read(f"s3://absent-{unused}/a"), NoSuchUrl)
    assert f"There is no bucket of s3://absent-{unused}/a" in told_of_bucket


def test_public_url_is_read_without_credentials(moto, unused, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    client().create_bucket(Bucket=f"public-{unused}")
    client().put_object(Bucket=f"public-{unused}", Key="a", Body=b"content", ACL="public-read")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    access = S3UrlAccess(patience=HURRIED)
    with access.read(f"s3://public-{unused}/a") as stream:
        assert stream.read() == b"content"


def test_private_url_without_credentials_says_that_there_are_none(rgw, unused, monkeypatch):
    client().create_bucket(Bucket=f"private-{unused}")
    client().put_object(Bucket=f"private-{unused}", Key="a", Body=b"content")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    access = S3UrlAccess(patience=HURRIED)
    assert "there are no credentials" in told(lambda: access.read(f"s3://private-{unused}/a"), UrlError)
