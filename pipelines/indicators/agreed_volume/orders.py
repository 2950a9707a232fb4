"""Orders: what was ordered towards each commitment, and what of it had not come when its period was over (rulebook §1 row 19).

No figure of the night hangs on these: they are asked for when a shortfall is to be led back to whoever can mend it.
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs
from pipelines.indicators.agreed_volume.receipts import counting, receipts_of

_LINE = ["institution_code", "product_code", "order_line_id"]


def orders_of(inputs: Inputs, commitments: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """What was ordered towards a commitment, supplier by supplier.

    In: `commitments_of` and `claims_of`. Out: `commitment_id`, `distributor_code`, and in minimum units (10⁻¹²)
    `ordered` and `outstanding`. An order line counts to the commitment that would have taken it, had it been received on
    the day it was ordered; gifts and off-platform purchases do not. Outstanding is what was not accepted by the end
    of the period or as_of, whichever comes first: never delivered, delivered later, or short. Sorted.
    """
    as_ordered = _AsOrdered(inputs.records, inputs.as_of, inputs.policies)
    orders = counting(as_ordered)
    named = orders.select("n", pl.col("institution_code", "product_code").cast(pl.String), order_line_id="delivery_id")
    taken = receipts_of(orders, claims, as_ordered).select("n", "claim", "packs")
    ends = commitments.select("commitment", "commitment_id", "period_end")
    lines = (
        taken.join(named, on="n").join(claims.select("claim", "commitment", "units"), on="claim").join(ends, on="commitment")
    )
    in_time = (
        _counted(inputs.scan("deliveries"))
        .filter(pl.col("accepted_on").is_not_null())
        .join(lines.lazy().select(*_LINE, "period_end"), on=_LINE)
        .filter(pl.col("accepted_on") <= pl.min_horizontal("period_end", pl.lit(inputs.as_of)))
        .group_by(_LINE)
        .agg(accepted=scaled("received_quantity").sum())
    )
    suppliers = _order_lines(inputs.scan("deliveries")).select(*_LINE, "distributor_code")
    left = pl.max_horizontal(pl.lit(0, pl.Int128), pl.col("packs") - pl.col("accepted").fill_null(0))
    return (
        lines.lazy()
        .join(in_time, on=_LINE, how="left")
        .join(suppliers, on=_LINE)
        .group_by("commitment_id", "distributor_code")
        .agg(ordered=(pl.col("packs") * pl.col("units")).sum(), outstanding=(left * pl.col("units")).sum())
        .sort("commitment_id", "distributor_code")
        .collect()
    )


class _AsOrdered(Inputs):
    """The same records, but that every order line was received in full on the day it was ordered: so the code that
    gives receipts to commitments gives orders to them.
    """

    def scan(self, dataset: str) -> pl.LazyFrame:
        """A dataset; of `deliveries` the order lines, numbered by `order_line_id`."""
        if dataset != "deliveries":
            return super().scan(dataset)
        return _order_lines(super().scan(dataset)).rename(
            {"order_line_id": "delivery_id", "ordered_on": "accepted_on", "ordered_quantity": "received_quantity"}
        )


def _counted(deliveries: pl.LazyFrame) -> pl.LazyFrame:
    return deliveries.filter(~pl.col("is_gift") & (pl.col("channel") == "platform"))


def _order_lines(deliveries: pl.LazyFrame) -> pl.LazyFrame:
    """One row for each order line: a line that came in several deliveries says its quantity in each of them."""
    return (
        _counted(deliveries)
        .group_by(_LINE)
        .agg(
            pl.col("distributor_code").min(),
            pl.col("ordered_on").min(),
            pl.col("ordered_quantity").max(),
            is_gift=pl.lit(False),
            channel=pl.lit("platform"),
        )
    )
