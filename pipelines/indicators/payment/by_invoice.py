"""The first pass of the settlement, by invoice, and what it leaves to the second (rulebook §5).

What names invoices of one number is one unit, whoever owes or pays, and so are all the rows that name none: a payment
may leave out the code.
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Changes, Frames, Inputs, Link, Links, Stage
from pipelines.indicators.payment.ageing import PAID, dues, with_paid
from pipelines.indicators.payment.due_dates import RULES, with_terms
from pipelines.indicators.payment.payables import PARTY, payables
from pipelines.indicators.payment.payables_aged import find_moving
from pipelines.indicators.payment.settlement import left_of, payments_made, settle, settle_by_invoice, with_codes

_UNIT = ("invoice_no",)
_PAYMENT = ["institution_code", "payment_id"]
_CODES = pl.col(*PARTY, "jurisdiction_code").cast(pl.Categorical)
PAID_TOWARDS = (*PAID, *(f"on_time_{rule}" for rule in RULES))
"""What was paid towards a payable, as it is added up over passes."""
PAYABLE = (*PARTY, "delivery_id", "jurisdiction_code", "accepted_on", "applicable_rule", "excuse_id", "amount", *PAID_TOWARDS)
NAMED = ("product_code", "invoice_code")
"""What says, beside its delivery and the number of its invoice, what an unpaid payable is for."""
ONE = pl.lit(1, pl.Int64)


def whole(inputs: Inputs) -> Frames:
    """Both passes at once, for those who explain.

    `payables`: one row per payable with what was paid towards it;
    `terms`: what policy says in a division on a day of acceptance; `payments`: one per payment line after
    reversals, with the invoice it was taken to name, and what is left of it;
    `allocations`: which payment settled which payable; `reversals`: what was taken back beyond what had been paid;
    `dues` (lazy): one row per payable and due rule, with every amount of the report and the file, sheet and line of
    the delivery.
    """
    owed, terms = payables(inputs)
    payments, excess = payments_made(inputs)
    payments = with_codes(payments, owed)
    allocations, left = settle(payments, owed)
    paid = with_paid(owed, payments, allocations, terms)
    return {
        "payables": paid,
        "terms": terms,
        "payments": payments.with_columns(left=left),
        "allocations": allocations,
        "reversals": excess,
        "dues": inputs.with_place(dues(paid, terms, inputs.as_of), "deliveries"),
    }


def explained(inputs: Inputs) -> Frames:
    """The same, found when somebody asks for it."""

    def later(name: str) -> pl.LazyFrame:
        def found() -> pl.LazyFrame:
            return inputs.once(whole)[name].lazy()

        return pl.defer(lambda: found().collect(), schema=lambda: found().collect_schema())

    return {name: later(name) for name in ("payables", "payments", "allocations", "dues")}


def rests(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What the first pass left, in the order in which the second settles: payables (numbered by `due`), worth what is
    `open`, with their `whole` amount and what was paid (`first_…`); their terms; and payments (numbered by `pay`).
    """
    first = {column: f"first_{column}" for column in PAID_TOWARDS}
    owed = inputs.scan("owed").rename({"amount": "whole", "open": "amount", **first}).drop("rows").collect()
    owed = owed.sort("accepted_on", "delivery_id", "institution_code").with_row_index("due").with_columns(_CODES)
    owed, terms = with_terms(owed, inputs)
    cash = inputs.scan("cash").rename({"rest": "amount"}).drop("rows").collect()
    cash = cash.sort("paid_on", "payment_id", "line_no", "institution_code").with_row_index("pay")
    return owed, terms, cash.with_columns(pl.col(PARTY).cast(pl.Categorical))


def _evidence(inputs: Inputs) -> Frames:
    """`payables`: with what was paid towards them by invoice and what is `open`; `payments`: with what is left (`rest`);
    `terms` and `reversals` as in `whole`.
    """
    owed, terms = payables(inputs)
    payments, excess = payments_made(inputs)
    payments = with_codes(payments, owed)
    first = settle_by_invoice(payments, owed)
    return {
        "payables": with_paid(owed, payments, first, terms).with_columns(open=left_of(owed, first, "due")),
        "terms": terms,
        "payments": payments.with_columns(rest=left_of(payments, first, "pay")),
        "reversals": excess,
    }


def _sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`closed`: one per payable that its invoice settled; `owed`: one per payable of which something is `open`; `cash`: one
    per payment line of which something is left; `reversals`: what each took back in excess; `met`: by invoice and institution
    what the payments that name it gave to its payables.
    """
    paid = evidence["payables"].lazy().select(*_UNIT, *PAYABLE, *NAMED, "open", rows=ONE)
    cash = (
        evidence["payments"]
        .lazy()
        .filter(pl.col("rest") > 0)
        .select(
            *_UNIT,
            "institution_code",
            "payment_id",
            pl.col("line_no").cast(pl.Int32),
            "paid_on",
            "rest",
            distributor_code="payee_code",
            rows=ONE,
        )
    )
    met = paid.filter(pl.col("invoice_no").is_not_null(), pl.col("paid_fen") > 0)
    found = {
        "met": met.group_by(*_UNIT, "invoice_code", "institution_code").agg(pl.col("paid_fen", "rows").sum()),
        "closed": paid.filter(pl.col("open") == 0).drop(*NAMED, "open"),
        "owed": paid.filter(pl.col("open") > 0),
        "cash": cash,
        "reversals": evidence["reversals"].lazy().select(*_UNIT, "institution_code", "payment_id", "excess_fen", rows=ONE),
    }
    return {name: rows.collect() for name, rows in found.items()}


def _ties(inputs: Inputs) -> pl.DataFrame:
    """`tied`, `invoice_no`: numbers that meet in one payment that was taken back, in its lines and in what takes them back."""
    columns = ["institution_code", *_UNIT, "payment_id"]
    reversing = inputs.scan("payments").filter(pl.col("amount_fen") < 0).drop("payment_id")
    back = reversing.rename({"reverses_payment_id": "payment_id"}).select(columns).collect()
    taken = inputs.only_where("payments", back.select(_PAYMENT)).scan("payments").select(columns).collect()
    family = pl.concat([back, taken]).unique()
    return family.join(family.rename({"invoice_no": "tied"}), on=_PAYMENT).select("tied", *_UNIT).unique()


def _matured(changes: Changes) -> pl.DataFrame:
    """The invoices of payables that come due between the two days."""
    places = changes.now.scan("institutions").select("institution_code", "jurisdiction_code")
    received = (pl.col("accepted_on") <= changes.days[1]) & ~pl.col("is_gift")
    deliveries = changes.now.scan("deliveries").filter(received).join(places, on="institution_code")
    return find_moving(deliveries, changes, "matures").select(_UNIT).collect()


_OF_PAYMENT = pl.col("kind") == "payment"
LINKS: Links = {
    "deliveries": Link(day="accepted_on"),
    "returns": Link(of="deliveries", day="returned_on"),
    "payments": (Link(day="paid_on"), Link({"tied": "invoice_no"}, to=_ties, day="paid_on")),
    "excuses": (
        Link(of="deliveries", day="valid_from", where=_OF_PAYMENT & pl.col("delivery_id").is_not_null()),
        Link(day="valid_from", where=_OF_PAYMENT & pl.col("invoice_no").is_not_null()),
    ),
}
BY_INVOICE = Stage(
    unit=_UNIT,
    yields=("closed", "owed", "cash", "reversals", "met"),
    anew=("closed",),
    evidence=_evidence,
    sums=_sums,
    links=LINKS,
    wakes=_matured,
)
