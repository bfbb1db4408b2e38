"""The door to cwltool: loading documents, evaluating expressions, running one tool.

The only package that imports cwltool and schema_salad, ``schemas`` aside. What comes out of it are our own errors and
plain JSON values; cwltool's own classes stay behind ``Any``, because they are not typed for us.
"""

from toil_cwl.door.amendments import Amendment, amendments_of_file, amendments_of_order
from toil_cwl.door.documents import (
    Document,
    NoMainProcess,
    Process,
    Step,
    declared_locations,
    load_document,
    process_class,
    requirement,
    requires_container,
    step_tool,
    steps,
)
from toil_cwl.door.evaluation import evaluate, evaluated_resources, prepared_inputs, read_contents
from toil_cwl.door.fetching import Access, urls_read_by
from toil_cwl.door.fragments import step_as_option
from toil_cwl.door.hiding import hidden
from toil_cwl.door.mpi import with_mpi_settings
from toil_cwl.door.orders import input_flags, named_document, normal_order, parse_flags, read_order
from toil_cwl.door.relocation import named_files, relocate, with_defaults, with_local_files
from toil_cwl.door.running import NEEDS_CONTAINER, WITH_CONTAINER, run_tool
from toil_cwl.door.software import with_software_settings

__all__ = [
    "NEEDS_CONTAINER",
    "WITH_CONTAINER",
    "Access",
    "Amendment",
    "Document",
    "NoMainProcess",
    "Process",
    "Step",
    "amendments_of_file",
    "amendments_of_order",
    "declared_locations",
    "evaluate",
    "evaluated_resources",
    "hidden",
    "input_flags",
    "load_document",
    "named_document",
    "named_files",
    "normal_order",
    "parse_flags",
    "prepared_inputs",
    "process_class",
    "read_contents",
    "read_order",
    "relocate",
    "requirement",
    "requires_container",
    "run_tool",
    "step_as_option",
    "step_tool",
    "steps",
    "urls_read_by",
    "with_defaults",
    "with_local_files",
    "with_mpi_settings",
    "with_software_settings",
]
