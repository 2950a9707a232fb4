"""Time progress beside the execution rate of a roll-up: what would be bought by now, with the same weights."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from schemas.measure import Measure
from schemas.shown import Beside
from schemas.table import fen, rate

_COMMITMENTS, _ROLLUP = "agreed_volume_completion", "agreed_volume_rollup"
_KEY = ["level", "code", "phase", "duty"]
_OUTSIDE = ("cancelled", "not_started")


def expect(frames: Mapping[str, pl.DataFrame], as_of: dt.date) -> pl.DataFrame:
    """What would be bought by now: `expected_fen` beside each row of the roll-up, null where nothing is valued.

    In: by table the rows of a published date, with the columns that `SHOWN.beside` reads. Its rate to the row's `agreed_fen`
    is the time progress of the row's commitments, each weighed with its agreed amount as in the execution rate: its quantity
    at the price of its item, which is that of the roll-up's row of the item.
    """
    rollup, commitments = frames[_ROLLUP], frames[_COMMITMENTS]
    commitments = commitments.filter(~pl.col("status").is_in(_OUTSIDE)).join(
        frames["institution_names"], on="institution_code", how="left"
    )
    item = pl.concat_str("lot_code", "item_code", separator="/")
    prices = rollup.filter(pl.col("level") == "item", pl.col("agreed_quantity") > 0).select(
        "phase", "duty", pl.col("code").alias("item"), price=pl.col("agreed_fen") / pl.col("agreed_quantity")
    )
    own = commitments.with_columns(
        item=item,
        phase=pl.when(pl.col("period_end") < as_of).then(pl.lit("ended")).otherwise(pl.lit("running")),
        duty=pl.when(pl.col("ownership") == "public").then(pl.lit("mandatory")).otherwise(pl.lit("voluntary")),
    ).join(prices, on=["item", "phase", "duty"])
    value = pl.col("agreed_quantity") * pl.col("price")
    # Whole fen add up to the same sum in whatever order.
    own = own.with_columns(
        value=value.round().cast(pl.Int64), expected=(value * pl.col("time_progress")).round().cast(pl.Int64)
    )
    codes = {"institution": "institution_code", "jurisdiction": "jurisdiction_code", "lot": "lot_code", "item": "item"}
    levels = [*((level, pl.col(code)) for level, code in codes.items()), ("all", pl.lit("all"))]
    sums = pl.concat(
        own.group_by(pl.lit(level).alias("level"), code.alias("code"), "phase", "duty").agg(pl.col("value", "expected").sum())
        for level, code in levels
    )
    share = pl.when(pl.col("value") > 0).then(pl.col("expected") / pl.col("value"))
    found = rollup.join(sums, on=_KEY, how="left", maintain_order="left")
    return found.select(*_KEY, expected_fen=(pl.col("agreed_fen") * share).round().cast(pl.Int64))


TIME_PROGRESS = Beside(
    _ROLLUP,
    (
        fen("expected_fen", "按时间应采购金额", "What would be bought by now, valued as what is agreed.", nullable=True),
        rate(
            "time_progress",
            "序时进度（按约定金额加权）",
            "Time progress of the commitments, weighed as their execution rate.",
            of=("expected_fen", "agreed_fen"),
        ),
    ),
    {
        _COMMITMENTS: (
            "lot_code",
            "item_code",
            "institution_code",
            "jurisdiction_code",
            "period_end",
            "agreed_quantity",
            "time_progress",
            "status",
        ),
        _ROLLUP: (*_KEY, "agreed_quantity", "agreed_fen"),
        "institution_names": ("institution_code", "ownership"),
    },
    expect,
    Measure(
        "time_progress",
        _ROLLUP,
        "time_progress",
        "序时进度（按约定金额加权）",
        "Time progress, weighed alike",
        apart=("phase", "duty"),
        shown=("headline", "morning"),
    ),
    after="executed",
)
