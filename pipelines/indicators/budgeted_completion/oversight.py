"""What is judged of budgets, caps and bands that were published: on a list of those to be named, and in the score of a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from pipelines.engine.finding import excused_thing
from pipelines.engine.published import Published
from pipelines.indicators.agreed_volume.commitments import FLOORS_OF_QUANTITY, commitments_of
from pipelines.indicators.agreed_volume.oversight import keeps_pace
from pipelines.indicators.budgeted_completion.declaration import EXCEEDED, SERIOUSLY_BEHIND, TABLE
from schemas.rule import Rule

Record = dict[str, Any]


def excused(published: Published, rule: Rule) -> list[Record]:
    """Commitments beyond their limit, or ended short, and excused: no finding was raised."""
    found = []
    for row in published.rows(TABLE.name, "status = 'excused'"):
        is_above = _is_above(row)
        if is_above == (rule.code == EXCEEDED.code):
            day = min(published.as_of, row["period_end"]) if is_above else row["period_end"]
            what = (
                "净采购超出上限，加上有正当理由的部分后未超出" if is_above else "采购周期已结束，剔除有正当理由的部分后已达到"
            )
            found.append(excused_thing(published, rule, row, day, f"协议 {row['commitment_id']} {what}"))
    return found


def figures(published: Published, findings: Sequence[Record]) -> dict[str, Record]:
    """Rates, and amounts or quantities, strict beside excused."""
    judged = "status IN ('exceeded', 'failed', 'seriously_behind', 'excused')"
    rows = {row["commitment_id"]: row for row in published.rows(TABLE.name, judged)}
    inputs = published.records(frozenset(finding["institution_code"] for finding in findings))
    excuses = dict(commitments_of(inputs, ~FLOORS_OF_QUANTITY).select("commitment_id", "excuse_id").iter_rows())
    found = {}
    for finding in findings:
        row = rows[finding["subject_key"]]
        own = {"strict_rate": row["rate"], "excused_rate": row["excused_rate"], "excuse_id": excuses.get(row["commitment_id"])}
        apart = _apart(row)
        if row["target"] == "amount":
            own |= {"amount_fen": apart, "excused_fen": row["excused_fen"]}
        else:
            own |= {c: row[c] for c in ("agreed_quantity", "net_quantity", "excused_quantity")}
            own["shortfall_quantity"] = None if _is_above(row) else apart
        own["is_excused"] = row["status"] == "excused" or (
            finding["rule_code"] == SERIOUSLY_BEHIND.code and _of(row, "excused") > 0 and _keeps_pace(row, published)
        )
        found[finding["finding_id"]] = own
    return found


def sums(published: Published, year: int, since: date) -> list[Record]:
    """What each budget that was to be reached, and ended on or after `since` and before as_of, adds to the score of its
    institution beside what quantities do: counts, and fen as they were agreed.
    """
    ended = "target = 'amount' AND direction = 'floor' AND status IN ('completed', 'excused', 'failed')"
    return [_sum_up(row) for row in published.rows(TABLE.name, ended) if since <= row["period_end"] < published.as_of]


def _sum_up(row: Mapping[str, Any]) -> Record:
    capped = min(row["net_fen"], row["agreed_fen"])
    return {
        "institution_code": row["institution_code"],
        "commitments": 1,
        "completed": int(row["status"] == "completed"),
        "excused": int(row["status"] == "excused"),
        "agreed_fen": row["agreed_fen"],
        "capped_fen": capped,
        "excused_agreed_fen": min(row["excused_fen"], row["agreed_fen"] - capped),
    }


def _of(row: Mapping[str, Any], name: str) -> Any:
    """What the row says of fen or of a quantity, as its target is."""
    return row[f"{name}_{'fen' if row['target'] == 'amount' else 'quantity'}"]


def _limit(row: Mapping[str, Any]) -> Any:
    return None if row["direction"] == "floor" else _of(row, "agreed" if row["direction"] == "cap" else "agreed_max")


def _is_above(row: Mapping[str, Any]) -> bool:
    limit = _limit(row)
    return limit is not None and _of(row, "net") > limit


def _apart(row: Mapping[str, Any]) -> Any:
    """By how much it is above its limit, or else below what was agreed."""
    more, less = (_of(row, "net"), _limit(row)) if _is_above(row) else (_of(row, "agreed"), _of(row, "net"))
    return more - less if row["target"] == "amount" else float(Fraction(str(more)) - Fraction(str(less)))


def _keeps_pace(row: Mapping[str, Any], published: Published) -> bool:
    net, agreed, off = (Fraction(str(_of(row, name))) for name in ("net", "agreed", "excused"))
    return keeps_pace(row, row["jurisdiction_code"], net, agreed - off, published)
