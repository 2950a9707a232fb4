"""A published slice of a figure table as an object, such as a night would have written."""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import key_of, valid_at, versions_of
from pipelines.database.unload import schema_of, unload
from pipelines.store.store import Object

_GIVEN_IN_STAGING = ("valid_from", "valid_to", "first_seen", "due_on", "state")


def export(engine: sa.Engine, table: str, date: dt.date, target: Object) -> int:
    """Write what the figure table `table` shows for `date` to `target`; return the number of rows.

    The rows are in the order of their key, texts by their bytes, as the objects of a night are.
    Columns are those of the table without as_of and run_id; of findings only the open ones, without
    first_seen, due_on and state. Memory is bounded by slices of 50,000 rows.
    """
    versions = versions_of(table)
    columns = [column for column in versions.columns if column.name not in _GIVEN_IN_STAGING]
    by_bytes = [_order_by_bytes(engine, versions.c[key]) for key in key_of(table)]
    query = sa.select(*columns).where(valid_at(versions, date)).order_by(*by_bytes)
    if table == "findings":
        query = query.where(versions.c.state == "open")
    rows = 0
    with engine.connect() as connection, target.writing(schema_of(query)) as write:
        for part in unload(connection, query):
            write(part)
            rows += part.height
    return rows


def _order_by_bytes(engine: sa.Engine, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    # A database of PostgreSQL may sort texts as a dictionary does; SQLite sorts them by their bytes.
    is_text = engine.dialect.name == "postgresql" and isinstance(column.type, sa.Text)
    return sa.collate(column, "C") if is_text else column
