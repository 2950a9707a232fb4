"""Objects of a home, wherever they lie: below a local folder (`local.py`) or in an object store (`remote.py`).

An object has a key (segments joined by `/`), is written whole or not at all and never changed again. Who reads and writes
through `Store` knows neither paths nor links nor renames nor requests.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pipelines.errors import DamagedError
from pipelines.store.durable import as_json

if TYPE_CHECKING:  # Airflow's own processes know runs, but must not import Polars
    import polars as pl

    from pipelines.store.local import Local

_PACKED = ".gz"
_GROUP = 100_000  # rows that a reader of a slice reads, or passes over, together


@dataclass(frozen=True)
class Object:
    """What stands under a key of a store, or may come to stand there. Reading it raises DamagedError where nothing does."""

    store: Store
    key: str

    def __str__(self) -> str:
        return self.store.address(self.key)

    @property
    def exists(self) -> bool:
        """Whether it stands."""
        return self.store.has(self.key)

    @property
    def sha256(self) -> str:
        """SHA-256 of its bytes, read when it is asked for: most objects are not sealed."""
        return self.store.digest(self.key)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.store.count(self.key)

    def open(self) -> BinaryIO:
        """Its bytes, to be read, from any place on."""
        return self.store.open(self.key)

    def read(self) -> bytes:
        """Its bytes."""
        return self.store.read(self.key)

    def put(self, content: bytes) -> None:
        """Write its bytes: see `Store.put`."""
        self.store.put(self.key, content)

    def local(self) -> AbstractContextManager[Path]:
        """A file of its own name with its bytes, to be read while the block lasts."""
        return self.store.local(self.key)

    def scan(self) -> pl.LazyFrame:
        """Its rows."""
        return self.store.scan(self.key)

    def write(self, rows: pl.DataFrame | pl.LazyFrame) -> Object:
        """Write its rows: see `Store.write`."""
        return self.store.write(self.key, rows)

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
        with self.store.begin(self.key) as partial, pq.ParquetWriter(partial, columns, compression="lz4") as file:
            yield lambda rows: file.write_table(rows.to_arrow(), _GROUP) if rows.height else None


class Store(ABC):
    """Objects below a prefix. What is said here holds of every store; a store says how its objects are kept."""

    @abstractmethod
    def address(self, key: str = "") -> str:
        """Where an object, or all of them, lie: for people, and for the libraries of the lake."""

    @property
    @abstractmethod
    def options(self) -> dict[str, str] | None:
        """What the libraries of the lake need beside the address."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The last segment of the prefix that it is below."""

    @abstractmethod
    def below(self, prefix: str) -> Store:
        """The objects below a prefix of whole segments, by what follows it in their keys."""

    @abstractmethod
    def has(self, key: str) -> bool:
        """Whether an object stands under the key."""

    @abstractmethod
    def identity(self, key: str) -> Hashable:
        """What the keys of an object and of its copies share, and no other's; None where nothing stands."""

    @abstractmethod
    def sizes(self, prefix: str = "") -> dict[str, tuple[int, str]]:
        """Key → bytes and a mark that changes when it is written again, of what stands under a key or below a prefix of whole
        segments, in the order of keys; half-written objects are none.
        """

    @abstractmethod
    def sizes_of(self, found: Sequence[str]) -> Sequence[int | None]:
        """Bytes of objects, in the order of their keys as given; None where nothing stands."""

    @abstractmethod
    def folders(self, prefix: str = "") -> list[str]:
        """The next segments of the keys below a prefix that go on after it, in their order."""

    @abstractmethod
    def scan(self, *keys: str, numbered: str | None = None, schema: Mapping[str, Any] | None = None) -> pl.LazyFrame:
        """The rows of objects, one object after another, with their number in a column where one is named; with a `schema`, in
        its columns, null in objects that lack one. DamagedError where there is none under a key.
        """

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """The bytes of an object, to be read, from any place on. DamagedError where there is none."""

    @abstractmethod
    def local(self, key: str) -> AbstractContextManager[Path]:
        """A file with the bytes of an object and the last segment of its key as its name, to be read while the block lasts."""

    @abstractmethod
    def begin(self, key: str) -> AbstractContextManager[Path]:
        """A file to write, which becomes an object when the block ends well, in place of what stood under its key; never written
        through: a second key of the former keeps it.
        """

    @abstractmethod
    def filling(self, prefix: str = "") -> AbstractContextManager[Path]:
        """A folder; files that are written into it become objects below the prefix, at the latest when the block ends well."""

    @abstractmethod
    def put(self, key: str, content: bytes, *, if_absent: bool = False) -> bool:
        """Write bytes as an object; it outlives a power cut when this returns. With `if_absent` only one of several writers
        succeeds: False, and nothing is written, where an object stands under the key.
        """

    @abstractmethod
    def copy(self, key: str, other: str, into: Store | None = None) -> None:
        """Let an object stand under another key too, of this store or another: the same bytes, whichever is dropped first."""

    @abstractmethod
    def drop(self, prefix: str = "") -> None:
        """Remove what stands under a key or below a prefix, if anything does; all objects where none is named."""

    @abstractmethod
    def scratch(self) -> AbstractContextManager[Local]:
        """A local store for what is needed while the block lasts, and by this process alone."""

    @abstractmethod
    def settle(self, *prefixes: str) -> None:
        """Return once all that was written below some prefixes outlives a power cut."""

    @abstractmethod
    def hold(self, name: str = "lock", *, shared: bool = False, wait: bool = False) -> AbstractContextManager[None]:
        """Hold a lock of that name alone, or with others that share it; BlockingIOError where somebody else does, unless one is
        to `wait`. It goes with the process, and binds those of one machine: several are kept apart by the lease
        (`database/lease.py`).
        """

    def __str__(self) -> str:
        return self.address()

    def at(self, key: str) -> Object:
        """The object of that key, whether it stands or not."""
        return Object(self, key)

    def list(self, prefix: str = "") -> Iterator[str]:
        """The keys below a prefix of whole segments, in their order; half-written objects are none."""
        yield from self.sizes(prefix)

    def read(self, key: str) -> bytes:
        """The bytes of an object. DamagedError where there is none."""
        with self.open(key) as content:
            return content.read()

    def read_json(self, key: str) -> Any:
        """What a JSON object says. DamagedError where it is none, or is gone."""
        content = self.read(key)
        try:
            return json.loads(unpacked(content) if key.endswith(_PACKED) else content)
        except (ValueError, EOFError, zlib.error, OSError) as error:
            raise DamagedError(self.address(key), f"不是完整的 JSON：{error}") from error

    def put_json(self, key: str, content: object) -> None:
        """Write JSON as people may read it, as `put` does; packed (`zcat` shows it) under a key that ends with `.gz`."""
        self.put(key, packed(as_json(content)) if key.endswith(_PACKED) else as_json(content))

    def digest(self, key: str) -> str:
        """SHA-256 of the bytes of an object. DamagedError where there is none."""
        with self.open(key) as content:
            return hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # every store reads into a buffer

    def count(self, key: str) -> int:
        """How many rows an object has. DamagedError where there is none."""
        import polars as pl

        return int(self.scan(key).select(pl.len()).collect().item())

    def write(self, key: str, rows: pl.DataFrame | pl.LazyFrame) -> Object:
        """Write rows as an object; lazy ones need not fit into memory."""
        import polars as pl

        with self.begin(key) as partial:
            write = rows.sink_parquet if isinstance(rows, pl.LazyFrame) else rows.write_parquet
            write(partial, compression="lz4", statistics=False, row_group_size=_GROUP)
        return Object(self, key)


def packed(content: bytes) -> bytes:
    """Bytes as gzip has them, the same at any time."""
    return gzip.compress(content, compresslevel=3, mtime=0)


def unpacked(content: bytes) -> bytes:
    """The bytes that were packed. OSError, EOFError or zlib.error where none were."""
    return gzip.decompress(content)


def scan_objects(objects: Sequence[Object]) -> pl.LazyFrame:
    """The rows of objects, at least one, of whichever stores, one object after another: one scan for those that lie together."""
    import polars as pl

    together = groupby(objects, key=lambda found: found.store)
    rows: list[pl.LazyFrame] = [store.scan(*(found.key for found in of_store)) for store, of_store in together]
    return pl.concat(rows)
