"""An equal of a PostgreSQL report database as a SQLite file: what is published, for people to browse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.open import migrate, opened, opened_existing
from pipelines.database.tables import METADATA, is_stored
from pipelines.errors import UsageError, show_address
from pipelines.serve.limits import HIDDEN
from pipelines.store.private import privately

_ROWS = 10_000
_WRITER = "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA foreign_keys=OFF", "PRAGMA cache_size=-64000"
_MARK = "SELECT (SELECT MAX(seal_no) FROM seals), (SELECT COUNT(*) FROM task_actions), (SELECT COUNT(finished_at) FROM runs)"

Mark = tuple[Any, ...]
"""What tells whether a database says the same as when it was copied: seals, acts on tasks, runs that ended."""


def copy_database(url: str, place: Path) -> Mark:
    """Write the tables of a PostgreSQL report database, all as of one moment, into a new SQLite file at `place`, with the
    people's views of this program; return its mark. What is staged is left out. Memory does not follow the number of rows.

    The database is only read, in one transaction. UsageError where it is not there, holds no run, is of another version of the
    program, or may not be read by the user of the address.
    """
    with _reading(url) as source, _writing(place) as target:
        _require_same(source, target)
        tables = set(sa.inspect(source).get_table_names())
        for table in METADATA.sorted_tables:
            if is_stored(table) and table.name in tables and table.name not in HIDDEN:
                _copy(source, target, table)
        return tuple(source.exec_driver_sql(_MARK).one())


def read_mark(url: str) -> Mark:
    """The mark of a database as it is now."""
    with _reading(url) as source:
        return tuple(source.exec_driver_sql(_MARK).one())


@contextmanager
def _reading(url: str) -> Iterator[sa.Connection]:
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with opened_existing(url) as engine:
        try:
            with engine.connect().execution_options(**options) as connection:
                yield connection
        except sa.exc.ProgrammingError as error:
            if type(error.orig).__name__ != "InsufficientPrivilege":
                raise
            who = engine.url.username or "当前用户"
            raise UsageError(
                f"{show_address(engine.url)}：用户 {who} 没有读取全部结果表的权限；请用结果库的所有者，"
                f'或由管理员执行 GRANT pg_read_all_data TO "{who}"'
            ) from error


@contextmanager
def _writing(place: Path) -> Iterator[sa.Connection]:
    """An embedded database with all tables and views of this program, empty; closed into its one file at the end."""
    with opened(sa.URL.create("sqlite", database=str(place)).render_as_string()) as engine, privately():
        migrate(engine)
        with engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            for pragma in _WRITER:
                raw.execute(pragma)
            yield connection
            connection.commit()
            raw.execute("ANALYZE")


def _require_same(source: sa.Connection, target: sa.Connection) -> None:
    revision = "SELECT version_num FROM alembic_version"
    theirs, ours = (set(connection.exec_driver_sql(revision).scalars()) for connection in (source, target))
    if theirs != ours:
        raise UsageError(
            f"结果库的版本（{'、'.join(sorted(theirs))}）与本程序（{'、'.join(sorted(ours))}）不同；"
            "请先用本程序执行一次 vbp run，或换用写过该结果库的程序版本"
        )


def _copy(source: sa.Connection, target: sa.Connection, table: sa.Table) -> None:
    """Dates come as text, as SQLite has them; everything else is the same on both sides. Rows come in the order of the key, in
    which they are written without a search, and from driver to driver, which is half the time.
    """
    asked = (sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, sa.Date) else c for c in table.columns)
    query = sa.select(*asked).order_by(*table.primary_key.columns)
    target.execute(sa.delete(table))
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    into = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(table.columns))})'
    reader, writer = source.connection.dbapi_connection, target.connection.dbapi_connection
    assert reader is not None and writer is not None
    with closing(reader.cursor(name="copy")) as rows:
        rows.execute(str(query.compile(source)))
        while block := rows.fetchmany(_ROWS):
            writer.executemany(into, block)
