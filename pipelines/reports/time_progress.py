"""Time progress of many commitments with the weights of their execution rate: what would be bought by now, in yuan."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.reports.read_frame import read_frame

KEY = ("level", "code", "phase", "duty")
_OUTSIDE = ("cancelled", "not_started")


def read_expected(connection: sa.Connection, as_of: dt.date) -> pl.DataFrame:
    """`level`, `code`, `phase`, `duty` and `expected_fen` of every row of the roll-up of a published date.

    The rate of `expected_fen` to the row's `agreed_fen` is the time progress of its commitments, each weighed with
    its agreed amount as in the execution rate; null where nothing is valued.
    """
    t, names = METADATA.tables["agreed_volume_completion"], METADATA.tables["institution_names"]
    columns = (
        "lot_code", "item_code", "institution_code", "jurisdiction_code", "period_end", "agreed_quantity", "time_progress",
    )  # fmt: skip
    commitments = read_frame(
        connection,
        sa.select(*(t.c[c] for c in columns), names.c.ownership)
        .join_from(t, names, names.c.institution_code == t.c.institution_code, isouter=True)
        .where(t.c.as_of == as_of, t.c.status.not_in(_OUTSIDE)),
    )
    r = METADATA.tables["agreed_volume_rollup"]
    rollup = read_frame(
        connection,
        sa.select(*(r.c[c] for c in (*KEY, "agreed_quantity", "agreed_fen"))).where(r.c.as_of == as_of),
    )
    return expect(rollup, commitments, as_of)


def expect(rollup: pl.DataFrame, commitments: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """As `read_expected`. In: rows of the roll-up (`agreed_quantity`, `agreed_fen`), and the commitments in it with
    `lot_code`, `item_code`, `institution_code`, `jurisdiction_code`, `ownership`, `period_end`, `agreed_quantity`,
    `time_progress`.

    A commitment is worth its quantity at the price of its item, which is that of the roll-up's row of the item.
    """
    item = pl.concat_str("lot_code", "item_code", separator="/")
    price = pl.col("agreed_fen") / pl.col("agreed_quantity")
    prices = rollup.filter(pl.col("level") == "item", pl.col("agreed_quantity") > 0)
    prices = prices.select("phase", "duty", pl.col("code").alias("item"), price=price)
    own = commitments.with_columns(
        item=item,
        phase=pl.when(pl.col("period_end") < as_of).then(pl.lit("ended")).otherwise(pl.lit("running")),
        duty=pl.when(pl.col("ownership") == "public").then(pl.lit("mandatory")).otherwise(pl.lit("voluntary")),
    ).join(prices, on=["item", "phase", "duty"])  # fmt: skip
    value = pl.col("agreed_quantity") * pl.col("price")
    # Whole fen add up to the same sum in whatever order.
    own = own.with_columns(
        value=value.round().cast(pl.Int64),
        expected=(value * pl.col("time_progress")).round().cast(pl.Int64),
    )
    codes = {
        "institution": "institution_code",
        "jurisdiction": "jurisdiction_code",
        "lot": "lot_code",
        "item": "item",
    }
    by_level = [
        own.group_by(pl.lit(level).alias("level"), code.alias("code"), "phase", "duty").agg(
            pl.col("value", "expected").sum()
        )
        for level, code in [*((k, pl.col(c)) for k, c in codes.items()), ("all", pl.lit("all"))]
    ]
    share = pl.when(pl.col("value") > 0).then(pl.col("expected") / pl.col("value"))
    found = rollup.join(pl.concat(by_level), on=KEY, how="left", maintain_order="left")
    return found.select(*KEY, expected_fen=(pl.col("agreed_fen") * share).round().cast(pl.Int64))
