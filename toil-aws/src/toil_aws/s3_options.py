"""Options of the job store ``aws``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from toil_core.api.options import option


@dataclass(frozen=True)
class S3Options:
    """How a new job store's objects are encrypted by the service.

    Kept with the store, so that workers and later commands need not be told again.
    """

    GROUP: ClassVar[str] = "Job store aws"

    sse_key: str | None = option(
        None,
        "Have the service encrypt the job store with the 32 bytes in this file, which it keeps nowhere (SSE-C);"
        " every machine of the run needs the file.",
        metavar="FILE",
    )
    s3_encryption: str = option(
        "bucket",
        "Encrypt the job store as the service does by itself (bucket), with its own keys (sse-s3), or with a key of"
        " AWS KMS (sse-kms).",
        choices=("bucket", "sse-s3", "sse-kms"),
    )
    s3_kms_key: str | None = option(
        None, "Encrypt the job store with this key of AWS KMS, by its id, ARN or alias.", metavar="KEY"
    )
