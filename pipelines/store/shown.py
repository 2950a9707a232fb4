"""What people read below `<home>/site`: they see it as it was or as it is to be, never half written.

It is written beside, in a copy that shares what does not change (hard links), and the two change places in one step. A kill
before that leaves the old one.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.store.durable import sync_all

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
_UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def hold_site(home: Path, *, wait: bool = True) -> Iterator[None]:
    """Write below `<home>/site` alone; who comes second waits, or gets a BlockingIOError."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "site.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


@contextmanager
def rewrite_site(home: Path) -> Iterator[Path]:
    """A copy of `<home>/site` to write in; it takes its place when the block ends well, and is gone otherwise.

    Files are replaced in it, never written into: those that stay are the same files.
    """
    site, beside, old = (home / name for name in ("site", "site.next", "site.old"))
    with hold_site(home):
        if old.exists() and not site.exists():  # killed where two folders cannot change places in one step
            old.rename(site)
        for left in (beside, old):
            shutil.rmtree(left, ignore_errors=True)
        try:
            _copy_links(site, beside)
            yield beside
            sync_all(beside)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        _take_place(beside, site, old)
        for left in (beside, old):
            shutil.rmtree(left, ignore_errors=True)


def _copy_links(folder: Path, copy: Path) -> None:
    copy.mkdir()
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _copy_links(Path(entry.path), copy / entry.name)
            elif not entry.name.endswith(".part"):
                os.link(entry.path, copy / entry.name, follow_symlinks=False)
    shutil.copystat(folder, copy)  # a site may have been opened to a web server


def _take_place(beside: Path, site: Path, old: Path) -> None:
    """Let the new folder be `site`. Where the file system cannot exchange two, there is none for a moment."""
    if not site.exists():
        beside.rename(site)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(beside), os.fsencode(site)
    if hasattr(libc, "renameat2"):
        if libc.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0:
            return
        if (number := ctypes.get_errno()) not in _UNKNOWN:
            raise OSError(number, os.strerror(number), str(site))
    site.rename(old)
    beside.rename(site)
