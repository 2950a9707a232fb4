"""Budgets, caps and bands of a random world, on their limits and beside them."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .budgeted_completion import budgeted_completion
from .draft import Draft

POOLS = [("amount", "floor"), ("amount", "cap"), ("amount", "band"), ("quantity", "cap"), ("quantity", "band")]


def add_budgets(draft: Draft) -> None:
    """Commitments of each pool of two institutions, adjusted and excused; deliveries are those that the world has."""
    draft.rng, dice = draft.aside("budgets"), draft.rng
    for institution in draft.rng.sample(draft.records["institutions"], 2):
        for target, direction in POOLS:
            for _ in range(draft.rng.choice((1, 1, 2))):
                _add_budget(draft, institution["institution_code"], target, direction)
    _put_on_a_limit(draft)
    draft.rng = dice


def _add_budget(draft: Draft, institution_code: str, target: str, direction: str) -> None:
    rng = draft.rng
    own = [d["product_code"] for d in draft.records["deliveries"] if d["institution_code"] == institution_code]
    selection = rng.choice([s for s in draft.records["selections"] if s["product_code"] in own] or draft.records["selections"])
    product = rng.choice([None, selection["product_code"], rng.choice(own or [selection["product_code"]])])
    start = draft.offset(-364, -199, -99, -49, 1)
    agreed = draft.quantity("1", "20", "100", "333.335", "1000")
    commitment = draft.add(
        "commitments",
        commitment_id=f"B{len(draft.records['commitments']) + 1:03d}",
        lot_code=selection["lot_code"],
        item_code=selection["item_code"] if draft.happens(0.9) else "99",
        institution_code=institution_code,
        product_code=product,
        target=target,
        direction=direction,
        agreed_quantity=agreed,
        agreed_quantity_max=agreed * draft.quantity("1", "1.5", "3") if direction == "band" else None,
        unit="pack" if product and draft.happens(0.3) else "min_unit",
        period_start=start,
        period_end=start + timedelta(days=rng.choice((0, 49, 99, 199, 364))),
    )
    for n in range(rng.choice((0, 0, 1, 2))):
        draft.add(
            "commitment_adjustments",
            adjustment_id=f"{commitment['commitment_id']}-{n}",
            commitment_id=commitment["commitment_id"],
            effective_on=draft.day(start),
            delta_quantity=rng.choice((None, *map(Decimal, ("-50", "100", "-0.005", "-1000")))),
            replacement_product_code=rng.choice(own) if own and draft.happens(0.3) else None,
            new_period_end=draft.offset(-30, 0, 60) if draft.happens(0.3) else None,
            reason="调整",
            document_no="调〔2020〕2号",
        )


def _put_on_a_limit(draft: Draft) -> None:
    """Agree some anew so that the net is what was agreed or a little beside it, and excuse what is short or too much."""
    rng = draft.rng
    adjusted = {a["commitment_id"] for a in draft.records["commitment_adjustments"]}
    rows = {r["commitment_id"]: r for r in budgeted_completion(draft.records, draft.as_of)["budgeted_completion"]}
    for c in [c for c in draft.records["commitments"] if c["commitment_id"] in rows]:
        row = rows[c["commitment_id"]]
        net = Fraction(row["net_fen"], 100) if c["target"] == "amount" else Fraction(str(row["net_quantity"]))
        if net > 0 and c["unit"] != "pack" and c["commitment_id"] not in adjusted and draft.happens(0.5):
            wanted = net / rng.choice((Fraction(1), Fraction(12, 10), Fraction(9, 10))) / _progress(c, draft.as_of)
            c["agreed_quantity"] = max(Decimal("0.01"), _decimal(wanted))
            c["agreed_quantity_max"] = c["agreed_quantity"] * rng.choice((1, 2)) if c["direction"] == "band" else None
        if draft.happens(0.5):
            apart = abs(net - Fraction(c["agreed_quantity_max"] or c["agreed_quantity"]))
            _add_excuse(draft, c, rng.choice((_decimal(apart), _decimal(apart / 2), Decimal("0.005"), Decimal(10_000))))


def _progress(commitment: dict, as_of: date) -> Fraction:
    whole = (commitment["period_end"] - commitment["period_start"]).days + 1
    return Fraction(max(1, min(whole, (as_of - commitment["period_start"]).days + 1)), whole)


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"))


def _add_excuse(draft: Draft, commitment: dict, quantity: Decimal) -> None:
    valid_to = draft.rng.choice((None, None, commitment["period_end"], commitment["period_end"] - timedelta(days=1)))
    valid_from = draft.offset(-30, 0, 0, 1)
    draft.add(
        "excuses",
        excuse_id=f"EB-{len(draft.records['excuses'])}",
        kind="volume",
        institution_code=commitment["institution_code"],
        commitment_id=commitment["commitment_id"],
        quantity=quantity,
        valid_from=valid_from if valid_to is None else min(valid_from, valid_to),
        valid_to=valid_to,
        reason_code="shortage",
        approved_by="李四",
        document_no="备〔2020〕3号",
    )
