"""A CWL document with its inputs, as a program the engine can run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from toil_core.api.job import FileAccess
from toil_core.api.language import Program
from toil_core.errors import UnsupportedFeature
from toil_core.model.description import JobDescription
from toil_core.model.ids import JobId
from toil_core.model.payload import INLINE_LIMIT, Payload
from toil_cwl import door, resources
from toil_cwl.destinations import destination, local_folder, no_destination
from toil_cwl.engines import refuse_without_engine
from toil_cwl.export import Exporter
from toil_cwl.graph import COMPOSITE, Place, glue, payload_of, process_job, step_name
from toil_cwl.imports import imported, imported_of_document
from toil_cwl.options import CwlOptions
from toil_cwl.origin import goes_on_with, origin_of, root_of
from toil_cwl.positions import positioned
from toil_cwl.provenance import kept_provenance, refuse_provenance
from toil_cwl.registry import Loaded, store
from toil_cwl.reuse import prepare_reuse
from toil_cwl.support import refuse_unsupported
from toil_cwl.updates import without_updates
from toil_cwl.values import Object, outputs_of


class CwlProgram(Program):
    """Loaded and validated, with its input object."""

    def __init__(self, loaded: Loaded, order: Object) -> None:
        self._loaded = loaded
        self._order = order
        self._origin = origin_of(loaded.document, order) if loaded.options.reuse_results else ""
        self._root = root_of(self._origin)

    @property
    def name(self) -> str:
        """The document's name."""
        return step_name(Place("", ()), self._loaded.document.root)

    @property
    def origin(self) -> str:
        """Document and inputs, if the results of a run that is given up can be taken from a reuse store."""
        return self._origin

    def goes_on(self, origin: str) -> bool:
        """Unless the document was changed, or the inputs."""
        return goes_on_with(self._origin, origin, has_order=bool(self._order))

    def jobs(self, files: FileAccess) -> Sequence[JobDescription]:
        """One job: the tool, or the workflow's expansion."""
        root, options = self._loaded.document.root, self._loaded.options
        refuse_provenance(options)
        with positioned(self._loaded.positions):
            inputs = imported(door.prepared_inputs(root, self._order, files, options, top=True), files)
        kind = door.process_class(root)
        if kind not in ("CommandLineTool", "ExpressionTool", *COMPOSITE):
            raise UnsupportedFeature(f"A process of class {kind} cannot be run")
        refuse_unsupported(root, options)
        if files.shares_files:  # elsewhere, what this machine has does not matter
            refuse_without_engine(root, options)
        prepare_reuse(options)
        place = Place(store(self._loaded, files, imported_of_document(root, files)), ())
        text = payload_of(place, inputs=inputs, prepared=True)
        payload = Payload(text) if len(text) <= INLINE_LIMIT else Payload(file=files.write_bytes(text.encode()))
        if kind in COMPOSITE:
            return [glue(self._root, self.name, COMPOSITE[kind], payload)]
        if resources.is_dynamic(root):
            needs = resources.evaluated_requirements(root, inputs, files, options)
        else:
            needs = resources.static_requirements(root, options)
        return [process_job(self._root, self.name, place, payload, root, needs)]

    def preload(self) -> None:
        """A restart: nothing but to see whether what it is to leave can be left."""
        refuse_provenance(self._loaded.options)

    def conclude(self, value: str, values: Mapping[JobId, str], files: FileAccess) -> Any:
        """Export the outputs; the output object."""
        options = self._loaded.options
        outputs = without_updates(outputs_of(self._root, values))
        with kept_provenance(self._root, self.name, values, files, options):
            return self._exported(outputs, files, options)

    def _exported(self, outputs: Object, files: FileAccess, options: CwlOptions) -> Any:
        folder = local_folder(options.outdir)
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            outdir = destination(options.outdir, files)
            exported = Exporter(files, outdir, checksums=options.compute_checksum).export(outputs)
        except OSError as error:
            raise no_destination(folder or options.outdir, error.strerror or str(error)) from error
        return json.loads(json.dumps(exported))
