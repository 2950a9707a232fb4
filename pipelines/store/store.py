"""Where the objects of a home lie: today a folder on a local disk.

An object has a key (segments joined by `/`), is written whole or not at all and never changed again. Who reads and writes
through `Store` knows neither paths nor links nor renames, so that the objects may come to lie elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from pipelines.errors import DamagedError
from pipelines.store.durable import write_durably

if TYPE_CHECKING:  # Airflow's own processes know runs, but must not import Polars
    import polars as pl
    import pyarrow.parquet as pq

_HALF = ".part"


@dataclass(frozen=True)
class Object:
    """What was written: SHA-256 of its bytes, and its rows."""

    sha256: str
    rows: int


@dataclass(frozen=True)
class Store:
    """Objects below a local folder."""

    folder: Path

    def scan(self, key: str) -> pl.LazyFrame:
        """The rows of an object. DamagedError where there is none."""
        import polars as pl

        path = self._path(key)
        if not path.is_file():
            raise DamagedError(str(path), "文件不存在")
        return pl.scan_parquet(path, glob=False)

    def write(self, key: str, frames: Iterable[pl.DataFrame]) -> Object:
        """Write frames of one schema, at least one, below each other as an object; what stood under its key is replaced by a new
        one, never written through: a second key of the former keeps it.
        """
        import pyarrow.parquet as pq

        partial, rows = self._begin(key), 0
        writer: pq.ParquetWriter | None = None
        try:
            for frame in frames:
                table = frame.to_arrow()
                writer = writer or pq.ParquetWriter(partial, table.schema, compression="lz4")
                writer.write_table(table)
                rows += frame.height
        finally:
            if writer:
                writer.close()
        with partial.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        partial.replace(self._path(key))
        return Object(sha256, rows)

    def put(self, key: str, content: bytes, *, if_absent: bool = False) -> bool:
        """Write bytes as an object; it is on the disk when this returns. With `if_absent` only one of several writers succeeds:
        False, and nothing is written, where an object stands under the key.
        """
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_durably(path, content, if_absent=if_absent)

    def copy(self, key: str, other: str) -> None:
        """Let an object stand under another key too: the same bytes, taking no room of their own, whichever is dropped first."""
        partial = self._begin(other)
        try:
            os.link(self._path(key), partial)
        except OSError:  # a file system without hard links
            shutil.copyfile(self._path(key), partial)
        partial.replace(self._path(other))

    def list(self, prefix: str = "") -> Iterator[str]:
        """The keys below a prefix of whole segments, in their order; half-written objects are none."""
        below = self._path(prefix) if prefix else self.folder
        paths = [below] if below.is_file() else below.rglob("*")
        found = (p for p in paths if p.is_file() and p.suffix != _HALF)
        yield from sorted(p.relative_to(self.folder).as_posix() for p in found)

    def drop(self, prefix: str) -> None:
        """Remove what stands under a key or below a prefix, if anything does."""
        path = self._path(prefix)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def _begin(self, key: str) -> Path:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(f"{path.name}.{token_hex(4)}{_HALF}")

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"no key of an object: {key!r}")
        return self.folder.joinpath(*parts)
