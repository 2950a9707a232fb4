"""Lists that products are on, read literally from obligations §12 (for the slow references)."""

from datetime import date

from .agreed_volume import is_valid_on
from .lines import Record, Records, generic_of

FLAGS = {"essential": "is_essential", "key_monitored": "is_key_monitored"}
INSURED = ("insurance_a", "insurance_b", "negotiated")


def is_listed(records: Records, name: str, of: Record, day: date, jurisdiction: str) -> bool:
    """Whether a product is on a list (`insured`: on any of three) on a day in a division."""
    if name == "insured":
        return any(is_listed(records, one, of, day, jurisdiction) for one in INSURED)
    if name in FLAGS and of[FLAGS[name]]:
        return True
    codes = {of["product_code"], generic_of(of)[0]}
    return any(
        e["list"] == name
        and e["code"] in codes
        and is_valid_on(e, day)
        and jurisdiction.startswith(e["jurisdiction_code"] or "")
        for e in records["catalogue_entries"]
    )
