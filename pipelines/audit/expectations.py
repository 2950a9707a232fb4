"""What the rows that come must satisfy, and the keys that leave, as SQL that finds those that do not.

The query of a check returns one row per failing item; it must run on SQLite and on PostgreSQL, and joins by
comma, because Great Expectations names its batch otherwise in a query that says JOIN. Keys, required columns,
lists and ranges derive from the report definitions; what must add up stands in `laws`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.audit.changed import Changed, same_key
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


def expect_columns(changed: Changed) -> list[Check]:
    """Return the checks of each column: keys unique, required filled, lists and ranges kept.

    With the publication that is changed also: no key comes that stands and stays, none leaves that does
    not stand.
    """
    tables = (*FIGURES, "source_files")
    checks = [check for name in tables for check in _expect_table(REPORTS[name])]
    leaving = [_expect_leaving(name, changed, changed.base) for name in FIGURES] if changed.base else []
    return [*(_expect_key(name, changed) for name in tables), *checks, *leaving]


def quote(text: str) -> str:
    """An SQL literal, fit for a query in which braces and colons have a meaning."""
    return "'" + text.replace("'", "''").replace("{", "{{").replace("}", "}}").replace(":", "\\:") + "'"


def check_rows(name: str, check: str, condition: str, message_zh: str, *, shown: str = "") -> Check:
    """A check of single rows: `condition` finds the failing ones; their key and `shown` are listed."""
    columns = ", ".join(key_of(name)) + (f", {shown}" if shown else "")
    failing = f"SELECT {columns} FROM staging_{name} WHERE {condition}"
    return Check(f"{name}.{check}", name, name, failing, message_zh, condition=condition)


def _expect_key(name: str, changed: Changed) -> Check:
    key = ", ".join(key_of(name))
    failing = f"SELECT {key}, COUNT(*) AS repeats FROM staging_{name} GROUP BY {key} HAVING COUNT(*) > 1"
    if changed.base is not None and name in FIGURES:
        stays = f"SELECT {key} FROM staging_{name} EXCEPT SELECT {key} FROM leaving_{name}"  # few: looked up are these
        both = ", ".join(f"s.{column}" for column in key_of(name))
        failing += (
            f" UNION ALL SELECT {both}, 2 AS repeats FROM ({stays}) AS s, {name}_versions AS v"
            f" WHERE {same_key(name, 's', 'v')} AND {changed.stands}"
        )
    return Check(f"{name}.key", name, name, failing, "主键重复")


def _expect_leaving(name: str, changed: Changed, base: Publication) -> Check:
    key = ", ".join(key_of(name))
    held = f"SELECT 1 FROM {name}_versions AS v WHERE {same_key(name, 'l', 'v')} AND {changed.stands}"
    failing = (
        f"SELECT DISTINCT {key}, 0 AS repeats FROM leaving_{name} AS l WHERE NOT EXISTS ({held})"
        f" UNION ALL SELECT {key}, COUNT(*) AS repeats FROM leaving_{name} GROUP BY {key} HAVING COUNT(*) > 1"
    )
    message_zh = f"要撤下的行在 {base.as_of} 并不存在，或被撤下不止一次"
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
