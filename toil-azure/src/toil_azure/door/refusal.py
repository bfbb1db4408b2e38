"""What the library raises, as one error of ours, and whether asking again may help."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)

_BUSY = (408, 425, 429, 500, 502, 503, 504)
_BROKEN = (ServiceRequestError, ServiceResponseError, IncompleteReadError, DecodeError)

DAMAGED = "Md5Mismatch"
"""Content did not arrive as it was sent, either way."""

NO_SUCH_HOST = "NoSuchHost"
NOT_TRUSTED = "NotTrusted"
NO_TOKEN = "NoToken"


class ServiceError(Exception):
    """A request that failed. ``status`` is 0 if there was no answer; ``code`` the service's word for it,
    or one of this module's; ``reason`` is told to people. ``wait_seconds`` is ``None`` where asking again
    is of no use, else how long the service asked to be left alone."""

    def __init__(self, status: int, code: str, reason: str, wait_seconds: float | None) -> None:
        super().__init__(status, code, reason, wait_seconds)
        self.status = status
        self.code = code
        self.reason = reason
        self.wait_seconds = wait_seconds


def is_no_container(error: ServiceError) -> bool:
    """Whether the container is not there, or goes just now."""
    return error.code in ("ContainerNotFound", "ContainerBeingDeleted")


def refusal(error: AzureError) -> ServiceError:
    """The library's error without what may be secret: its text can hold addresses with signatures."""
    if isinstance(error, HttpResponseError) and error.status_code:
        return _answered(error, error.status_code)
    if isinstance(error, ClientAuthenticationError):
        return ServiceError(0, NO_TOKEN, "azure-identity finds no login", None)
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            passes = cause.errno == socket.EAI_AGAIN
            return ServiceError(0, NO_SUCH_HOST, "its host is not found", 0.0 if passes else None)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ServiceError(0, NOT_TRUSTED, "its certificate is not trusted", None)
    reason = next((cause.strerror.lower() for cause in causes if isinstance(cause, OSError) and cause.strerror), "")
    # Of an answer in chunks that is cut short the library makes an error of an answer without any.
    is_cut = type(error) is HttpResponseError
    if not is_cut and not any(isinstance(cause, _BROKEN) for cause in causes):
        return ServiceError(0, "", reason or f"the library says {type(error).__name__}", None)
    return ServiceError(0, "", reason or "the connection broke", 0.0)


def _answered(error: HttpResponseError, status: int) -> ServiceError:
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    told = getattr(error, "error_code", None) or headers.get("x-ms-error-code") or ""
    code = str(getattr(told, "value", told))
    reason = f"the service says {status} {code or error.reason or ''}".rstrip()
    if code == DAMAGED:
        return ServiceError(status, code, "what the service got is not what was sent", 0.0)
    asked = headers.get("Retry-After", "")
    wait = float(asked) if asked.isdigit() else 0.0
    return ServiceError(status, code, reason, wait if status in _BUSY else None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What lies behind an error, as the libraries in between hand it on: as cause, reason or argument."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), getattr(one, "inner_exception", None)]
        waiting += [one.__context__, one.__cause__]
