"""What the rows that come must satisfy, and the keys that leave, as SQL that finds those that do not.

The query of a check returns one row per failing item; it must run on SQLite and on PostgreSQL, and joins by
comma, because Great Expectations names its batch otherwise in a query that says JOIN. Keys, required columns,
lists and ranges derive from the report definitions; what must add up stands in `sums`.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.database.standing import Publication
from pipelines.database.tables import FIGURES, key_of
from schemas.reports import REPORTS, Column, ReportTable

_LARGEST = "1e308"  # also finds infinity, and what is not a number


@dataclass(frozen=True)
class Check:
    """One check: its name, the table or dataset it is about, and the query that lists what fails it.

    A check of single rows has the `condition` that finds them among the staged rows of `table`, so that all
    conditions of a table are counted in one pass. `applied` counts what was looked at; empty: the staged
    rows of `table`.
    """

    check_id: str
    scope: str
    table: str
    failing: str
    message_zh: str
    applied: str = ""
    condition: str = ""


def expect_columns(base: Publication | None) -> list[Check]:
    """Return the checks of each column: keys unique, required filled, lists and ranges kept.

    With the publication that is changed also: no key comes that stands and stays, none leaves that does
    not stand.
    """
    checks = [check for name in (*FIGURES, "source_files") for check in _expect_table(REPORTS[name])]
    unique = [_expect_key(name, base if name in FIGURES else None) for name in (*FIGURES, "source_files")]
    return unique + checks + ([_expect_leaving(name, base.as_of) for name in FIGURES] if base else [])


def quote(text: str) -> str:
    """An SQL literal, fit for a query in which braces and colons have a meaning."""
    return "'" + text.replace("'", "''").replace("{", "{{").replace("}", "}}").replace(":", "\\:") + "'"


def stands(date: dt.date) -> str:
    """SQL condition: a row of versions, named v, is part of what `date` shows."""
    return f"v.valid_from <= '{date}' AND v.valid_to > '{date}'"


def leaving(name: str, columns: str, base: Publication | None) -> str:
    """SELECT of `columns` (of v, the row, and l, its key) of the rows that leave; none without a base."""
    if base is None:
        return f"SELECT {columns} FROM {name}_versions AS v, leaving_{name} AS l WHERE 1 = 0"
    return (
        f"SELECT {columns} FROM leaving_{name} AS l, {name}_versions AS v"
        f" WHERE {_same(name, 'l', 'v')} AND {stands(base.as_of)}"
    )


def changing(name: str, columns: Sequence[str], base: Publication | None) -> str:
    """Derived table `changing` of rows that come with sign 1 and rows that leave with sign -1.

    What added up before, and adds up in the signed sums, adds up afterwards.
    """
    staged = f"SELECT 1 AS sign, {', '.join(columns)} FROM staging_{name}"
    left = leaving(name, "-1, " + ", ".join(f"v.{column}" for column in columns), base)
    return f"({staged}{f' UNION ALL {left}' if base else ''}) AS changing"


def check_rows(name: str, check: str, condition: str, message_zh: str, *, shown: str = "") -> Check:
    """A check of single rows: `condition` finds the failing ones; their key and `shown` are listed."""
    columns = ", ".join(key_of(name)) + (f", {shown}" if shown else "")
    failing = f"SELECT {columns} FROM staging_{name} WHERE {condition}"
    return Check(f"{name}.{check}", name, name, failing, message_zh, condition=condition)


def _same(name: str, left: str, right: str) -> str:
    return " AND ".join(f"{left}.{key} = {right}.{key}" for key in key_of(name))


def _expect_key(name: str, base: Publication | None) -> Check:
    key = ", ".join(key_of(name))
    failing = f"SELECT {key}, COUNT(*) AS repeats FROM staging_{name} GROUP BY {key} HAVING COUNT(*) > 1"
    if base is not None:
        stays = f"SELECT {key} FROM staging_{name} EXCEPT SELECT {key} FROM leaving_{name}"  # few: looked up are these
        both = ", ".join(f"s.{column}" for column in key_of(name))
        failing += (
            f" UNION ALL SELECT {both}, 2 AS repeats FROM ({stays}) AS s, {name}_versions AS v"
            f" WHERE {_same(name, 's', 'v')} AND {stands(base.as_of)}"
        )
    return Check(f"{name}.key", name, name, failing, "主键重复")


def _expect_leaving(name: str, base: dt.date) -> Check:
    key = ", ".join(key_of(name))
    held = f"SELECT 1 FROM {name}_versions AS v WHERE {_same(name, 'l', 'v')} AND {stands(base)}"
    failing = (
        f"SELECT DISTINCT {key}, 0 AS repeats FROM leaving_{name} AS l WHERE NOT EXISTS ({held})"
        f" UNION ALL SELECT {key}, COUNT(*) AS repeats FROM leaving_{name} GROUP BY {key} HAVING COUNT(*) > 1"
    )
    message_zh = f"要撤下的行在 {base} 并不存在，或被撤下不止一次"
    return Check(f"{name}.leaving", name, name, failing, message_zh, f"SELECT COUNT(*) FROM leaving_{name}")


def _expect_table(table: ReportTable) -> Iterator[Check]:
    staged = [c for c in table.columns if table.name not in FIGURES or c.name not in ("as_of", "run_id")]
    faults = {
        "required": ("必填列为空", {c.name: f"{c.name} IS NULL" for c in staged if not c.nullable}),
        "values": ("取值不在允许范围", {c.name: _outside_list(c) for c in staged if c.values}),
        "range": (
            "数值超出允许区间",
            {c.name: _outside_range(c) for c in staged if c.minimum is not None},
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
