"""Requests that have the blob service copy from a URL, which it reads itself and answers when it is done."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from azure.core import MatchConditions
from azure.storage.blob import BlobClient

from toil_azure.door.service import Service

_VALID = datetime.timedelta(days=1)
_METADATA = {"toil_copied": "true"}
"""Without any, the other blob's is copied as well."""


@dataclass(frozen=True, slots=True)
class Original:
    """A blob to copy, while it is of that version. ``url``, or else ``token``, opens it for reading."""

    url: str = field(repr=False)
    version: str
    token: str = field(default="", repr=False)

    @property
    def authorization(self) -> str | None:
        """What a request must say besides."""
        return f"Bearer {self.token}" if self.token else None


def original(source: Service, container: str, blob: str, version: str) -> Original:
    """The blob, opened for a day by the credentials of its account, if there are any. Raises ``ServiceError``."""
    if signed := source.signed_url(container, blob, _VALID):
        return Original(signed, version)
    url = source.url(container, blob)
    signature = source.account.signature
    return Original(f"{url.partition('?')[0]}?{signature}" if signature else url, version, source.token())


def copy_whole(service: Service, container: str, blob: str, found: Original) -> None:
    """Write a blob with the content of another one, of at most 256 MiB."""

    def ask(client: BlobClient) -> None:
        client.start_copy_from_url(
            found.url,
            metadata=_METADATA,
            requires_sync=True,
            source_etag=found.version,
            source_match_condition=MatchConditions.IfNotModified,
            source_authorization=found.authorization,
        )

    service.ask(ask, container, blob)


def copy_block(service: Service, container: str, blob: str, block: str, found: Original, part: tuple[int, int]) -> None:
    """Lay down a part of another blob, told by its start and length, as a block of this one."""

    def ask(client: BlobClient) -> None:
        client.stage_block_from_url(
            block,
            found.url,
            *part,
            headers={"x-ms-source-if-match": found.version},
            source_authorization=found.authorization,
        )

    service.ask(ask, container, blob)
