"""What libraries raise becomes a reason and a cure; what may pass is told from what stays."""

from __future__ import annotations

import pickle
import socket

import pytest
import requests
import urllib3
from google.api_core.exceptions import Forbidden, from_http_response
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError

from toil_gce.door.failures import answered, refusal_of
from toil_gce.refusal import Refusal


def response(status: int, body: str = "", **headers: str) -> requests.Response:
    found = requests.Response()
    found.status_code = status
    found._content = body.encode()
    found.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    found.request = requests.Request("GET", "https://storage.googleapis.com/secret-signature").prepare()
    return found


def error(status: int, words: str, reason: str = "") -> str:
    return f'{{"error": {{"code": {status}, "message": "{words}", "errors": [{{"reason": "{reason}"}}]}}}}'


def test_words_are_the_services_without_the_address_asked() -> None:
    answer = response(404, error(404, "The specified bucket does not exist.", "notFound"))
    for found in (answered(answer), refusal_of(from_http_response(answer))):
        assert found.words == "The specified bucket does not exist"
        assert found.is_bucket_missing


def test_missing_object_is_no_missing_bucket() -> None:
    found = answered(response(404, error(404, "No such object: my-bucket/a", "notFound")))
    assert found.is_missing
    assert not found.is_bucket_missing


def test_permission_that_lacks_is_named() -> None:
    words = "a@b.example does not have storage.buckets.delete access to the Google Cloud Storage bucket."
    reason, cure = refusal_of(Forbidden(words)).told("a@b.example")
    assert reason == "access was denied"
    assert cure.startswith("Grant storage.buckets.delete to a@b.example")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_busy_service_is_asked_again(status: int) -> None:
    assert answered(response(status)).wait_seconds == 0
    assert answered(response(status, Retry_After="7")).wait_seconds == 7


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412])
def test_answer_that_stays_is_final(status: int) -> None:
    assert answered(response(status, error(status, "So it is."))).wait_seconds is None


@pytest.mark.parametrize("status", [400, 405, 409, 411, 413, 429, 500, 503])
def test_answer_of_any_status_says_what_to_try(status: int) -> None:
    reason, cure = answered(response(status, "")).told()
    assert str(status) in reason
    assert cure


def test_rate_that_was_exceeded_passes_though_it_is_forbidden() -> None:
    assert answered(response(403, error(403, "Slow.", "rateLimitExceeded"))).wait_seconds == 0


def test_damaged_upload_is_sent_again() -> None:
    words = 'Provided CRC32C \\"AAAAAA==\\" doesn\'t match calculated CRC32C \\"BBBBBB==\\".'
    found = answered(response(400, error(400, words, "invalid")))
    assert found.is_damage
    assert found.wait_seconds == 0


@pytest.mark.parametrize(
    "words",
    [
        "The target object is encrypted by a customer-supplied encryption key.",
        "The provided encryption key is incorrect.",
    ],
)
def test_wrong_or_absent_customer_key_is_told(words: str) -> None:
    reason, cure = answered(response(400, error(400, words))).told()
    assert "customer key" in reason
    assert "--google-key-file" in cure


def test_page_of_a_proxy_is_not_shown() -> None:
    assert answered(response(502, "<html><body>Bad gateway</body></html>")).told()[0] == "the service says 502"


def test_broken_connection_passes() -> None:
    inner = urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))
    for broken in (requests.ConnectionError(inner), inner, ConnectionRefusedError(), requests.ReadTimeout()):
        assert refusal_of(broken).wait_seconds == 0


def test_refused_connection_is_told_as_that() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(requests.ConnectionError) as caught:
        requests.get(f"http://127.0.0.1:{port}", timeout=10)
    found = refusal_of(caught.value)
    assert (found.words, found.wait_seconds) == ("the connection was refused", 0.0)


def test_unknown_host_stays_and_a_resolver_that_is_down_passes() -> None:
    for number, wait in ((socket.EAI_NONAME, None), (socket.EAI_AGAIN, 0.0)):
        inner = urllib3.exceptions.NameResolutionError(
            "host",
            urllib3.connection.HTTPConnection("host"),
            socket.gaierror(number, "said"),
        )
        inner.__cause__ = socket.gaierror(number, "said")
        found = refusal_of(requests.ConnectionError(inner))
        assert (found.words, found.wait_seconds) == ("the service's host name is not known", wait)


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (DefaultCredentialsError("Your default credentials were not found."), "no credentials were found"),
        (RefreshError("invalid_grant: Invalid JWT Signature.", {"error": "invalid_grant"}), "not accepted"),
    ],
)
def test_credentials_that_cannot_be_used_stay_and_say_what_to_do(
    raised: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    found = refusal_of(raised)
    assert found.wait_seconds is None
    reason, cure = found.told()
    assert words in reason
    assert "GOOGLE_APPLICATION_CREDENTIALS" in cure


def test_clock_that_is_wrong_is_told() -> None:
    words = "invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    assert "clock" in refusal_of(RefreshError(words)).told()[0]


def test_token_service_that_is_away_passes() -> None:
    assert refusal_of(TransportError("x")).wait_seconds == 0
    assert refusal_of(RefreshError("x", retryable=True)).wait_seconds == 0


def test_refusals_survive_pickling() -> None:
    found = Refusal(403, "words", "reason", 1.5, True)
    assert vars(pickle.loads(pickle.dumps(found))) == vars(found)


def test_address_that_is_no_url_stays_and_is_told() -> None:
    for address in ("localhost:9000", "storage.example", "ftp://storage.example"):
        with pytest.raises(requests.RequestException) as caught, requests.Session() as session:
            session.get(f"{address}/b")
        found = refusal_of(caught.value)
        assert found.wait_seconds is None
        assert "no URL" in found.told()[0]
        assert "STORAGE_EMULATOR_HOST" in found.told()[1]
