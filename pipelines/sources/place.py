"""Where a pulled object comes to lie below the landing zone: under a name that is safe, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from pipelines.errors import VbpError, why

_STAMP = "%Y-%m-%dT%H%M%S"
_IS_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d{6}")
_ODD = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")
_LONGEST = 120  # characters: three bytes each at most, and a file's name has 255
_MIB = 1 << 20


def next_stamp(now: datetime, last: str) -> str:
    """The id and folder of a pull that begins `now`: it sorts behind that of the `last` one, whatever the clock says, so that
    what was pulled later wins.
    """
    earliest = datetime.strptime(last, _STAMP).replace(tzinfo=now.tzinfo) + timedelta(seconds=1) if last else now
    return max(now, earliest).strftime(_STAMP)


def safe_path(path: str) -> str:
    """A path of somewhere else as a relative path of ours: no `..`, nothing hidden, nothing unprintable. One that had to be
    altered has a digest of what it was, so that no two become one.
    """
    try:
        text = os.fsencode(path).decode()
    except UnicodeDecodeError:  # a Windows server in China
        text = os.fsencode(path).decode("gb18030", errors="replace")
    parts = [_safe_part(part) for part in text.split("/") if part not in ("", ".")]
    name = "/".join(parts) or "_"
    if name == path:
        return name
    folder, _, base = name.rpartition("/")
    stem, dot, suffix = base.rpartition(".")
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
    altered = f"{stem}~{digest}{dot}{suffix}" if stem else f"{base}~{digest}"
    return f"{folder}/{altered}" if folder else altered


def _safe_part(part: str) -> str:
    part = "".join(c if c.isprintable() else "_" for c in _ODD.sub("_", part)).replace("\ufffd", "_")
    if part.startswith((".", "~$")) or not part.strip():
        part = f"_{part.lstrip('.')}"
    if len(part) <= _LONGEST:
        return part
    stem, dot, suffix = part.rpartition(".")
    return f"{stem[: _LONGEST - len(suffix) - 1]}{dot}{suffix}" if stem and len(suffix) < 10 else part[:_LONGEST]


class LandingError(VbpError):
    """The landing zone cannot be written: no source can be taken from."""


@dataclass
class Incoming:
    """A file that is being written: its content goes through `write`; then its SHA-256 and size are known."""

    file: BinaryIO
    most: int
    digest: Any = field(default_factory=hashlib.sha256)
    size: int = 0

    def write(self, block: bytes) -> None:
        """Take the next block; VbpError beyond the limit of the source."""
        self.size += len(block)
        if self.size > self.most:
            raise VbpError(f"超过 {self.most // _MIB} MiB，没有取；请分成几个文件，或调高该来源的 max_mib")
        self.digest.update(block)
        try:
            self.file.write(block)
        except OSError as error:  # of ours, not of the source that is being read
            raise LandingError(f"无法写入数据目录（{why(error)}）；请检查磁盘与权限") from error

    @property
    def sha256(self) -> str:
        """Of what was written."""
        return str(self.digest.hexdigest())


@dataclass(frozen=True)
class Place:
    """The folder of a source below the landing zone (`<landing>/<dataset>/<source>`), with a folder in it for each pull."""

    landing: Path
    source: str

    @property
    def folder(self) -> Path:
        """Of the source."""
        return self.landing.joinpath(*self.source.split("/"))

    def clear_halves(self) -> None:
        """Remove what pulls that were killed left half written."""
        for stamp in self.folder.glob("*/") if self.folder.is_dir() else ():
            if _IS_STAMP.fullmatch(stamp.name):
                for half in stamp.rglob("*.part"):
                    half.unlink(missing_ok=True)

    def files_of(self, stamp: str) -> Iterator[str]:
        """The whole files of a pull, as paths below the landing zone."""
        for path in sorted((self.folder / stamp).rglob("*")):
            if path.is_file() and path.suffix != ".part":
                yield path.relative_to(self.landing).as_posix()

    @contextmanager
    def incoming(self, stamp: str, path: str, most: int) -> Iterator[tuple[Incoming, Path]]:
        """Yield a file to be written, and the path that `keep` gives it; it is gone afterwards unless it was kept."""
        target = self._free(self.folder / stamp, safe_path(path))
        half = target.with_name(f"{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            half.touch()
        except OSError as error:
            raise LandingError(f"无法写入数据目录 {target.parent}（{why(error)}）；拉取需要写权限") from error
        try:
            with half.open("wb") as file:
                yield Incoming(file, most), target
        finally:
            half.unlink(missing_ok=True)
            with suppress(OSError):  # a folder in which nothing was kept
                for folder in (target.parent, *target.parent.parents):
                    if folder == self.folder.parent:
                        break
                    folder.rmdir()

    def keep(self, incoming: Incoming, target: Path) -> str:
        """Give a file that is whole its name, on the disk before this returns; return its path below the landing zone."""
        incoming.file.flush()
        os.fsync(incoming.file.fileno())
        target.with_name(f"{target.name}.part").rename(target)
        for folder in (target.parent, *target.parent.parents):
            _sync(folder)
            if folder == self.landing:
                break
        return target.relative_to(self.landing).as_posix()

    @staticmethod
    def _free(folder: Path, name: str) -> Path:
        """A place where nothing lies: a bucket may hold both `a.csv` and `a.csv/b.csv`."""
        target = folder / name
        above = [p for p in target.parents if p.is_relative_to(folder) and p.is_file()]
        if not above and not target.exists():
            return target
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return folder / f"{digest}~{name.rpartition('/')[2]}"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
