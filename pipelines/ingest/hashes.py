"""What the files of the landing zone hash to, kept from night to night: most of them are there for years."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

from pipelines.errors import DamagedError
from pipelines.store.store import Object

_MARGIN_NS = 2_000_000_000


class Hashes:
    """SHA-256 by file. `kept` is the object in which hashes are remembered; without one, or where it is damaged, nothing
    is known and every file is read.
    """

    def __init__(self, kept: Object | None) -> None:
        self._kept, self._before = kept, _read(kept)
        self._now: dict[str, list[int | str]] = {}

    def hash_file(self, path: Path) -> tuple[str, int]:
        """SHA-256 and size of a file; FileNotFoundError where it is gone.

        What was hashed before is believed while size, times and inode are the same. It is remembered only of a file
        that had lain untouched for some seconds: a change in the same tick of the clock would not show in its times.
        """
        name, seen = str(path.absolute()), _look(path.stat())
        known = self._before.get(name)
        if known and known[:-1] == seen:
            self._now[name] = known
            return str(known[-1]), seen[0]
        moment = time.time_ns()
        with path.open("rb") as file:
            seen = _look(os.fstat(file.fileno()))
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            is_still = _look(os.fstat(file.fileno())) == seen
        if is_still and max(seen[1], seen[2]) + _MARGIN_NS < moment:
            self._now[name] = [*seen, digest]
        return digest, seen[0]

    def keep(self) -> None:
        """Remember what is now known, whole or not at all, for the night after."""
        if self._kept is None or self._now == self._before:
            return
        body = json.dumps(self._now, ensure_ascii=False, indent=0)
        self._kept.put(f"{_seal(body)}\n{body}".encode())


def digest_file(path: Path) -> str:
    """SHA-256 of what a file holds."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _read(kept: Object | None) -> dict[str, list[int | str]]:
    try:
        seal, _, body = kept.read().decode().partition("\n") if kept else ("", "", "")
    except (OSError, DamagedError, UnicodeDecodeError):
        return {}
    found: dict[str, list[int | str]] = json.loads(body) if seal == _seal(body) else {}
    return found


def _look(stat: os.stat_result) -> list[int]:
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _seal(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
