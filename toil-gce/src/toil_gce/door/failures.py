"""From the errors of Google's libraries, and of those they stand on, to refusals."""

from __future__ import annotations

import email.utils
import http.client
import json
import os
import re
import socket
import time
from typing import Any

import requests
import urllib3
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from toil_gce.refusal import Refusal, one_line

FOREIGN = (
    GoogleAPICallError,
    GoogleAuthError,
    InvalidResponse,
    DataCorruption,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)
_NO_URL = (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema)
_PASSING = (408, 429, 500, 502, 503, 504)  # https://cloud.google.com/storage/docs/retry-strategy
_PASSING_REASONS = ("rateLimitExceeded", "userRateLimitExceeded")


def refusal_of(error: BaseException) -> Refusal:
    """What one of ``FOREIGN`` means."""
    if isinstance(error, GoogleAPICallError):
        status = int(error.code or 0)
        return _answered(status, str(error.message or ""), _reason(error.errors), _headers(error.response))
    if isinstance(error, InvalidResponse):
        response = error.response
        return _answered(response.status_code, response.text, "", response.headers)
    if isinstance(error, DataCorruption):
        return Refusal(0, "bytes were damaged on their way", wait_seconds=0.0)
    if isinstance(error, GoogleAuthError):
        return _unauthenticated(error)
    return _broken(error)


def answered(response: requests.Response) -> Refusal:
    """What an answer of 400 and above means."""
    return _answered(response.status_code, response.text, "", response.headers)


def _answered(status: int, text: str, reason: str, headers: Any) -> Refusal:
    words, reason = _said_in_xml(text) if text.lstrip().startswith("<") else _said(text, reason)
    refusal = Refusal(status, one_line(words), reason)
    if status in _PASSING or reason in _PASSING_REASONS or refusal.is_damage:
        refusal.wait_seconds = _asked_seconds(headers)
    return refusal


def _said(text: str, reason: str) -> tuple[str, str]:
    """The sentence and the short word in an answer's JSON, which libraries put behind the request's URL."""
    begin = text.find("{")
    try:
        error: Any = json.JSONDecoder().raw_decode(text[begin:])[0]["error"] if begin >= 0 else {"message": text}
        first = (error.get("errors") or [{}])[0]
        words = str(error.get("message") or first.get("message") or "")
        reason = reason or str(first.get("reason") or "")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        words = text
    if words.startswith("{") and words != text:
        return _said(words, reason)
    method, _, rest = words.partition(" http")
    if method in ("GET", "POST", "PUT", "PATCH", "DELETE"):  # google.api_core: "GET https://...: sentence"
        words = rest.partition(": ")[2]
    return words, reason


def _said_in_xml(text: str) -> tuple[str, str]:
    """The sentence and the short word in an answer of the XML API; nothing of a page for people."""
    found = dict(re.findall(r"<(Code|Message)>([^<]*)</", text))
    return found.get("Message", ""), found.get("Code", "")


def _reason(errors: Any) -> str:
    first = errors[0] if errors else None
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


def _headers(response: Any) -> Any:
    return getattr(response, "headers", None) or {}


def _asked_seconds(headers: Any) -> float:
    asked = str(headers.get("Retry-After") or "").strip()
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    except ValueError:  # what is no date asks for nothing
        return 0.0


def _unauthenticated(error: GoogleAuthError) -> Refusal:
    if isinstance(error, TransportError):
        return Refusal(0, "the service that grants access cannot be reached", wait_seconds=0.0)
    if isinstance(error, DefaultCredentialsError):
        return Refusal(0, _no_credentials(os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", "")), is_credentials=True)
    if isinstance(error, RefreshError) and error.retryable:
        return Refusal(0, "the service that grants access is busy", wait_seconds=0.0)
    if "short-lived" in str(error):
        return Refusal(0, "the credentials were not accepted: this machine's clock is wrong", is_credentials=True)
    return Refusal(0, "the credentials were not accepted", is_credentials=True)


def _no_credentials(path: str) -> str:
    if not path:
        return "no credentials were found"
    if not os.path.exists(path):
        return f"the file {path} that GOOGLE_APPLICATION_CREDENTIALS names is not there"
    return f"the file {path} that GOOGLE_APPLICATION_CREDENTIALS names is not one of Google's"


def _broken(error: BaseException) -> Refusal:
    """What a connection died of; a wrong name of a host is no such thing."""
    found: BaseException | None = error
    for _ in range(8):
        if isinstance(found, socket.gaierror):
            passes = found.errno == socket.EAI_AGAIN
            return Refusal(0, "the service's host name is not known", wait_seconds=0.0 if passes else None)
        if isinstance(found, ConnectionRefusedError):
            return Refusal(0, "the connection was refused", wait_seconds=0.0)
        inner = getattr(found, "reason", None)
        args = getattr(found, "args", ())
        found = next((one for one in (inner, *args, getattr(found, "__cause__", None)) if _is_error(one)), None)
    if isinstance(error, _NO_URL):
        return Refusal(0, "the service's address is no URL")
    if isinstance(error, requests.exceptions.SSLError):
        return Refusal(0, "the service could not prove who it is")
    timed_out = isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError | TimeoutError)
    return Refusal(0, "it did not answer in time" if timed_out else "the connection broke", wait_seconds=0.0)


def _is_error(one: object) -> bool:
    return isinstance(one, BaseException)
