"""How verdicts on invoice lines are carried from night to night (rulebook §6).

What a seller sold of a batch is one unit. Its net lines follow from its own invoices alone, red ones too; and all that
other units must know of it is who bought, when and how much: the net lines between companies, which are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.engine.indicator import Carry, Changes, Inputs
from pipelines.lake.unequal import unequal

_BATCH = ["product_code", "batch_no"]
UNIT = (*_BATCH, "seller_code")
_SALES = ["product_code", "seller_code"]
_INVOICE = ["institution_code", "invoice_code", "invoice_no"]


def with_others(lines: pl.DataFrame, inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add the lines between companies of the same batches that are not computed anew, and return with them since
    when companies have bought a product in such lines, of any batch, from a source.

    In and out: net lines with buyers (`with_buyers`), numbered by `line`. Out beside them: `product_code`,
    `seller_code` (who has bought), categorical, and `source_since`; no rows where all is computed.
    """
    purchases = inputs.others("purchases")
    if purchases is None:
        codes = dict.fromkeys(("product_code", "seller_code"), pl.Categorical())
        return lines, pl.DataFrame(schema={**codes, "source_since": pl.Date()})
    batches = lines.lazy().select(_BATCH).unique().with_columns(pl.col(_BATCH).cast(pl.String))
    near = (
        purchases.drop("rows")
        .join(batches, on=_BATCH, how="semi", nulls_equal=True)
        .with_columns(pl.col(*UNIT, "buyer_code").cast(pl.Categorical), is_company=True)
        .collect()
        .with_row_index("line", offset=lines.height and lines["line"].item(-1) + 1)
    )
    sellers = lines.lazy().select(_SALES).unique().with_columns(pl.col(_SALES).cast(pl.String))
    columns = [pl.col(c).cast(t) for c, t in lines.schema.items() if c in near.columns]
    since = _first_from_source(purchases, sellers).with_columns(pl.col(_SALES).cast(pl.Categorical))
    return pl.concat([lines, near.select(columns)], how="diagonal"), since


def _first_from_source(purchases: pl.LazyFrame, sellers: pl.LazyFrame) -> pl.DataFrame:
    """Since when these sellers (`product_code`, `seller_code`) have bought their product from a source."""
    bought = purchases.filter("is_source").select("product_code", "issued_on", seller_code="buyer_code")
    return (
        bought.join(sellers, on=_SALES, how="semi", nulls_equal=True)
        .group_by(_SALES)
        .agg(source_since=pl.col("issued_on").min())
        .collect()
    )


def _touched(changes: Changes) -> pl.DataFrame:
    """The units of invoices that changed, and of lines that excuses name. Where something changed between
    companies, all of the batch will be reached: it is computed at once.
    """
    invoices = changes.records("invoices", "issued_on")
    places = changes.now.scan("institutions").select("institution_code", "uscc").collect()
    names = pl.concat([places["institution_code"], places["uscc"].drop_nulls()])
    between = invoices.filter(~pl.col("buyer_code").is_in(names.implode()))
    excuses = changes.records("excuses", "valid_from").filter(pl.col("kind") == "two_invoice")
    lines = changes.kept["lines"]
    found = [invoices.select(UNIT), _units_of(lines, between, _BATCH), _units_of(lines, excuses, _INVOICE)]
    return pl.concat(found)


def _needed(units: pl.DataFrame, _: Inputs) -> dict[str, pl.DataFrame]:
    return {"invoices": units}


def _reached(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], changes: Changes
) -> pl.DataFrame:
    """All units of a batch whose lines between companies are others now, and those of companies that have bought
    a product from a source since another day.
    """
    then, now = before["purchases"], after["purchases"]
    batches = unequal(then, now)
    bought = batches.lazy().select("product_code", seller_code="buyer_code").unique()
    stay = changes.kept["purchases"].join(then.lazy(), on=UNIT, how="anti", nulls_equal=True)
    firsts = [_first_from_source(rows, bought) for rows in (stay, then.lazy(), now.lazy())]
    sellers = unequal(*(_earlier(firsts[0], rows) for rows in firsts[1:]))
    lines = changes.kept["lines"]
    return pl.concat([_units_of(lines, batches, _BATCH), _units_of(lines, sellers, _SALES)])


def _earlier(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([one, other]).group_by(_SALES).agg(pl.col("source_since").min())


def _units_of(lines: pl.LazyFrame, rows: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """The units of the lines that have in these columns what some row has."""
    if rows.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(UNIT, pl.String))
    met = lines.join(rows.lazy().select(on), on=on, how="semi", nulls_equal=True)
    return met.select(UNIT).unique().collect()


CARRY = Carry(datasets=("invoices", "excuses"), touched=_touched, needed=_needed, reached=_reached)
