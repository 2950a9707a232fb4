"""The tables of the report database, from the report definitions.

A figure table is a view of its name over `publications` (which run's figures stand for a date) and
`<name>_versions` (rows valid from one published date, inclusive, to another, exclusive), so that a night
writes what it changes. `staging_<name>` takes the rows that come, `leaving_<name>` the keys of those that go.
The same tables stand in SQLite and in PostgreSQL.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from schemas.reports import REPORTS, Column, ReportTable

FIGURES: tuple[str, ...] = tuple(sorted(name for name, table in REPORTS.items() if table.figure))
LEDGERS: tuple[str, ...] = ("check_results", "source_files")
STAGED: tuple[str, ...] = FIGURES + LEDGERS
STILL_VALID = dt.date(9999, 12, 31)

_OF_THE_NIGHT = ("as_of", "run_id")


def key_of(name: str) -> tuple[str, ...]:
    """Key columns of a staged table within one night."""
    return tuple(key for key in REPORTS[name].key if key not in _OF_THE_NIGHT)


def _type_of(column: Column) -> sa.types.TypeEngine[Any]:
    match column.type:
        case "date":
            return sa.Date()
        case "double":
            return sa.Double(53)
        case "fen" | "count":
            return sa.BigInteger()
        case "integer":
            return sa.Integer()
        case "flag":
            return sa.Boolean()
        case _:
            return sa.Text()


def _columns_of(columns: Iterable[Column], *, loose: bool = False) -> list[Any]:
    """Columns of a table; `loose` ones may be null, so that the audit can name the row."""
    return [sa.Column(c.name, _type_of(c), nullable=loose or c.nullable, comment=c.comment) for c in columns]


def _add_table(table: ReportTable, metadata: sa.MetaData) -> None:
    primary = sa.PrimaryKeyConstraint(*table.key, name=f"pk_{table.name}")
    sa.Table(table.name, metadata, *_columns_of(table.columns), primary, comment=table.comment)


def _add_figure(table: ReportTable, metadata: sa.MetaData) -> None:
    name, key = table.name, key_of(table.name)
    sa.Table(name, metadata, *_columns_of(table.columns), comment=table.comment, info={"view": True})
    sa.Table(
        f"{name}_versions",
        metadata,
        *_columns_of(column for column in table.columns if column.name not in _OF_THE_NIGHT),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="起始日: First as_of the row is valid at."),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="截止日: First as_of it is not valid at."),
        sa.PrimaryKeyConstraint(*key, "valid_from", name=f"pk_{name}_versions"),
        comment=f"版本 / versions of {table.comment}",
        sqlite_with_rowid=False,
    )
    keys = (table.column(column) for column in key)
    comment = f"撤下 / keys leaving {table.comment}"
    sa.Table(f"leaving_{name}", metadata, *_columns_of(keys), comment=comment)


def _add_staging(name: str, metadata: sa.MetaData) -> None:
    left_out = _OF_THE_NIGHT if name in FIGURES else ()
    columns = (column for column in REPORTS[name].columns if column.name not in left_out)
    comment = f"暂存 / staging of {REPORTS[name].comment}"
    sa.Table(f"staging_{name}", metadata, *_columns_of(columns, loose=True), comment=comment)


def _add_nights(metadata: sa.MetaData) -> None:
    """What is staged, and which home it came from."""
    sa.Table(
        "staging_run",
        metadata,
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that is staged."),
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Its date."),
        sa.Column("base_as_of", sa.Date(), comment="基准日: Date whose figures it changes."),
        sa.Column("base_run_id", sa.Text(), comment="基准运行: Run that stood for that date."),
        comment="暂存 / the run that is staged and the figures it changes",
    )
    sa.Table(
        "home_mark",
        metadata,
        sa.Column("only", sa.Integer(), nullable=False, comment="唯一行: Always 1: there is one row."),
        sa.Column("mark", sa.Text(), nullable=False, comment="标记: Last mark, which its home knows."),
        sa.Column("place", sa.Text(), nullable=False, comment="位置: Host and home that left it."),
        sa.Column("left_at", sa.Text(), nullable=False, comment="时间: When, Asia/Shanghai."),
        sa.PrimaryKeyConstraint("only", name="pk_home_mark"),
        comment="数据目录标记 / the home that the database belongs to",
    )


def _add_lease(metadata: sa.MetaData) -> None:
    """Which run is at work: `pipelines.database.lease`."""
    sa.Table(
        "lease",
        metadata,
        sa.Column("name", sa.Text(), nullable=False, comment="名称: What is leased; there is one row, night."),
        sa.Column("holder", sa.Text(), comment="持有者: Run that holds it, null when it was left."),
        sa.Column("token", sa.BigInteger(), nullable=False, comment="令牌: Grows by one with every other holder."),
        sa.Column("host", sa.Text(), nullable=False, comment="主机: Where it was taken."),
        sa.Column("boot", sa.Text(), nullable=False, comment="启动标识: Of the machine's kernel, since it was started."),
        sa.Column("home", sa.Text(), nullable=False, comment="数据目录: Home of the run."),
        sa.Column("process", sa.BigInteger(), comment="进程: The one process that does the run, null where tasks do."),
        sa.Column("dag_run", sa.Text(), comment="DAG 运行: Run of Airflow whose tasks do it."),
        sa.Column("taken_at", sa.Double(53), nullable=False, comment="占用时间: Clock of the database, Unix seconds."),
        sa.Column("renewed_at", sa.Double(53), nullable=False, comment="续期时间: As taken_at."),
        sa.Column("expires_at", sa.Double(53), nullable=False, comment="到期时间: As taken_at."),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
        comment="租约 / the run that works on home and database",
    )


def _add_seals(metadata: sa.MetaData) -> None:
    """What every act wrote, chained: `pipelines.database.seals`."""
    sa.Table(
        "seals",
        metadata,
        sa.Column("seal_no", sa.Integer(), nullable=False, comment="封存序号: Place in the chain, from 1."),
        sa.Column("sealed_at", sa.Text(), nullable=False, comment="封存时间: Asia/Shanghai."),
        sa.Column("act", sa.Text(), nullable=False, comment="事项: What was done."),
        sa.Column("subject", sa.Text(), nullable=False, comment="对象: Run, list, sample … it was done to."),
        sa.Column("content", sa.Text(), nullable=False, comment="内容: Rows written, and digests of what is many rows."),
        sa.Column("previous_hash", sa.Text(), comment="前一封存哈希: seal_hash of the seal before."),
        sa.Column("seal_hash", sa.Text(), nullable=False, comment="封存哈希: SHA-256 of the other columns."),
        sa.PrimaryKeyConstraint("seal_no", name="pk_seals"),
        comment="封存 / what each act wrote, chained by hashes",
    )


def _add_views(metadata: sa.MetaData) -> None:
    """What people's views were made, and who may read them in PostgreSQL."""
    sa.Table(
        "people_views",
        metadata,
        sa.Column("place", sa.Integer(), nullable=False, comment="次序: Order in which views are made."),
        sa.Column("view_name", sa.Text(), nullable=False, comment="视图: Name of the view."),
        sa.Column("definition", sa.Text(), nullable=False, comment="定义: The SQL that made it."),
        sa.PrimaryKeyConstraint("view_name", name="pk_people_views"),
        comment="视图 / the people's views as they were made",
    )
    sa.Table(
        "readers",
        metadata,
        sa.Column("role_name", sa.Text(), nullable=False, comment="角色: Role of the database."),
        sa.Column("jurisdiction", sa.Text(), nullable=False, comment="统筹区: Prefix of the divisions it sees, empty for all."),
        sa.PrimaryKeyConstraint("role_name", "jurisdiction", name="pk_readers"),
        comment="只读角色 / who may read, and which divisions",
    )


def _build_metadata() -> sa.MetaData:
    metadata = sa.MetaData()
    for table in REPORTS.values():
        (_add_figure if table.figure else _add_table)(table, metadata)
    for name in STAGED:
        _add_staging(name, metadata)
    _add_nights(metadata)
    _add_lease(metadata)
    _add_seals(metadata)
    _add_views(metadata)
    return metadata


METADATA: sa.MetaData = _build_metadata()
"""All tables; the views among them are marked `info["view"]`, and are read like tables."""


def is_stored(item: object, *_: object) -> bool:
    """Whether an item of METADATA is stored and not a view: what Alembic compares."""
    return not (isinstance(item, sa.Table) and item.info.get("view"))


def define_view(name: str) -> str:
    """The SELECT behind a figure table's name."""
    columns = (f"p.{c}" if c in _OF_THE_NIGHT else f"v.{c}" for c in REPORTS[name].column_names)
    return (
        f"SELECT {', '.join(columns)} FROM publications p"
        f" JOIN {name}_versions v ON v.valid_from <= p.as_of AND p.as_of < v.valid_to"
    )


def staging_of(name: str) -> sa.Table:
    """Return the table that takes the rows of `name` that come."""
    return METADATA.tables[f"staging_{name}"]


def leaving_of(name: str) -> sa.Table:
    """Return the table that takes the keys of the rows of the figure table `name` that go."""
    return METADATA.tables[f"leaving_{name}"]


def versions_of(name: str) -> sa.Table:
    """Return the table that keeps the rows of the figure table `name`."""
    return METADATA.tables[f"{name}_versions"]


def valid_at(versions: sa.FromClause, date: dt.date) -> sa.ColumnElement[bool]:
    """Whether a row of versions is part of what `date` shows."""
    return sa.and_(versions.c.valid_from <= date, versions.c.valid_to > date)
