"""Groups: what an institution was agreed to buy of a lot from one day on, and what was prepaid for it (obligations §15)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.agreed_volume.valuation import with_value

GROUP = ["institution_code", "lot_code", "period_start"]
AMOUNTS = (pl.col("target") == "amount") & (pl.col("direction") == "floor")
_CODES = pl.col("lot_code", "item_code")


def commitments_of(inputs: Inputs) -> pl.DataFrame:
    """Commitments of a quantity, or of an amount, at least; those whose target is an amount are worth what they say.

    Out: `commitment_id`, the group, `item_code`, `agency_code`, `signed_on`, `period_end` (as adjusted); in fen `agreed_fen`,
    as it stood on period_start (and at as_of, where that is earlier), at least 0, and `purchase_fen`, what was bought;
    `lacks_price`: something was agreed and no selected price says what it is worth.
    """
    own = inputs.scan("commitments").select("commitment_id", "agency_code", "signed_on").collect()
    delta = scaled("delta_quantity")
    quantities = _as_agreed(inputs.scan("agreed_volume.commitments"), delta * 10**8, inputs)
    valued = with_value(
        quantities.with_columns(_CODES.cast(pl.Categorical)),
        {"agreed_fen": pl.col("agreed"), "purchase_fen": pl.col("net")},
        inputs,
    ).with_columns(_CODES.cast(pl.String), lacks_price=(pl.col("agreed") > 0) & pl.col("agreed_fen").is_null())
    budgets = inputs.scan("budgeted_completion.commitments").filter(AMOUNTS)
    amounts = _as_agreed(budgets, round_half_up(delta, 100), inputs).with_columns(
        agreed_fen=pl.col("agreed").cast(pl.Int64), purchase_fen=pl.col("net").cast(pl.Int64), lacks_price=False
    )
    rows = pl.concat([amounts, valued.select(amounts.columns)]).drop("agreed", "net")
    return look_up(rows, own, ["commitment_id"]).with_columns(pl.col("agreed_fen", "purchase_fen").fill_null(0))


def _as_agreed(commitments: pl.LazyFrame, delta: pl.Expr, inputs: Inputs) -> pl.DataFrame:
    """Commitments with what was agreed on period_start, at least 0, in place of what is agreed at as_of; one whose product was
    withdrawn is none. `delta`: of an adjustment, in the unit of what was agreed.
    """
    products = inputs.scan("products").select("product_code")
    stands = pl.concat(
        [commitments.filter(pl.col("product_code").is_null()), commitments.join(products, on="product_code", how="semi")]
    )
    later = (
        inputs.scan("commitment_adjustments")
        .filter(pl.col("effective_on") <= inputs.as_of)
        .join(commitments.select("commitment_id", "period_start"), on="commitment_id")
        .filter(pl.col("effective_on") > pl.col("period_start"))
        .group_by("commitment_id")
        .agg(later=delta.sum())
    )
    agreed = pl.col("agreed") - pl.col("later").fill_null(0)
    return (
        stands.select("commitment_id", *GROUP, "item_code", "period_end", "agreed", "net")
        .join(later, on="commitment_id", how="left")
        .with_columns(agreed=pl.max_horizontal(agreed, pl.lit(0, pl.Int128)))
        .drop("later")
        .collect()
    )


def prepayments_of(inputs: Inputs) -> pl.DataFrame:
    """Prepayments: `agency_code`, `prepayment_id`, the group, `amount_fen` (negative: taken back), and of `applied_on` and
    `paid_on` those that have come; `left_out` says why one does not exist yet: all of its dates lie ahead.
    """
    days = ("applied_on", "paid_on")
    has_come = pl.any_horizontal(pl.col(day) <= inputs.as_of for day in days).fill_null(False)
    exists = has_come | pl.all_horizontal(pl.col(day).is_null() for day in days)
    return (
        inputs.own(inputs.scan("prepayments"))
        .select("agency_code", "prepayment_id", *GROUP, *days, "amount_fen")
        .with_columns(left_out=pl.when(~exists).then(pl.lit("申请、拨付日期均在统计截止日之后")))
        .with_columns(pl.when(pl.col(day) <= inputs.as_of).then(day).alias(day) for day in days)
        .collect()
    )


def groups_of(commitments: pl.DataFrame, prepayments: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The groups of lots and institutions that prepaying is for on period_start, sorted.

    Out: the group, `jurisdiction_code`, `agency_code` ('' where nobody names one), `signed_on`, `period_end`, `agreed_fen`,
    `purchase_fen` (at least 0), `has_commitment`, `lacks_price`.
    """
    own = commitments.group_by(GROUP).agg(
        pl.col("agency_code", "signed_on").min(),
        pl.col("period_end").max(),
        pl.col("agreed_fen").sum(),
        purchase_fen=pl.max_horizontal(pl.col("purchase_fen").sum(), 0),
        lacks_price=pl.col("lacks_price").any(),
        has_commitment=pl.lit(True),
    )
    paid = prepayments.filter(pl.col("left_out").is_null()).group_by(GROUP).agg(payer=pl.col("agency_code").min())
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", "ownership").collect()
    lots = inputs.scan("lots").select("lot_code", "program").collect()
    rows = (
        pl.concat([own.select(GROUP), paid.select(GROUP)])
        .unique()
        .join(places, on="institution_code")
        .join(lots, on="lot_code")
    )
    for parameter in ("prepayment_programs", "prepayment_ownerships"):
        rows = inputs.with_policy(rows, parameter, "period_start")
    is_meant = [
        pl.col(f"prepayment_{many}").list.contains(pl.col(one)).fill_null(False)
        for many, one in (("programs", "program"), ("ownerships", "ownership"))
    ]
    rows = rows.filter(is_meant).select(*GROUP, "jurisdiction_code").sort(GROUP)
    rows = look_up(look_up(rows, own, GROUP), paid, GROUP)
    return rows.with_columns(
        pl.coalesce("agency_code", "payer", pl.lit("")).alias("agency_code"),
        pl.coalesce("signed_on", "period_start").alias("signed_on"),
        pl.col("agreed_fen", "purchase_fen").fill_null(0),
        pl.col("lacks_price", "has_commitment").fill_null(False),
    ).drop("payer")
