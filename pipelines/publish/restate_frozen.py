"""Restatements of a frozen date: a chain per cell, from the frozen value to what is known now.

The first goes from the frozen value to a newer one, the next from there, and one that leads back to the frozen value is
written too. A run that finds what was known already writes nothing.
"""

import sqlalchemy as sa

from pipelines.database.made import Made
from pipelines.database.standing import Publication
from pipelines.database.tables import METADATA
from pipelines.publish.changes import Causes
from pipelines.publish.restate import count_restated, load_causes, restate

_RUNS, _CELLS = METADATA.tables["runs"], METADATA.tables["restatements"]
_CELL = ("table_name", "row_key", "column_name")


def restate_frozen(
    connection: sa.Connection, run_id: str, frozen: Publication, causes: Causes, made_then: Made | None = None
) -> int:
    """Write what the staged run changes against what is known of a frozen date; return the number of cells.

    Known is the last value that a run since the frozen one brought, else the frozen value; `causes` say why those
    values change, back to the frozen one too; `made_then` is what the frozen run made.
    """
    known = _take_known(connection, frozen)
    restate(connection, run_id, frozen.as_of, frozen.run_id, causes, made_then)
    own = sa.and_(_CELLS.c.as_of == frozen.as_of, _CELLS.c.run_id == run_id)
    same = sa.and_(*(_CELLS.c[name] == known.c[name] for name in _CELL))
    named = load_causes(connection, causes)
    of_cell = sa.and_(*(named.c[name] == known.c[name] for name in _CELL))
    fixed = {"as_of": frozen.as_of, "run_id": run_id}
    back = {
        **{name: known.c[name] for name in _CELL},
        **{name: sa.literal(value, _CELLS.c[name].type) for name, value in fixed.items()},
        "old_value": known.c.new_value,
        "new_value": known.c.frozen_value,
        "previous_run_id": known.c.run_id,
        "cause": sa.func.coalesce(named.c.cause, causes.rest),
    }
    values = sa.select(*(back[c.name].label(c.name) for c in _CELLS.columns))
    gone_back = values.outerjoin_from(known, named, of_cell).where(
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
    for table in (known, named):
        table.drop(connection)
    return count_restated(connection, run_id, frozen.as_of)


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
        sa.select(*by, _CELLS.c.new_value, _CELLS.c.run_id, first.label("frozen_value"), age.label("age"))
        .join_from(_CELLS, _RUNS, _RUNS.c.run_id == _CELLS.c.run_id)
        .where(_CELLS.c.as_of == frozen.as_of, _RUNS.c.finished_at > finished)
        .subquery("since")
    )
    last = sa.select(*(since.c[name] for name in texts)).where(since.c.age == 1)
    connection.execute(sa.insert(known).from_select(list(texts), last))
    return known
