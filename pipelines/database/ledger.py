"""The run ledger `runs`: one row per run, finished rows chained by hashes.

`row_hash` is the SHA-256 of the canonical JSON of all other columns of a finished row, `previous_hash`
the `row_hash` of the row finished before it. A row that is finished again (a held run that is released, a
failed one that is tried again) moves to the end of the chain and keeps its former hash in `note`.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa

from pipelines.database.lease import leave
from pipelines.database.seals import seal
from pipelines.database.tables import METADATA
from pipelines.errors import VbpError
from pipelines.store.clock import SHANGHAI

INTERRUPTED = "中断"
_FORMER_HASH = re.compile(r"原行哈希 ([0-9a-f]{64})")
_RUNS = METADATA.tables["runs"]
_OWN_COLUMNS = {"status", "finished_at", "previous_hash", "row_hash"}


class LedgerError(VbpError):
    """A run that cannot take the state asked for; the message names the run and the remedy."""


def begin(engine: sa.Engine, run: Mapping[str, Any]) -> None:
    """Enter a run as `running`; runs still `running` from before become `failed` with the note 「中断」.

    `run` holds columns of `runs` (run_id and as_of at least). Beginning the same run again is allowed
    unless it is published (LedgerError).
    """
    with engine.begin() as connection:
        others = sa.select(_RUNS.c.run_id).where(_RUNS.c.status == "running", _RUNS.c.run_id != run["run_id"])
        for run_id in connection.execute(others.order_by(_RUNS.c.started_at, _RUNS.c.run_id)).scalars().all():
            finish(connection, {"run_id": run_id, "note": INTERRUPTED}, "failed")
        refuse_published(connection, run["run_id"])
        row = _merge_row(connection, run)
        _write_row(connection, {**row, "status": "running", **dict.fromkeys(_OWN_COLUMNS - {"status"})})


def record_failure(engine: sa.Engine, run_id: str, note: str) -> None:
    """Mark a run as `failed` with the reason; a published run, whose figures stand, is left as it is."""
    with engine.begin() as connection:
        if status_of(connection, run_id) != "published":
            finish(connection, {"run_id": run_id, "note": note}, "failed")


def last_published_batch(connection: sa.Connection, *, but: str = "") -> int:
    """Return the highest batch of the lake that a published run (other than `but`) had read, 0 without one."""
    runs = METADATA.tables["runs"]
    published = sa.select(runs.c.lake_versions).where(runs.c.status == "published", runs.c.run_id != but)
    return max((int(json.loads(row[0])["batch"]) for row in connection.execute(published)), default=0)


def first_with_records(connection: sa.Connection) -> str | None:
    """Return when the first published run that accepted rows was finished, None without one: what was published before it
    held nothing. A run that did not count its rows is taken to have accepted some.
    """
    accepted = sa.or_(_RUNS.c.rows_accepted > 0, _RUNS.c.rows_accepted.is_(None))
    query = sa.select(sa.func.min(_RUNS.c.finished_at)).where(_RUNS.c.status == "published", accepted)
    found: str | None = connection.execute(query).scalar_one()
    return found


def held_nothing(connection: sa.Connection, run_id: str) -> bool:
    """Whether a published run was made before any record was accepted: its figures say nothing that could be restated."""
    first = first_with_records(connection)
    finished = connection.execute(sa.select(_RUNS.c.finished_at).where(_RUNS.c.run_id == run_id)).scalar_one_or_none()
    return finished is not None and (first is None or finished < first)


def last_published(connection: sa.Connection) -> str | None:
    """Return the id of the run that was published last, None without one."""
    published = sa.select(_RUNS.c.run_id).where(_RUNS.c.status == "published")
    return connection.execute(published.order_by(_RUNS.c.finished_at.desc()).limit(1)).scalar_one_or_none()


def status_of(connection: sa.Connection, run_id: str) -> str | None:
    """Return the status of a run, None when the ledger does not know it."""
    return connection.execute(sa.select(_RUNS.c.status).where(_RUNS.c.run_id == run_id)).scalar_one_or_none()


def refuse_published(connection: sa.Connection, run_id: str) -> None:
    """Raise LedgerError when the run is published already."""
    if status_of(connection, run_id) == "published":
        raise LedgerError(f"运行 {run_id} 已发布，不能再次开始或扣留，请使用新的运行编号")


def finish(
    connection: sa.Connection,
    run: Mapping[str, Any],
    status: Literal["published", "held", "failed"],
    publications: Sequence[Mapping[str, Any]] = (),
    digests: Mapping[str, Any] | None = None,
) -> None:
    """Bring the run's row to its final state, stamped, chained and sealed, within the caller's transaction. With its end
    the run leaves its lease.

    `publications` are the rows that the run wrote there, `digests` what names its other rows and its files.
    """
    row = _merge_row(connection, run)
    last = sa.select(_RUNS.c.row_hash, _RUNS.c.finished_at).where(_RUNS.c.row_hash.is_not(None))
    tail = connection.execute(last.order_by(_RUNS.c.finished_at.desc(), _RUNS.c.run_id.desc())).first()
    row["status"] = status
    row["finished_at"] = stamp_after(tail.finished_at if tail else None)
    row["previous_hash"] = tail.row_hash if tail else None
    row["row_hash"] = hash_row(row)
    _write_row(connection, row)
    leave(connection, row["run_id"])
    seal(connection, status, row["run_id"], {"runs": [row], "publications": publications}, digests)


def hash_row(row: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8) of the columns of `runs` but row_hash."""
    content = {c.name: row.get(c.name) for c in _RUNS.columns if c.name != "row_hash"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def check_chain(engine: sa.Engine) -> list[str]:
    """Return one Chinese line for each row of `runs` that was changed or slipped in, or whose predecessor is missing."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(_RUNS)).mappings().all()
    former = {found for row in rows for found in _FORMER_HASH.findall(row["note"] or "")}
    faults = [
        f"运行 {row['run_id']} 的状态是 {row['status']}，台账行却没有 row_hash：被改动或插入"
        for row in rows
        if not row["row_hash"] and row["status"] != "running"
    ]
    follows: dict[str | None, str] = {}
    previous: str | None = None
    for row in sorted((row for row in rows if row["row_hash"]), key=lambda row: (row["finished_at"], row["run_id"])):
        run_id, before = row["run_id"], row["previous_hash"]
        if hash_row(dict(row)) != row["row_hash"]:
            faults.append(f"运行 {run_id} 的台账行被改动过：内容与 row_hash 不符")
        if before in follows:
            faults.append(f"运行 {follows[before]} 与 {run_id} 的 previous_hash 相同：其中一行是插入的")
        elif before != previous and before not in former:
            faults.append(f"运行 {run_id} 之前的台账行缺失或被改动：previous_hash 对不上")
        follows[before] = run_id
        previous = row["row_hash"]
    return faults


def _merge_row(connection: sa.Connection, run: Mapping[str, Any]) -> dict[str, Any]:
    """The stored row overlaid by what the caller knows; former hashes stay in the note."""
    found = connection.execute(sa.select(_RUNS).where(_RUNS.c.run_id == run["run_id"])).mappings().one_or_none()
    if found is None and "as_of" not in run:
        raise LedgerError(f"运行台账中没有运行 {run['run_id']}，请核对运行编号(vbp 的 runs 表)")
    stored: dict[str, Any] = dict(found) if found else dict.fromkeys(_RUNS.columns.keys())
    given = {name: _encode(value) for name, value in run.items() if name in _RUNS.columns and name not in _OWN_COLUMNS}
    row = {**stored, **given}
    row["started_at"] = row["started_at"] or stamp_after(None)
    hashes = _FORMER_HASH.findall(stored["note"] or "") + ([stored["row_hash"]] if stored["row_hash"] else [])
    marks = [f"原行哈希 {found}" for found in hashes if found not in (row["note"] or "")]
    row["note"] = "；".join(filter(None, [row["note"], *marks])) or None
    return row


def _encode(value: object) -> object:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return value


def _now() -> dt.datetime:
    return dt.datetime.now(SHANGHAI)


def stamp_after(last: str | None) -> str:
    """The time now in Shanghai, in any case later than `last`: the chain survives a clock set back."""
    now = _now()
    if last is not None:
        now = max(now, dt.datetime.fromisoformat(last) + dt.timedelta(microseconds=1))
    return now.isoformat(timespec="microseconds")


def _write_row(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(sa.delete(_RUNS).where(_RUNS.c.run_id == row["run_id"]))
    connection.execute(sa.insert(_RUNS), [dict(row)])
