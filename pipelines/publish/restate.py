"""Restatements: what a later run of a published date changes, cell by cell."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pipelines.database.load import load
from pipelines.database.made import Made
from pipelines.database.tables import METADATA, key_of, leaving_of, staging_of, valid_at, versions_of
from pipelines.database.versions import figures_staged
from pipelines.publish.changes import Causes
from schemas.reports import REPORTS
from schemas.reports.findings import RULES

# The clock of a finding moves without any figure changing; cured rows are its last trace.
IGNORED = frozenset({"run_id", "first_seen", "due_on", "state"})
_CELL = ("table_name", "row_key", "column_name")
_NAMED = sa.Table(
    "named_cause",
    sa.MetaData(),
    *(sa.Column(c, sa.Text(), primary_key=c in _CELL) for c in (*_CELL, "cause")),
    prefixes=["TEMPORARY"],
)


def restate(
    connection: sa.Connection, run_id: str, as_of: dt.date, previous_run_id: str, causes: Causes, made_then: Made | None = None
) -> int:
    """Write one row of `restatements` for every cell that staging changes in the figures of `as_of`.

    Rows that come are matched by their key with what stands; a row that appeared has null as old value, one
    that leaves and does not come has null as new value. Of tables, columns and rules of findings that the previous run
    did not make (`made_then`; None: it made all) nothing stood, and nothing is restated. Returns the number of cells.
    Nothing else is changed; the caller owns the transaction.
    """
    restatements = METADATA.tables["restatements"]
    named = load_causes(connection, causes)
    for name in figures_staged(connection):
        columns = compared_columns(name)
        if made_then is not None and (name in made_then.tables or not _shows_rows(connection, name, as_of)):
            columns = [column for column in columns if column in made_then.tables.get(name, ())]
        if not columns:
            continue
        later_rules = [code for code in RULES if made_then is not None and not made_then.has_rule(code)]
        cell = _select_cells(connection, name, as_of, columns, later_rules).subquery("cell")
        fixed = {"as_of": as_of, "table_name": name, "run_id": run_id, "previous_run_id": previous_run_id}
        values: dict[str, sa.ColumnElement[Any]] = {
            column: sa.literal(value, restatements.c[column].type) for column, value in fixed.items()
        }
        values |= {c: cell.c[c] for c in ("row_key", "column_name", "old_value", "new_value")}
        values["cause"] = sa.func.coalesce(named.c.cause, causes.rest)
        same = sa.and_(*(named.c[c] == values[c] for c in _CELL))
        names = list(restatements.columns.keys())
        # In the order of the key: its index grows page by page, and not all over once per column.
        cells = (
            sa.select(*(values[c] for c in names))
            .outerjoin_from(cell, named, same)
            .order_by(cell.c.row_key, cell.c.column_name)
        )
        connection.execute(sa.insert(restatements).from_select(names, cells))
    named.drop(connection)
    return count_restated(connection, run_id, as_of)


def count_restated(connection: sa.Connection, run_id: str, as_of: dt.date) -> int:
    """Return the number of cells that a run of a date restates."""
    restatements = METADATA.tables["restatements"]
    own = sa.and_(restatements.c.as_of == as_of, restatements.c.run_id == run_id)
    counted = sa.select(sa.func.count()).select_from(restatements).where(own)
    return int(connection.execute(counted).scalar_one())


def load_causes(connection: sa.Connection, causes: Causes) -> sa.Table:
    """The causes of single cells as a temporary table, which the caller drops: `table_name`, `row_key`, `column_name`,
    `cause`. Keyed, because SQLite looks up a cell at a time.
    """
    _NAMED.drop(connection, checkfirst=True)
    _NAMED.create(connection)
    if causes.cells is not None:
        load(connection, _NAMED, causes.cells, {})
    return _NAMED


def _shows_rows(connection: sa.Connection, name: str, as_of: dt.date) -> bool:
    versions = versions_of(name)
    shown = sa.select(sa.literal(1)).select_from(versions).where(valid_at(versions, as_of)).limit(1)
    return connection.execute(shown).first() is not None


def _select_cells(
    connection: sa.Connection, name: str, as_of: dt.date, columns: Sequence[str], later_rules: Sequence[str]
) -> sa.CompoundSelect[Any]:
    """row_key, column_name, old_value, new_value of the cells of the columns that differ."""
    changed = _select_changed(name, as_of, columns, later_rules).cte("changed")
    keys = [sa.func.coalesce(sa.cast(changed.c[key], sa.Text), "") for key in key_of(name)]
    row_key: sa.ColumnElement[str] = keys[0]
    for key in keys[1:]:
        row_key = row_key + "|" + key
    return sa.union_all(
        *(
            sa.select(
                row_key.label("row_key"),
                sa.literal(column).label("column_name"),
                _as_text(connection, changed.c[f"old_{column}"]).label("old_value"),
                _as_text(connection, changed.c[f"new_{column}"]).label("new_value"),
            ).where(changed.c[f"old_{column}"].is_distinct_from(changed.c[f"new_{column}"]))
            for column in columns
        )
    )


def compared_columns(name: str) -> list[str]:
    """The columns of a figure table whose change is a restatement."""
    table = REPORTS[name]
    return [column for column in table.column_names if column not in IGNORED and column not in table.key]


def _select_changed(name: str, as_of: dt.date, columns: Sequence[str], later_rules: Sequence[str]) -> sa.CompoundSelect[Any]:
    """Rows that differ, appeared or vanished: key columns, old_<column>, new_<column>; findings of `later_rules` left out."""
    old, new, leaving = versions_of(name).alias("old"), staging_of(name).alias("new"), leaving_of(name)
    keys = key_of(name)
    same = [old.c[key] == new.c[key] for key in keys]
    old_stands: list[sa.ColumnElement[bool]] = [valid_at(old, as_of)]
    new_stands: list[sa.ColumnElement[bool]] = []
    if "state" in old.c:
        old_stands.append(old.c.state != "cured")
        new_stands = [new.c.state != "cured", new.c.rule_code.not_in(later_rules)]
    values = [old.c[c].label(f"old_{c}") for c in columns] + [new.c[c].label(f"new_{c}") for c in columns]
    differs = sa.or_(old.c.valid_from.is_(None), *(old.c[c].is_distinct_from(new.c[c]) for c in columns))
    appeared_or_changed = (
        sa.select(*(new.c[key] for key in keys), *values)
        .select_from(new.outerjoin(old, sa.and_(*same, *old_stands)))
        .where(differs, *new_stands)
    )
    # EXCEPT and not an outer join: SQLite would read all of the unindexed staging table for every row.
    gone = (
        sa.select(*(leaving.c[key] for key in keys))
        .except_(sa.select(*(new.c[key] for key in keys)).where(*new_stands))
        .subquery("gone")
    )
    vanished = sa.select(
        *(old.c[key] for key in keys),
        *(old.c[c].label(f"old_{c}") for c in columns),
        *(sa.cast(sa.null(), old.c[c].type).label(f"new_{c}") for c in columns),
    ).select_from(gone.join(old, sa.and_(*(old.c[key] == gone.c[key] for key in keys), *old_stands)))
    return sa.union_all(appeared_or_changed, vanished)


def _as_text(connection: sa.Connection, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    if connection.dialect.name == "sqlite" and isinstance(value.type, sa.Float):
        return sa.func.double_text(value)
    if isinstance(value.type, sa.Boolean):  # SQLite would say 1 and 0
        return sa.case((value, "true"), (sa.not_(value), "false"))
    return sa.cast(value, sa.Text)
