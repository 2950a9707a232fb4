"""The report database: its engine, and its migrations. Its tables stand in `tables`."""

import glob
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

import migrations
from pipelines.database.new_figures import make_new_figures
from pipelines.database.seals import open_seals
from pipelines.database.tables import FIGURES, METADATA
from pipelines.database.waiting import wait_in_bounds
from pipelines.errors import UsageError, secret_address, show_address
from pipelines.store.private import privately
from pipelines.views.refresh import drop_views, fill_divisions, refresh_views
from pipelines.views.shown import Dialect
from pipelines.views.views import people_views
from schemas.reports import REPORTS
from schemas.table import tell

if TYPE_CHECKING:  # alembic takes a tenth of a second, and whoever opens a database seldom changes its tables
    from alembic.config import Config

__all__ = ["FIGURES", "METADATA", "DatabaseError", "at_one_moment", "migrate", "open_database", "opened", "opened_existing"]


class _Compiled(LRUCache[Any, Any]):
    """Statements as they were compiled for one engine, for all engines of the process to the same kind of database: by itself
    each compiles anew, and every step of a night opens one, and so does whatever asks.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._kind(*key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(self._kind(*key), value)

    def _kind(self, dialect: sa.Dialect, *statement: Any) -> tuple[Any, ...]:
        return type(dialect), getattr(dialect, "server_version_info", None), *statement


_COMPILED = _Compiled(1_000)


class DatabaseError(UsageError):
    """A database address that cannot be used; the message names the remedy."""


def open_database(url: str) -> sa.Engine:
    """Return an engine for a SQLAlchemy URL: `sqlite:///…` or `postgresql+psycopg://…`.

    SQLite gets WAL, a busy timeout of 30 s, foreign keys, and transactions that hold for reads and DDL too; its file
    is made by `migrate` alone. The password is kept secret from then on.
    Raises DatabaseError for any other address.
    """
    try:
        address = secret_address(url)
    except sa.exc.ArgumentError as error:
        raise DatabaseError(
            "数据库地址无法识别，请写成 sqlite:///路径 或 postgresql+psycopg://用户@主机:端口/库名；"
            "用户名、口令中的 @ 写作 %40，: 写作 %3A，/ 写作 %2F，% 写作 %25，口令最好放在 PGPASSFILE 指向的文件里"
        ) from error
    if address.drivername in ("sqlite", "sqlite+pysqlite"):
        if "?" in str(url) and not address.query:
            raise DatabaseError(f"数据库地址 {url} 中的问号不会算作文件名的一部分；请把它写成 %3F（百分号写成 %25）")
        return _open_sqlite(address)
    if address.drivername == "postgresql+psycopg":
        engine = sa.create_engine(
            address, pool_pre_ping=True, hide_parameters=True, execution_options={"compiled_cache": _COMPILED}
        )
        wait_in_bounds(engine)
        return engine
    shown = show_address(address)
    if address.drivername.startswith("postgres"):
        remedy = show_address(address.set(drivername="postgresql+psycopg"))
        raise DatabaseError(f"数据库地址 {shown} 未指明驱动，请改为 {remedy}")
    raise DatabaseError(f"不支持数据库 {shown}，请用 sqlite:///路径 或 postgresql+psycopg://用户@主机/库名")


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    """As `open_database`, for as long as the block lasts: no connection stays open after it."""
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def opened_existing(url: str, *, migrated: bool = False) -> Iterator[sa.Engine]:
    """As `opened`, for those who ask; `migrated` for those who write, too. UsageError where the database is not there or holds
    no run.
    """
    with opened(url) as engine:
        file = _file_of(engine)
        remedy = "请用 --home（VBP_HOME）或 --database（VBP_DATABASE）指定 vbp run 用过的那一个，或先执行一次 vbp run"
        if file is not None and not file.is_file():
            raise UsageError(f"找不到结果库 {file}；{remedy}")
        if not has_ledger(engine):
            raise UsageError(f"{show_address(engine.url)} 里没有结果表；{remedy}")
        if migrated:
            migrate(engine)
        yield engine


def has_ledger(engine: sa.Engine) -> bool:
    """Whether a night was ever begun on the database: its file is there, and the ledger of runs in it."""
    file = _file_of(engine)
    return (file is None or file.is_file()) and sa.inspect(engine).has_table("runs")


@contextmanager
def at_one_moment(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection whose reads all see the database at one moment, whatever is published meanwhile: what is read from several
    tables for people is of one run. Nothing that it writes is kept.
    """
    # SQLite reads so in any transaction that has begun; PostgreSQL would let every statement see what is new.
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect() as connection:
        yield connection.execution_options(**level)


def _open_sqlite(address: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        address, connect_args={"timeout": 30}, hide_parameters=True, execution_options={"compiled_cache": _COMPILED}
    )
    sa.event.listen(engine, "do_connect", _open_only)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _open_only(_dialect: object, _record: object, positional: list[Any], named: dict[str, Any]) -> None:
    """Open a file that is there: by itself SQLite makes an empty database of every wrong path."""
    if _is_file(name := str(positional[0])):
        positional[0] = f"{Path(name).absolute().as_uri()}?mode=rw"
        named["uri"] = True


def _is_file(name: str) -> bool:
    return name not in ("", ":memory:") and not name.startswith("file:")


def _file_of(engine: sa.Engine) -> Path | None:
    """The file of an embedded database."""
    name = engine.url.database or ""
    return Path(name) if engine.dialect.name == "sqlite" and _is_file(name) else None


def _make_file(engine: sa.Engine) -> None:
    """Make the file of an embedded database, for its owner alone; one that stood open is closed."""
    if (file := _file_of(engine)) is None:
        return
    with privately():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    if file.stat().st_uid == os.geteuid():
        for path in (file, *file.parent.glob(f"{glob.escape(file.name)}-*")):
            path.chmod(0o600)


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
    """Bring the database and its people's views to what the definitions say and fill `data_dictionary`, in one transaction.

    Makes the file of an embedded database that is not there yet.
    """
    from alembic import command
    from alembic.migration import MigrationContext

    _make_file(engine)
    with engine.begin() as connection:
        if set(MigrationContext.configure(connection).get_current_heads()) != _heads():
            drop_views(connection)  # no table is changed under a view
            command.upgrade(_configure(connection), "head")
        make_new_figures(connection)
        _fill_dictionary(connection)
        fill_divisions(connection)
        refresh_views(connection)
        open_seals(connection)


def migrate_to(connection: sa.Connection, revision: str) -> None:
    """Bring the tables of a database to a revision, and nothing else."""
    from alembic import command

    command.upgrade(_configure(connection), revision)


def _configure(connection: sa.Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    location = str(Path(migrations.__file__ or "").parent)
    config.set_main_option("script_location", location.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def _heads() -> set[str]:
    from alembic.script import ScriptDirectory

    return set(ScriptDirectory.from_config(_configure()).get_heads())


def _fill_dictionary(connection: sa.Connection) -> None:
    dictionary = METADATA.tables["data_dictionary"]
    wanted = dictionary_rows(cast(Dialect, connection.dialect.name))
    columns = [dictionary.c[name] for name in wanted[0]]
    if {*map(tuple, connection.execute(sa.select(*columns)))} != {tuple(row.values()) for row in wanted}:
        connection.execute(sa.delete(dictionary))
        connection.execute(sa.insert(dictionary), wanted)


def dictionary_rows(dialect: Dialect) -> list[dict[str, str]]:
    """What `data_dictionary` holds: every column of the report tables and of people's views."""
    columns = [
        {
            "table_name": table.name,
            "column_name": column.name,
            "type": column.type,
            "unit": column.unit,
            "title_zh": column.title_zh,
            "description": tell(column.description),
            "source": column.source,
        }
        for table in REPORTS.values()
        for column in table.columns
    ]
    shown = [
        {
            "table_name": view.name,
            "column_name": shown.title,
            "type": shown.type,
            "unit": shown.unit,
            "title_zh": shown.title,
            "description": tell(shown.description),
            "source": shown.source,
        }
        for view in people_views(dialect)
        for shown in view.columns
    ]
    return [*columns, *shown]
