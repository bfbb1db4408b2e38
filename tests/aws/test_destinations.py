"""A bucket that outputs cannot be written to is told before a run; what is not known passes."""

from __future__ import annotations

import io

import pytest

from toil_aws import s3_client
from toil_aws.bucket import Bucket
from toil_aws.endpoint import Endpoint
from toil_aws.s3_client import S3Client
from toil_aws.s3_url import S3UrlAccess
from toil_core.errors import NoSuchUrl, UrlError
from toil_core.system.retry import Patience
from toil_core.testing import Answer, FaultProxy

REGION = "us-east-1"
HURRIED = Patience(attempts=3, base_seconds=0.001)

pytestmark = pytest.mark.usefixtures("no_session_is_kept")


@pytest.fixture
def proxy(moto):
    with FaultProxy(moto) as proxy:
        yield proxy


@pytest.fixture
def access(proxy):
    return S3UrlAccess(server=Endpoint(proxy.endpoint, REGION), patience=HURRIED)


@pytest.fixture
def url(moto, unused):
    """A folder in a bucket."""
    S3Client(Endpoint(moto, REGION), HURRIED).call("create_bucket", Bucket=unused)
    return f"s3://{unused}/made"


def refuse(proxy, status, code, *methods):
    """Have requests be answered so."""
    body = f"<Error><Code>{code}</Code></Error>".encode()
    answer = Answer(status, body, {"Content-Type": "application/xml"})
    proxy.inject(answer, None, lambda request: request.method in methods)


def test_who_may_not_look_may_write(access, proxy, url, unused, moto):
    refuse(proxy, 403, "AccessDenied", "GET", "HEAD", "DELETE")
    access.check_destination(url)
    access.write(f"{url}/a", io.BytesIO(b"content"))
    assert list(Bucket(S3Client(Endpoint(moto, REGION), HURRIED), unused).keys("")) == ["made/a"]


def test_nothing_is_left_of_an_upload_that_was_begun(access, url, unused, moto):
    access.check_destination(url)
    client = S3Client(Endpoint(moto, REGION), HURRIED)
    assert not client.call("list_multipart_uploads", Bucket=unused).get("Uploads")


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (400, "Unheard"), (501, "NotImplemented")])
def test_what_is_not_known_passes(access, proxy, url, status, code):
    refuse(proxy, status, code, "POST")
    access.check_destination(url)
    assert proxy.strikes() > 0


def test_who_may_not_write_is_told_the_permission(access, proxy, url):
    refuse(proxy, 403, "AccessDenied", "POST")
    with pytest.raises(UrlError, match=f"Cannot write {url}: access is denied. The permission s3:PutObject is needed"):
        access.check_destination(url)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("InvalidAccessKeyId", "the service does not know the access key. Check the credentials"),
        ("SignatureDoesNotMatch", "the secret key is wrong. Check the credentials"),
        ("ExpiredToken", "the credentials have expired. Renew them"),
        ("RequestTimeTooSkewed", "this machine's clock is wrong. Set the clock"),
    ],
)
def test_wrong_credentials_are_told(access, proxy, url, code, said):
    refuse(proxy, 403, code, "POST")
    with pytest.raises(UrlError, match=f"Cannot write {url}: {said}"):
        access.check_destination(url)


def test_bucket_that_is_not_there_is_told_with_how_to_make_it(access, unused):
    url = f"s3://{unused}/made"
    with pytest.raises(NoSuchUrl, match=rf"There is no bucket of {url}\. Check its name, or make it: aws s3 mb"):
        access.check_destination(url)


@pytest.mark.parametrize("url", ["s3://", "s3:///x", "s3://No_Bucket!/x"])
def test_name_that_no_bucket_can_have_is_told(access, url):
    with pytest.raises(UrlError):
        access.check_destination(url)


def test_nobody_writes_without_credentials(access, url, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    s3_client.forget_sessions()
    with pytest.raises(UrlError, match=f"Cannot write {url}: there are no credentials"):
        access.check_destination(url)


def test_service_that_does_not_answer_is_waited_for_later(url):
    S3UrlAccess(server=Endpoint("http://127.0.0.1:1", REGION), patience=HURRIED).check_destination(url)
