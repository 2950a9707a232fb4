"""Seeded random worlds: tiny, valid by interfaces §1, and full of the cases that go wrong.

`random_world(seed)` gives accepted records by dataset and `as_of`; `write_landing` lays them out as files.
"""

import random
from datetime import date
from decimal import Decimal

from .budget_worlds import add_budgets
from .catalogue_worlds import list_products
from .channel_worlds import pay_makers, spread_purchases
from .credit_worlds import list_and_grade
from .delivery_worlds import add_orders
from .draft import AGENT, DISTRIBUTORS, FOREIGN_MAKER, HOLDER, MAKER_1, MAKER_2, SALES_COMPANY, Draft, make_uscc, start_draft
from .form_worlds import add_forms
from .invoice_worlds import add_invoices
from .judged_worlds import judge_institutions
from .landing import CHINESE_HEADERS, write_landing
from .pack_worlds import add_packs
from .payment_worlds import add_payments
from .prepayment_worlds import add_prepayments
from .price_worlds import watch_prices
from .signal_worlds import add_signals
from .trace_worlds import add_scans
from .usage_worlds import add_year_before, mix_usage
from .usages_worlds import add_usages
from .volume_worlds import add_volumes, move_ends
from .window_worlds import buy_through_the_years

__all__ = ["CHINESE_HEADERS", "random_world", "write_landing"]


def random_world(seed: int) -> tuple[dict[str, list[dict]], date]:
    """Accepted, current records by dataset (canonical columns) and the `as_of` to compute them at."""
    draft = start_draft(seed)
    _add_institutions(draft)
    _add_designations(draft, random.Random(f"designated {seed}"))
    _add_enterprises(draft)
    _add_products(draft)
    add_invoices(draft)
    add_volumes(draft)
    add_payments(draft)
    _add_bystanders(draft)
    move_ends(draft)
    add_budgets(draft)
    mix_usage(draft, seed)
    add_prepayments(draft)
    list_products(draft)
    add_forms(draft)
    add_scans(draft)
    buy_through_the_years(draft)
    add_usages(draft)
    add_year_before(draft)
    watch_prices(draft)
    add_packs(draft)
    add_orders(draft)
    pay_makers(draft)
    spread_purchases(draft)
    list_and_grade(draft)
    add_signals(draft)
    judge_institutions(draft)
    for rows in draft.records.values():
        draft.rng.shuffle(rows)
    return draft.records, draft.as_of


def _add_institutions(draft: Draft) -> None:
    rng = draft.rng
    numbers = rng.sample(range(1, 99), 6)
    head, branch = f"H330282{numbers[0]:05d}", f"H330282{numbers[1]:05d}"
    shared = make_uscc("12330282", 1)
    has_parent = draft.happens(0.7)
    _add_institution(draft, head, "public", uscc=shared)
    _add_institution(draft, branch, "public", uscc=shared, parent_institution_code=head if has_parent else None)
    for n, number in enumerate(numbers[2 : rng.randint(3, 6)], start=2):
        ownership = rng.choice(("public", "public", "public", "private", "retail"))
        letter = "P" if ownership == "retail" else "H"
        code = f"{letter}{rng.choice(('330282', '371500'))}{number:05d}"
        parent = rng.choice((None, None, head, branch))
        own = make_uscc("12330282", n) if draft.happens(0.7) else None
        _add_institution(draft, code, ownership, uscc=own, parent_institution_code=parent)


def _add_institution(draft: Draft, code: str, ownership: str, **values: object) -> None:
    draft.add(
        "institutions",
        institution_code=code,
        name=f"机构{code[-3:]}",
        jurisdiction_code=code[1:7],
        ownership=ownership,
        level="retail" if ownership == "retail" else draft.rng.choice(("tertiary", "secondary", "primary")),
        is_remote=draft.happens(0.3),
        responsible_person="张三",
        **values,
    )


def _add_enterprises(draft: Draft) -> None:
    rng = draft.rng
    groups: dict[str, str | None] = {
        MAKER_1: "GM",
        SALES_COMPANY: "GM",
        MAKER_2: None,
        HOLDER: None,
        FOREIGN_MAKER: None,
        AGENT: rng.choice((None, "G1")),
        DISTRIBUTORS[0]: "G1",
        DISTRIBUTORS[1]: "G1",
        DISTRIBUTORS[2]: rng.choice(("G1", "G2")),
        DISTRIBUTORS[3]: None,
        DISTRIBUTORS[4]: None,
    }
    for code, group in groups.items():
        draft.add("enterprises", enterprise_code=code, name=f"企业{code[-4:]}", group_code=group)
    for company, maker, basis in (
        (SALES_COMPANY, MAKER_1, "group_sales_company"),
        (AGENT, FOREIGN_MAKER, "sole_import_agent"),
        (DISTRIBUTORS[2], HOLDER, "group_sales_company"),
    ):
        if draft.happens(0.7):
            _add_deemed(draft, company, maker, basis)


def _add_deemed(draft: Draft, company: str, maker: str, basis: str) -> None:
    first, last = draft.window()
    draft.add(
        "deemed_manufacturers", enterprise_code=company, manufacturer_code=maker, basis=basis, valid_from=first, valid_to=last
    )


def _add_products(draft: Draft) -> None:
    rng = draft.rng
    special = rng.choice(("narcotic", "psychotropic_1", "vaccine", "tcm_decoction", "reserve"))
    for n, (kind, maker, holder, category) in enumerate(
        [
            ("drug", MAKER_1, None, "none"),
            ("drug", MAKER_2, HOLDER, "none"),
            ("drug", FOREIGN_MAKER, None, "none"),
            ("drug", MAKER_1, HOLDER, special),
            ("consumable", MAKER_2, None, "none"),
            ("drug", MAKER_2, MAKER_2, "none"),
            ("consumable", MAKER_1, None, "none"),
            ("drug", HOLDER, None, "none"),
        ][: rng.randint(5, 8) if draft.happens(0.8) else 4],
        start=1,
    ):
        code = f"XA10BAB{n:03d}A0010102{n:05d}" if kind == "drug" else f"C{n:019d}"
        draft.add(
            "products",
            product_code=code,
            kind=kind,
            generic_code=code[:14],
            generic_name=f"品名{n}",
            min_unit="片",
            units_per_pack=draft.quantity("1", "7", "10", "28"),
            manufacturer_code=maker,
            mah_code=holder,
            special_category=category,
            is_essential=draft.happens(0.5),
            listing_price=Decimal("12.3400"),
        )
    for deemed in draft.records["deemed_manufacturers"]:
        if draft.happens(0.3):
            deemed["product_code"] = rng.choice(draft.records["products"])["product_code"]


def _add_designations(draft: Draft, rng: random.Random) -> None:
    """Some institutions are not designated; dice of their own leave what else there is as it was."""
    for institution in draft.records["institutions"]:
        institution["is_designated"] = rng.random() < 0.85


def _add_bystanders(draft: Draft) -> None:
    """Rows of the datasets that no figure of the three indicators reads."""
    hospital = draft.records["institutions"][0]["institution_code"]
    selection = draft.rng.choice(draft.records["selections"])
    draft.add(
        "prepayments",
        agency_code="330282001",
        prepayment_id="Y1",
        institution_code=hospital,
        lot_code=selection["lot_code"],
        period_start=draft.days[0],
        amount=Decimal("1000.00"),
    )
    draft.add(
        "substitutes",
        lot_code=selection["lot_code"],
        item_code=selection["item_code"],
        product_code=draft.rng.choice(draft.records["products"])["product_code"],
    )
    draft.add("blacklist", enterprise_code=DISTRIBUTORS[4], listed_on=draft.day(), document_no="号1")
