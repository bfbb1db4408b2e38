"""Where a job order gives its inputs, so that what is wrong with one is told with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from toil_core.errors import UsageError

Positions = Mapping[str, str]
"""By input: file, line and column."""

_INPUT = re.compile(r"""input "([^"]+)"|the '([^']+)' field is not valid""")


@contextmanager
def positioned(positions: Positions) -> Iterator[None]:
    """A ``UsageError`` about an input is told with the position at which the job order gives it."""
    try:
        yield
    except UsageError as error:
        named = _INPUT.search(error.message)
        position = positions.get(named[1] or named[2]) if named else None
        if position is None or type(error) is not UsageError:
            raise
        raise UsageError(f"{position}: {error.message}", error.cure) from error
