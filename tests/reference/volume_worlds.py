"""Lots, selections, commitments, deliveries and returns of a random world, with boundary days and ties."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .agreed_volume import agreed_volume
from .draft import DISTRIBUTORS, UNREGISTERED, Draft

ONE_DAY = timedelta(days=1)


def add_volumes(draft: Draft) -> None:
    """Everything that agreed-volume completion reads, and the deliveries that payment reads too."""
    _add_lots(draft)
    for institution in draft.records["institutions"]:
        for _ in range(draft.rng.randint(1, 4)):
            _add_commitment(draft, institution)
    _add_adjustments(draft)
    for _ in range(draft.rng.randint(25, 55)):
        _add_delivery(draft)
    _add_returns(draft)
    _put_some_on_a_threshold(draft)
    _add_volume_excuses(draft)


def _add_lots(draft: Draft) -> None:
    rng = draft.rng
    by_kind: dict[str, list[dict]] = {}
    for product in draft.records["products"]:
        by_kind.setdefault(product["kind"], []).append(product)
    for n in range(1, rng.randint(2, 3) + 1):
        kind = "consumable" if n == 3 and "consumable" in by_kind else "drug"
        program = ("national", "provincial", "budgeted")[n - 1]
        draft.add("lots", lot_code=f"LOT{n}", name=f"批次{n}", program=program, category=kind, document_no=f"号{n}")
        for item_code in ("01", "02"):
            chosen = rng.sample(by_kind[kind], min(len(by_kind[kind]), rng.randint(1, 2)))
            for product in chosen:
                _add_selection(draft, f"LOT{n}", item_code, product["product_code"])


def _add_selection(draft: Draft, lot_code: str, item_code: str, product_code: str) -> None:
    """One selection, at times a second and later one of the same product with another factor."""
    starts = sorted({draft.offset(-370, -370, -290, -120), draft.offset(-92, -60, -30, 0)})
    for valid_from in starts[: 2 if draft.happens(0.4) else 1]:
        ends = [draft.as_of + timedelta(days=n) for n in (-61, -30, -1, 0, 30)]
        valid_to = draft.rng.choice([None, None, *(end for end in ends if end >= valid_from)])
        draft.add(
            "selections",
            lot_code=lot_code,
            item_code=item_code,
            product_code=product_code,
            selected_price=draft.quantity("10", "10", "7.0000", "3.1400", "0.6205"),
            conversion_factor=draft.quantity("1", "1", "2", "0.5", "3"),
            valid_from=valid_from,
            valid_to=valid_to,
        )


def _add_commitment(draft: Draft, institution: dict) -> None:
    rng = draft.rng
    selection = rng.choice(draft.records["selections"])
    product_code = selection["product_code"] if draft.happens(0.5) else None
    if draft.happens(0.08):
        product_code = rng.choice(draft.records["products"])["product_code"]
    target = "amount" if draft.happens(0.08) else "quantity"
    direction = rng.choice(("cap", "band")) if draft.happens(0.08) else "floor"
    start = draft.offset(-364, -199, -199, -99, -99, -49, 0, 1)
    agreed = draft.quantity("20", "40", "100", "200", "280", "1000", "50.5")
    draft.add(
        "commitments",
        commitment_id=f"C{len(draft.records['commitments']) + 1:03d}",
        lot_code=selection["lot_code"],
        item_code=selection["item_code"] if draft.happens(0.9) else "99",
        institution_code=institution["institution_code"],
        product_code=product_code,
        target=target,
        direction=direction,
        agreed_quantity=agreed,
        agreed_quantity_max=agreed * 2 if direction == "band" else None,
        unit="pack" if product_code and target == "quantity" and draft.happens(0.3) else "min_unit",
        period_start=start,
        period_end=start + timedelta(days=rng.choice((0, 49, 99, 99, 199, 199, 364))),
        signed_on=start,
    )


def _add_adjustments(draft: Draft) -> None:
    rng = draft.rng
    for n in range(rng.randint(1, 5)):
        commitment = rng.choice(draft.records["commitments"])
        replacement = rng.choice(draft.records["products"])["product_code"] if draft.happens(0.5) else None
        draft.add(
            "commitment_adjustments",
            adjustment_id=f"J{n}",
            commitment_id=commitment["commitment_id"],
            effective_on=draft.day(commitment["period_start"]),
            delta_quantity=rng.choice((None, *map(Decimal, ("0", "-50", "100", "-30.5", "-100", "-5000")))),
            replacement_product_code=replacement,
            reason="短缺",
            document_no="调〔2020〕1号",
        )


def move_ends(draft: Draft) -> None:
    """Give some adjustments another end of the period: at times the last day that an excuse is for."""
    dice = draft.aside("ends")
    for adjustment in draft.records["commitment_adjustments"]:
        if dice.random() < 0.4:
            days = [e["valid_to"] for e in draft.records["excuses"] if e["commitment_id"] == adjustment["commitment_id"]]
            ends = [draft.as_of + timedelta(days=n) for n in (-60, -1, 0, 30, 400)]
            adjustment["new_period_end"] = dice.choice([*ends, *filter(None, days)])


def _add_delivery(draft: Draft) -> None:
    rng = draft.rng
    commitment = rng.choice(draft.records["commitments"])
    institution_code = commitment["institution_code"]
    received = draft.quantity("1", "2", "5", "5", "10", "10", "20", "0.5", "0")
    accepted_on = _acceptance_day(draft, commitment)
    invoice = _invoice_for(draft, institution_code)
    mine = sum(d["institution_code"] == institution_code for d in draft.records["deliveries"])
    draft.add(
        "deliveries",
        institution_code=institution_code,
        delivery_id=f"D{mine + 1:02d}",
        order_line_id=f"O{mine + 1:02d}",
        distributor_code=rng.choice((*DISTRIBUTORS[:2], *DISTRIBUTORS[:2], UNREGISTERED)),
        product_code=_product_for(draft, commitment),
        batch_no=rng.choice(("B1", "B2", None)),
        ordered_quantity=received,
        shipped_quantity=received,
        received_quantity=received if accepted_on or draft.happens(0.5) else None,
        unit_price=draft.quantity("10", "10", "12.5", "3.3333", "0.005", "0"),
        ordered_on=(accepted_on or draft.as_of) - timedelta(days=5),
        shipped_on=accepted_on,
        accepted_on=accepted_on,
        invoice_code=invoice[0] or None,
        invoice_no=invoice[1],
        channel="offline" if draft.happens(0.1) else "platform",
        is_gift=draft.happens(0.1),
        is_emergency=draft.happens(0.1),
    )


def _acceptance_day(draft: Draft, commitment: dict) -> date | None:
    if draft.happens(0.08):
        return None
    start, end = commitment["period_start"], commitment["period_end"]
    latest = draft.as_of + timedelta(days=1)
    edges = [day for day in (start - ONE_DAY, start, start, end, end, end + ONE_DAY) if day <= latest]
    return draft.rng.choice(edges) if edges and draft.happens(0.4) else draft.day()


def _product_for(draft: Draft, commitment: dict) -> str:
    if commitment["product_code"] and draft.happens(0.5):
        return commitment["product_code"]
    replacements = [
        a["replacement_product_code"]
        for a in draft.records["commitment_adjustments"]
        if a["commitment_id"] == commitment["commitment_id"] and a["replacement_product_code"]
    ]
    if replacements and draft.happens(0.6):
        return draft.rng.choice(replacements)
    of_item = [s for s in draft.records["selections"] if s["lot_code"] == commitment["lot_code"]]
    pool = of_item if draft.happens(0.8) else draft.records["products"]
    return draft.rng.choice(pool)["product_code"]


def _invoice_for(draft: Draft, institution_code: str) -> tuple[str, str | None]:
    """None, one of the hospital's own invoices, or one of three that everybody uses."""
    if draft.happens(0.25):
        return "", None
    own = [(i["invoice_code"], i["invoice_no"]) for i in draft.records["invoices"] if i["buyer_code"] == institution_code]
    common = [("3302010001", "00000001"), ("3302010002", "00000001"), ("", f"2433{7:016d}")]
    return draft.rng.choice(own if own and draft.happens(0.3) else common)


def _add_returns(draft: Draft) -> None:
    rng = draft.rng
    for delivery in draft.records["deliveries"]:
        if not delivery["accepted_on"] or not delivery["received_quantity"] or not draft.happens(0.3):
            continue
        for _ in range(rng.choice((1, 1, 2, 3))):
            days = [day for day in (*draft.days, draft.as_of) if day >= delivery["accepted_on"]]
            draft.add(
                "returns",
                institution_code=delivery["institution_code"],
                return_id=f"R{len(draft.records['returns']) + 1:03d}",
                delivery_id=delivery["delivery_id"],
                returned_quantity=delivery["received_quantity"] * draft.quantity("0.5", "0.5", "0.25", "1", "1.5"),
                returned_on=rng.choice([*days, delivery["accepted_on"]]),
                status=rng.choice(("confirmed", "confirmed", "confirmed", "requested", "refused")),
            )


def _put_some_on_a_threshold(draft: Draft) -> None:
    """Re-agree some volumes so that the strict rate is exactly 1, the time progress, or 0.8 of it."""
    adjusted = {a["commitment_id"] for a in draft.records["commitment_adjustments"]}
    rows = agreed_volume(draft.records, draft.as_of)["agreed_volume_completion"]
    net = {row["commitment_id"]: Fraction(row["net_quantity"]) for row in rows}
    for c in draft.records["commitments"]:
        if c["commitment_id"] not in net or c["commitment_id"] in adjusted or c["unit"] == "pack":
            continue
        total = (c["period_end"] - c["period_start"]).days + 1
        gone = max(0, min(total, (draft.as_of - c["period_start"]).days + 1))
        progress = Fraction(gone, total)
        wanted = draft.rng.choice((Fraction(1), progress, progress * Fraction(4, 5)))
        if net[c["commitment_id"]] <= 0 or wanted == 0 or not draft.happens(0.4):
            continue
        agreed = net[c["commitment_id"]] / wanted
        if 10_000 % agreed.denominator == 0:
            c["agreed_quantity"] = Decimal(agreed.numerator) / Decimal(agreed.denominator)


def _add_volume_excuses(draft: Draft) -> None:
    rng = draft.rng
    rows = agreed_volume(draft.records, draft.as_of)["agreed_volume_completion"]
    lacking = {r["commitment_id"]: Decimal(str(r["agreed_quantity"] - r["net_quantity"])) for r in rows}
    for n in range(rng.randint(2, 6)):
        commitment = rng.choice(draft.records["commitments"])
        exact = max(Decimal(0), lacking.get(commitment["commitment_id"], Decimal(0)))
        half = (exact / 2).quantize(Decimal("0.0001"))
        draft.add(
            "excuses",
            excuse_id=f"EV-{n}",
            kind="volume",
            institution_code=commitment["institution_code"],
            commitment_id=commitment["commitment_id"],
            quantity=rng.choice((Decimal(10), Decimal(1_000_000), exact.quantize(Decimal("0.0001")), half)),
            valid_from=draft.offset(-30, 0, 0, 1),
            valid_to=rng.choice((None, None, commitment["period_end"], commitment["period_end"] - ONE_DAY)),
            reason_code="shortage",
            approved_by="李四",
            document_no="备〔2020〕2号",
        )
        excuse = draft.records["excuses"][-1]
        if excuse["valid_to"] is not None:
            excuse["valid_from"] = min(excuse["valid_from"], excuse["valid_to"])
