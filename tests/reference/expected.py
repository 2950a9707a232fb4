"""What a pack should cost at most, read literally from obligations §25 (for the slow references; our own policy rows alone)."""

import math
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from unicodedata import normalize

from .agreed_volume import is_valid_on, round_half_up
from .families import head_of
from .lines import Record, Records, generic_of, product, selections_on
from .voluntary_participation import standing_of

MOST = Fraction(10**7)
Price = tuple[str, Fraction]


def expected_price(
    records: Records, product_code: str, day: date, place: str, whose: str = "", as_of: date = date.max
) -> Price | None:
    """Basis and price of a pack on a day in a division, for the institution `whose`; None where nothing says it."""
    own = [s for s in selections_on(records, day, place) if s["product_code"] == product_code]
    if own:
        agreed = [s for s in own if _is_agreed(s, records, day, whose, as_of)]
        return "selected", Fraction(_latest(agreed or own)["selected_price"])
    estimated = estimate(records, product_code, day, place)
    if estimated is not None:
        return "estimated", estimated
    listed = [
        r
        for r in records["reference_prices"]
        if r["kind"] == "listing"
        and r["product_code"] == product_code
        and is_valid_on(r, day)
        and place.startswith(r["jurisdiction_code"] or "")
    ]
    if listed:
        return "listing", Fraction(max(listed, key=lambda r: (len(r["jurisdiction_code"] or ""), r["valid_from"]))["price"])
    price = product(records, product_code)["listing_price"]
    return ("listing", Fraction(price)) if price else None


def estimate(records: Records, product_code: str, day: date, place: str) -> Fraction | None:
    """By the price ratio rule, from the siblings selected there on the day."""
    found = []
    for s in selections_on(records, day, place) if day >= date(2011, 11, 17) else []:
        sibling, own = product(records, s["product_code"]), product(records, product_code)
        if is_sibling(own, sibling):
            times = float(own["units_per_pack"]) / float(sibling["units_per_pack"])
            price = Decimal(float(s["selected_price"]) * 1.95 ** math.log2(times))
            ninth = price.quantize(Decimal("0.000000001"), ROUND_HALF_UP)
            found.append((-s["valid_from"].toordinal(), min(Fraction(ninth.quantize(Decimal("0.01"), ROUND_HALF_UP)), MOST)))
    return min(found)[1] if found else None


def is_sibling(own: Record, other: Record) -> bool:
    """Whether it is the same medicine in a pack of another size."""
    return (
        generic_of(own) == generic_of(other)
        and own["manufacturer_code"] == other["manufacturer_code"]
        and all(own[c] is not None and other[c] is not None for c in ("dosage_form", "strength"))
        and all(folded(own[c]) == folded(other[c]) for c in ("dosage_form", "strength", "min_unit"))
        and own["units_per_pack"] != other["units_per_pack"]
    )


def folded(text: str) -> str:
    """As texts are compared."""
    return "".join(normalize("NFKC", text).split()).upper()


def exceeds(one: Fraction, other: Fraction, day: date, times: Fraction = Fraction(1)) -> bool:
    """Whether a price is above another by more than the tolerance of the day."""
    return day >= date(2000, 1, 1) and one - other > Fraction("0.005") * times


def money(yuan: Fraction) -> int:
    """Fen, half up."""
    return round_half_up(yuan * 100)


def _is_agreed(selection: Record, records: Records, day: date, whose: str, as_of: date) -> bool:
    return any(c["period_start"] <= day <= standing_of(c, records, as_of)[1] for c in _commitments(selection, records, whose))


def _commitments(selection: Record, records: Records, whose: str) -> Iterator[Record]:
    if whose:
        own = {whose, head_of(records, whose)}
        for c in records["commitments"]:
            if c["institution_code"] in own and (c["lot_code"], c["item_code"]) == (
                selection["lot_code"],
                selection["item_code"],
            ):
                yield c


def _latest(selections: list[Record]) -> Record:
    return min(selections, key=lambda s: (-s["valid_from"].toordinal(), s["lot_code"], s["item_code"]))
