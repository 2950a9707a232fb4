"""What can go wrong and be told in one line."""

from __future__ import annotations


class VbpError(Exception):
    """Ends the run with exit status 1; the message names file, row, value and remedy."""

    exit_status = 1


class UsageError(VbpError):
    """A wrong call or a wrong configuration: exit status 2."""

    exit_status = 2


class FileRefusedError(VbpError):
    """A file that cannot be taken in as a whole; other files go on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
