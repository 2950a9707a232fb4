"""What staged rows must satisfy, as SQL that finds the rows that do not.

The query of a check names the staging table it runs on as `{batch}` and returns one row per failing item;
it must run on SQLite and on PostgreSQL. Keys, required columns, lists and ranges derive from the report
definitions; what must add up stands in `sums`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.publish.database import FIGURES
from schemas.reports import REPORTS, Column, ReportTable

_LARGEST = "1e308"  # also finds infinity, and what is not a number


@dataclass(frozen=True)
class Check:
    """One check: its name, the table or dataset it is about, and the rows of `table` that fail it."""

    check_id: str
    scope: str
    table: str
    failing: str
    applied: str
    message_zh: str


def expect_columns() -> list[Check]:
    """Return the checks of each column: keys unique, required filled, lists and ranges kept."""
    tables = [REPORTS[name] for name in (*FIGURES, "source_files")]
    return [check for table in tables for check in _expect_table(table)]


def quote(text: str) -> str:
    """An SQL literal, fit for a query in which braces and colons have a meaning."""
    return "'" + text.replace("'", "''").replace("{", "{{").replace("}", "}}").replace(":", "\\:") + "'"


def count_rows(name: str) -> str:
    """SQL counting the staged rows of a table."""
    return f"SELECT COUNT(*) FROM staging_{name}"


def _key_of(table: ReportTable) -> str:
    return ", ".join(name for name in table.key if name not in ("as_of", "run_id"))


def check_rows(name: str, check: str, condition: str, message_zh: str, *, shown: str = "") -> Check:
    """A check of single rows: `condition` finds the failing ones; their key and `shown` are listed."""
    columns = _key_of(REPORTS[name]) + (f", {shown}" if shown else "")
    failing = f"SELECT {columns} FROM {{batch}} WHERE {condition}"
    return Check(f"{name}.{check}", name, name, failing, count_rows(name), message_zh)


def _expect_table(table: ReportTable) -> Iterator[Check]:
    key = _key_of(table)
    repeated = f"SELECT {key}, COUNT(*) AS repeats FROM {{batch}} GROUP BY {key} HAVING COUNT(*) > 1"
    yield Check(f"{table.name}.key", table.name, table.name, repeated, count_rows(table.name), "主键重复")
    faults = {
        "required": ("必填列为空", {c.name: f"{c.name} IS NULL" for c in table.columns if not c.nullable}),
        "values": ("取值不在允许范围", {c.name: _outside_list(c) for c in table.columns if c.values}),
        "range": (
            "数值超出允许区间",
            {c.name: _outside_range(c) for c in table.columns if c.minimum is not None},
        ),
    }
    for check, (message_zh, conditions) in faults.items():
        if conditions:
            named = " || ".join(
                f"CASE WHEN {sql} THEN '{name} ' ELSE '' END" for name, sql in conditions.items()
            )
            wrong = " OR ".join(conditions.values())
            shown = ", ".join(name for name in conditions if check != "required" and name not in table.key)
            columns = f"{named} AS wrong_columns" + (f", {shown}" if shown else "")
            yield check_rows(table.name, check, wrong, message_zh, shown=columns)


def _outside_list(column: Column) -> str:
    return f"{column.name} NOT IN ({', '.join(quote(value) for value in column.values)})"


def _outside_range(column: Column) -> str:
    if column.type != "double":
        return f"{column.name} < {column.minimum:.0f}"
    largest = _LARGEST if column.maximum is None else str(column.maximum)
    return f"NOT {column.name} BETWEEN {column.minimum} AND {largest}"
