"""What can go wrong, and how it is told in one line."""

from __future__ import annotations

import errno
import os
import unicodedata

_FULL = ("No space left on device", "database or disk is full", "Disk quota exceeded")


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


def printable(name: str) -> str:
    """A name of the file system as it can be told and stored: bytes that are no UTF-8, and characters that nobody sees, as
    escapes.
    """
    text = os.fsencode(name).decode(errors="backslashreplace")
    return "".join(ascii(c)[1:-1] if unicodedata.category(c).startswith("C") else c for c in text)


def describe(error: BaseException) -> str:
    """An error in one line for whoever runs the batch: our own as they are; a full disk and a database that went
    away with their remedy, whichever library met them; any other by its kind and text.
    """
    if isinstance(error, VbpError):
        return str(error)
    text = f"{type(error).__name__}: {error}"
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or any(full in text for full in _FULL):
        place = getattr(error, "filename2", None) or getattr(error, "filename", None)
        return (
            f"磁盘空间不足{f'，写不下 {place}' if place else ''}；请腾出空间后重新运行（{_first_line(text)}）"
        )
    if _is_of_database(error):
        met = getattr(error, "orig", None) or error
        return f"结果库无法读写：{_first_line(str(met))}；请恢复结果库后重新运行（{type(error).__name__}）"
    return text


def _is_of_database(error: BaseException) -> bool:
    """Whether the connection was lost or refused, not whether a statement was wrong."""
    modules = ("sqlalchemy.", "psycopg", "sqlite3")
    return type(error).__name__ in ("OperationalError", "InterfaceError") and type(
        error
    ).__module__.startswith(modules)


def _first_line(text: str) -> str:
    return next(iter(text.splitlines()), "")
