"""Options declared once: a frozen dataclass whose fields carry their help.

::

    @dataclass(frozen=True)
    class MyOptions:
        GROUP: ClassVar[str] = "My backend"
        endpoint: str = option("", "Talk to this URL instead of the service's own.")

The flag (``--endpoint``), the environment variable (``TOIL_ENDPOINT``), the YAML key (``endpoint``)
and the camelCase alias are derived from the field's name. Fields may be ``str``, ``int``,
``float``, ``bool``, ``X | None``, ``tuple[str, ...]`` (repeatable), or an ``Enum`` (by value).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

METADATA_KEY = "toil_option"


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """What a field tells beyond its type and default.

    ``parse`` turns the typed text into the value (sizes, durations); ``show`` turns a value back
    for help and configuration files. ``metavar`` is shown in help. ``aliases`` are further flags,
    with their dashes. ``topic`` is the heading of the help that it stands under, if that is not the
    class's own. ``is_secret`` values never appear in a configuration dump, a log or an event.
    ``is_hidden`` ones work but are not in ``--help``.
    """

    help: str
    parse: Callable[[str], Any] | None = None
    show: Callable[[Any], str] | None = None
    metavar: str = ""
    choices: Sequence[str] = ()
    aliases: Sequence[str] = ()
    environment: str = ""
    topic: str = ""
    is_secret: bool = False
    is_hidden: bool = False


def option(
    default: Any,  # the field's own annotation says the type; dataclasses.field is typed the same way
    help: str,
    *,
    parse: Callable[[str], Any] | None = None,
    show: Callable[[Any], str] | None = None,
    metavar: str = "",
    choices: Sequence[str] = (),
    aliases: Sequence[str] = (),
    environment: str = "",
    topic: str = "",
    is_secret: bool = False,
    is_hidden: bool = False,
) -> Any:
    """A dataclass field that is an option. ``help`` says in a sentence what happens."""
    facts = OptionFacts(
        help, parse, show, metavar, tuple(choices), tuple(aliases), environment, topic, is_secret, is_hidden
    )
    return field(default=default, metadata={METADATA_KEY: facts})
