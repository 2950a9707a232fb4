"""What is asked of a night before it is published: expectations on columns of what is staged, and SQL that lists what
breaks a law, a key or a gate.

An expectation on a column is one of Great Expectations' own, by its name and arguments; so that it runs bundled with the
others of its table, in one query. A query must run on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.audit.changed import Changed, same_key
from pipelines.database.standing import Publication
from pipelines.database.tables import FIGURES, key_of
from schemas.declared import LAWS
from schemas.law import Law, adds_up, laws_of
from schemas.reports import REPORTS, Column, ReportTable

EXAMPLES = 20
"""So many rows that fail are shown; all are in a file of the run."""

_LARGEST = 1e308
"""The maximum of a number that has none: a minimum alone lets infinity pass, and what is not a number."""
_LARGEST_WHOLE = 2**63 - 1
_FILES = adds_up(
    "source_files",
    "rows",
    "rows_read",
    ("rows_accepted", "rows_rejected", "rows_duplicate"),
    "读取行数不等于接收、拒收与重复行数之和",
)


@dataclass(frozen=True)
class Asked:
    """An expectation on a column of staged rows: the library's name of it, its arguments, and what else of a row that
    fails it is shown beside its key.
    """

    kind: str
    column: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One check: its name, the table or dataset it is about, and what it asks of the staged rows of `table`.

    Either `failing`, a query that lists what fails it, or the expectations `asked`. `applied` is a query of how many were
    looked at; empty: the staged rows of `table`. `broken_by` is an SQL condition that a row meets which fails one of `asked`:
    no row of a table is to meet any of these, and `asked` is only asked where one does.
    """

    check_id: str
    scope: str
    table: str
    failing: str
    message_zh: str
    applied: str = ""
    asked: tuple[Asked, ...] = ()
    broken_by: str = ""


def expect_staged(changed: Changed) -> Iterator[Check]:
    """The checks of every staged table, from its definition: required columns filled, lists and ranges kept, keys unique,
    laws held.

    With the publication that is changed also: no key comes that stands and stays, none leaves that does not stand.
    """
    for name in (*FIGURES, "source_files"):
        yield from _expect_columns(REPORTS[name])
        yield _expect_key(name, changed)
        if changed.base and name in FIGURES:
            yield _expect_leaving(name, changed, changed.base)
    for law in (*LAWS.values(), *(law for table in REPORTS.values() for law in laws_of(table)), _FILES):
        yield _expect_law(law, changed)


def expect_rows(table: str, broken_by: Iterable[str]) -> Check:
    """That no row meets one of several conditions, asked of all rows at once: a sum for each would cost several times as much."""
    condition = " OR ".join(f"({one})" for one in broken_by)
    return Check(f"{table}.rows", table, table, "", "", asked=(_keep_law(table, condition),))


def quote(text: str) -> str:
    """An SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _expect_columns(table: ReportTable) -> Iterator[Check]:
    staged = [c for c in table.columns if table.name not in FIGURES or c.name not in ("as_of", "run_id")]
    filled = [c.name for c in staged if not c.nullable]
    not_null = tuple(Asked("expect_column_values_to_not_be_null", name) for name in filled)
    is_null = " OR ".join(f"{name} IS NULL" for name in filled)
    yield Check(f"{table.name}.required", table.name, table.name, "", "必填列为空", asked=not_null, broken_by=is_null)
    asked = {
        ("values", "取值不在允许范围"): [
            Asked("expect_column_values_to_be_in_set", c.name, {"value_set": list(c.values)}) for c in staged if c.values
        ],
        ("range", "数值超出允许区间"): [
            Asked("expect_column_values_to_be_between", c.name, bounds) for c in staged if (bounds := _bounds(c))
        ],
    }
    for (name, message_zh), of_columns in asked.items():
        if of_columns:
            yield Check(f"{table.name}.{name}", table.name, table.name, "", message_zh, asked=tuple(of_columns))


def _bounds(column: Column) -> dict[str, float]:
    if column.type == "double":
        least, largest = -_LARGEST, _LARGEST
    elif column.minimum is not None:
        least, largest = column.minimum, _LARGEST_WHOLE
    else:
        return {}
    return {
        "min_value": least if column.minimum is None else column.minimum,
        "max_value": largest if column.maximum is None else column.maximum,
    }


def _expect_key(name: str, changed: Changed) -> Check:
    key = ", ".join(key_of(name))
    failing = f"SELECT {key}, COUNT(*) AS repeats FROM {changed.coming(name)} GROUP BY {key} HAVING COUNT(*) > 1"
    if changed.base is not None and name in FIGURES:
        stays = f"SELECT {key} FROM {changed.coming(name)} EXCEPT SELECT {key} FROM leaving_{name}"  # few: looked up are these
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


def _expect_law(law: Law, changed: Changed) -> Check:
    if law.failing is None:
        asked = (_keep_law(law.table, law.broken_by, law.shown),)
        return Check(law.code, law.table, law.table, "", law.message_zh, asked=asked, broken_by=law.broken_by)
    applied = law.applied(changed) if law.applied else ""
    return Check(law.code, law.table, law.table, law.failing(changed), law.message_zh, applied)


def _keep_law(table: str, broken_by: str, shown: tuple[str, ...] = ()) -> Asked:
    return Asked("expect_rows_to_keep_law", key_of(table)[0], {"broken_by": broken_by}, shown)
