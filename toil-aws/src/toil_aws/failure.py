"""What a request to S3 came to that failed, in our words: why, what to try, and whether it may pass."""

from __future__ import annotations

ABSENT = ("NoSuchKey", "NotFound", "404", "NoSuchUpload")
NO_BUCKET = ("NoSuchBucket",)
TAKEN = ("PreconditionFailed", "412")
UNSUPPORTED = ("NotImplemented", "501", "MethodNotAllowed", "405")
DENIED = ("AccessDenied", "Forbidden", "403", "AllAccessDisabled", "UnauthorizedAccess")
NO_CREDENTIALS = "NoCredentials"
BEHIND_THE_END = ("InvalidRange", "416", "RequestedRangeNotSatisfiable")

_BUSY = frozenset(
    (
        "BadDigest",
        "BandwidthLimitExceeded",
        "ConditionalRequestConflict",
        "IncompleteBody",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "OperationAborted",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "TooManyRequestsException",
        "TransientError",
        "XAmzContentSHA256Mismatch",
    )
)
"""Codes of what may pass; a checksum that was wrong on arrival is a broken line's."""

_BUSY_STATUSES = frozenset((408, 425, 429, 500, 502, 503, 504))

_CREDENTIALS = "Check the credentials: aws sts get-caller-identity tells who you are"
_KNOWN = {
    "InvalidAccessKeyId": ("the service does not know the access key", _CREDENTIALS),
    "SignatureDoesNotMatch": ("the secret key is wrong", _CREDENTIALS),
    "InvalidToken": ("the session token is wrong", _CREDENTIALS),
    "AuthFailure": ("the credentials are wrong", _CREDENTIALS),
    "ExpiredToken": ("the credentials have expired", "Renew them, then go on with --restart"),
    "ExpiredTokenException": ("the credentials have expired", "Renew them, then go on with --restart"),
    "TokenRefreshRequired": ("the credentials have expired", "Renew them, then go on with --restart"),
    "RequestExpired": ("this machine's clock is wrong", "Set the clock, then go on with --restart"),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "Set the clock, then go on with --restart"),
    "QuotaExceeded": ("the quota is used up", "Make space there, then go on with --restart"),
    "InsufficientCapacity": ("no space is left", "Make space there, then go on with --restart"),
    "TooManyBuckets": ("the account may have no more buckets", "Remove some, or ask for more"),
    "InvalidBucketName": ("the service refuses the name", "Choose another name"),
    "EntityTooLarge": ("it is larger than the service allows", "Split it"),
    "PermanentRedirect": ("the bucket is in another region", "Name that region in the locator"),
    "IllegalLocationConstraintException": ("the service's address is of another region", "Name that region"),
    "AuthorizationHeaderMalformed": ("the bucket is in another region", "Name that region"),
    "InvalidLocationConstraint": ("there is no such region", "Name another one in the locator"),
    "KMS.NotFoundException": ("there is no such KMS key in its region", "Check --s3-kms-key"),
    "KMS.DisabledException": ("the KMS key is disabled", "Enable it, or name another by --s3-kms-key"),
}
_CERTAIN = frozenset(
    (
        NO_CREDENTIALS,
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "Invalid",
        "InvalidAccessKeyId",
        "InvalidBucketName",
        "InvalidToken",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
    )
)
_FULL = ("QuotaExceeded", "InsufficientCapacity")


class S3Failure(Exception):
    """A request failed for good, or was given up. ``code`` is the service's, empty if it did not answer.

    ``asked_seconds`` is ``None`` for what stays, else the least time to wait before trying again.
    ``tries`` is how often it was tried.
    """

    tries = 1

    def __init__(self, code: str, reason: str, cure: str = "", asked_seconds: float | None = None) -> None:
        super().__init__(code, reason, cure, asked_seconds)
        self.code = code
        self.reason = reason
        self.cure = cure
        self.asked_seconds = asked_seconds

    @property
    def is_absent(self) -> bool:
        """There is no such object."""
        return self.code in ABSENT

    @property
    def is_denied(self) -> bool:
        """The credentials are good, and do not allow it."""
        return self.code in DENIED

    @property
    def is_certain(self) -> bool:
        """No request of this account, or with this name, can pass: the credentials, the name or the address are
        wrong, and the service was not just out of reach."""
        return self.code in _CERTAIN or (not self.code and self.asked_seconds is None)

    @property
    def is_full(self) -> bool:
        """No space, or quota, is left."""
        return self.code in _FULL


_PERMISSIONS = {
    "abort_multipart_upload": "s3:AbortMultipartUpload",
    "create_bucket": "s3:CreateBucket",
    "delete_bucket": "s3:DeleteBucket",
    "delete_objects": "s3:DeleteObject (for old versions s3:DeleteObjectVersion)",
    "get_bucket_tagging": "s3:GetBucketTagging",
    "get_object": "s3:GetObject",
    "head_object": "s3:GetObject",
    "list_multipart_uploads": "s3:ListBucketMultipartUploads",
    "list_object_versions": "s3:ListBucketVersions",
    "list_objects_v2": "s3:ListBucket",
    "put_bucket_tagging": "s3:PutBucketTagging",
}
"""What an operation needs; those that are not here write an object."""


def needed(operation: str) -> str:
    """What to try when an operation is denied.

    Source: "Required permissions for Amazon S3 API operations", Amazon S3 User Guide.
    """
    permission = _PERMISSIONS.get(operation, "s3:PutObject")
    return f"The permission {permission} is needed, which the bucket's owner can give; check which account you use"


def refusal(code: str, status: int, message: str, asked_seconds: float = 0.0) -> S3Failure:
    """What an answer of the service with an error means; ``message`` is its own."""
    known = _KNOWN.get(code)
    if known is not None:
        return S3Failure(code, known[0], known[1])
    if code in _BUSY or status in _BUSY_STATUSES:
        return S3Failure(code, f"the service says {_said(code, message)}", "Try again later", asked_seconds)
    if code in DENIED:
        said = f" ({_one_line(message)})" if " is not authorized " in message else ""
        cure = "Its owner must give you access; check which account you use"
        return S3Failure(code, f"access is denied{said}", cure)
    if code in ABSENT:
        return S3Failure(code, "it is not there")
    if code in NO_BUCKET:
        return S3Failure(code, "the bucket is not there")
    return S3Failure(
        code, f"the service says {_said(code, message)}", "Look its word up in the service's documentation"
    )


def _said(code: str, message: str) -> str:
    return f"{code}: {_one_line(message)}" if message and message != code else code


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300].rstrip(".")
