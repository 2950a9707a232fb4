"""The ledger of pulls: `pulls` and `pulled_objects` of the report database. What a source still has to give follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.store.clock import SHANGHAI

_PULLS, _OBJECTS = METADATA.tables["pulls"], METADATA.tables["pulled_objects"]
_HAD = ("landed", "known", "reverted")


def now() -> str:
    """As the ledger writes it."""
    return datetime.now(SHANGHAI).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Line:
    """What became of one object; the columns of `pulled_objects`."""

    source: str
    object_name: str
    pull_id: str
    status: str
    path: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    mark: str | None = None
    watermark: str | None = None
    error: str | None = None
    read_at: str = field(default_factory=now)


@dataclass
class Had:
    """What was taken from a source before.

    `last`: object → its last line that says what it holds; `versions`: object → the contents it ever had; `contents`: SHA-256
    → path; `watermark`: that of the last file of a query; `broken`: pulls that never ended; `last_pull`: the last one's id.
    """

    last: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, set[str]] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    watermark: str = ""
    broken: tuple[str, ...] = ()
    last_pull: str = ""

    @property
    def paths(self) -> set[str]:
        """Of all files that have a line."""
        return set(self.contents.values())


def read_had(engine: sa.Engine, source: str) -> Had:
    """What the ledger knows of a source."""
    had = Had()
    lines = sa.select(_OBJECTS).where(_OBJECTS.c.source == source, _OBJECTS.c.status.in_(_HAD))
    with engine.connect() as connection:
        for line in connection.execute(lines.order_by(_OBJECTS.c.pull_id, _OBJECTS.c.read_at)):
            had.last[line.object_name] = line
            had.versions.setdefault(line.object_name, set()).add(line.sha256)
            if line.path:
                had.contents.setdefault(line.sha256, line.path)
            had.watermark = line.watermark or had.watermark
        pulls = sa.select(_PULLS.c.pull_id, _PULLS.c.status).where(_PULLS.c.source == source).order_by(_PULLS.c.pull_id)
        found = connection.execute(pulls).all()
    had.broken = tuple(pull_id for pull_id, status in found if status in ("running", "broken"))
    had.last_pull = found[-1].pull_id if found else ""
    return had


def begin(engine: sa.Engine, source: str, pull_id: str, kind: str, by: str) -> None:
    """Enter a pull that begins; those of the source that never ended become `broken`."""
    row = {"source": source, "pull_id": pull_id, "kind": kind, "started_at": now(), "taken_by": by, "status": "running"}
    with engine.begin() as connection:
        dead = sa.update(_PULLS).where(_PULLS.c.source == source, _PULLS.c.status == "running")
        connection.execute(dead.values(status="broken", error="拉取中断：进程被结束，或机器停机"))
        connection.execute(sa.insert(_PULLS), [row | dict.fromkeys((c.name for c in _PULLS.c if c.name not in row), 0) | _OPEN])


_OPEN = {"finished_at": None, "error": None}


def note(engine: sa.Engine, line: Line) -> None:
    """Enter what became of an object."""
    with engine.begin() as connection:
        connection.execute(sa.insert(_OBJECTS), [vars(line)])


def finish(engine: sa.Engine, source: str, pull_id: str, **came: Any) -> None:
    """Enter how a pull ended: columns of `pulls`."""
    own = sa.update(_PULLS).where(_PULLS.c.source == source, _PULLS.c.pull_id == pull_id)
    with engine.begin() as connection:
        connection.execute(own.values(finished_at=now(), **came))


def landed_since(engine: sa.Engine, moment: datetime) -> set[str]:
    """Paths below the landing zone of the files that were put there whole since a moment."""
    since = moment.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
    landed = sa.select(_OBJECTS.c.path).where(_OBJECTS.c.status == "landed", _OBJECTS.c.read_at >= since)
    with engine.connect() as connection:
        return {path for path in connection.execute(landed).scalars() if path}


def last_pulls(connection: sa.Connection) -> dict[str, sa.Row[Any]]:
    """Source → its last pull."""
    last = sa.select(_PULLS.c.source, sa.func.max(_PULLS.c.pull_id).label("pull_id")).group_by(_PULLS.c.source).subquery()
    rows = sa.select(_PULLS).join(last, sa.and_(_PULLS.c.source == last.c.source, _PULLS.c.pull_id == last.c.pull_id))
    return {row.source: row for row in connection.execute(rows)}


def faults_of(connection: sa.Connection, source: str, pull_id: str, limit: int = 20) -> list[str]:
    """The objects of a pull that were not taken, and why."""
    bad = sa.select(_OBJECTS.c.object_name, _OBJECTS.c.error).where(
        _OBJECTS.c.source == source, _OBJECTS.c.pull_id == pull_id, _OBJECTS.c.status.in_(("failed", "reverted"))
    )
    return [f"{name}：{error}" for name, error in connection.execute(bad.order_by(_OBJECTS.c.object_name).limit(limit))]
