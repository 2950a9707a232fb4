"""The report database: its engine, and its migrations. Its tables stand in `tables`."""

import sqlite3
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from pipelines.errors import UsageError
from pipelines.people.refresh import drop_views, fill_divisions, refresh_views
from pipelines.people.shown import Dialect
from pipelines.people.views import people_views
from pipelines.publish.tables import FIGURES, METADATA
from schemas.reports import REPORTS

__all__ = ["FIGURES", "METADATA", "DatabaseError", "migrate", "open_database"]


class DatabaseError(UsageError):
    """A database address that cannot be used; the message names the remedy."""


def open_database(url: str) -> sa.Engine:
    """Return an engine for a SQLAlchemy URL: `sqlite:///…` or `postgresql+psycopg://…`.

    SQLite gets WAL, a busy timeout of 30 s, foreign keys, and transactions that hold for reads and DDL too.
    Raises DatabaseError for any other address.
    """
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise DatabaseError(
            "数据库地址无法识别，请写成 sqlite:///路径 或 postgresql+psycopg://用户：口令@主机/库名"
        ) from error
    if address.drivername in ("sqlite", "sqlite+pysqlite"):
        if "?" in str(url) and not address.query:
            raise DatabaseError(
                f"数据库地址 {url} 中的问号不会算作文件名的一部分；请把它写成 %3F（百分号写成 %25）"
            )
        return _open_sqlite(address)
    if address.drivername == "postgresql+psycopg":
        return sa.create_engine(address, pool_pre_ping=True)
    shown = address.render_as_string(hide_password=True)
    if address.drivername.startswith("postgres"):
        remedy = address.set(drivername="postgresql+psycopg").render_as_string(hide_password=True)
        raise DatabaseError(f"数据库地址 {shown} 未指明驱动，请改为 {remedy}")
    raise DatabaseError(
        f"不支持数据库 {shown}，请用 sqlite:///路径 或 postgresql+psycopg://用户：口令@主机/库名"
    )


def _open_sqlite(address: sa.URL) -> sa.Engine:
    if address.database and address.database != ":memory:" and not address.database.startswith("file:"):
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver begins transactions by itself, and only before some statements: the event "begin" does it.
    connection.isolation_level = None
    connection.create_function("double_text", 1, _write_double, deterministic=True)
    # Builds that overwrite what is deleted write a night's staging a second time, as zeros; nothing in it is secret.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=OFF"):
        connection.execute(f"PRAGMA {pragma}").close()


def _write_double(value: float | None) -> str | None:
    """Shortest text of a double, as PostgreSQL writes it; SQLite itself would cut it to 15 digits."""
    return None if value is None else repr(float(value)).removesuffix(".0")


def migrate(engine: sa.Engine) -> None:
    """Bring the database and its people's views to what the definitions say and fill `data_dictionary`, in one transaction."""
    config = Config()
    location = str(Path(migrations.__file__ or "").parent)
    config.set_main_option("script_location", location.replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        if _is_behind(connection, config):  # no table is changed under a view
            drop_views(connection)
        command.upgrade(config, "head")
        _fill_dictionary(connection)
        fill_divisions(connection)
        refresh_views(connection)


def _is_behind(connection: sa.Connection, config: Config) -> bool:
    heads = ScriptDirectory.from_config(config).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) != set(heads)


def _fill_dictionary(connection: sa.Connection) -> None:
    dictionary = METADATA.tables["data_dictionary"]
    connection.execute(sa.delete(dictionary))
    connection.execute(
        sa.insert(dictionary),
        [
            {
                "table_name": table.name,
                "column_name": column.name,
                "type": column.type,
                "unit": column.unit,
                "title_zh": column.title_zh,
                "description": column.description,
                "source": column.source,
            }
            for table in REPORTS.values()
            for column in table.columns
        ]
        + [
            {
                "table_name": view.name,
                "column_name": shown.title,
                "type": shown.type,
                "unit": shown.unit,
                "title_zh": shown.title,
                "description": shown.description,
                "source": shown.source,
            }
            for view in people_views(cast(Dialect, connection.dialect.name))
            for shown in view.columns
        ],
    )
