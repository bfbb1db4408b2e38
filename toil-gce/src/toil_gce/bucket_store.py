"""The bucket of a job store: made, known by its label, and removed with all that is in it.

A bucket is made with its label in one request, so there is none of ours without it. The object
``toil+store`` is written last, and removed first: a bucket with the label and without that object is a
store whose creation, or removal, was cut short. A bucket without the label is somebody else's, and is
never written to nor removed.
"""

from __future__ import annotations

import contextlib
import json
import uuid

from toil_core.errors import NoSuchStore, StorageError, StoreExists, UsageError
from toil_core.system.retry import Patience
from toil_gce.customer_key import CustomerKey, read_key
from toil_gce.door.buckets import Buckets
from toil_gce.door.objects import Objects
from toil_gce.door.service import Service, briefly
from toil_gce.locator import Locator
from toil_gce.many import for_each
from toil_gce.probe import keeps_conditions
from toil_gce.reader import Source, open_object
from toil_gce.refusal import Refusal
from toil_gce.storage_error import doing, no_such_store, storage_error

LABEL = "toil-job-store"
"""The label of our buckets; its value is the creation's own."""

MARKER = "toil+store"
_FORMAT = 1
_ROUNDS = 10
_MOST_FACTS = 16 * 1024


class BucketStore:
    """The bucket that a locator names. Safe for any number of threads and processes."""

    def __init__(
        self, service: Service, locator: Locator, patience: Patience, location: str, key: CustomerKey | None
    ) -> None:
        self._service = service
        self._buckets = Buckets(service, locator.project, briefly(patience))
        self._patience = patience
        self._locator = locator
        self._name = str(locator)
        self._location = location
        self._key = key
        self._plain = Objects(service, locator.bucket, briefly(patience))  # what tells of the key is not encrypted

    def create(self) -> None:
        """Make the bucket, try the server, and say that the store is made."""
        creation = uuid.uuid4().hex
        with doing(self._name, "be made"):
            try:
                self._buckets.make(self._locator.bucket, self._location, {LABEL: creation})
            except Refusal as refusal:
                owner = self._owner() if refusal.status == 409 else None
                # A retried request may have found what its own first try had made.
                if owner != creation:
                    raise self._unmade(refusal, owner) from refusal
            try:
                is_sound = keeps_conditions(self._plain)
            except Refusal:
                with contextlib.suppress(Refusal):  # what went wrong first is told
                    self._empty_and_remove()
                raise
            if not is_sound:
                self._empty_and_remove()
                raise StorageError(
                    f"The job store {self._name} cannot be made: the server ignores conditions of writes"
                    " (ifGenerationMatch), so two leaders could harm one run",
                    "Unset STORAGE_EMULATOR_HOST, or have it name Google's storage-testbench; or use a file: store",
                )
            facts = {"format": _FORMAT, "project": self._locator.project, "key_sha256": "", "key_file": ""}
            facts |= {"key_sha256": self._key.digest, "key_file": self._key.path} if self._key else {}
            self._plain.put(MARKER, json.dumps(facts).encode(), False, {})

    def open(self, patience: Patience) -> CustomerKey | None:
        """Check that the store was made; the key that it was made with.

        That is the key given, else the one in the file that was named when the store was made: workers,
        and commands that look at a store, are given none. Raises ``StorageError`` if it is another one.
        """
        plain = Objects(self._service, self._locator.bucket, patience)
        source = Source(plain, MARKER, 0, None, self._unopened, self._damaged)
        with open_object(source) as stream:
            content = stream.read()
        try:
            facts = json.loads(content)
            number, digest, path = int(facts["format"]), str(facts["key_sha256"]), str(facts["key_file"])
            project = str(facts.get("project", self._locator.project))
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged() from error
        if project != self._locator.project:
            raise self._of_another(project, NoSuchStore)
        if number != _FORMAT:
            raise StorageError(f"The job store {self._name} has format {number}", "Try: pip install --upgrade toil-gce")
        key = self._key or _key_in(path)
        if not digest and key:
            raise StorageError(
                f"The job store {self._name} was made without a customer key",
                "Leave out --google-key-file and TOIL_GOOGLE_KEY_FILE",
            )
        if digest and (not key or key.digest != digest):
            which = "another customer key" if self._key else f"the customer key in {path}, which is not here"
            raise StorageError(
                f"The job store {self._name} was made with {which}",
                "Name the key that it was made with by --google-key-file, or by TOIL_GOOGLE_KEY_FILE",
            )
        return key

    def destroy(self) -> None:
        """Remove the bucket and all that is in it; nothing there is no error."""
        with doing(self._name, "be removed"):
            label = self._label()
            if label is None:
                return
            if not label:
                raise StorageError(
                    f"The bucket {self._locator.bucket} is not a job store: it has no label {LABEL}",
                    "It was left as it is; check the locator",
                )
            if (project := self._project()) not in ("", self._locator.project):
                raise self._of_another(project, StorageError)
            try:
                self._plain.delete(MARKER)
                self._empty_and_remove(label)
            except Refusal as refusal:
                if not refusal.is_missing:  # another did the same
                    raise

    def _empty_and_remove(self, creation: str = "") -> None:
        """With a ``creation`` not what somebody has made since, when others had removed the bucket of that one."""
        objects = Objects(self._service, self._locator.bucket, self._patience)
        for remaining in reversed(range(_ROUNDS)):
            token = ""
            while not creation or self._label() == creation:
                page = objects.page("", token, versions=True)
                for_each(lambda one: objects.delete(*one), page.names)
                token = page.token
                if not token:
                    break
            else:
                return
            try:
                self._buckets.remove(self._locator.bucket)
                return
            except Refusal as refusal:
                # 409: not empty; workers of the run may still write.
                if refusal.status not in (400, 409) or not remaining:
                    raise

    def _label(self) -> str | None:
        """The creation that the bucket is of, empty if it is not of ours, ``None`` if there is none."""
        try:
            return self._buckets.labels(self._locator.bucket).get(LABEL, "")
        except Refusal as refusal:
            if refusal.is_missing:
                return None
            raise

    def _project(self) -> str:
        """The project that the store was made in; empty if it does not say."""
        try:
            return _project_in(self._plain.fetch(MARKER, 0, _MOST_FACTS).content)
        except Refusal as refusal:
            if refusal.is_missing:
                return ""
            raise

    def _owner(self) -> str:
        """The label of a bucket that is there; empty if nobody lets us see it."""
        try:
            return self._label() or ""
        except Refusal as refusal:
            if refusal.status == 403:
                return ""
            raise

    def _unmade(self, refusal: Refusal, owner: str | None) -> StorageError:
        if owner is None:
            if refusal.status == 400 and "location" in refusal.words.lower():
                return self._no_location()
            return self._no_project() if refusal.is_missing else storage_error(self._name, "be made", refusal)
        if not owner:
            return StorageError(
                f"The job store {self._name} cannot be made: the bucket {self._locator.bucket} is something else's",
                "Choose another name: all of Google Cloud shares the names of buckets",
            )
        return StoreExists(
            f"There is a job store {self._name} already",
            f"Go on with its run by --restart, or remove it with: toil clean {self._name}",
        )

    def _no_location(self) -> StorageError:
        return StorageError(
            f'The job store {self._name} cannot be made: there is no location "{self._location}" for buckets',
            "Choose one of https://cloud.google.com/storage/docs/locations with --google-location",
        )

    def _no_project(self) -> StorageError:
        return StorageError(
            f"The job store {self._name} cannot be made: there is no project {self._locator.project}",
            "Check the project's id: gcloud projects list",
        )

    def _unopened(self, refusal: Refusal) -> StorageError:
        if not refusal.is_missing:
            return storage_error(self._name, "be opened", refusal)
        with doing(self._name, "be opened"):
            label = self._label()
        if label is None:
            return no_such_store(self._name)
        if not label:
            return NoSuchStore(
                f"The bucket {self._locator.bucket} is not a job store: it has no label {LABEL}", "Check the locator"
            )
        return NoSuchStore(
            f"The job store {self._name} was never finished being made", f"Remove it with: toil clean {self._name}"
        )

    def _of_another(self, project: str, kind: type[StorageError]) -> StorageError:
        """All of Google Cloud shares the names of buckets, so that a wrong project finds the store all the same."""
        return kind(
            f"There is no job store {self._name}: the one of that name is of the project {project}",
            f"Check the project; did you mean google:{project}:{self._locator.bucket}?",
        )

    def _damaged(self) -> StorageError:
        return StorageError(f'The object "{MARKER}" of {self._name} is damaged', f"Try: toil clean {self._name}")


def _project_in(content: bytes) -> str:
    try:
        return str(json.loads(content)["project"])
    except (ValueError, KeyError, TypeError):
        return ""


def _key_in(path: str) -> CustomerKey | None:
    """The key in a file that was named on whatever machine; ``None`` if there is none here."""
    try:
        return read_key(path)
    except UsageError:
        return None
