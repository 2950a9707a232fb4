"""Files that only their owner may read: the home, what is in it, and whatever a command writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.errors import UsageError
from pipelines.store.local import Local
from pipelines.store.store import Store

_MARKS = frozenset(("runs", "batches"))


@contextmanager
def privately() -> Iterator[None]:
    """What is written meanwhile is its owner's alone (0600, folders 0700), however lax the umask is."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def make_home(home: Store) -> None:
    """Make a home, and close one that stood open: 0700. A prefix of an object store is as private as its bucket.

    A folder that holds other things than a home, and one of another owner, is left as it is: what is written into it
    is private all the same.
    """
    if not isinstance(home, Local):
        return
    folder = home.folder
    with privately():
        folder.mkdir(parents=True, exist_ok=True)
    is_ours = is_home(home) or not any(folder.iterdir())
    if is_ours and folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)


def require_home(home: Store) -> Store:
    """A home that there is. UsageError where there is none: whoever asks a question makes no home."""
    if not is_home(home):
        what = "不存在" if isinstance(home, Local) and not home.folder.is_dir() else "不是 vbp 的数据目录"
        raise UsageError(f"{home} {what}；请用 --home（VBP_HOME）指定 vbp run 用过的目录，或先执行一次 vbp run")
    return home


def require_place(home: Store) -> None:
    """UsageError where a home lies on a disk, and nothing is there."""
    if isinstance(home, Local) and not home.folder.is_dir():
        require_home(home)


def is_home(home: Store) -> bool:
    """Whether runs have been in a place."""
    return not _MARKS.isdisjoint(home.folders())
