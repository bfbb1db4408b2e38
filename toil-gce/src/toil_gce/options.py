"""The options of job stores and URLs in Google Cloud Storage."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar

from toil_core.api.options import option


@dataclass(frozen=True)
class GoogleOptions:
    """How objects are kept. Credentials are found as Google's own tools find them, and are no options."""

    GROUP: ClassVar[str] = "Google Cloud Storage"

    google_location: str = option(
        "",
        "Make the job store's bucket in this location, such as EUROPE-WEST1; else where the service puts it.",
        metavar="LOCATION",
    )
    google_key_file: str = option(
        "",
        "Encrypt the job store's objects with the AES-256 key in this file, in base64, which the service does not"
        " keep; TOIL_GOOGLE_KEY_FILE says it for gs:// outputs too.",
        metavar="FILE",
    )


def options_from_environment() -> GoogleOptions:
    """The options where no command line was read, as in workers: from the environment variables alone."""
    return GoogleOptions(
        google_location=os.environ.get("TOIL_GOOGLE_LOCATION", ""),
        google_key_file=os.environ.get("TOIL_GOOGLE_KEY_FILE", ""),
    )
