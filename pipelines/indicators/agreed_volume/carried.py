"""How completion figures are carried from night to night (rulebook §4).

A commitment is one unit. It shares receipts of an institution's product, a pair, with every commitment that may claim it.
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Carry, Changes, Inputs
from pipelines.engine.returned import DELIVERY

_ID = "commitment_id"
_PAIR = ["institution_code", "product_code"]


def _touched(changes: Changes) -> pl.DataFrame:
    """The commitments that changed, those that run while as_of moves, and all that may claim a receipt that changed, or
    that a changed commitment claims.
    """
    receipts = changes.records("deliveries", "accepted_on")
    returns = changes.records("returns", "returned_on").select(DELIVERY).unique()
    returned = changes.now.only_where("deliveries", returns).scan("deliveries").select(_PAIR).collect()
    excuses = changes.records("excuses", "valid_from").filter(pl.col("kind") == "volume")
    redefined = pl.concat(
        [
            changes.changed("commitments").select(_ID),
            changes.records("commitment_adjustments", "effective_on").select(_ID),
        ]
    ).unique()
    claimed = [_claims(inputs.only_where("commitments", redefined)) for inputs in (changes.then, changes.now)]
    pairs = pl.concat(
        [receipts.select(_PAIR), returned, *(rows.select(_PAIR).collect() for rows in claimed)]
    ).unique()
    return pl.concat(
        [redefined, excuses.select(_ID), _running(changes), _claimants(pairs, changes.now)]
    ).drop_nulls()


def _running(changes: Changes) -> pl.DataFrame:
    """Where as_of moves, the commitments whose period is not over or yet to come on both days."""
    first, last = changes.days
    runs = (pl.col("period_end") >= first) & (pl.col("period_start") <= last)
    return changes.kept["commitments"].filter(runs & pl.lit(first != last)).select(_ID).collect()


def _needed(units: pl.DataFrame, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """The receipts that the commitments may claim, and whoever may claim them too."""
    pairs = _claims(inputs.only_where("commitments", units)).select(_PAIR).unique().collect()
    rivals = _claimants(pairs, inputs)
    return {"deliveries": pairs, "commitments": pl.concat([units, rivals]).unique()}


def _claimants(pairs: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    return _claims(inputs).join(pairs.lazy(), on=_PAIR, how="semi").select(_ID).unique().collect()


def _claims(inputs: Inputs) -> pl.LazyFrame:
    """Which commitment may claim which pair, on whatever day: `commitment_id`, `institution_code`, `product_code`."""
    commitments = inputs.scan("commitments").select(_ID, *_PAIR, "lot_code", "item_code")
    named = commitments.filter(pl.col("product_code").is_not_null())
    replaced = (
        inputs.scan("commitment_adjustments")
        .select(_ID, product_code="replacement_product_code")
        .drop_nulls()
    )
    selected = inputs.scan("selections").select("lot_code", "item_code", "product_code").unique()
    return pl.concat(
        [
            named.select(_ID, *_PAIR),
            named.drop("product_code").join(replaced, on=_ID).select(_ID, *_PAIR),
            commitments.filter(pl.col("product_code").is_null())
            .drop("product_code")
            .join(selected, on=["lot_code", "item_code"])
            .select(_ID, *_PAIR),
        ]
    )


CARRY = Carry(
    datasets=("commitments", "commitment_adjustments", "deliveries", "returns", "excuses"),
    touched=_touched,
    needed=_needed,
)
