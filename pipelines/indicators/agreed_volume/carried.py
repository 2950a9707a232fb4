"""Which commitments a record can move (rulebook §4).

A commitment shares receipts of an institution's product, a pair, with every commitment that may claim it, its rivals.
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Changes, Inputs, Link, Links

_ID = "commitment_id"
_PAIR = ["institution_code", "product_code"]


def links_of(chosen: pl.Expr) -> Links:
    """The links of an indicator whose units are the chosen commitments."""

    def claims_of(inputs: Inputs) -> pl.DataFrame:
        """Which commitment may claim which pair, on whatever day: `commitment_id`, `institution_code`, `product_code`."""
        commitments = inputs.scan("commitments").filter(chosen).select(_ID, *_PAIR, "lot_code", "item_code")
        named = commitments.filter(pl.col("product_code").is_not_null())
        replaced = inputs.scan("commitment_adjustments").select(_ID, product_code="replacement_product_code").drop_nulls()
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
        ).collect()

    def rivals_of(inputs: Inputs) -> pl.DataFrame:
        """`rival`, `commitment_id`: commitments that may claim the same pair; each is its own, claims or not."""
        own = inputs.scan("commitments").filter(chosen).select(_ID, rival=_ID).collect()
        claims = inputs.once(claims_of)
        return pl.concat([own, claims.join(claims.rename({_ID: "rival"}), on=_PAIR).select(_ID, "rival")])

    return {
        "commitments": Link({"rival": _ID}, to=rivals_of),
        "commitment_adjustments": Link({"rival": _ID}, to=rivals_of, day="effective_on"),
        "deliveries": Link({column: column for column in _PAIR}, to=claims_of),  # accepted in the period
        "returns": Link(of="deliveries", day="returned_on"),
        "excuses": Link(day="valid_from", where=pl.col("kind") == "volume"),
    }


def wakes(changes: Changes) -> pl.DataFrame:
    """Commitments whose period, as it was adjusted, runs on one of the two dates or between them; an adjustment that comes
    into effect, or is taken back, moves them by itself.
    """
    first, last = changes.days
    runs = (pl.col("period_start") <= last) & (pl.col("period_end") >= first)
    return changes.kept["commitments"].filter(runs).select(_ID).collect()
