"""Lists in a random world: of products and of generics, of all divisions and of few, with first and last days that meet.

It has dice of its own: what was drawn before stays as it was.
"""

from .draft import Draft
from .lines import generic_of

LISTS = (
    *("essential", "key_monitored", "negotiated", "insurance_a", "insurance_b", "shortage", "shortage_prone"),
    *("governed_consumable", "platform_consumable", "trace_exempt"),
)
PLACES = ("", "", "33", "3302", "330282", "3715")


def list_products(draft: Draft) -> None:
    """Put a few products and generics on every list, and let a few products be monitored by their own word."""
    rng = draft.aside("lists")
    for product in draft.records["products"]:
        product["is_key_monitored"] = rng.random() < 0.2
        product["is_essential"] = product["is_essential"] and rng.random() < 0.5
    codes = sorted({c for p in draft.records["products"] for c in (p["product_code"], generic_of(p)[0])} | {"UNKNOWN"})
    known = set()
    for name in LISTS:
        for _ in range(rng.randint(0, 5)):
            first, last = sorted(rng.choices(draft.days, k=2))
            key = (name, rng.choice(codes), rng.choice(PLACES), first)
            if key not in known:
                known.add(key)
                row = dict(zip(("list", "code", "jurisdiction_code", "valid_from"), key, strict=True))
                draft.add("catalogue_entries", **row, valid_to=rng.choice((None, last, last)), document_no="目录1号")
