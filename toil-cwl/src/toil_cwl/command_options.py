"""Options of the command ``toil-cwl`` that a run does not carry with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from toil_core.api.options import option


@dataclass(frozen=True)
class ViewOptions:
    """What to print about a document in place of running it. One of them at a time."""

    GROUP: ClassVar[str] = "Look at a document instead of running it"

    validate: bool = option(False, "Check the document, and the inputs if there are any.")
    tool_help: bool = option(False, "Print which inputs the document takes; DOCUMENT --help does the same.")
    make_template: bool = option(False, "Print a job order to fill in.")
    pack: bool = option(False, "Print the document and everything it refers to as one document.")
    print_deps: bool = option(False, "Print which files the document is made of.")
    print_input_deps: bool = option(False, "Print which files the job order names.")
    relative_deps: str = option(
        "primary",
        "With --print-deps, print paths relative to the document (primary) or to the current folder (cwd).",
        metavar="BASE",
        choices=("primary", "cwd"),
    )
    print_pre: bool = option(False, "Print the document with every reference resolved.")
    print_dot: bool = option(False, "Print the workflow as a graph for graphviz.")
    print_rdf: bool = option(False, "Print the document as RDF.")
    rdf_serializer: str = option(
        "turtle",
        "With --print-rdf, write it as turtle, n3, nt or xml.",
        metavar="FORMAT",
        choices=("turtle", "n3", "nt", "xml"),
    )
    print_subgraph: bool = option(
        False, "Print what is left of the workflow by --target, --single-step or --single-process."
    )
    print_targets: bool = option(False, "Print the names that --target takes.")
    print_supported_versions: bool = option(False, "Print the versions of the language that can be run.")


@dataclass(frozen=True)
class TellingOptions:
    """How much is said, and where, by the names that cwltool's users know."""

    GROUP: ClassVar[str] = "CWL: what is said"

    quiet: bool = option(False, "Say nothing but errors.", aliases=("--no-warnings",))
    debug: bool = option(False, "Say everything there is to say.")
    write_summary: Path | None = option(
        None, "Write the output object to this file instead of printing it.", metavar="FILE", aliases=("-w",)
    )
    log_dir: Path | None = option(None, "Keep the logs of all jobs in this folder.", metavar="DIR")


@dataclass(frozen=True)
class EngineOptions:
    """Options of the engine by the names that cwltool's users know."""

    GROUP: ClassVar[str] = "CWL: the engine, as cwltool calls it"

    tmpdir_prefix: str = option(
        "", "Make the directories that tools work in where this path leads: another name of --work-dir.", metavar="PATH"
    )
    tmp_outdir_prefix: str = option("", "The same; it wins over --tmpdir-prefix.", metavar="PATH")
    parallel_max: int = option(0, "Let at most this many jobs run at a time; 0 sets no limit.", metavar="N")
    on_error: str = option(
        "continue",
        "When a step fails, stop, or continue with what does not depend on it.",
        metavar="HOW",
        choices=("continue", "stop"),
    )
    udocker: bool = option(False, "Run containers by udocker.")


@dataclass(frozen=True)
class AcceptedOptions:
    """What scripts written for other runners say, and what needs no saying here."""

    GROUP: ClassVar[str] = "CWL: accepted, so that scripts for other runners work; without effect here"

    parallel: bool = option(False, "Jobs run in parallel in any case.")
    strict: bool = option(False, "Documents are checked strictly unless --not-strict is given.")
    verbose: bool = option(False, "What is said by default is what cwltool says with this.")
    timestamps: bool = option(False, "Every line of the log has its time in any case.")
    enable_color: bool = option(False, "The log has no colors.")
    disable_color: bool = option(False, "The log has no colors.")
    move_outputs: bool = option(False, "Outputs are moved out of the job store where it is removed at the end.")
    copy_outputs: bool = option(False, "Outputs are copied where the job store is kept: --clean never.")
    leave_outputs: bool = option(
        False, "Outputs are always put into the output folder; the job store keeps them too with --clean never."
    )
    rm_tmpdir: bool = option(False, "Directories of jobs are removed in any case.")
    leave_tmpdir: bool = option(
        False, "Directories of jobs are removed in any case; toil debug-job makes one of them again, to be looked at."
    )
    bypass_file_store: bool = option(
        False, "Files on file systems that all machines share are used where they lie in any case."
    )
    reference_inputs: bool = option(False, "Inputs that all machines can read are used where they lie in any case.")
    disable_js_validation: bool = option(False, "Expressions are checked when they are evaluated.")
    js_hint_options_file: str = option("", "Expressions are checked when they are evaluated.", metavar="FILE")
    js_console: bool = option(False, "What an expression writes to its console is not shown.")
    enable_ga4gh_tool_registry: bool = option(False, "Documents are not looked up in registries: name their URLs.")
    disable_ga4gh_tool_registry: bool = option(False, "Documents are not looked up in registries.")
    add_ga4gh_tool_registry: str = option("", "Documents are not looked up in registries.", metavar="URL")
    no_prepull: bool = option(False, "Images that are sure to be needed are pulled before anything runs in any case.")
    enable_pull: bool = option(False, "Images that are not here are pulled unless --disable-pull is given.")
    rm_container: bool = option(False, "Containers are removed unless --leave-container is given.")
    record_container_id: bool = option(False, "Ids of containers are written to the folder of --cidfile-dir.")
    disable_streaming: bool = option(False, "Inputs are files on the machine where a tool runs in any case.")


COMMAND_OPTIONS: tuple[type, ...] = (ViewOptions, TellingOptions, EngineOptions, AcceptedOptions)
"""All of them."""
