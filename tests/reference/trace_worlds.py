"""Trace scans in a random world: codes that come once and again, as packs and as cases, go out here and there, and come back.

It has dice of its own: what was drawn before stays as it was.
"""

from decimal import Decimal

from .draft import Draft

CODES = (*(f"8{n:019d}" for n in range(1, 6)), "GS1-01", "gs1-01")


def add_scans(draft: Draft) -> None:
    """Scans of what was received, dispensed and taken back; deliveries that say how many codes they have."""
    rng = draft.aside("trace")
    known = draft.records["institutions"]
    ends = [draft.as_of, *draft.days]
    for number, delivery in enumerate(draft.records["deliveries"]):
        if rng.random() < 0.3:
            delivery["trace_codes_count"] = rng.choice((0, 1, 5, 10, 200))
        if rng.random() < 0.6:
            for n in range(rng.choice((1, 2, 4))):
                scanner = delivery if rng.random() < 0.9 else rng.choice(known)
                of = delivery if rng.random() < 0.9 else rng.choice(draft.records["products"])
                draft.add(
                    "trace_scans",
                    institution_code=scanner["institution_code"],
                    scan_id=f"R{number}-{n}",
                    trace_code=rng.choice(CODES) if rng.random() < 0.4 else f"{number}-{rng.randint(1, 3)}",
                    event=rng.choice(("received", "received", "received", "received", "dispensed")),
                    scanned_on=rng.choice(ends),
                    product_code=of["product_code"],
                    delivery_id=delivery["delivery_id"],
                    packs_per_code=Decimal(rng.choice(("1", "1", "1", "10", "0.5", "100"))),
                )
    for number in range(rng.randint(0, 25)):
        draft.add(
            "trace_scans",
            institution_code=rng.choice(known)["institution_code"],
            scan_id=f"S{number}",
            trace_code=rng.choice(CODES),
            event=rng.choice(("dispensed", "dispensed", "taken_back", "received")),
            scanned_on=rng.choice(ends),
            product_code=rng.choice(draft.records["products"])["product_code"],
        )
