"""Frozen dates: what a quarterly bulletin said stands for good, and later runs only add to `restatements`.

Needs no Polars: Airflow's own processes ask too. What such a run writes stands in `restate_frozen`.
"""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.ledger import LedgerError
from pipelines.database.seals import hold_to_seal, reseal
from pipelines.database.standing import Publication
from pipelines.database.tables import METADATA
from pipelines.retain.dropped import closed_until

_BULLETINS, _RUNS, _PUBLICATIONS = (METADATA.tables[name] for name in ("bulletins", "runs", "publications"))


class Bulletin(NamedTuple):
    """An entry of `bulletins`."""

    as_of: dt.date
    scope: str
    workbook_digest: str
    run_id: str
    made_at: str
    is_frozen: int
    previous_as_of: dt.date | None


def first_frozen(connection: sa.Connection, as_of: dt.date) -> Bulletin | None:
    """The bulletin that froze a date, None where none did."""
    query = sa.select(_BULLETINS).where(_BULLETINS.c.as_of == as_of, _BULLETINS.c.is_frozen == 1)
    row = connection.execute(query.order_by(_BULLETINS.c.made_at).limit(1)).first()
    return Bulletin(*row) if row else None


def is_frozen(connection: sa.Connection, as_of: dt.date) -> bool:
    """Whether a quarterly bulletin froze the date."""
    return first_frozen(connection, as_of) is not None


def frozen_before(connection: sa.Connection, as_of: dt.date) -> dt.date | None:
    """The greatest frozen date below `as_of`."""
    query = sa.select(sa.func.max(_BULLETINS.c.as_of))
    found: dt.date | None = connection.execute(
        query.where(_BULLETINS.c.as_of < as_of, _BULLETINS.c.is_frozen == 1)
    ).scalar_one()
    return found


def frozen_after(connection: sa.Connection, as_of: dt.date) -> dt.date | None:
    """The least frozen date above `as_of`."""
    query = sa.select(sa.func.min(_BULLETINS.c.as_of))
    found: dt.date | None = connection.execute(
        query.where(_BULLETINS.c.as_of > as_of, _BULLETINS.c.is_frozen == 1)
    ).scalar_one()
    return found


def enter_bulletin(engine: sa.Engine, bulletin: Bulletin, files: Mapping[str, str] | None = None) -> Bulletin | None:
    """Enter a bulletin that was made, and freeze its date where it is to be frozen; return the entry of the same
    workbook if it was made before. Its seal holds the entry and `files`: path below the home → SHA-256.

    LedgerError when another run's figures stand for the date by now.
    """
    with engine.begin() as connection:
        stands = lock_publication(connection, bulletin.as_of)
        if stands != bulletin.run_id:
            raise LedgerError(
                f"{bulletin.as_of} 现行发布的是运行 {stands} 的数字，不是 {bulletin.run_id}：其间另有发布，请重新制作"
            )
        key = ("as_of", "scope", "workbook_digest")
        same = [_BULLETINS.c[name] == getattr(bulletin, name) for name in key]
        row = connection.execute(sa.select(_BULLETINS).where(*same)).first()
        place = {name: getattr(bulletin, name) for name in key}
        hold_to_seal(connection, "bulletin", "bulletins", **place)
        if row is None:
            connection.execute(sa.insert(_BULLETINS), [bulletin._asdict()])
        elif bulletin.is_frozen and not row.is_frozen:
            connection.execute(sa.update(_BULLETINS).where(*same).values(is_frozen=1))
        subject = " ".join(filter(None, (bulletin.as_of.isoformat(), bulletin.scope)))
        reseal(connection, "bulletin", subject, {"files": dict(files or {})}, bulletins=place)
    return Bulletin(*row) if row else None


def lock_publication(connection: sa.Connection, as_of: dt.date) -> str | None:
    """The run whose figures stand for a date, held until the transaction ends: nobody freezes what another replaces."""
    query = sa.select(_PUBLICATIONS.c.run_id).where(_PUBLICATIONS.c.as_of == as_of).with_for_update()
    run_id: str | None = connection.execute(query).scalar_one_or_none()
    return run_id


def refuse_closed(connection: sa.Connection, as_of: dt.date) -> None:
    """LedgerError for a date that can no longer be published, because figures of nights around it were dropped; a frozen date,
    whose figures stand for good, may be computed again.
    """
    closed = closed_until(connection)
    if closed is not None and as_of <= closed and not is_frozen(connection, as_of):
        raise LedgerError(
            f"截止日 {as_of} 不能再计算发布：{closed} 之前的夜间数字已按保留规则清理（见表 dropped_dates），"
            f"该日问题的首次发现日已无从推算；请用 {closed} 之后的截止日"
        )


def only_restates(connection: sa.Connection, run_id: str) -> bool:
    """Whether a published run came upon a frozen date: figures of a run that ended before it stand."""
    own, other = _RUNS.alias("own"), _RUNS.alias("other")
    query = (
        sa.select(own.c.run_id)
        .join_from(own, _PUBLICATIONS, _PUBLICATIONS.c.as_of == own.c.as_of)
        .join(other, other.c.run_id == _PUBLICATIONS.c.run_id)
        .where(own.c.run_id == run_id, own.c.status == "published", own.c.finished_at > other.c.finished_at)
    )
    return connection.execute(query).first() is not None


def explain_frozen(stands: Publication, cells: int) -> str:
    """What a run of a frozen date has to say for itself (Chinese)."""
    more = f"新增修订 {cells} 处，见 restatements" if cells else "没有新的修订"
    return f"截止日 {stands.as_of} 已随季度通报冻结，数字仍为运行 {stands.run_id} 所发布；本次只登记修订：{more}"
