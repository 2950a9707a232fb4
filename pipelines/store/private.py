"""Files that only their owner may read: the home, what is in it, and whatever a command writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import UsageError

_MARKS = ("runs", "batches")


@contextmanager
def privately() -> Iterator[None]:
    """What is written meanwhile is its owner's alone (0600, folders 0700), however lax the umask is."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def make_home(home: Path) -> None:
    """Make a home, and close one that stood open: 0700.

    A folder that holds other things than a home, and one of another owner, is left as it is: what is written into it
    is private all the same.
    """
    with privately():
        home.mkdir(parents=True, exist_ok=True)
    is_ours = is_home(home) or not any(home.iterdir())
    if is_ours and home.stat().st_uid == os.geteuid():
        home.chmod(0o700)


def require_home(home: Path) -> Path:
    """A home that there is, resolved. UsageError where there is none: whoever asks a question makes no home."""
    if not is_home(home):
        what = "不是 vbp 的数据目录" if home.is_dir() else "不存在"
        raise UsageError(f"{home} {what}；请用 --home（VBP_HOME）指定 vbp run 用过的目录，或先执行一次 vbp run")
    return home.resolve()


def is_home(folder: Path) -> bool:
    """Whether runs have been in a folder."""
    return any((folder / mark).is_dir() for mark in _MARKS)
