"""Buckets: made with a label, looked at, and removed."""

from __future__ import annotations

from collections.abc import Mapping

from toil_core.system.retry import Patience
from toil_gce.door.service import TIMEOUT_SECONDS, Connection, Service
from toil_gce.refusal import Refusal


class Buckets:
    """The buckets of a project. Thread-safe. Raises ``Refusal``."""

    def __init__(self, service: Service, project: str, patience: Patience) -> None:
        self._service = service
        self._project = project
        self._patience = patience

    def make(self, name: str, location: str, labels: Mapping[str, str]) -> None:
        """Make a bucket that is seen with its labels or not at all; 409 if the name is taken.

        Nobody is given access but by the project's policy, and what is deleted is gone: by default the
        service keeps, and has one pay for, what was deleted in the last week. A server that insists on
        keeping it has its way.
        """
        try:
            self._make(name, location, labels, keeps_deleted=False)
        except Refusal as refusal:
            if refusal.status != 400 or "softdelete" not in refusal.words.lower():
                raise
            self._make(name, location, labels, keeps_deleted=True)

    def labels(self, name: str) -> Mapping[str, str]:
        """A bucket's labels; 404 if there is none."""

        def look(connection: Connection) -> Mapping[str, str]:
            bucket = connection.client.get_bucket(name, timeout=TIMEOUT_SECONDS, retry=None)
            return dict(bucket.labels)

        return self._service.ask(look, self._patience)

    def remove(self, name: str) -> None:
        """Remove an empty bucket; 404 if there is none."""

        def remove(connection: Connection) -> None:
            connection.client.bucket(name).delete(timeout=TIMEOUT_SECONDS, retry=None)

        self._service.ask(remove, self._patience)

    def _make(self, name: str, location: str, labels: Mapping[str, str], *, keeps_deleted: bool) -> None:
        def make(connection: Connection) -> None:
            bucket = connection.client.bucket(name)
            bucket.labels = dict(labels)
            bucket.iam_configuration.uniform_bucket_level_access_enabled = True
            bucket.iam_configuration.public_access_prevention = "enforced"
            if not keeps_deleted:
                bucket.soft_delete_policy.retention_duration_seconds = 0
            bucket.create(project=self._project, location=location or None, timeout=TIMEOUT_SECONDS, retry=None)

        self._service.ask(make, self._patience)
