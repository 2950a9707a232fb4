"""Receipts: which accepted delivery counts towards which commitment (rulebook §4)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.agreed_volume.commitments import CAPS, POOLS
from pipelines.lines.returned import returned


def counting(inputs: Inputs) -> pl.DataFrame:
    """The deliveries that count: receipts do, orders do not; gifts and off-platform purchases do not.

    Out: `n`, the row; `institution_code`, `product_code` (categorical), `delivery_id`, `accepted_on`, `packs`
    received (× 10⁴).
    """
    return (
        inputs.scan("deliveries")
        .filter((pl.col("accepted_on") <= inputs.as_of) & ~pl.col("is_gift") & (pl.col("channel") == "platform"))
        .select(
            pl.col("institution_code", "product_code").cast(pl.Categorical),
            "delivery_id",
            "accepted_on",
            packs=scaled("received_quantity"),
        )
        .collect()
        .with_row_index("n")
    )


def receipts_of(deliveries: pl.DataFrame, claims: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Give each receipt whole to the first commitment of each pool that may have it.

    In: `counting`, `claims_of`; deliveries that say whether one `is_offline` hold such for `CAPS` alone. Out: the delivery's `n`
    and `packs`, its `claim`, and `packs_back` of confirmed returns (× 10⁴).
    """
    pair = pl.col("institution_code").to_physical().cast(pl.Int64) * 2**32 + pl.col("product_code").to_physical()
    may = pl.col("accepted_on").is_between("claim_from", "claim_to")
    has_offline = "is_offline" in deliveries.columns
    if has_offline:
        may &= ~pl.col("is_offline") | (pl.col("place") // 2**32).is_in(CAPS)
    met = (
        deliveries.lazy()
        .select("n", "accepted_on", *(["is_offline"] if has_offline else []), pair=pair)
        .join(
            claims.lazy().select("claim_from", "claim_to", pair=pair, place=pl.col("pool") * 2**32 + pl.col("claim")), on="pair"
        )
        .filter(may)
        .select(order=pl.col("n").cast(pl.Int64) * POOLS * 2**32 + pl.col("place"))
        .collect()
        .to_series()
        .sort()
    )
    each, claim = met // 2**32, (met % 2**32).cast(pl.UInt32)
    is_first = (each != each.shift(1)).fill_null(True)
    taken = pl.DataFrame({"n": (each.filter(is_first) // POOLS).cast(pl.UInt32), "claim": claim.filter(is_first)})
    taken = taken.with_columns(packs=deliveries["packs"].gather(taken["n"]))
    back = returned(deliveries.select("institution_code", "delivery_id"), inputs)
    return look_up(taken, back, ["n"]).with_columns(pl.col("packs_back").fill_null(0))


def units_of(receipts: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Minimum units (10⁻¹²) `received` and `returned` of each commitment: packs are added up claim by claim
    first, for on the days of a claim a pack has one size.
    """
    by_claim = receipts.lazy().group_by("claim").agg(pl.col("packs", "packs_back").sum(), receipts=pl.len().cast(pl.Int64))
    return (
        by_claim.join(claims.lazy().select("claim", "commitment", "units"), on="claim")
        .group_by("commitment")
        .agg(received=(pl.col("packs") * pl.col("units")).sum(), returned=(pl.col("packs_back") * pl.col("units")).sum())
        .collect()
    )


def explain_receipts(
    receipts: pl.DataFrame, deliveries: pl.DataFrame, claims: pl.DataFrame, commitments: pl.DataFrame
) -> pl.LazyFrame:
    """Each receipt with its delivery and commitment, the factor, and its minimum units received and returned."""
    return (
        receipts.lazy()
        .join(deliveries.lazy().drop("packs"), on="n")
        .join(claims.lazy().select("claim", "commitment", "factor", "units"), on="claim")
        .join(commitments.lazy().select("commitment", "commitment_id"), on="commitment")
        .select(
            "commitment_id",
            "institution_code",
            "delivery_id",
            pl.col("product_code").cast(pl.String),
            "accepted_on",
            "factor",
            received=pl.col("packs") * pl.col("units"),
            returned=pl.col("packs_back") * pl.col("units"),
        )
    )
