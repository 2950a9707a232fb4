"""Rows of an object brought into a table by key."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from pipelines.database.load import load
from pipelines.store.store import Object
from schemas.reports import REPORTS


def upsert(connection: sa.Connection, table: sa.Table, rows: Object, key: Sequence[str], *, kept: Collection[str] = ()) -> None:
    """Insert the rows of an object with all columns of a report table; a row whose key stands there replaces it, but
    for the columns `kept`.
    """
    name = f"incoming_{table.name}"
    incoming = sa.Table(name, sa.MetaData(), *(sa.Column(c.name, c.type) for c in table.columns))
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {name} AS SELECT * FROM {table.name} WHERE 1 = 0")
    load(connection, incoming, rows, {})
    names = ", ".join(REPORTS[table.name].column_names)
    changing = [column for column in REPORTS[table.name].column_names if column not in (*key, *kept)]
    update = ", ".join(f"{column} = excluded.{column}" for column in changing)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {name} WHERE 1 = 1"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {update}"
    )
    connection.exec_driver_sql(f"DROP TABLE {name}")
