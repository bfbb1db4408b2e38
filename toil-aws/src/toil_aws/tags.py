"""The tags of a job store's bucket."""

from __future__ import annotations

import json
from collections.abc import Mapping

from toil_core.errors import UsageError

OURS = "toil-job-store"
"""The tag that names the job store; a bucket without it, and without a claim, is not ours."""


def asked_tags(environment: Mapping[str, str]) -> dict[str, str]:
    """The tags that ``TOIL_AWS_TAGS`` and ``TOIL_OWNER_TAG`` ask for. Raises ``UsageError``."""
    text = environment.get("TOIL_AWS_TAGS", "")
    try:
        tags = json.loads(text) if text else {}
    except ValueError as error:
        raise _not_tags() from error
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise _not_tags()
    owner = environment.get("TOIL_OWNER_TAG", "")
    return {**tags, **({"Owner": owner} if owner else {})}


def _not_tags() -> UsageError:
    return UsageError("TOIL_AWS_TAGS is no JSON object of texts", """Try: TOIL_AWS_TAGS='{"project": "x"}'""")
