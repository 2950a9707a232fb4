"""Budget protection, read literally from obligations §27 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `budget_protection` without as_of and run_id.
"""

from datetime import date

from .agreed_volume import Record, Records, figures_of
from .payment import due_on, is_excused, settle


def budget_protection(records: Records, as_of: date) -> dict[str, list[Record]]:
    """One row per institution with a commitment that counts."""
    commitments = [f for f in figures_of(records, as_of) if _counts(f, records, as_of)]
    overdue = [
        p
        for p in settle(records, as_of)[0]
        if p["unpaid"] > 0 and due_on(p, records) <= as_of and not is_excused(p, records, as_of)
    ]
    rows = []
    for code in sorted({f["commitment"]["institution_code"] for f in commitments}):
        own = [f for f in commitments if f["commitment"]["institution_code"] == code]
        ended = [f for f in own if f["commitment"]["period_end"] < as_of]
        short = [f for f in ended if f["status"] not in ("completed", "excused")]
        overdue_fen = sum(p["unpaid"] for p in overdue if p["institution_code"] == code)
        three = {
            "volume": not short if ended else None,
            "contract": overdue_fen == 0,
            "rational_use": _rational_use(code, records, as_of),
        }
        rows.append(
            {
                "institution_code": code,
                "jurisdiction_code": own[0]["institution"]["jurisdiction_code"],
                **three,
                "commitments_ended": len(ended),
                "commitments_short": len(short),
                "overdue_fen": overdue_fen,
                "verdict": _verdict(list(three.values())),
            }
        )
    return {"budget_protection": rows}


def _counts(figure: Record, records: Records, as_of: date) -> bool:
    commitment = figure["commitment"]
    return (
        any(x["lot_code"] == commitment["lot_code"] and x["program"] == "national" for x in records["lots"])
        and commitment["product_code"] in {None, *(p["product_code"] for p in records["products"])}
        and figure["status"] != "cancelled"
        and commitment["period_start"] <= as_of
        and commitment["period_end"] >= date(as_of.year - 1, 12, 31)
    )


def _rational_use(code: str, records: Records, as_of: date) -> bool | None:
    for year in (as_of.year, as_of.year - 1):
        for e in records["evaluations"]:
            named = (e["institution_code"], e["kind"], e["year"])
            if named == (code, "rational_use", str(year)) and e["decided_on"] <= as_of:
                return e["result"] == "pass"
    return None


def _verdict(three: list[bool | None]) -> str:
    if False in three:
        return "not_protected"
    return "undecided" if None in three else "protected"
