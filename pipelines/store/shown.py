"""What people read below `<home>/site`: they see it as it was or as it is to be, never half written.

It is written beside, in a copy that shares what does not change, and the two change places in one step. A kill before that leaves
the old one. In an object store, where nothing changes places, what says which pages stand goes before the first is replaced:
after a kill in between all of them are written again.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from pipelines.store import keys
from pipelines.store.durable import sync_all
from pipelines.store.local import Local
from pipelines.store.store import Store

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
MANIFEST = "manifest.json"
"""What of the site says which pages stand, and what they say."""
WRITTEN_IN_PLACE = ("morning", "bulletin")
"""Folders of the site whose writers hold it and write one file after the other."""
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


def hold_site(home: Store, *, wait: bool = True) -> AbstractContextManager[None]:
    """Write below `<home>/site` alone; who comes second waits, or gets a BlockingIOError."""
    return home.hold("site.lock", wait=wait)


@contextmanager
def rewrite_site(home: Store, prove: Callable[[], object]) -> Iterator[tuple[Path, set[str]]]:
    """A folder to write the pages of the site in, and a set for the folders below it whose own files are written or removed
    ("" is the site's own); readers see them when the block ends well, and `prove` does not raise.

    On a disk the folder is a copy of the site, which takes the site's place in one step. In an object store it is empty, and
    what is written replaces page by page what stood; the manifest goes first and comes last.
    """
    with hold_site(home):
        if isinstance(home, Local):
            with _exchanged(home.folder, prove) as rewritten:
                yield rewritten
            return
        written: set[str] = set()
        site = home.below(keys.SITE)
        with site.filling() as folder:
            yield folder, written
            prove()
            if site.has(MANIFEST):
                site.drop(MANIFEST)
        for gone in (name for name in written if not (folder / name).exists()):
            site.drop(gone)


@contextmanager
def _exchanged(home: Path, prove: Callable[[], object]) -> Iterator[tuple[Path, set[str]]]:
    """Files are replaced in the copy, never written into: those that stay are the same files (hard links). The former site is
    kept as the next copy and brought up by the folders that changed alone, so that a night costs what it changes, however many
    pages there are.
    """
    site, beside, old, same = (home / name for name in ("site", "site.next", "site.old", "site.same"))
    if old.exists() and not site.exists():  # killed where two folders cannot change places in one step
        old.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    is_same = same.exists() and _own_files(site) == _own_files(beside)
    same.unlink(missing_ok=True)
    if not is_same:
        shutil.rmtree(beside, ignore_errors=True)
        _copy_links(site, beside)
    for name in WRITTEN_IN_PLACE:
        shutil.rmtree(beside / name, ignore_errors=True)
        if (site / name).is_dir():
            _copy_links(site / name, beside / name)
    written: set[str] = set()
    try:
        yield beside, written
        _open_alike(site, beside)
        sync_all(beside)
        prove()
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _take_place(beside, site, old)
    for folder in written | {""}:
        _bring_up(site / folder, beside / folder)
    same.touch()


def _own_files(folder: Path) -> set[tuple[str, int]]:
    if not folder.is_dir():
        return set()
    with os.scandir(folder) as entries:
        return {(entry.name, entry.inode()) for entry in entries if entry.is_file()}


def _copy_links(folder: Path, copy: Path) -> None:
    copy.mkdir()
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _copy_links(Path(entry.path), copy / entry.name)
            elif not entry.name.endswith(".part"):
                _share(Path(entry.path), copy / entry.name)
    shutil.copystat(folder, copy)


def _share(file: Path, copy: Path) -> None:
    """The same file under another name; a copy of it where the file system has no hard links."""
    try:
        os.link(file, copy, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copy2(file, copy, follow_symlinks=False)


def _bring_up(folder: Path, copy: Path) -> None:
    """Let a folder's copy have its own files, and no others."""
    if not folder.is_dir():
        shutil.rmtree(copy, ignore_errors=True)
        return
    copy.mkdir(parents=True, exist_ok=True)
    for name, _ in _own_files(copy):
        (copy / name).unlink()
    for name, _ in _own_files(folder):
        _share(folder / name, copy / name)


def _open_alike(site: Path, beside: Path) -> None:
    """Folders stay as open as they are: a site may have been opened to a web server."""
    for place, _, _ in os.walk(site):
        copy = beside / Path(place).relative_to(site)
        if copy.is_dir():
            shutil.copymode(place, copy)


def _take_place(beside: Path, site: Path, old: Path) -> None:
    """Let the new folder be `site`. Where the file system cannot exchange two, there is none for a moment."""
    if not site.exists():
        beside.rename(site)
        beside.mkdir()
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
    old.rename(beside)
