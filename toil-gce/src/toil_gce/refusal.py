"""What the service, or what is between it and us, said no with; in our words, for the job store and for URLs."""

from __future__ import annotations

import re
from dataclasses import dataclass

CREDENTIALS = (
    "Set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file, or run: gcloud auth application-default login"
)
REPLACED = "replaced"
"""The reason of a refusal of ours: what was read is no more, and something else has its name."""
_LOOK_UP = "Look it up: https://cloud.google.com/storage/docs/json_api/v1/status-codes"
_PERMISSION = re.compile(r"storage\.[a-zA-Z]+\.[a-zA-Z]+")
_HMAC_REASONS = ("SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidSecurity")
_LONGEST_WORDS = 200


@dataclass(eq=False)
class Refusal(Exception):
    """A request that was not done.

    ``status`` is that of HTTP; 0 if there was no answer, or if none could be asked for. ``reason`` is the
    service's short word, ``words`` its sentence. ``wait_seconds`` is ``None`` for what stays as it is, else
    how long the service asks to be left alone.
    """

    status: int
    words: str = ""
    reason: str = ""
    wait_seconds: float | None = None
    is_credentials: bool = False

    def __post_init__(self) -> None:
        super().__init__(self.status, self.words, self.reason, self.wait_seconds, self.is_credentials)

    @property
    def is_missing(self) -> bool:
        """Whether there is nothing."""
        return self.status == 404

    @property
    def is_bucket_missing(self) -> bool:
        """Whether what is missing is the bucket."""
        return self.is_missing and "bucket" in self.words.lower() and "no such object" not in self.words.lower()

    @property
    def is_precondition(self) -> bool:
        """Whether a condition of the request did not hold."""
        return self.status == 412 and not self.is_damage

    @property
    def is_damage(self) -> bool:
        """Whether what came was not what its checksum says."""
        said = self.words.lower()
        return self.status in (400, 412) and ("crc32c" in said or "md5" in said)

    @property
    def is_payer_wanted(self) -> bool:
        """Whether the bucket's readers pay, and nobody was named."""
        return self.status == 400 and "requester pays" in self.words.lower()

    @property
    def is_key_wanted(self) -> bool:
        """Whether it is encrypted with a key of a customer's, or another one than was sent."""
        said = f"{self.words} {self.reason}".lower()
        return self.status == 400 and ("encrypt" in said or "csek" in said)

    @property
    def is_hmac(self) -> bool:
        """Whether the HMAC key of a signed request was not accepted."""
        return self.status in (400, 403) and self.reason in _HMAC_REASONS

    def told(self, account: str = "") -> tuple[str, str]:
        """The reason for a person, and what to try. Nothing of it is secret."""
        if self.is_credentials:
            return self.words, CREDENTIALS
        if self.status == 401:
            return "the credentials were not accepted", f"They may have expired or been withdrawn. {CREDENTIALS}"
        if self.reason == "RequestTimeTooSkewed":
            return "this machine's clock is wrong", "Set it, and have it kept by NTP"
        if self.status == 403:
            return self._forbidden(account)
        if self.is_payer_wanted:
            return "its readers pay for it", "Set TOIL_GOOGLE_PROJECTID to the project that pays"
        if self.is_key_wanted:
            return (
                "it is encrypted with a customer key that is another one, or was not given",
                "Name the key that it was written with by TOIL_GOOGLE_KEY_FILE, or by --google-key-file",
            )
        if self.is_damage:
            return "bytes were damaged on their way", "Try again"
        if self.is_bucket_missing:
            return "there is no such bucket", "Check its name"
        if self.reason == REPLACED:
            return self.words, "Try again"
        if self.status == 0:
            return self.words, "Check the network, and STORAGE_EMULATOR_HOST if it is set"
        said = f": {self.words}" if self.words else ""
        passes = self.wait_seconds is not None or self.status >= 500
        return f"the service says {self.status}{said}", "Try again later" if passes else _LOOK_UP

    def _forbidden(self, account: str) -> tuple[str, str]:
        permission = _PERMISSION.search(self.words)
        who = account or "the account whose credentials are used"
        if permission:
            return "access was denied", f"Grant {permission[0]} to {who}, or use the credentials of another account"
        said = f": {self.words}" if self.words else ""
        return f"access was denied{said}", f"Grant access to {who}, or use the credentials of another account"


def one_line(text: str) -> str:
    """The beginning of what a service said, on one line."""
    plain = " ".join(text.split()).rstrip(".")
    return plain if len(plain) <= _LONGEST_WORDS else plain[:_LONGEST_WORDS] + "…"
