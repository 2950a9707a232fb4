"""Who sent which file through the browser: one record a file, written before the file appears, never changed, sealed by runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from secrets import token_hex

from pipelines.store.store import Store

PREFIX = "uploads"
"""Prefix of the records below a home."""


@dataclass(frozen=True)
class Upload:
    """A file that somebody sent: who, when (ISO, Shanghai), for which dataset and sender (folders below the dataset), under which
    name, and where it then lay in the landing zone, with what content.
    """

    by: str
    at: str
    dataset: str
    sender: str
    name: str
    path: str
    bytes: int
    sha256: str


def write_upload(home: Store, upload: Upload) -> str:
    """Set a record down for good; return its key."""
    moment = datetime.fromisoformat(upload.at)
    when = f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}"
    key = f"{PREFIX}/{when}-{upload.sha256[:12]}-{token_hex(4)}.json"
    home.put_json(key, asdict(upload))
    return key


def read_uploads(home: Store, newest: int | None = None) -> list[Upload]:
    """The records, the oldest first; only the `newest` where so many are enough. DamagedError where one cannot be read."""
    keys = list(home.list(PREFIX))
    return [Upload(**home.read_json(key)) for key in (keys if newest is None else keys[-newest:])]


def uploads_of(home: Store, dataset: str, sha256: str) -> list[Upload]:
    """The records of a content sent for a dataset, the oldest first."""
    keys = (key for key in home.list(PREFIX) if sha256[:12] in key)
    found = (Upload(**home.read_json(key)) for key in keys)
    return [upload for upload in found if (upload.dataset, upload.sha256) == (dataset, sha256)]
