"""The archive: every file taken in, kept for good under its content hash."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from pipelines.errors import FileRefusedError


def archive(source: Path, sha256: str, folder: Path) -> Path:
    """Copy `source` to `folder/<sha256><suffix>` unless it is there, and return that path.

    A copy appears under its name only when its content is what was discovered: a kill, a full disk or a sender still
    writing leaves no half file behind. Copies are brought to the disk together, when their batch is committed; one
    that is there is looked at again, as a power cut may have come before.
    """
    target = folder / f"{sha256}{source.suffix.lower()}"
    if target.exists() and _digest(target) == sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(target.suffix + ".part")
    try:
        shutil.copyfile(source, partial)
        if _digest(partial) != sha256:
            raise FileRefusedError(
                "file_changed", f"{source.name}：读取期间文件被改动，请待发送完成后再次运行"
            )
        partial.replace(target)
    except FileNotFoundError as error:
        if source.exists():
            raise
        raise FileRefusedError(
            "file_vanished", f"{source.name}：读取前文件已被移走，请放回后再次运行"
        ) from error
    except OSError as error:
        error.filename = error.filename or str(
            partial
        )  # a disk that is full does not say what was being written
        raise
    finally:
        partial.unlink(missing_ok=True)
    return target


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
