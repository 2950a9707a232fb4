"""Which rows of the latest published date each approved excuse in the register moves, and by how much: a view of its own."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.views.shown import JURISDICTION, Dialect, Shown
from schemas.declared import declared
from schemas.reports import REPORTS, Column
from schemas.rule import ExcusedRows

NAME = "正当理由影响"


def comment() -> str:
    """What the view says."""
    told = "，".join(dict.fromkeys(moved.told_zh for moved in declared("EXCUSED")))
    return f"在册备案在最近发布日所涉的结果行：{told} / rows that excuses of the register move, of the latest published date."


def columns_of(dialect: Dialect) -> tuple[Shown, ...]:
    """The columns of the view."""
    yuan = "CAST(m.fen * 0.01 AS NUMERIC(22, 2))" if dialect == "postgresql" else "m.fen / 100.0"
    return (
        Shown("备案编号", "text", "", "Number of the excuse.", "", "excuse_id", "r.excuse_id"),
        Shown("医疗机构编码", "text", "", "Whom it excuses.", "", "institution_code", "r.institution_code"),
        Shown("医疗机构名称", "text", "", "Name of the institution.", "", "", "COALESCE(i.name, r.institution_code)"),
        Shown("结果表", "text", "", "Table of the row that it moves.", "", "", "m.title"),
        Shown("行主键", "text", "", "Key of the row without the date, joined by |.", "", "", "m.row_key"),
        Shown("剔除数量", "double", "min_unit", "Minimum units excused in the row, of all its excuses.", "", "", "m.quantity"),
        Shown("涉及金额", "yuan", "yuan", "Amount of the row that is excused.", "", "", yuan),
        Shown(JURISDICTION, "text", "", "Division of the institution.", "", "", "i.jurisdiction_code"),
    )


def source_of(dialect: Dialect) -> str:
    """What the columns are read from."""
    parts = " UNION ALL ".join(_parts(dialect))
    return (
        f"FROM excuse_register r JOIN ({parts}) m ON m.excuse_id = r.excuse_id"
        " LEFT JOIN institution_names i ON i.institution_code = r.institution_code"
    )


def _parts(dialect: Dialect) -> Iterator[str]:
    """By table: the excuses that move a row of it, its key, quantity and fen."""
    for moved in declared("EXCUSED"):
        table = REPORTS[moved.table]
        named = _listed(dialect) if "excuse_id" in table.column_names else _named(moved)
        condition = " AND ".join(filter(None, (*named, moved.where)))
        key = " || '|' || ".join(_as_text(table.column(name)) for name in table.key if name != "as_of")
        yield (
            f"SELECT x.excuse_id, '{table.title_zh}' AS title, {key} AS row_key,"
            f" {moved.quantity or 'CAST(NULL AS DOUBLE PRECISION)'} AS quantity, {moved.fen or 'CAST(NULL AS BIGINT)'} AS fen"
            f" FROM excuse_register x JOIN {table.name} t ON {condition}"
            " WHERE x.state = 'standing' AND t.as_of = (SELECT MAX(as_of) FROM publications)"
        )


def _listed(dialect: Dialect) -> tuple[str, ...]:
    find = "strpos" if dialect == "postgresql" else "instr"
    lists_it = f"{find}(',' || t.excuse_id || ',', ',' || x.excuse_id || ',') > 0"
    return lists_it, "t.institution_code = x.institution_code"


def _named(moved: ExcusedRows) -> tuple[str, ...]:
    register = REPORTS["excuse_register"]
    own = (f"COALESCE(x.{name}, '')" if register.column(name).nullable else f"x.{name}" for name in moved.by)
    same = (f"t.{name} = {value}" for name, value in zip(moved.by, own, strict=True))
    return *same, f"x.kind = '{moved.kind}'", "x.valid_from <= t.as_of"


def _as_text(column: Column) -> str:
    return f"t.{column.name}" if column.type == "text" else f"CAST(t.{column.name} AS TEXT)"
