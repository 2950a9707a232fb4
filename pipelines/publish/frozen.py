"""Frozen dates: what a quarterly bulletin said stands for good, and later runs only add to `restatements`.

Restatements of a frozen date form a chain per cell: the first goes from the frozen value to a newer one, the next
from there, and one that leads back to the frozen value is written too. A run that finds what was known already writes
nothing.
"""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.publish.changes import Cause, Causes
from pipelines.publish.ledger import LedgerError
from pipelines.publish.restate import count_restated, restate
from pipelines.publish.standing import Publication
from pipelines.publish.tables import METADATA

_BULLETINS, _RUNS, _CELLS, _PUBLICATIONS = (
    METADATA.tables[name] for name in ("bulletins", "runs", "restatements", "publications")
)
_CELL = ("table_name", "row_key", "column_name")
_BACK: Cause = "correction"


def is_frozen(connection: sa.Connection, as_of: dt.date) -> bool:
    """Whether a quarterly bulletin froze the date."""
    return first_frozen(connection, as_of) is not None


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


def frozen_before(connection: sa.Connection, as_of: dt.date) -> dt.date | None:
    """The greatest frozen date below `as_of`."""
    query = sa.select(sa.func.max(_BULLETINS.c.as_of))
    found: dt.date | None = connection.execute(
        query.where(_BULLETINS.c.as_of < as_of, _BULLETINS.c.is_frozen == 1)
    ).scalar_one()
    return found


def enter_bulletin(engine: sa.Engine, bulletin: Bulletin) -> Bulletin | None:
    """Enter a bulletin that was made, and freeze its date where it is to be frozen; return the entry of the same
    workbook if it was made before.

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
        if row is None:
            connection.execute(sa.insert(_BULLETINS), [bulletin._asdict()])
        elif bulletin.is_frozen and not row.is_frozen:
            connection.execute(sa.update(_BULLETINS).where(*same).values(is_frozen=1))
    return Bulletin(*row) if row else None


def lock_publication(connection: sa.Connection, as_of: dt.date) -> str | None:
    """The run whose figures stand for a date, held until the transaction ends: nobody freezes what another replaces."""
    query = sa.select(_PUBLICATIONS.c.run_id).where(_PUBLICATIONS.c.as_of == as_of).with_for_update()
    run_id: str | None = connection.execute(query).scalar_one_or_none()
    return run_id


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
    return (
        f"截止日 {stands.as_of} 已随季度通报冻结，数字仍为运行 {stands.run_id} 所发布；本次只登记修订：{more}"
    )


def restate_frozen(connection: sa.Connection, run_id: str, frozen: Publication, causes: Causes) -> int:
    """Write what the staged run changes against what is known of a frozen date; return the number of cells.

    Known is the last value that a run since the frozen one brought, else the frozen value. A cell that goes back to
    its frozen value differs from nothing published: what was brought in between is corrected.
    """
    known = _take_known(connection, frozen)
    restate(connection, run_id, frozen.as_of, frozen.run_id, causes)
    own = sa.and_(_CELLS.c.as_of == frozen.as_of, _CELLS.c.run_id == run_id)
    same = sa.and_(*(_CELLS.c[name] == known.c[name] for name in _CELL))
    fixed = {"as_of": frozen.as_of, "run_id": run_id, "cause": _BACK}
    back = {
        **{name: known.c[name] for name in _CELL},
        **{name: sa.literal(value, _CELLS.c[name].type) for name, value in fixed.items()},
        "old_value": known.c.new_value,
        "new_value": known.c.frozen_value,
        "previous_run_id": known.c.run_id,
    }
    gone_back = sa.select(*(back[c.name].label(c.name) for c in _CELLS.columns)).where(
        known.c.new_value.is_distinct_from(known.c.frozen_value), ~sa.exists().where(own, same)
    )
    returned = connection.execute(gone_back).all()
    told = sa.exists().where(same, known.c.new_value.is_not_distinct_from(_CELLS.c.new_value))
    connection.execute(sa.delete(_CELLS).where(own, told))
    since = {
        "old_value": sa.select(known.c.new_value).where(same).scalar_subquery(),
        "previous_run_id": sa.select(known.c.run_id).where(same).scalar_subquery(),
    }
    connection.execute(sa.update(_CELLS).where(own, sa.exists().where(same)).values(since))
    if returned:
        connection.execute(sa.insert(_CELLS), [dict(row._mapping) for row in returned])
    known.drop(connection)
    return count_restated(connection, run_id)


def _take_known(connection: sa.Connection, frozen: Publication) -> sa.Table:
    """A temporary table of the cells restated since: the last value and the run that brought it, the frozen value."""
    texts = (*_CELL, "new_value", "run_id", "frozen_value")
    known = sa.Table(
        "known_cells",
        sa.MetaData(),
        *(sa.Column(name, sa.Text(), primary_key=name in _CELL) for name in texts),
        prefixes=["TEMPORARY"],
    )
    known.create(connection)
    finished = sa.select(_RUNS.c.finished_at).where(_RUNS.c.run_id == frozen.run_id).scalar_subquery()
    by = [_CELLS.c[name] for name in _CELL]
    first = sa.func.first_value(_CELLS.c.old_value).over(partition_by=by, order_by=_RUNS.c.finished_at)
    age = sa.func.row_number().over(partition_by=by, order_by=_RUNS.c.finished_at.desc())
    since = (
        sa.select(
            *by,
            _CELLS.c.new_value,
            _CELLS.c.run_id,
            first.label("frozen_value"),
            age.label("age"),
        )
        .join_from(_CELLS, _RUNS, _RUNS.c.run_id == _CELLS.c.run_id)
        .where(_CELLS.c.as_of == frozen.as_of, _RUNS.c.finished_at > finished)
        .subquery("since")
    )
    last = sa.select(*(since.c[name] for name in texts)).where(since.c.age == 1)
    connection.execute(sa.insert(known).from_select(list(texts), last))
    return known
