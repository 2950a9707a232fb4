"""What a year's score is made of: sums of published figures by institution (rulebook §1 rows 5 and 6).

Completion: commitments that ended since the last assessment, valued as the roll-up values them. Payment: payables under the
rule that applies, by the year into which the end of their due month rolls. Two invoices: lines issued in the year.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.engine.explained_rows import yuan
from pipelines.engine.explanation import Scope
from pipelines.engine.figures import UNIT, round_half_up
from pipelines.engine.indicator import Inputs
from pipelines.errors import VbpError
from pipelines.indicators import all_indicators
from pipelines.oversight.accountability.background import by_code, split_overdue
from pipelines.past.excerpt import excerpt
from pipelines.past.past_run import PastRun
from pipelines.policy.calendar import working_days

Record = dict[str, Any]

_ENDED = ("completed", "excused", "failed")
COMPLETION = (
    "commitments",
    "completed",
    "excused",
    "agreed_fen",
    "capped_fen",
    "excused_agreed_fen",
    "unvalued",
)
PAYMENT = (
    "matured_fen",
    "on_time_fen",
    "excused_payment_fen",
    "matured_count",
    "on_time_count",
    "overdue_fen",
)
TWO_INVOICE = (
    "compliant_fen", "violation_fen", "unverifiable_fen", "exempt_fen", "compliant_count", "violation_count",
)  # fmt: skip
SUMS = (*COMPLETION, *PAYMENT, *TWO_INVOICE)


@dataclass(frozen=True)
class Assessed:
    """An institution's sums for the year (`SUMS`), where it is and whose it is; `unexcused_overdue_fen` is what it owes at
    as_of beyond the due date and no excuse covers; `has_payables` whether it owed anything at all.
    """

    institution_code: str
    jurisdiction_code: str
    name: str | None
    ownership: str
    sums: Mapping[str, int]
    unexcused_overdue_fen: int
    has_payables: bool


def sum_components(
    connection: sa.Connection, run: PastRun, year: int, since: date, prefix: str
) -> list[Assessed]:
    """The institutions that the published figures of the run's date speak of, by code.

    `since` is the last assessment date: commitments that ended on or after it, and before as_of, count. Raises VbpError
    where the lake does not give what was published.
    """
    completion = _read(connection, "agreed_volume_completion", run, prefix)
    payment = [
        r for r in _read(connection, "payment_timeliness", run, prefix) if r["due_rule"] == "applicable"
    ]
    invoices = _read(connection, "two_invoice_compliance", run, prefix)
    ended = {
        r["commitment_id"]: r for r in completion
        if r["status"] in _ENDED and since <= r["period_end"] < run.as_of
    }  # fmt: skip
    owing = {r["institution_code"] for r in payment if r["overdue_fen"]}
    scope = {r["institution_code"] for r in ended.values()} | owing
    with tempfile.TemporaryDirectory(prefix="vbp_assessment_") as scratch:
        excerpt(run, Scope(institutions=frozenset(scope)), Path(scratch))
        inputs = Inputs(Path(scratch), run.as_of, run.policies)
        institutions = by_code(inputs, "institutions", "institution_code")
        valued = _value(inputs, ended) if ended else []
        overdue = split_overdue(inputs) if owing else {}
    divisions = {r["institution_code"]: r["jurisdiction_code"] for r in (*completion, *payment, *invoices)}
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SUMS, 0))
    _add(sums, valued)
    _add(sums, (_payment_sums(row, year) for row in payment))
    _add(sums, (row for row in invoices if row["month"][:4] == str(year)))
    unexcused = _sum_unexcused(payment, overdue)
    debtors = {r["institution_code"] for r in payment}
    return [
        Assessed(
            code, divisions[code], institutions.get(code, {}).get("name"),
            institutions.get(code, {}).get("ownership", "public"), sums[code], unexcused.get(code, 0), code in debtors,
        )
        for code in sorted(divisions)
    ]  # fmt: skip


def _read(connection: sa.Connection, name: str, run: PastRun, prefix: str) -> list[Record]:
    t = METADATA.tables[name]
    where = [t.c.as_of == run.as_of]
    if prefix:
        where.append(t.c.jurisdiction_code.startswith(prefix, autoescape=True))
    return [dict(row) for row in connection.execute(sa.select(t).where(*where)).mappings()]


def _value(inputs: Inputs, ended: Mapping[str, Record]) -> list[Record]:
    """Sums of each commitment that ended, in fen by the code of the indicator; checked against what was published."""
    judged = all_indicators()["agreed_volume"].evidence(inputs)["commitments"].lazy().collect()
    valued = judged.filter(pl.col("commitment_id").is_in(list(ended))).with_columns(
        excused_value=round_half_up(pl.col("excused") * pl.col("price"), pl.col("per") * 10**6)
    )
    rows = valued.with_columns(pl.col(pl.Categorical).cast(pl.String)).to_dicts()
    if len(rows) != len(ended):
        raise VbpError(
            f"已发布 {len(ended)} 项到期协议，按存档输入为 {len(rows)} 项；请先用 vbp verify 核验该运行"
        )
    return [_completion_sums(row, ended[row["commitment_id"]]) for row in rows]


def _completion_sums(row: Mapping[str, Any], published: Mapping[str, Any]) -> Record:
    for column in ("agreed", "net", "excused"):
        if row[column] / UNIT != published[f"{column}_quantity"]:
            raise VbpError(
                f"协议 {row['commitment_id']} 的 {column}_quantity：按存档输入为 {row[column] / UNIT}，"
                f"已发布 {published[f'{column}_quantity']}；请先用 vbp verify 核验该运行"
            )
    found = {
        "institution_code": row["institution_code"], "commitments": 1,
        "completed": int(published["status"] == "completed"), "excused": int(published["status"] == "excused"),
        "unvalued": int(row["agreed_fen"] is None),
    }  # fmt: skip
    if row["agreed_fen"] is None:
        return found
    lacking = max(0, row["agreed_fen"] - row["capped_fen"])
    return found | {
        "agreed_fen": row["agreed_fen"], "capped_fen": row["capped_fen"],
        "excused_agreed_fen": min(row["excused_value"], lacking),
    }  # fmt: skip


def _payment_sums(row: Mapping[str, Any], year: int) -> Record:
    """Overdue money counts whenever it was due; the rest in the year of its month."""
    found = {"institution_code": row["institution_code"], "overdue_fen": row["overdue_fen"]}
    if _year_of(row["due_month"]) != year:
        return found
    kept = ("matured_fen", "on_time_fen", "matured_count", "on_time_count")
    return found | {c: row[c] for c in kept} | {"excused_payment_fen": row["excused_fen"]}


def _year_of(due_month: str) -> int:
    """The year into which the last day of the month rolls: by its end everything due in the month has matured."""
    first = date.fromisoformat(f"{due_month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    rolled: date = working_days(last, last)["next_working_day"].item()
    return rolled.year


def _add(sums: dict[str, dict[str, int]], rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        total = sums[row["institution_code"]]
        for name in total.keys() & row.keys():
            total[name] += row[name]


def _sum_unexcused(payment: Iterable[Record], overdue: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in payment:
        if row["overdue_fen"]:
            key = "|".join(row[c] for c in ("institution_code", "distributor_code", "due_month"))
            owed, excused = overdue.get(key, (0, 0))
            if owed != row["overdue_fen"]:
                raise VbpError(
                    f"{key} 的逾期未付：按存档输入为 {yuan(owed)} 元，已发布 {yuan(row['overdue_fen'])} 元；"
                    "请先用 vbp verify 核验该运行"
                )
            found[row["institution_code"]] += owed - excused
    return found
