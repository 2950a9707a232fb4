"""What does not go together in a random world: numbers used twice, receipts beyond their invoice, money for somebody else, two
companies deemed for one manufacturer.

It has dice of its own: what was drawn before stays as it was.
"""

import random
from datetime import date, timedelta
from decimal import Decimal

from .draft import AGENT, DISTRIBUTORS, HOLDER, MAKER_1, MAKER_2, SALES_COMPANY, UNREGISTERED, Draft

COMPANIES = (*DISTRIBUTORS[:3], SALES_COMPANY, AGENT, MAKER_1, MAKER_2, HOLDER, UNREGISTERED)


def add_signals(draft: Draft) -> None:
    """A few of each, on invoices that hospitals already have."""
    rng = draft.aside("signals")
    codes = {i["institution_code"]: i for i in draft.records["institutions"][:4]}
    owners = {i["uscc"]: i for i in reversed(codes.values()) if i["uscc"]} | codes
    sold = [i for i in draft.records["invoices"] if i["quantity"] > 0 and i["buyer_code"] in owners]
    if not sold:
        return
    for n in range(rng.randint(2, 4)):
        _use_again(draft, rng, rng.choice(sold), n)
    for n in range(rng.randint(3, 6)):
        invoice = rng.choice(sold)
        buyer = owners[invoice["buyer_code"]]
        family = [buyer["institution_code"], buyer["parent_institution_code"], *codes]
        _receive(draft, rng, invoice, rng.choice([c for c in family if c in codes]), n)
        _pay_somebody(draft, rng, invoice, rng.choice([c for c in family if c in codes]), n)
        if rng.random() < 0.4:
            _excuse(draft, rng, invoice, rng.choice([*codes]), n)
    _deem_more(draft, rng)


def _use_again(draft: Draft, rng: random.Random, invoice: dict, n: int) -> None:
    """The same number once more: by another seller, to another buyer, or to nobody new; some under no code of a paper invoice."""
    number = {"invoice_code": invoice["invoice_code"], "invoice_no": invoice["invoice_no"]}
    if rng.random() < 0.2:
        number = {"invoice_code": "", "invoice_no": "00000777"}
    buyers = [invoice["buyer_code"], *(i["institution_code"] for i in draft.records["institutions"][:3]), *DISTRIBUTORS[:2]]
    again = {
        "line_no": 70 + n,
        "seller_code": rng.choice((invoice["seller_code"], *DISTRIBUTORS[:2])),
        "buyer_code": rng.choice(buyers),
        "issued_on": rng.choice((invoice["issued_on"], *draft.days)),
        "product_code": rng.choice(draft.records["products"])["product_code"],
        "batch_no": rng.choice((invoice["batch_no"], "B1", "B7")),
        "status": rng.choice(("normal", "normal", "normal", "void")),
    }
    draft.add("invoices", **(invoice | number | again))


def _receive(draft: Draft, rng: random.Random, invoice: dict, institution: str, n: int) -> None:
    """As much as stands on the line, a little less or more, or of another product; some a gift, some sent back."""
    product = invoice["product_code"] if rng.random() < 0.7 else rng.choice(draft.records["products"])["product_code"]
    day = rng.choice((*draft.days, draft.as_of))
    draft.add(
        "deliveries",
        institution_code=institution,
        delivery_id=f"N{n:02d}",
        order_line_id=f"N{n:02d}",
        distributor_code=rng.choice((invoice["seller_code"], DISTRIBUTORS[0])),
        product_code=product,
        ordered_quantity=Decimal(1),
        received_quantity=invoice["quantity"] * rng.choice((Decimal("0.5"), Decimal(1), Decimal(1))) + rng.choice((0, 0, 1)),
        unit_price=Decimal("12.5"),
        ordered_on=day,
        accepted_on=day,
        invoice_code=(invoice["invoice_code"] or None) if rng.random() < 0.9 else None,
        invoice_no=invoice["invoice_no"],
        is_gift=rng.random() < 0.1,
    )
    if rng.random() < 0.3:
        draft.add(
            "returns",
            institution_code=institution,
            return_id=f"N{n:02d}",
            delivery_id=f"N{n:02d}",
            returned_quantity=rng.choice((Decimal(1), invoice["quantity"] / 2)),
            returned_on=rng.choice((day, draft.as_of, draft.as_of + timedelta(days=1))),
        )


def _pay_somebody(draft: Draft, rng: random.Random, invoice: dict, institution: str, n: int) -> None:
    """A line or two for the invoice, to whomever; the second for no invoice; some taken back in part or altogether."""
    day = rng.choice((*draft.days, draft.as_of))
    own = {"institution_code": institution, "payment_id": f"N{n:02d}", "paid_on": day}
    payee = rng.choice((invoice["seller_code"], *COMPANIES))
    channel = rng.choice(("hospital", "hospital", "hospital", "fund_direct"))
    named = {"invoice_code": invoice["invoice_code"] or None, "invoice_no": invoice["invoice_no"]}
    draft.add("payments", **own, **named, line_no=1, payee_code=payee, amount=Decimal("250.55"), channel=channel)
    if rng.random() < 0.5:
        draft.add("payments", **own, line_no=2, payee_code=payee, amount=Decimal("100"), channel=channel)
    if rng.random() < 0.3:
        draft.add(
            "payments",
            institution_code=institution,
            payment_id=f"NB{n:02d}",
            line_no=1,
            payee_code=payee,
            paid_on=max(day, rng.choice((*draft.days, draft.as_of))),
            amount=-rng.choice((Decimal("50"), Decimal("250.55"), Decimal("1000"))),
            reverses_payment_id=own["payment_id"],
        )


def _excuse(draft: Draft, rng: random.Random, invoice: dict, institution: str, n: int) -> None:
    """Of whichever institution, in force or not, over or not."""
    since = rng.choice((draft.days[0], draft.as_of, draft.as_of + timedelta(days=1)))
    draft.add(
        "excuses",
        excuse_id=f"EN-{n}",
        kind=rng.choice(("payment", "payment", "two_invoice")),
        institution_code=institution,
        invoice_code=invoice["invoice_code"] or None,
        invoice_no=invoice["invoice_no"],
        valid_from=since,
        valid_to=rng.choice((None, since)),
        reason_code="dispute",
        approved_by="李四",
        document_no="备〔2020〕9号",
    )


def _deem_more(draft: Draft, rng: random.Random) -> None:
    """One or two more companies for a manufacturer: for all products or one, as agents, for a while or without an end."""
    as_of = draft.as_of
    edges = (as_of - timedelta(days=1), as_of, as_of + timedelta(days=1))
    for company in rng.sample((SALES_COMPANY, AGENT, *DISTRIBUTORS[3:]), rng.choice((1, 2, 2))):
        since = rng.choice((date(2019, 1, 1), *edges))
        draft.add(
            "deemed_manufacturers",
            enterprise_code=company,
            manufacturer_code=MAKER_2,
            basis=rng.choice(("group_sales_company",) * 4 + ("sole_import_agent",)),
            product_code="" if rng.random() < 0.8 else rng.choice(draft.records["products"])["product_code"],
            valid_from=since,
            valid_to=rng.choice((None, None, *(day for day in edges if day >= since))),
        )
