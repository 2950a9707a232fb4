"""Report tables as people see them, row by row: the columns of the people's views, with the names of the run's own day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

import sqlalchemy as sa

from pipelines.database.tables import FIGURES, METADATA
from pipelines.reports.bulletin.listing import Cell, Head, Kind, Listing, list_rows
from pipelines.reports.bulletin.subject import Subject
from pipelines.views.shown import JURISDICTION, Dialect, Part, Shown, parts_of, show
from pipelines.views.table_book import title_of
from schemas.ledgers.restatements import CAUSES
from schemas.reports import REPORTS

_SLICE = 20_000
_SAID_ABOVE = ("as_of", "run_id")
_KINDS: dict[str, Kind] = {"yuan": "yuan", "date": "date", "count": "count", "integer": "count", "double": "quantity"}


def list_figures(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """A listing of each figure table, and of the task ledger, for the date, in the scope of the bulletin, ordered by its key.

    `take_names` has been called on the connection before.
    """
    return [
        _list_table(connection, subject, name, "t.as_of = :as_of", _SAID_ABOVE, part)
        for name in (*FIGURES, "task_ledger")
        for part in parts_of(REPORTS[name])
    ]


def list_restatements(connection: sa.Connection, subject: Subject) -> Listing:
    """What runs changed of published figures after the run of the bulletin before and up to this one's.

    A scope leaves nothing out here: a restatement says no division.
    """
    between = (
        "t.run_id IN (SELECT run_id FROM runs WHERE status = 'published' AND finished_at > :since AND finished_at <= :until)"
    )
    listing = _list_table(connection, subject, "restatements", between, (), *parts_of(REPORTS["restatements"]))
    zh, en = _since(subject)
    return Listing(**{**listing.__dict__, "note": (f"{zh}对已发布数字的修订", f"{en}: changes of published figures")})


def sum_restatements(connection: sa.Connection, subject: Subject) -> Listing:
    """What `list_restatements` lists, counted by date, table, column and cause: what pages and print show of it."""
    t, runs = METADATA.tables["restatements"], METADATA.tables["runs"]
    by = (t.c.as_of, t.c.table_name, t.c.column_name, t.c.cause)
    query = (
        sa.select(*by, sa.func.count(), sa.func.count(t.c.row_key.distinct()))
        .join_from(t, runs, runs.c.run_id == t.c.run_id)
        .where(
            runs.c.status == "published",
            runs.c.finished_at > subject.since,
            runs.c.finished_at <= subject.ledger["finished_at"],
        )
    )
    rows: list[list[Cell]] = [
        [as_of, REPORTS[table].title_zh, title_of(REPORTS[table].column(column)), CAUSES[cause], int(cells), int(keys)]
        for as_of, table, column, cause, cells, keys in connection.execute(query.group_by(*by))
    ]
    heads = (
        Head("统计截止日", "as of", "date"),
        Head("结果表", "table", "text"),
        Head("列", "column", "text"),
        Head("原因", "cause", "text"),
        Head("修订处数", "cells", "count"),
        Head("涉及行数", "rows", "count"),
    )
    total = sum(int(str(row[4])) for row in rows)
    note = (
        f"{_since(subject)[0]}对已发布数字的修订，共 {total:,} 处；每处的原值与新值见工作簿“数据修订”",
        f"{_since(subject)[1]}: changes of published figures, {total:,} cells; the workbook has each with its values",
    )
    return list_rows("restatements_summed", "数据修订汇总", "Restatements", heads, sorted(rows, key=str), note)


def _since(subject: Subject) -> tuple[str, str]:
    if subject.previous:
        return f"上次通报（{subject.previous}）以来", f"Since the bulletin of {subject.previous}"
    return "历次运行（此前没有季度通报）", "All runs (no quarterly bulletin before)"


def _list_table(
    connection: sa.Connection, subject: Subject, name: str, where: str, hidden: Sequence[str], part: Part
) -> Listing:
    table = REPORTS[name]
    where = " AND ".join(filter(None, (where, part.where)))
    shown, source = show(table, cast(Dialect, connection.dialect.name))
    columns = [column for column in shown if column.origin not in hidden]
    places = [column.sql for column in shown if column.title == JURISDICTION]
    values: dict[str, Any] = {"as_of": subject.as_of, "since": subject.since, "until": subject.ledger["finished_at"]}
    if subject.scope and places:
        within = (f"substr({places[0]}, 1, {len(prefix)}) = '{prefix}'" for prefix in subject.scope)
        where = f"{where} AND ({' OR '.join(within)})"
    used = {key: value for key, value in values.items() if f":{key}" in where}

    def prepare(select: str, order: str = "") -> sa.TextClause:
        query = sa.text(f"SELECT {select} {source} WHERE {where}{order}")
        return query.bindparams(sa.bindparam("as_of", type_=sa.Date())) if "as_of" in used else query

    def rows() -> Iterator[list[Cell]]:
        by = ", ".join(_by_bytes(connection, name, key) for key in table.key)
        query = prepare(", ".join(column.sql for column in columns), f" ORDER BY {by}")
        kinds = [kind_of(column) for column in columns]
        found = connection.execute(query, used, execution_options={"yield_per": _SLICE})
        for row in found:
            yield [_read(value, kind) for value, kind in zip(row, kinds, strict=True)]

    total = connection.execute(prepare("COUNT(*)"), used).scalar_one()
    heads = tuple(Head(column.title, column.origin.replace("_", " ") or "name", kind_of(column)) for column in columns)
    return Listing(
        f"{name}_others" if part.suffix_zh else name,
        table.title_zh + part.suffix_zh,
        name.replace("_", " ") + part.suffix_en,
        heads,
        int(total),
        rows,
    )


def kind_of(column: Shown) -> Kind:
    """How the values of a people's column are written."""
    if column.type == "double" and column.unit == "ratio":
        return "rate"
    return _KINDS.get(column.type, "text")


def _by_bytes(connection: sa.Connection, name: str, key: str) -> str:
    # A database of PostgreSQL may sort texts as a dictionary does; SQLite sorts them by their bytes.
    is_text = REPORTS[name].column(key).type not in ("date", "double", "fen", "count", "integer")
    return f't.{key} COLLATE "C"' if is_text and connection.dialect.name == "postgresql" else f"t.{key}"


def _read(value: Any, kind: Kind) -> Cell:
    """A value as both databases mean it: SQLite keeps dates as text, and gives yuan as the nearest double."""
    if value is None:
        return None
    match kind:
        case "yuan":
            return Decimal(round(value * 100)).scaleb(-2)
        case "date":
            return date.fromisoformat(value) if isinstance(value, str) else cast(date, value)
        case "rate" | "quantity":
            return float(value)
        case "count":
            return int(value)
    return str(value)
