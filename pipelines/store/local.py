"""Objects below a local folder: files that are written beside and take their place, copies that are hard links."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, BinaryIO

from pipelines.errors import DamagedError
from pipelines.store.durable import sync_all, write_durably
from pipelines.store.store import Store

if TYPE_CHECKING:
    import polars as pl

_HALF = ".part"
_SCRATCH = "scratch_"
"""How the names of folders begin that are thrown away."""
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


@dataclass(frozen=True)
class Local(Store):
    """Objects below a local folder."""

    folder: Path

    def address(self, key: str = "") -> str:
        """The path of the folder, or of a file."""
        return str(self._path(key) if key else self.folder)

    @property
    def options(self) -> None:
        """A path says all."""
        return None

    @property
    def name(self) -> str:
        """The last segment of the prefix that it is below."""
        return self.folder.name

    def below(self, prefix: str) -> Local:
        """The objects below a prefix of whole segments, by what follows it in their keys."""
        return Local(self._path(prefix))

    def has(self, key: str) -> bool:
        """Whether an object stands under the key."""
        return self._path(key).is_file()

    def identity(self, key: str) -> Hashable:
        """Device and inode."""
        try:
            found = self._path(key).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def sizes(self, prefix: str = "") -> dict[str, tuple[int, str]]:
        """Key → bytes and the time of its last change."""
        below = self._path(prefix) if prefix else self.folder
        root = f"{self.folder}{os.sep}"
        found = {file.removeprefix(root).replace(os.sep, "/"): stat for file, stat in _files(below)}
        return {key: (found[key].st_size, str(found[key].st_mtime_ns)) for key in sorted(found)}

    def sizes_of(self, found: Sequence[str]) -> list[int | None]:
        """Bytes of objects: see `Store.sizes_of`."""
        return [path.stat().st_size if (path := self._path(key)).is_file() else None for key in found]

    def folders(self, prefix: str = "") -> list[str]:
        """The folders below the folder of that prefix."""
        try:
            with os.scandir(self._path(prefix) if prefix else self.folder) as entries:
                return sorted(entry.name for entry in entries if entry.is_dir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def scan(self, *keys: str, numbered: str | None = None, schema: Mapping[str, Any] | None = None) -> pl.LazyFrame:
        """The rows of objects: see `Store.scan`."""
        import polars as pl

        paths = [self._standing(key) for key in keys]
        more: dict[str, Any] = {"schema": schema, "missing_columns": "insert"} if schema else {}
        return pl.scan_parquet(paths, row_index_name=numbered, hive_partitioning=False, glob=False, **more)

    def open(self, key: str) -> BinaryIO:
        """The bytes of an object: see `Store.open`."""
        return self._standing(key).open("rb")

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """The file itself."""
        yield self._standing(key)

    @contextmanager
    def begin(self, key: str) -> Iterator[Path]:
        """A file beside, which takes the place of the object's once it is whole."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{token_hex(4)}{_HALF}")
        try:
            yield partial
            partial.replace(path)
        except OSError as error:  # a disk that is full does not say what was being written
            if error.errno:
                error.filename = error.filename or str(partial)
            raise
        finally:
            partial.unlink(missing_ok=True)

    @contextmanager
    def filling(self, prefix: str = "") -> Iterator[Path]:
        """The folder itself, which is made where there is none."""
        path = self._path(prefix) if prefix else self.folder
        path.mkdir(parents=True, exist_ok=True)
        yield path

    def put(self, key: str, content: bytes, *, if_absent: bool = False) -> bool:
        """Write bytes as an object: see `Store.put`."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_durably(path, content, if_absent=if_absent)

    def copy(self, key: str, other: str, into: Store | None = None) -> None:
        """Into a local store a hard link, which takes no room of its own; else, and where there are none, a copy."""
        target = into or self
        with target.begin(other) as partial:
            try:
                os.link(self._standing(key), partial)
            except OSError:  # a file system without hard links, or another one
                shutil.copyfile(self._standing(key), partial)

    def drop(self, prefix: str = "") -> None:
        """Remove a file, or a folder and all that is in it."""
        path = self._path(prefix) if prefix else self.folder
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def write_divided(self, rows: pl.LazyFrame, by: str) -> None:
        """Write rows as they come, below `<by>=<value>`; the column is left out."""
        import polars as pl

        target = pl.PartitionBy(self.folder, key=by, include_key=False)
        rows.sink_parquet(target, compression="lz4", statistics=False, mkdir=True)

    @contextmanager
    def scratch(self) -> Iterator[Local]:
        """A folder below this one, on the same disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.folder, ignore_cleanup_errors=True) as folder,
            _opened(Path(folder)) as descriptor,
        ):
            _lock(descriptor, fcntl.LOCK_SH)
            yield Local(Path(folder))

    def clear_scratch(self) -> None:
        """Remove the scratch that a kill left; what a process works in stays."""
        for left in (name for name in self.folders() if name.startswith(_SCRATCH)):
            with suppress(OSError), _opened(self.folder / left) as descriptor:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.drop(left)

    def settle(self, *prefixes: str) -> None:
        """Bring it to the disk, in one pass for each file system."""
        sync_all(*(self._path(prefix) if prefix else self.folder for prefix in prefixes))

    @contextmanager
    def hold(self, name: str = "lock", *, shared: bool = False, wait: bool = False) -> Iterator[None]:
        """Hold a file of that name; where the file system has no locks, nothing is held."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            _lock(file.fileno(), (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
            yield

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


def _lock(descriptor: int, how: int) -> None:
    try:
        fcntl.flock(descriptor, how)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _files(below: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Path and state of a file, or of all files below a folder."""
    if below.is_file():
        yield str(below), below.stat()
        return
    for folder, _, names in os.walk(below):
        for name in names:
            if not name.endswith(_HALF):
                path = os.path.join(folder, name)  # noqa: PTH118  # a third of the time of pathlib
                try:
                    yield path, os.stat(path)  # noqa: PTH116
                except FileNotFoundError:  # dropped meanwhile
                    continue
