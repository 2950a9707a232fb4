"""Files that outlive a power cut: on the disk before anything counts on them."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex


def write_durably(path: Path, content: bytes, *, if_absent: bool = False) -> bool:
    """Write a file whole or not at all; it and its name are on the disk when this returns. With `if_absent` one of several
    writers succeeds: False, and nothing is written, where the file is there.
    """
    partial = path.with_name(f"{path.name}.{token_hex(4)}.part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if not if_absent:
        partial.replace(path)
    elif not _appear(partial, path):
        return False
    _with(path.parent, os.fsync)
    return True


def as_json(content: object) -> bytes:
    """JSON as people may read it."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def sync_all(*folders: Path) -> None:
    """Bring everything written below some folders to the disk: one pass per file system, however many files there are.

    OSError where the disk reports that it could not.
    """
    places = {folder.stat().st_dev: folder for folder in folders if folder.exists()}
    for folder in places.values():
        _with(folder, _sync_file_system)


def _appear(partial: Path, path: Path) -> bool:
    """Let a file take its name if none has it."""
    try:
        os.link(partial, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links: one still makes the name, and then gives it its content
        try:
            path.open("x").close()
        except FileExistsError:
            return False
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return True


def _sync_file_system(descriptor: int) -> None:
    if not sys.platform.startswith("linux"):
        os.sync()
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syncfs(descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _with(folder: Path, sync: Callable[[int], None]) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)
