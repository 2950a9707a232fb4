"""Order lines: what was ordered, when it was due, and what had arrived by then (obligations §26)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Changes, Inputs
from pipelines.lines.windows import days_ending

UNIT = ("institution_code", "product_code", "order_line_id")
DAYS = 90
"""Days up to as_of in which a line was due that shortages and poor suppliers are told by: fixed by the obligation, no policy."""

_CASE = ["jurisdiction_code", "ordered_on", "is_emergency"]
_FIRST = ("distributor_code", "ordered_on", "jurisdiction_code", "month", "due", "ordered", "price")


def order_lines(inputs: Inputs) -> pl.DataFrame:
    """The order lines due up to as_of, in no order.

    Out: UNIT, `distributor_code`, `jurisdiction_code` (categorical but for the number of the line), `ordered_on`, `month`, `due`;
    `ordered`, `delivered`, `on_time` (packs, 10⁻⁴), and the same at the line's price in `ordered_fen`, `delivered_fen`,
    `on_time_fen`.
    """
    rows = _deliveries(inputs)
    is_alone = rows["order_line_id"].hash().is_unique()  # what hashes to another number is another line
    wholes = [pl.max("ordered"), pl.min("ordered_on", "distributor_code", "price"), pl.col("is_emergency").any()]
    several = rows.filter(~is_alone).with_columns(whole.over(UNIT) for whole in wholes)
    arrived = (pl.col("accepted_on") <= pl.col("due")) | (pl.col("shipped_on") <= pl.col("due_shipped")).fill_null(False)
    due = [
        _with_due(some, inputs).with_columns(on_time=pl.when(arrived).then("received").otherwise(0))
        for some in (rows.filter(is_alone), several)
    ]
    added = due[1].group_by(UNIT).agg(pl.first(*_FIRST), pl.sum("received", "on_time"))
    lines = pl.concat([due[0].select(added.columns), added]).lazy()
    fen = {
        f"{name}_fen": round_half_up(pl.col(name).cast(pl.Int128) * pl.col("price"), 10**6)
        for name in ("ordered", "delivered", "on_time")
    }
    return (
        lines.with_columns(delivered=pl.min_horizontal("received", "ordered"), on_time=pl.min_horizontal("on_time", "ordered"))
        .with_columns(**fen)
        .drop("received", "price")
        .collect()
    )


def asked_for(inputs: Inputs) -> pl.LazyFrame:
    """Deliveries of what was ordered up to as_of, accepted or not, that are no gifts; columns as in the records."""
    return inputs.scan("deliveries").filter(pl.col("ordered_on") <= inputs.as_of, ~pl.col("is_gift"))


def _deliveries(inputs: Inputs) -> pl.DataFrame:
    """The same but for what was cancelled; `received` and `accepted_on` where that was up to as_of, else 0 and null."""
    is_accepted = (pl.col("accepted_on") <= inputs.as_of).fill_null(False)
    places = inputs.scan("institutions").select(pl.col("institution_code", "jurisdiction_code").cast(pl.Categorical))
    return (
        asked_for(inputs)
        .select(
            pl.col("institution_code", "product_code").cast(pl.Categorical),
            *("order_line_id", "distributor_code", "ordered_on", "is_emergency", "shipped_on"),
            accepted_on=pl.when(is_accepted).then("accepted_on"),
            ordered=scaled("ordered_quantity").cast(pl.Int64),
            received=pl.when(is_accepted).then(scaled("received_quantity")).otherwise(0).cast(pl.Int64),
            price=scaled("unit_price").cast(pl.Int64),
        )
        .join(places, on="institution_code")
        .collect()
    )


def _with_due(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Those of rows with something ordered that are due up to as_of, with `due`, `month` (of `ordered_on`), and the last day of
    shipping, `due_shipped`, for which the goods count as arrived in time.
    """
    ordered = rows.filter(pl.col("ordered") > 0)
    cases = due_days(ordered.select(_CASE).unique(), inputs).filter(pl.col("due") <= inputs.as_of)
    return ordered.join(cases, on=_CASE).with_columns(pl.col("distributor_code").cast(pl.Categorical))


def due_days(cases: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Of orders of a day in a division, emergencies or not: the same with `due`, null where no parameter says, `due_shipped`,
    null where shipping does not count, and `month`.
    """
    found = cases.with_columns(pl.col("jurisdiction_code").cast(pl.String))
    for parameter in ("delivery_days", "delivery_days_emergency", "transit_days"):
        found = inputs.with_policy(found, parameter, "ordered_on")
    days = pl.when("is_emergency").then("delivery_days_emergency").otherwise("delivery_days")
    return found.with_columns(due=pl.col("ordered_on") + pl.duration(days=days)).select(
        pl.col("jurisdiction_code").cast(pl.Categorical),
        *_CASE[1:],
        "due",
        due_shipped=pl.col("due") - pl.duration(days="transit_days"),
        month=pl.col("ordered_on").dt.strftime("%Y-%m").cast(pl.Categorical),
    )


def is_recent(as_of: date) -> pl.Expr:
    """Whether a line was due in the days that shortages and poor suppliers are told by."""
    return pl.col("due").is_between(*days_ending(DAYS, as_of))


def wakes(changes: Changes) -> pl.DataFrame:
    """The lines that come due between the two days, or were due too long ago to be told of on the later one.

    The day of an order is that of one of its deliveries, and whether it is an emergency is said by another: both may hold.
    """
    first, last = changes.days
    places = changes.now.scan("institutions").select("institution_code", pl.col("jurisdiction_code").cast(pl.Categorical))
    known = changes.now.scan("deliveries").filter(pl.col("ordered_on") <= last)
    rows = known.select(*UNIT, "ordered_on").join(places, on="institution_code")
    kinds = pl.LazyFrame({"is_emergency": [False, True]})
    cases = rows.select(_CASE[:2]).unique().join(kinds, how="cross").collect()
    passes = [
        (pl.col("due") + pl.duration(days=days)).is_between(first, last, closed="right").fill_null(False) for days in (0, DAYS)
    ]
    moved = due_days(cases, changes.now).filter(pl.any_horizontal(passes)).select(_CASE[:2]).unique()
    days = moved["ordered_on"].unique().implode()
    met = rows.filter(pl.col("ordered_on").is_in(days)).join(moved.lazy(), on=_CASE[:2], how="semi")
    return met.select(UNIT).unique().collect()
