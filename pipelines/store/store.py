"""Where the objects of a home lie: today a folder on a local disk.

An object has a key (segments joined by `/`), is written whole or not at all and never changed again. Who reads and writes
through `Store` knows neither paths nor links nor renames, so that the objects may come to lie elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from pipelines.errors import DamagedError
from pipelines.store.durable import as_json, read_json, write_durably

if TYPE_CHECKING:  # Airflow's own processes know runs, but must not import Polars
    import polars as pl

_HALF = ".part"
_GROUP = 100_000  # rows that a reader of a slice reads, or passes over, together


@dataclass(frozen=True)
class Object:
    """What stands under a key of a store, or may come to stand there. Reading it raises DamagedError where nothing does."""

    store: Store
    key: str

    def __str__(self) -> str:
        return str(self.store._path(self.key))

    @property
    def exists(self) -> bool:
        """Whether it stands."""
        return self.store.has(self.key)

    @property
    def sha256(self) -> str:
        """SHA-256 of its bytes, read when it is asked for: most objects are not sealed."""
        with self.open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def rows(self) -> int:
        """How many rows it has."""
        import polars as pl

        return int(self.scan().select(pl.len()).collect().item())

    def open(self) -> BufferedReader:
        """Its bytes, to be read."""
        return self.store._standing(self.key).open("rb")

    def scan(self) -> pl.LazyFrame:
        """Its rows."""
        return self.store.scan(self.key)

    def slices(self, rows: int) -> Iterator[pl.DataFrame]:
        """Its rows in their order, so many at a time, so that memory does not follow it; nothing of one without rows."""
        scan = self.scan()
        for offset in range(0, self.rows, rows):
            yield scan.slice(offset, rows).collect()

    @contextmanager
    def writing(self, schema: Mapping[str, Any]) -> Iterator[Callable[[pl.DataFrame], None]]:
        """Write it frame by frame, in the columns of `schema`; it stands when the block ends well."""
        import polars as pl
        import pyarrow.parquet as pq

        columns = pl.DataFrame(schema=schema).to_arrow().schema
        with self.store._begin(self.key) as partial, pq.ParquetWriter(partial, columns, compression="lz4") as file:
            yield lambda rows: file.write_table(rows.to_arrow(), _GROUP) if rows.height else None


@dataclass(frozen=True)
class Store:
    """Objects below a local folder."""

    folder: Path

    def below(self, prefix: str) -> Store:
        """The objects below a prefix of whole segments, by what follows it in their keys."""
        return Store(self._path(prefix))

    def at(self, key: str) -> Object:
        """The object of that key, whether it stands or not."""
        return Object(self, key)

    def has(self, key: str) -> bool:
        """Whether an object stands under the key."""
        return self._path(key).is_file()

    @property
    def name(self) -> str:
        """The last segment of the prefix that it is below."""
        return self.folder.name

    def identity(self, key: str) -> Hashable:
        """What the keys of an object and of its copies share, and no other's; None where nothing stands."""
        try:
            found = self._path(key).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def scan(self, *keys: str, numbered: str | None = None) -> pl.LazyFrame:
        """The rows of objects, one object after another, with their number in a column where one is named. DamagedError where
        there is none under a key.
        """
        import polars as pl

        paths = [self._standing(key) for key in keys]
        return pl.scan_parquet(paths, row_index_name=numbered, hive_partitioning=False, glob=False)

    def read_json(self, key: str) -> Any:
        """What a JSON object says. DamagedError where it is none, or is gone."""
        return read_json(self._path(key))

    def write(self, key: str, rows: pl.DataFrame | pl.LazyFrame) -> Object:
        """Write rows as an object; lazy ones need not fit into memory. What stood under its key is replaced by a new one, never
        written through: a second key of the former keeps it.
        """
        import polars as pl

        with self._begin(key) as partial:
            write = rows.sink_parquet if isinstance(rows, pl.LazyFrame) else rows.write_parquet
            write(partial, compression="lz4", statistics=False, row_group_size=_GROUP)
        return Object(self, key)

    def write_divided(self, prefix: str, rows: pl.LazyFrame, by: str) -> None:
        """Write rows as they come, below `prefix` and the value of the column `by`, which is left out."""
        import polars as pl

        target = pl.PartitionBy(self._path(prefix), key=by, include_key=False)
        rows.sink_parquet(target, compression="lz4", statistics=False, mkdir=True)

    def put(self, key: str, content: bytes, *, if_absent: bool = False) -> bool:
        """Write bytes as an object; it is on the disk when this returns. With `if_absent` only one of several writers succeeds:
        False, and nothing is written, where an object stands under the key.
        """
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_durably(path, content, if_absent=if_absent)

    def put_json(self, key: str, content: object) -> None:
        """Write JSON as people may read it, as `put` does."""
        self.put(key, as_json(content))

    def copy(self, key: str, other: str, into: Store | None = None) -> None:
        """Let an object stand under another key too, of this store or another: the same bytes, taking no room of their own,
        whichever is dropped first.
        """
        with (into or self)._begin(other) as partial:
            try:
                os.link(self._path(key), partial)
            except OSError:  # a file system without hard links
                shutil.copyfile(self._path(key), partial)

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

    def clear(self) -> None:
        """Remove all objects."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def _begin(self, key: str) -> Iterator[Path]:
        """Where an object is to be written, which takes its place once it is whole."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{token_hex(4)}{_HALF}")
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def _standing(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise DamagedError(str(path), "文件不存在")
        return path

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"no key of an object: {key!r}")
        return self.folder.joinpath(*parts)
