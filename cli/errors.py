"""What can go wrong for a user of the command line, and the exit code that it leads to."""

from __future__ import annotations

OK, JOB_FAILED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: all fine; some job failed or was rejected; wrong use; the target cannot be reached; Ctrl-C."""

EXIT_CODES = (
    "Exit codes: 0 all fine · 1 some job failed or was rejected · 2 wrong use, e.g. a missing file"
    " · 3 the target cannot be reached · 130 interrupted."
)


class CliError(Exception):
    """Ends the command with a message, a hint that helps, an exit code, and a name of the kind of error for machines."""

    exit_code = JOB_FAILED
    code = "failed"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(CliError):
    """The command was called with something that cannot be."""

    exit_code = USAGE
    code = "wrong_use"


class Unreachable(CliError):
    """The system or its storage does not answer."""

    exit_code = UNREACHABLE
    code = "unreachable"


class KeyRefused(Unreachable):
    """The system answers, but not to us: a key is missing or wrong."""

    code = "key_refused"


class Stopped(Exception):
    """Raised inside a worker thread when the user wants to end."""
