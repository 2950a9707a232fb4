"""Files that outlive a power cut: on the disk before anything counts on them."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

from pipelines.errors import DamagedError


def write_durably(path: Path, content: bytes, *, if_absent: bool = False) -> bool:
    """Write a file whole or not at all; it and its name are on the disk when this returns. With `if_absent` one of several
    writers succeeds: False, and nothing is written, where the file is there.
    """
    partial = path.with_name(f"{path.name}.{token_hex(4)}.part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        if if_absent:
            os.link(partial, path)
            partial.unlink()
        else:
            partial.replace(path)
    except FileExistsError:
        partial.unlink()
        return False
    _with(path.parent, os.fsync)
    return True


def write_json(path: Path, content: object) -> None:
    """Write a JSON file whole or not at all, and for good: it is on the disk when this returns."""
    write_durably(path, as_json(content))


def as_json(content: object) -> bytes:
    """JSON as people may read it."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def read_json(path: Path) -> Any:
    """Read a JSON file; DamagedError where it is none, or is gone."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DamagedError(str(path), "文件不存在") from error
    except ValueError as error:
        raise DamagedError(str(path), f"不是完整的 JSON：{error}") from error


def sync_all(*folders: Path) -> None:
    """Bring everything written below some folders to the disk: one pass per file system, however many files there are.

    OSError where the disk reports that it could not.
    """
    places = {folder.stat().st_dev: folder for folder in folders if folder.exists()}
    for folder in places.values():
        _with(folder, _sync_file_system)


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
