"""CWL as a language of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toil_core.api.language import Language
from toil_cwl import door
from toil_cwl.destinations import refuse_destination
from toil_cwl.job_order import load_with_inputs
from toil_cwl.options import CwlOptions
from toil_cwl.program import CwlProgram


class CwlLanguage(Language):
    """CWL v1.0 to v1.2, by cwltool's loader."""

    def __init__(self) -> None:
        self._access: door.Access | None = None

    def recognizes(self, document: str, head: bytes) -> bool:
        """Whether it says ``cwlVersion``."""
        return b"cwlVersion" in head

    def use_urls(self, access: door.Access) -> None:
        """What gives the access to URLs."""
        self._access = access

    def load(self, document: str, inputs: Sequence[str], options: Any) -> CwlProgram:
        """Load and validate a document, and read its inputs."""
        chosen = options if isinstance(options, CwlOptions) else CwlOptions()
        with door.urls_read_by(self._access):
            program = CwlProgram(*load_with_inputs(document, inputs, chosen))
        if self._access is not None:
            refuse_destination(chosen.outdir, self._access)
        return program
