"""What a source offers: objects with a name, a mark to tell whether one has changed, and a way to read it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from hashlib import sha256
from typing import Protocol

from pipelines.errors import VbpError, printable
from pipelines.ingest.discover import SUFFIXES

Write = Callable[[bytes], object]


class TransientError(VbpError):
    """A fault that may be gone when it is tried again: a connection that broke, a server that is busy."""


class ChangingError(VbpError):
    """An object that changed while it was read: it is left for the next pull."""


@dataclass(frozen=True)
class Offer:
    """An object of a source.

    `name` is its name there, as text that can be stored and told (`told`), `path` where it lies below the folder that the
    source describes. `mark` is what the source says of its state (size, time, tag; '' where nothing), a hint only: an
    object that was read at `settles_at` or later, and has the same mark, is not read again. `is_waiting`: it is still
    being written. `watermark` is that of the rows of a query up to here; their files are no versions of each other.
    `read` gives the content, block by block; TransientError, ChangingError, VbpError.
    """

    name: str
    path: str
    read: Callable[[Write], None]
    mark: str = ""
    bytes: int | None = None
    settles_at: datetime | None = None
    is_waiting: bool = False
    watermark: str = ""


class Remote(Protocol):
    """An opened source."""

    def offers(self) -> Generator[Offer]:
        """What it offers, in the order in which it is to be taken; TransientError, VbpError."""


def told(name: str) -> str:
    """A name of somewhere else as it is stored and told; one that is not printable gets a digest: no two are told alike."""
    shown = printable(name)
    return shown if shown == name else f"{shown} #{sha256(os.fsencode(name)).hexdigest()[:8]}"


def is_taken(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether an object of that name is one of ours to take; never one that is still being sent or hidden."""
    base = name.rpartition("/")[2]
    if base.startswith((".", "~$")) or base.lower().endswith((".part", ".filepart", ".tmp")):
        return False
    if patterns:
        return any(fnmatch(name, pattern) or fnmatch(base, pattern) for pattern in patterns)
    return os.path.splitext(base)[1].lower() in SUFFIXES  # noqa: PTH122 - a name, and of no file here


def as_mark(size: int | None, modified: datetime | None, tag: str | None = None) -> str:
    """What a source says of an object's state, as one text."""
    at = modified.isoformat() if modified else ""
    return ";".join(
        f"{name}={value}" for name, value in (("size", size), ("time", at), ("tag", tag)) if value not in (None, "")
    )
