"""Take a file from the wire into the landing zone: whole or not at all, under a name that nothing has."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex

from pipelines.errors import VbpError
from pipelines.store.clock import SHANGHAI
from pipelines.store.store import Store
from pipelines.store.uploads import Upload, uploads_of, write_upload
from pipelines.web.names import Wanted, name_landed

_OURS = ".vbp-upload-*.part"
_A_DAY = 86_400
_one_at_a_time = threading.Lock()


class TooLargeError(VbpError):
    """More came than a file may have; nothing of it is kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"文件超过 {limit / (1 << 20):,.0f} MiB 的上限（VBP_UPLOAD_LIMIT_MIB），没有收下；请分成几个文件再传")


class CutShortError(VbpError):
    """Less came than was announced; nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__("文件没有传完，没有收下；请重新上传")


class Arriving:
    """A file that is coming in."""

    def __init__(self, place: Path, limit: int) -> None:
        self.place, self.limit = place, limit
        self.bytes = 0
        self._digest = hashlib.sha256()
        self._file = os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb")

    @property
    def sha256(self) -> str:
        """SHA-256 of what has come."""
        return self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        """Add what came. TooLargeError where that is too much."""
        self.bytes += len(block)
        if self.bytes > self.limit:
            raise TooLargeError(self.limit)
        self._digest.update(block)
        self._file.write(block)

    def close(self, announced: int | None = None) -> None:
        """Bring it to the disk. CutShortError where less, or more, came than was announced."""
        if announced is not None and announced != self.bytes:
            raise CutShortError
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Let nothing of it remain."""
        with suppress(OSError):
            self._file.close()
        self.place.unlink(missing_ok=True)


@contextmanager
def arriving(folder: Path, limit: int, name: str = "") -> Iterator[Arriving]:
    """A file that comes into `folder`, which is made; what has not been landed when the block ends leaves nothing behind.

    It has a name that the night passes over, unless one is given. What a killed server left there a day ago is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(_OURS):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _A_DAY:
                left.unlink()
    arrival = Arriving(folder / (name or _OURS.replace("*", token_hex(8))), limit)
    try:
        yield arrival
    finally:
        arrival.discard()


def land(arrival: Arriving, home: Store, landing: Path, wanted: Wanted, by: str) -> tuple[Upload, bool]:
    """Let a file that has come whole appear in the landing zone; return its record, and whether it is new.

    A content that lies there already, sent for this dataset by this sender, is not taken twice: the record is that of then. The
    record is on the disk before the file has its name, so that no file is without one.
    """
    with _one_at_a_time:
        for known in uploads_of(home, wanted.dataset, arrival.sha256):
            if known.sender == wanted.sender and (landing / known.path).exists():
                return known, False
        now = datetime.now(SHANGHAI)
        while (target := arrival.place.with_name(name_landed(wanted.name, now))).exists():
            now += timedelta(milliseconds=1)
        upload = Upload(
            by=by,
            at=now.isoformat(timespec="milliseconds"),
            dataset=wanted.dataset,
            sender=wanted.sender,
            name=wanted.name,
            path="/".join((wanted.dataset, wanted.sender, target.name)),
            bytes=arrival.bytes,
            sha256=arrival.sha256,
        )
        write_upload(home, upload)
        _name(arrival.place, target)
    return upload, True


def _name(place: Path, target: Path) -> None:
    """Give a file its name without replacing another; FileExistsError where there is one."""
    try:
        os.link(place, target)
    except FileExistsError:
        raise
    except OSError:  # a share without hard links
        if target.exists():
            raise FileExistsError(str(target)) from None
        place.rename(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
