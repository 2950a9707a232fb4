"""What is judged of payables that were published: on a list of those to be named, and in the score of a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import yuan
from pipelines.engine.published import Published
from pipelines.errors import VbpError
from pipelines.indicators.payment.by_invoice import whole
from pipelines.indicators.payment.declaration import OVERDUE
from pipelines.indicators.payment.tables import TIMELINESS
from pipelines.policy.calendar import working_days

Record = dict[str, Any]
_APPLICABLE = "due_rule = 'applicable'"


def figures(published: Published, findings: Sequence[Record]) -> dict[str, Record]:
    """On-time rates and overdue money strict beside excused. What was paid late counts neither for nor against: the finding
    is about what is still owed. VbpError where the lake does not give the published overdue amount.
    """
    rows = {_key(row): row for row in published.rows(TIMELINESS.name, f"{_APPLICABLE} AND overdue_fen > 0")}
    named = [rows[finding["subject_key"]] for finding in findings if finding["excuse_id"]]
    excused = _excused_overdue(published, named)
    found = {}
    for finding in findings:
        row = rows[finding["subject_key"]]
        covered = excused.get(finding["subject_key"], 0)
        found[finding["finding_id"]] = {
            "strict_rate": row["on_time_rate_amount"],
            "excused_rate": row["on_time_rate_amount_excused"],
            "amount_fen": row["overdue_fen"],
            "excused_fen": covered,
            "is_excused": covered == row["overdue_fen"],
        }
    return found


def sums(published: Published, year: int, since: date) -> list[Record]:
    """What each due month adds to the score of its institution: overdue money whenever it was due, the rest in the year of its
    month.
    """
    return [_sum_up(row, year) for row in published.rows(TIMELINESS.name, _APPLICABLE)]


def _sum_up(row: Mapping[str, Any], year: int) -> Record:
    found = {"institution_code": row["institution_code"], "overdue_fen": row["overdue_fen"]}
    if year_of(row["due_month"]) != year:
        return found
    kept = ("matured_fen", "on_time_fen", "matured_count", "on_time_count")
    return found | {c: row[c] for c in kept} | {"excused_payment_fen": row["excused_fen"]}


def year_of(due_month: str) -> int:
    """The year into which the last day of the month rolls: by its end everything due in the month has matured."""
    first = date.fromisoformat(f"{due_month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    rolled: date = working_days(last, last)["next_working_day"].item()
    return rolled.year


def _excused_overdue(published: Published, rows: Iterable[Record]) -> dict[str, int]:
    """By the key of a row with overdue money: the part of it whose payables are excused."""
    owed = {_key(row): row for row in rows}
    if not owed:
        return {}
    inputs = published.records(frozenset(row["institution_code"] for row in owed.values()))
    dues = whole(inputs)["dues"].lazy()
    sums = (
        dues.filter((pl.col("due_rule") == "applicable") & (pl.col("overdue_fen") > 0))
        .group_by(pl.concat_str(OVERDUE.subject.key, separator="|").alias("key"))
        .agg(pl.col("overdue_fen").sum(), excused=pl.col("overdue_fen").filter(pl.col("excuse_id").is_not_null()).sum())
        .collect()
    )
    found = {key: (overdue, excused) for key, overdue, excused in sums.iter_rows()}
    for key, row in owed.items():
        if (overdue := found.get(key, (0, 0))[0]) != row["overdue_fen"]:
            raise VbpError(
                f"{key} 的逾期未付：按存档输入为 {yuan(overdue)} 元，已发布 {yuan(row['overdue_fen'])} 元；"
                "请先用 vbp verify 核验该运行"
            )
    return {key: found[key][1] for key in owed}


def _key(row: Mapping[str, Any]) -> str:
    return "|".join(row[c] for c in OVERDUE.subject.key)
