"""What ``toil-cwl`` prints of a document in place of running it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from toil_cwl import door
from toil_cwl.command_options import ViewOptions
from toil_cwl.door import views
from toil_cwl.job_order import load_with_inputs, order_and_flags
from toil_cwl.options import CwlOptions
from toil_cwl.positions import positioned

_log = logging.getLogger("toil.cwl")

View = Callable[[str, Sequence[str], CwlOptions, ViewOptions], str]
"""The text of a view of a document, on the words that follow it. Raises ``UsageError``."""


def _validate(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    try:
        loaded, order = load_with_inputs(document, words, options)
    except door.NoMainProcess as missing:
        names = [f"{document}#{name}" for name in missing.names]
        for name in names:
            _warn(name, options)
        return "\n".join(f"{name} is valid CWL." for name in names)
    _warn(door.named_document(document) or document, options)
    if not words:
        return f"{document} is valid CWL."
    with positioned(loaded.positions):
        views.check_inputs(loaded.document.root, order)
    return f"{document} is valid CWL, and so are the inputs."


def _warn(document: str, options: CwlOptions) -> None:
    for doubt in views.doubts(document, options):
        _log.warning("%s", doubt)


def _tool_help(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return door.input_flags(door.load_document(document, options).root, document)[0].format_help()


def _make_template(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return views.template(document, options)


def _pack(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return views.packed(document, options)


def _print_deps(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return views.dependencies(document, options, view.relative_deps)


def _print_input_deps(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    loaded, order = load_with_inputs(document, words, options)
    source = order_and_flags(words)[0].removeprefix("-")
    return views.input_dependencies(loaded.document.root, order, source, view.relative_deps)


def _print_pre(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return views.preprocessed(document, options)


def _print_dot(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return views.dot(document, options)


def _print_rdf(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    order = load_with_inputs(document, words, options)[1] if words else {}
    return views.rdf(document, options, order, view.rdf_serializer)


def _print_subgraph(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return views.subgraph(document, options)


def _print_targets(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return views.targets(document, options)


def _print_supported_versions(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
    return views.versions(options)


VIEWS: Mapping[str, View] = {
    "validate": _validate,
    "tool_help": _tool_help,
    "make_template": _make_template,
    "pack": _pack,
    "print_deps": _print_deps,
    "print_input_deps": _print_input_deps,
    "print_pre": _print_pre,
    "print_dot": _print_dot,
    "print_rdf": _print_rdf,
    "print_subgraph": _print_subgraph,
    "print_targets": _print_targets,
    "print_supported_versions": _print_supported_versions,
}
"""By the name of the option."""


def shown(name: str, access: door.Access) -> View:
    """The view of that name, for documents and inputs that ``access`` gives the access to. Raises ``UsageError``."""

    def show(document: str, words: Sequence[str], options: CwlOptions, view: ViewOptions) -> str:
        with door.urls_read_by(access):
            return VIEWS[name](document, words, options, view)

    return show
