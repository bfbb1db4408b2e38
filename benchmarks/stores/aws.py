"""``toil-aws`` beside boto3."""

from __future__ import annotations

from pathlib import Path

import boto3
from benchmarks.stores.contestant import Entry, Service
from benchmarks.stores.storage import Ours
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from toil_aws.s3_storage import S3Storage

REGION = "us-east-1"


class Boto3:
    """Managed transfers."""

    def __init__(self, place: str, transfers: TransferConfig) -> None:
        config = Config(max_pool_connections=32, s3={"addressing_style": "path"})
        self._client = boto3.client("s3", region_name=REGION, config=config)
        self._bucket = f"bare-{place}"
        self._transfers = transfers

    def prepare(self) -> None:
        """Make a bucket."""
        self._client.create_bucket(Bucket=self._bucket)

    def up(self, path: Path) -> None:
        """In parts, in threads."""
        self._client.upload_file(str(path), self._bucket, "long", Config=self._transfers)

    def down(self, path: Path) -> None:
        """In ranges, in threads."""
        self._client.download_file(self._bucket, "long", str(path), Config=self._transfers)

    def put(self, key: str, content: bytes) -> None:
        """One request."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def get(self, key: str) -> bytes:
        """One request."""
        content: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return content


_CHECKS = "up: CRC-32 of each part, which a server may ignore; down: of objects in one part only"

SERVICE = Service(
    {
        "ours": Entry(
            lambda place: Ours(S3Storage(f"{REGION}:{place}")),
            "up: each part, by the server: CRC-32, or the signed SHA-256 where the server lacks that;"
            " down: CRC-32 of each part, compared with the object's",
        ),
        "boto3": Entry(lambda place: Boto3(place, TransferConfig()), _CHECKS),
        "boto3, 16 MiB parts": Entry(
            lambda place: Boto3(place, TransferConfig(multipart_chunksize=16 << 20, io_chunksize=1 << 20)),
            _CHECKS,
            ("up", "down"),
            is_beside=True,
        ),
    },
    lambda place, _: f"aws:{REGION}:{place}",
    "AWS_ENDPOINT_URL_S3",
)
