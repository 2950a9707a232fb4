"""Payables: what an institution owes its supplier for accepted goods, and under which due rule (rulebook §5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import in_order, look_up
from pipelines.indicators.payment.due_dates import RULES, with_terms
from pipelines.lines.returned import DELIVERY, returned

PARTY = ["institution_code", "distributor_code"]
INVOICE = ("invoice_code", "invoice_no")


def payables(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (payables, terms): every payable, and what policy says of the cases they fall into.

    Payables are numbered by `due`, their row, in the order in which they are settled (acceptance, delivery,
    institution): `delivery_id`; `institution_code`, `distributor_code`, `product_code`, `jurisdiction_code`,
    `parent_institution_code`, `invoice_code` ('' for none), `invoice_no`, all categorical; `accepted_on`;
    `party` (the number of institution and supplier, in their order); `amount` in fen; `term`, a row of the
    terms; `is_selected`, `applicable_rule`; `excuse_id` of the approved excuses that hold.

    Terms: one row per division and day of acceptance with `due_<rule>` (rolled to a working day),
    `month_<rule>` (before rolling, an enumeration in its order), `is_provisional_<rule>`, and the policy rows
    behind them.
    """
    rows, terms = with_terms(_accepted(inputs), inputs)
    rows = rows.pipe(_with_applicable_rule, terms, inputs).pipe(_with_excuse, inputs)
    return with_party(rows), terms


def _accepted(inputs: Inputs) -> pl.DataFrame:
    """Accepted receipt lines that are no gifts: (received − confirmed returns) × unit price, to the fen, half
    up; 0 or less left out.
    """
    places = (
        inputs.scan("institutions")
        .select("institution_code", "jurisdiction_code", "parent_institution_code")
        .cast(pl.Categorical)
        .with_columns(is_known=True)
        .collect()
    )
    texts = pl.col("institution_code", "distributor_code", "product_code", "invoice_no").cast(pl.Categorical)
    rows = (
        inputs.scan("deliveries")
        .filter((pl.col("accepted_on") <= inputs.as_of) & ~pl.col("is_gift"))
        .select(
            "delivery_id",
            texts,
            pl.col("invoice_code").fill_null("").cast(pl.Categorical),
            "accepted_on",
            packs=scaled("received_quantity"),
            price=scaled("unit_price"),
        )
        .collect()
    )
    packs = pl.max_horizontal(pl.col("packs") - _returned(rows, inputs), pl.lit(0, pl.Int128))
    rows = look_up(rows, places, ["institution_code"]).with_columns(amount=round_half_up(packs * pl.col("price"), 10**6))
    return (
        rows.drop("packs", "price")
        .filter((pl.col("amount") > 0) & pl.col("is_known"))
        .drop("is_known")
        .pipe(in_order, ["accepted_on", "delivery_id", "institution_code"])
        .with_row_index("due")
    )


def _returned(deliveries: pl.DataFrame, inputs: Inputs) -> pl.Series:
    """The confirmed returns of each delivery up to as_of (packs × 10⁴)."""
    found = returned(deliveries.select(*DELIVERY), inputs)
    nothing = pl.zeros(deliveries.height, dtype=pl.Int128, eager=True)
    return nothing.scatter(found["n"], found["packs_back"])


def _with_applicable_rule(payables: pl.DataFrame, terms: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """By policy one rule applies to products in a selection valid on the acceptance date, another to the
    rest.
    """
    case = pl.col("product_code").to_physical().cast(pl.Int64) * 2**32 + pl.col("accepted_on").to_physical()
    cases = payables.select("product_code", "accepted_on", case=case)
    days = cases.lazy().unique("case").with_columns(pl.col("product_code").cast(pl.String))
    selected = (
        days.join(inputs.scan("selections").select("product_code", "valid_from", "valid_to"), on="product_code")
        .filter(pl.col("accepted_on").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .select("case", is_selected=True)
        .unique()
        .collect()
    )
    is_selected = look_up(cases.select("case"), selected, ["case"])["is_selected"].fill_null(False)
    rules = terms.select(pl.col("payment_rule_selected", "payment_rule_other").cast(pl.Enum(RULES)))
    rule = pl.when("is_selected").then("payment_rule_selected").otherwise("payment_rule_other")
    return payables.with_columns(
        is_selected, applicable_rule=rules[payables["term"]].with_columns(is_selected).select(rule).to_series()
    )


def _with_excuse(payables: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Approved payment excuses name a delivery line or an invoice of the institution; `excuse_id` joins those
    that hold.
    """
    excuses = (
        inputs.scan("excuses")
        .filter((pl.col("kind") == "payment") & (pl.col("valid_from") <= inputs.as_of))
        .with_columns(pl.col("institution_code", *INVOICE).cast(pl.Categorical))
        .collect()
    )
    keys = {"delivery_id": DELIVERY, "invoice_no": ["institution_code", *INVOICE]}
    held = []
    for part, key in keys.items():
        meant = excuses.filter(pl.col(part).is_not_null()).select(*key, "excuse_id", "valid_to")
        named = payables.filter(pl.col(part).is_in(meant[part].unique().implode()))
        found = named.select("due", *key, "accepted_on").join(meant, on=key)
        held.append(found.filter(pl.col("valid_to").is_null() | (pl.col("accepted_on") <= pl.col("valid_to"))))
    both = pl.concat(rows.select("due", "excuse_id") for rows in held).unique()
    by_payable = both.group_by("due").agg(pl.col("excuse_id").sort().str.join(","))
    return look_up(payables, by_payable, ["due"])


def with_party(payables: pl.DataFrame) -> pl.DataFrame:
    """Add `party`, the number of institution and supplier (categorical), in their order."""
    pair = pl.col("institution_code").to_physical().cast(pl.Int64) * 2**32
    pairs = payables.select(*PARTY, pair=pair + pl.col("distributor_code").to_physical())
    parties = pairs.unique("pair").with_columns(pl.col(PARTY).cast(pl.String)).sort(PARTY).with_row_index("party")
    return payables.with_columns(look_up(pairs.select("pair"), parties.drop(PARTY), ["pair"])["party"])


def names_of(payables: pl.DataFrame) -> pl.DataFrame:
    """Institution, supplier and division (as text) of each `party`, in the order of their numbers."""
    rows = payables.select("party", *PARTY, "jurisdiction_code").unique("party").sort("party").drop("party")
    return rows.cast(pl.String)
