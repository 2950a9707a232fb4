"""The runs of the ledger, oldest first, each with what became of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pipelines.database.ledger import INTERRUPTED
from pipelines.database.open import METADATA
from pipelines.store.clock import SHANGHAI

_RUNS = METADATA.tables["runs"]
_FORMER_HASH = re.compile(r"；?原行哈希 [0-9a-f]{64}")
_NAMES = (
    "run_id",
    "as_of",
    "started_at",
    "finished_at",
    "status",
    "code_version",
    "policy_digest",
    "input_digest",
    "result_digest",
    "rows_read",
    "rows_accepted",
    "rows_rejected",
    "released_by",
    "note",
)


@dataclass(frozen=True)
class Night:
    """One run as the ledger has it; times in Shanghai, `note` without the hashes the ledger keeps there."""

    run_id: str
    as_of: dt.date
    started: dt.datetime
    finished: dt.datetime | None
    status: str
    code_version: str
    policy_digest: str
    input_digest: str
    result_digest: str
    rows_read: int | None
    rows_accepted: int | None
    rows_rejected: int | None
    released_by: str
    note: str

    @property
    def tone(self) -> str:
        """The colour of the verdict: good, warn, bad or idle."""
        if self.status == "published":
            return "warn" if self.released_by else "good"
        return {"held": "warn", "failed": "bad"}.get(self.status, "idle")

    @property
    def was_interrupted(self) -> bool:
        """Whether it was found unfinished by the run after it."""
        return self.status == "failed" and self.note == INTERRUPTED

    @property
    def seconds(self) -> int | None:
        """How long the run took, None while it runs."""
        return None if self.finished is None else round((self.finished - self.started).total_seconds())


def read_nights(connection: sa.Connection) -> list[Night]:
    """Every run of the ledger in the order in which they began."""
    rows = connection.execute(sa.select(*(_RUNS.c[name] for name in _NAMES))).mappings()
    return sorted((_night(dict(row)) for row in rows), key=lambda night: (night.started, night.run_id))


def later_than(night: Night, nights: Sequence[Night]) -> list[str]:
    """Ids of the runs that began after this one."""
    found = [other.run_id for other in nights]
    return found[found.index(night.run_id) + 1 :]


def since(previous: str | None, night: Night, nights: Sequence[Night]) -> list[str]:
    """Ids of the runs that began after the `previous` one, up to this; this alone where the previous one began later."""
    begun = [other.run_id for other in nights[: nights.index(night) + 1]]
    if previous is None:
        return begun
    return begun[begun.index(previous) + 1 :] if previous in begun else [night.run_id]


def _night(row: dict[str, object]) -> Night:
    texts = ("code_version", "policy_digest", "input_digest", "result_digest", "released_by", "note")
    row |= {name: str(row[name] or "") for name in texts}
    row["note"] = _FORMER_HASH.sub("", str(row["note"]))
    row["started"], row["finished"] = (_moment(row.pop(name)) for name in ("started_at", "finished_at"))
    return Night(**row)  # type: ignore[arg-type]


def _moment(text: object) -> dt.datetime | None:
    if text is None:
        return None
    moment = dt.datetime.fromisoformat(str(text))
    return (moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)).replace(microsecond=0)
