"""How a command ends: a person's mistake is one line and an exit code, a traceback is a bug of ours."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

from toil_core.cli.report import failure_report
from toil_core.errors import InternalError, RunFailed, ToilError


def guarded(program: str, command: Callable[[], int]) -> int:
    """Run a command; its exit code, or that of the error it ended with, told on stderr."""
    try:
        return command()
    except RunFailed as error:
        print(failure_report(error), file=sys.stderr)
        return error.exit_code
    except InternalError as error:
        traceback.print_exc()
        print(f"{program}: this is a bug: {error}", file=sys.stderr)
        return error.exit_code
    except ToilError as error:
        print(f"{program}: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not complain while it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except Exception as error:  # the last door: say that it is our bug, and show where
        traceback.print_exc()
        print(f"{program}: this is a bug: {type(error).__name__}: {error}", file=sys.stderr)
        return InternalError.exit_code
