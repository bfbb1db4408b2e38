"""The door to boto3: requests to one S3 service, tried again where that helps, errors in our words."""

from __future__ import annotations

import base64
import functools
import hashlib
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import boto3
import botocore.exceptions as sdk
from botocore import UNSIGNED
from botocore.config import Config
from urllib3.exceptions import HTTPError

from toil_aws.endpoint import Endpoint
from toil_aws.failure import NO_CREDENTIALS, S3Failure, needed, refusal
from toil_core.system.retry import Patience, retry

PATIENCE = Patience(attempts=24)
"""Some three minutes: long enough for a server that is started again."""
FEW_ATTEMPTS = 6
"""A few seconds, for the first request of a run or a command: a server that is down, or named wrongly, is told soon."""

CONCURRENCY = 10
_CONNECTIONS = 64
_CONNECT_SECONDS = 10
_READ_SECONDS = 60

_log = logging.getLogger("toil.aws")
# At its lowest level the SDK writes down whole requests, keys of customers included.
for _name in ("boto3", "botocore", "urllib3", "s3transfer"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_CREDENTIALS = "Give them by aws configure, by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or by a role"


class S3Client:
    """Thread-safe, and usable on in a process that was forked. Nothing happens until the first request.

    ``call`` speaks the SDK's words. All raise ``S3Failure`` only.
    """

    def __init__(self, endpoint: Endpoint, patience: Patience = PATIENCE, *, is_anonymous: bool = False) -> None:
        self.endpoint = endpoint
        self.patience = patience
        self._is_anonymous = is_anonymous

    def anonymous(self) -> S3Client:
        """The same service without credentials, for what everybody may read."""
        return S3Client(self.endpoint, self.patience, is_anonymous=True)

    def hurried(self) -> S3Client:
        """The same service, for what is given up after a few seconds."""
        patience = replace(self.patience, attempts=min(self.patience.attempts, FEW_ATTEMPTS))
        return S3Client(self.endpoint, patience, is_anonymous=self._is_anonymous)

    @property
    def server(self) -> Endpoint:
        """The server that is spoken to, which a configuration file of the SDK may name. Raises ``S3Failure``."""
        try:
            return Endpoint(str(self._sdk().meta.endpoint_url), self.endpoint.region, self.endpoint.profile)
        except sdk.BotoCoreError as error:
            raise translated(error) from error

    def call(self, operation: str, then: Callable[[Any], Any] | None = None, **parameters: Any) -> Any:
        """The answer to a request, or what ``then`` makes of it within the same try: reading its body.

        A ``Body`` that is a file is sent from its beginning, in each try.
        """
        body = parameters.get("Body")
        tries = 0

        def once() -> Any:
            nonlocal tries
            tries += 1
            try:
                if body is not None and hasattr(body, "seek"):
                    body.seek(0)
                answer = getattr(self._sdk(), operation)(**parameters)
                return answer if then is None else then(answer)
            except (sdk.BotoCoreError, sdk.ClientError, HTTPError, OSError) as error:
                failure = translated(error)
                failure.tries = tries
                raise failure from error

        told = False

        def passing(error: Exception) -> float | None:
            nonlocal told
            if not isinstance(error, S3Failure) or error.asked_seconds is None:
                return None
            if not told and not error.code:
                told = True
                _log.warning("%s does not answer: %s; trying again", self.endpoint.shown, error.reason)
            return error.asked_seconds

        try:
            return retry(once, passing, self.patience)
        except S3Failure as failure:
            if failure.is_denied:
                failure.cure = needed(operation)
            raise

    def pages(self, operation: str, marks: Mapping[str, str], **parameters: Any) -> Iterator[Any]:
        """The pages of a listing, one request each. ``marks`` says which field of an answer becomes which
        parameter of the next request."""
        going: dict[str, Any] = {}
        while True:
            answer = self.call(operation, **parameters, **going)
            yield answer
            if not answer.get("IsTruncated"):
                return
            going = {parameter: answer[field] for field, parameter in marks.items() if answer.get(field)}
            if not going:
                raise S3Failure("", "it says that there is more to list, and not where", "Use another server")

    def _sdk(self) -> Any:
        try:
            return _client(self.endpoint, self._is_anonymous, os.getpid())
        except ValueError as error:  # as the SDK says that it cannot read a URL
            raise S3Failure("", "its URL makes no sense", "Check TOIL_S3_HOST and AWS_ENDPOINT_URL_S3") from error


_lock = threading.Lock()
_clients: dict[tuple[Endpoint, bool], tuple[int, Any]] = {}


def _client(endpoint: Endpoint, is_anonymous: bool, process: int) -> Any:
    """The process's client of an endpoint. A forked process makes its own, for connections cannot be shared."""
    key = (endpoint, is_anonymous)
    made = _clients.get(key)
    if made is not None and made[0] == process:
        return made[1]
    with _lock:
        made = _clients.get(key)
        if made is None or made[0] != process:
            made = _clients[key] = (process, _new_client(endpoint, is_anonymous))
        return made[1]


def forget_sessions() -> None:
    """Look for credentials anew: for programs that change their own environment."""
    with _lock:
        _clients.clear()
        _session.cache_clear()


def _new_client(endpoint: Endpoint, is_anonymous: bool) -> Any:
    new = _session(endpoint.profile).client("s3", **_settings(endpoint, is_anonymous))
    if not endpoint.url and not Endpoint(str(new.meta.endpoint_url)).is_amazon:
        # A configuration file names a server.
        named = Endpoint(str(new.meta.endpoint_url), endpoint.region, endpoint.profile)
        new = _session(endpoint.profile).client("s3", **_settings(named, is_anonymous))
    new.meta.events.register("before-sign.s3.DeleteObjects", _with_digest)
    return new


@functools.cache
def _session(profile: str) -> Any:
    """Kept over forks: what it has read of the SDK's descriptions need not be read again."""
    return boto3.Session(profile_name=profile or None)


def _settings(endpoint: Endpoint, is_anonymous: bool) -> dict[str, Any]:
    style = {} if endpoint.is_amazon else {"addressing_style": "path"}
    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=_CONNECTIONS,
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        tcp_keepalive=True,
        # Checksums that every server knows are sent with each object instead.
        request_checksum_calculation="when_required",
        s3=style,
        **({"signature_version": UNSIGNED} if is_anonymous else {}),
    )
    return {"config": config, "region_name": endpoint.region or None, "endpoint_url": endpoint.url or None}


def _with_digest(request: Any, **_: Any) -> None:
    # Compatible servers want the checksum that the service asked for until 2024.
    if "Content-MD5" not in request.headers:
        digest = hashlib.md5(request.data or b"", usedforsecurity=False).digest()
        request.headers["Content-MD5"] = base64.b64encode(digest).decode()


def translated(error: Exception) -> S3Failure:
    """What an error of the SDK, or of a connection, means."""
    if isinstance(error, sdk.ClientError):
        found = error.response.get("Error", {})
        facts = error.response.get("ResponseMetadata", {})
        code = str(found.get("Code", ""))
        asked = str(facts.get("HTTPHeaders", {}).get("retry-after", ""))
        seconds = float(asked) if asked.isdigit() else 0.0
        return refusal(code, int(facts.get("HTTPStatusCode", 0)), str(found.get("Message", "")), seconds)
    if isinstance(error, sdk.NoCredentialsError):
        return S3Failure(NO_CREDENTIALS, "there are no credentials", _CREDENTIALS)
    for kinds, reason, cure in _STAYING:
        if isinstance(error, kinds):
            return S3Failure("", reason, cure)
    if isinstance(error, sdk.ParamValidationError | sdk.ValidationError):
        return S3Failure("Invalid", _one_line(error), "Choose another name")
    if isinstance(error, sdk.SSLError) and any(word in str(error) for word in _DISTRUST):
        return S3Failure(
            "",
            "the server's certificate cannot be trusted, or it speaks no TLS",
            "Name the authority by AWS_CA_BUNDLE; for a server without TLS set TOIL_S3_USE_SSL=false, or say http://",
        )
    if isinstance(error, _BREAKING):
        if _names_no_host(error):
            return S3Failure("", "there is no such host", "Check TOIL_S3_HOST, AWS_ENDPOINT_URL_S3 and the region")
        return S3Failure("", _broken(error), "Check that the service runs and can be reached", 0.0)
    return S3Failure("", _one_line(error))


_DISTRUST = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
"""What OpenSSL says where trying again is of no use."""
_BREAKING = (
    sdk.ConnectionError,
    sdk.FlexibleChecksumError,
    sdk.HTTPClientError,
    sdk.IncompleteReadError,
    HTTPError,
    OSError,
)
_STAYING: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((sdk.PartialCredentialsError,), "the credentials are not complete", _CREDENTIALS),
    (
        (sdk.CredentialRetrievalError, sdk.TokenRetrievalError, sdk.SSOError, sdk.UnauthorizedSSOTokenError),
        "the credentials could not be had",
        "Log in again: aws sso login",
    ),
    ((sdk.ProfileNotFound,), "there is no such profile", "Check AWS_PROFILE and TOIL_AWS_PROFILE"),
    ((sdk.NoRegionError, sdk.InvalidRegionError), "there is no such region", "Name another one"),
    ((sdk.InvalidProxiesConfigError, sdk.ProxyConnectionError), "the proxy cannot be used", "Check HTTPS_PROXY"),
)


def _names_no_host(error: BaseException | None) -> bool:
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, socket.gaierror):
            return error.errno != socket.EAI_AGAIN
        inner = getattr(error, "kwargs", {}).get("error") or getattr(error, "reason", None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__
        seen += 1
    return False


def _broken(error: Exception) -> str:
    if isinstance(error, sdk.EndpointConnectionError):
        return "the connection was refused"
    if isinstance(error, sdk.ConnectTimeoutError | sdk.ReadTimeoutError | TimeoutError):
        return "it did not answer in time"
    if isinstance(error, sdk.FlexibleChecksumError):
        return "what came is not what was stored"
    return "the connection broke"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")
