"""The archive: every file taken in, kept for good under its content hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import FileRefusedError, why
from pipelines.store.dossier import LandingFile
from pipelines.store.store import Object, Store

_BLOCK = 1 << 20


def archive(source: Path, file: LandingFile, kept: Store) -> Object:
    """Copy `source`, which is the `file`, into the archive `kept` unless it is there, and return the copy.

    A copy appears under its name only when its content is what was discovered: a kill, a full disk or a sender still
    writing leaves no half file behind. Copies are brought to the disk together, when their batch is committed; one
    that is there is looked at again, as a power cut may have come before.
    FileRefusedError, which names the file as the archive would, where it cannot be read.
    """
    target = kept.at(archived(file.dataset, file.sha256, file.path))
    if target.exists and target.sha256 == file.sha256:
        return target
    digest, name = hashlib.sha256(), target.key.rpartition("/")[2]
    with kept.begin(target.key) as partial, partial.open("wb") as copy:
        for block in _read(source, name):
            digest.update(block)
            copy.write(block)
        if digest.hexdigest() != file.sha256:
            raise FileRefusedError("file_changed", f"{name}：读取期间文件被改动，请待发送完成后再次运行")
    return target


def archived(dataset: str, sha256: str, path: str) -> str:
    """The key in the archive of a file that lay under `path` in the landing zone."""
    return f"{dataset}/{sha256}{Path(path).suffix.lower()}"


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
