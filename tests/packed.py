"""Packed JSON of a home, altered by hand."""

from collections.abc import Callable
from pathlib import Path

from pipelines.store.store import packed, unpacked


def alter(path: Path, change: Callable[[str], str]) -> None:
    """Write a packed file again with its text changed."""
    path.write_bytes(packed(change(unpacked(path.read_bytes()).decode()).encode()))
