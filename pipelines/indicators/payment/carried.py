"""How payment figures are carried from night to night (rulebook §5).

What names invoices of one number is one unit, whoever owes or pays, and so are all the rows that name none: a payment
may leave out the code. The first pass of the settlement stays within it. For the second, other units must know what
the first left open, and what cash.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from pipelines.engine.indicator import Carry, Changes, Inputs
from pipelines.engine.returned import DELIVERY
from pipelines.indicators.payment.allocation import allocate
from pipelines.indicators.payment.payables import PARTY
from pipelines.indicators.payment.payables_aged import find_aged
from pipelines.lake.unequal import unequal

UNIT = ("invoice_no",)
_PAYMENT = ["institution_code", "payment_id"]


def with_rests(
    payables: pl.DataFrame, payments: pl.DataFrame, inputs: Inputs
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put among payables and payments what the invoices of others left open, or of cash, between the same parties: they
    name no invoice, are worth what is left of them, and `is_other`.

    In and out: `payables` and `payments_made`, numbered anew by `due` and `pay`.
    """
    own = pl.lit(False).alias("is_other")
    payables, payments = payables.with_columns(own), payments.with_columns(own)
    owed, cash = inputs.others("owed"), inputs.others("cash")
    if owed is None or cash is None:
        return payables, payments
    parties = pl.concat(
        [payables.select(PARTY), payments.select("institution_code", distributor_code="payee_code")]
    ).unique().cast(pl.String).lazy()  # fmt: skip
    owed = owed.join(parties, on=PARTY, how="semi").select(
        *PARTY, "delivery_id", "accepted_on", amount="open", is_other=pl.lit(True)
    )  # fmt: skip
    paid = cash.join(parties, on=PARTY, how="semi").select(
        "institution_code", "payment_id", "line_no", "paid_on", payee_code="distributor_code", amount="rest",
        is_other=pl.lit(True),
    )  # fmt: skip
    return (
        _put_among(payables, owed, "due", ["accepted_on", "delivery_id", "institution_code"]),
        _put_among(payments, paid, "pay", ["paid_on", "payment_id", "line_no", "institution_code"]),
    )


def _put_among(rows: pl.DataFrame, others: pl.LazyFrame, number: str, order: list[str]) -> pl.DataFrame:
    found = others.collect()
    found = found.select(pl.col(c).cast(rows.schema[c]) for c in found.columns)
    both = pl.concat([rows.drop(number), found], how="diagonal")
    by_text = [pl.col(c).cast(pl.String) if c == "institution_code" else pl.col(c) for c in order]
    return both.sort(by_text).with_row_index(number).select(rows.columns)


def _touched(changes: Changes) -> pl.DataFrame:
    """The invoices of whatever changed, and those with a payable that comes due or grows older where as_of moves."""
    deliveries = changes.records("deliveries", "accepted_on")
    payments = changes.records("payments", "paid_on")
    excuses = changes.records("excuses", "valid_from").filter(pl.col("kind") == "payment")
    named = pl.concat(
        [changes.records("returns", "returned_on").select(DELIVERY), excuses.select(DELIVERY).drop_nulls()]
    ).unique()
    meant = changes.now.only_where("deliveries", named).scan("deliveries").select(UNIT).collect()
    found = [rows.select(UNIT) for rows in (deliveries, payments, excuses, meant)]
    return _with_ties(pl.concat([*found, find_aged(changes)]), changes)


def _with_ties(units: pl.DataFrame, changes: Changes) -> pl.DataFrame:
    """The units with all that reversals tie to them: lines of one payment, and what takes them back, over invoices."""
    ties, units = _find_ties(changes), units.unique()
    while True:
        payments = ties.join(units, on=UNIT, how="semi", nulls_equal=True).select(_PAYMENT)
        tied = ties.join(payments, on=_PAYMENT, how="semi").select(UNIT)
        grown = pl.concat([units, tied]).unique()
        if grown.height == units.height:
            return units
        units = grown


@lru_cache(maxsize=1)
def _find_ties(changes: Changes) -> pl.DataFrame:
    """The payments that were taken back, and the units of their lines and of what takes them back."""
    columns = [*_PAYMENT, *UNIT, "amount_fen", "reverses_payment_id"]
    lines = pl.concat(
        [changes.now.scan("payments").select(columns), changes.changed("payments").lazy().select(columns)]
    )
    back = lines.filter(pl.col("amount_fen") < 0).select(
        "institution_code", *UNIT, payment_id="reverses_payment_id"
    ).collect()  # fmt: skip
    taken = lines.join(back.lazy(), on=_PAYMENT, how="semi").select(*_PAYMENT, *UNIT).collect()
    return pl.concat([back.select(taken.columns), taken]).unique()


def _needed(units: pl.DataFrame, _: Inputs) -> dict[str, pl.DataFrame]:
    return {"deliveries": units, "payments": units}


def _reached(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], changes: Changes
) -> pl.DataFrame:
    """Where the first pass leaves something else between two parties, whatever the second settles in another way."""
    units = pl.concat(rows.select(UNIT) for side in (before, after) for rows in side.values()).unique()
    parties = _find_moved(before, after)
    then, now = {}, {}
    for name in ("owed", "cash"):
        kept = changes.kept[name].join(parties.lazy(), on=PARTY, how="semi").collect()
        stays = kept.join(units, on=UNIT, how="anti", nulls_equal=True)
        then[name] = kept
        now[name] = pl.concat([stays, after[name].join(parties, on=PARTY, how="semi")])
    met = unequal(*(_settle_rests(side["owed"], side["cash"], parties) for side in (then, now)))
    owed, paid = (met.select(pl.col(f"{side}_{c}").alias(c) for c in UNIT) for side in ("due", "pay"))
    return _with_ties(pl.concat([owed, paid]), changes)


def _find_moved(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The parties between which the first pass leaves something else."""
    rests = {
        "owed": ["accepted_on", "delivery_id", "open"], "cash": ["paid_on", "payment_id", "line_no", "rest"],
    }  # fmt: skip
    moved = []
    for name, columns in rests.items():
        sides = [side[name].select(*UNIT, *PARTY, *columns) for side in (before, after)]
        moved.append(unequal(*sides).select(PARTY))
    return pl.concat(moved).unique()


def _settle_rests(owed: pl.DataFrame, cash: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """The second pass: which rest of a payment met which rest of a payable, and the units of both."""
    groups = parties.with_row_index("group")
    owed = owed.sort("accepted_on", "delivery_id", "institution_code")
    paid = cash.sort("paid_on", "payment_id", "line_no", "institution_code")
    owed, paid = (
        rows.join(groups, on=PARTY, maintain_order="left").with_row_index(number)
        for rows, number in ((owed, "due"), (paid, "pay"))
    )
    met = allocate(paid.select("group", "pay", amount="rest"), owed.select("group", "due", amount="open"))
    return pl.concat(
        [
            owed.select(pl.col(UNIT).name.prefix("due_"), *PARTY, "delivery_id")[met["due"]],
            paid.select(pl.col(UNIT).name.prefix("pay_"), "payment_id", "line_no", "paid_on")[met["pay"]],
            met.select("amount"),
        ],
        how="horizontal",
    )


CARRY = Carry(
    datasets=("deliveries", "returns", "payments", "excuses"),
    touched=_touched,
    needed=_needed,
    reached=_reached,
    anew=("payables",),
)
