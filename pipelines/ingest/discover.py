"""Which files of the landing zone are new."""

from __future__ import annotations

import time
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.hashes import Hashes
from schemas.records import RECORDS

SUFFIXES = {
    ".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".html", ".htm", ".xml", ".json", ".jsonl",
    ".parquet", ".zip",
}  # fmt: skip


@dataclass(frozen=True)
class LandingFile:
    """A file of the landing zone: dataset, path relative to the landing zone, content hash, size.

    `status` is `new`, `skipped` (this content was taken in before) or `failed` (not something we can read at
    all).
    """

    dataset: str
    path: str
    sha256: str
    bytes: int
    status: str
    message: str = ""


def discover(
    landing: Path, seen: Set[tuple[str, str]], settle_seconds: int = 0, *, kept: Path | None = None
) -> list[LandingFile]:
    """List the files below `landing/<dataset>/` in the order of their relative paths: a later one wins.

    `seen` holds (dataset, sha256) of what was taken in before. Files still being written (`*.part`, `~$*`,
    hidden ones, those younger than `settle_seconds`) wait for the next night. `kept` is where the hashes of files
    that do not change are remembered.
    """
    found = []
    hashes = Hashes(kept)
    known = set(seen)
    for path in sorted(landing.rglob("*"), key=lambda p: p.relative_to(landing).as_posix()):
        relative = path.relative_to(landing)
        if not path.is_file() or len(relative.parts) < 2 or _is_waiting(path, settle_seconds):
            continue
        dataset = relative.parts[0]
        try:
            digest, size = hashes.hash_file(path)
        except FileNotFoundError:  # taken away while we looked: it will be listed when it is back
            continue
        status, message = "new", ""
        if dataset not in RECORDS:
            status, message = (
                "failed",
                f"{relative.as_posix()}：目录“{dataset}”不是已知的数据集，应为 {'、'.join(RECORDS)} 之一",
            )
        elif path.suffix.lower() not in SUFFIXES:
            status, message = (
                "failed",
                f"{relative.as_posix()}：不支持的文件类型“{path.suffix}”，请改用 csv、xlsx、xls、ods、json、parquet 或 zip",
            )
        elif (dataset, digest) in known:
            status = "skipped"
        else:
            known.add((dataset, digest))
        found.append(LandingFile(dataset, relative.as_posix(), digest, size, status, message))
    hashes.keep()
    return found


def _is_waiting(path: Path, settle_seconds: int) -> bool:
    name = path.name
    if name.startswith((".", "~$")) or name.endswith(".part") or name.lower().startswith("readme"):
        return True
    return settle_seconds > 0 and time.time() - path.stat().st_mtime < settle_seconds
