"""The archive: every file taken in, kept for good under its content hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import FileRefusedError, why
from pipelines.ingest.hashes import digest_file

_BLOCK = 1 << 20


def archive(source: Path, sha256: str, folder: Path) -> Path:
    """Copy `source` to `folder/<sha256><suffix>` unless it is there, and return that path.

    A copy appears under its name only when its content is what was discovered: a kill, a full disk or a sender still
    writing leaves no half file behind. Copies are brought to the disk together, when their batch is committed; one
    that is there is looked at again, as a power cut may have come before.
    FileRefusedError, which names the file as the archive would, where it cannot be read.
    """
    target = folder / f"{sha256}{source.suffix.lower()}"
    if target.exists() and digest_file(target) == sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(target.suffix + ".part")
    digest = hashlib.sha256()
    try:
        with partial.open("wb") as copy:
            for block in _read(source, target.name):
                digest.update(block)
                copy.write(block)
        if digest.hexdigest() != sha256:
            raise FileRefusedError("file_changed", f"{target.name}：读取期间文件被改动，请待发送完成后再次运行")
        partial.replace(target)
    except OSError as error:  # a disk that is full does not say what was being written
        error.filename = error.filename or str(partial)
        raise
    finally:
        partial.unlink(missing_ok=True)
    return target


def _read(source: Path, name: str) -> Iterator[bytes]:
    """The content of a file, block by block; FileRefusedError with its `name` where it cannot be read."""
    try:
        with source.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except FileNotFoundError as error:
        raise FileRefusedError("file_vanished", f"{name}：读取前文件已被移走，请放回后再次运行") from error
    except OSError as error:
        raise FileRefusedError("file_unreadable", f"{name}：无法读取（{why(error)}）；请检查权限与磁盘") from error
