"""Voluntary participation, slowly and literally (obligations §14, §12, §13; rulebook §4)."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def voluntary_participation(records: dict[str, list[dict]], as_of: date) -> dict[str, list[dict]]:
    """The rows of the report table without as_of and run_id."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for i in records["institutions"]:
        if i["ownership"] in ("private", "retail") and i["is_designated"]:
            groups[i["jurisdiction_code"], i["ownership"]].append(i["institution_code"])
    lines = lines_of(records, as_of)
    committed = {c["institution_code"] for c in records["commitments"] if runs(c, records, as_of)}
    rows = []
    for (place, ownership), members in groups.items():
        own = [line for line in lines if line[0] in members]
        buyers = {code for code, channel, _ in own if channel == "platform"}
        rows.append(
            {
                "jurisdiction_code": place,
                "ownership": ownership,
                "institutions": len(members),
                "participants": len(buyers),
                "committed": len(committed & set(members)),
                "platform_fen": sum(fen for _, channel, fen in own if channel == "platform"),
                "offline_fen": sum(fen for _, channel, fen in own if channel != "platform"),
                "participation_rate": float(Fraction(len(buyers), len(members))),
            }
        )
    return {"voluntary_participation": rows}


def lines_of(records: dict[str, list[dict]], as_of: date) -> list[tuple[str, str, int]]:
    """Institution, channel and value of every line of the year of as_of."""
    back: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for r in records["returns"]:
        if r["status"] == "confirmed" and r["returned_on"] <= as_of:
            back[r["institution_code"], r["delivery_id"]] += r["returned_quantity"]
    lines = []
    for d in records["deliveries"]:
        accepted_on, code = d["accepted_on"], d["institution_code"]
        if d["is_gift"] or accepted_on is None or accepted_on > as_of or accepted_on.year != as_of.year:
            continue
        packs = d["received_quantity"] - back[code, d["delivery_id"]]
        if packs > 0:
            lines.append((code, d["channel"], to_fen(packs * d["unit_price"])))
    return lines


def runs(commitment: dict, records: dict[str, list[dict]], as_of: date) -> bool:
    """Whether it is not cancelled, has begun and is not over."""
    agreed, end = standing_of(commitment, records, as_of)
    return agreed > 0 and commitment["period_start"] <= as_of <= end


def standing_of(commitment: dict, records: dict[str, list[dict]], as_of: date) -> tuple[Decimal, date]:
    """What is agreed at as_of, in minimum units or fen, and the last day."""
    changes = [
        a
        for a in records["commitment_adjustments"]
        if a["commitment_id"] == commitment["commitment_id"] and a["effective_on"] <= as_of
    ]
    deltas = [a["delta_quantity"] or Decimal(0) for a in changes]
    if commitment["target"] == "amount":
        agreed = Decimal(to_fen(commitment["agreed_quantity"]) + sum(map(to_fen, deltas)))
    else:
        packs = {p["product_code"]: p["units_per_pack"] for p in records["products"]}
        size = packs[commitment["product_code"]] if commitment["unit"] == "pack" else 1
        agreed = commitment["agreed_quantity"] * size + sum(deltas)
    ends = sorted((a["effective_on"], a["adjustment_id"], a["new_period_end"]) for a in changes if a["new_period_end"])
    return agreed, max(commitment["period_start"], ends[-1][2] if ends else commitment["period_end"])


def to_fen(yuan: Decimal) -> int:
    return int((100 * yuan).quantize(Decimal(1), ROUND_HALF_UP))
