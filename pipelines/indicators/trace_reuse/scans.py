"""Scans of codes that were scanned in more than one family (obligations §18).

Codes are many and those of several families few: which these are is asked of a number for each code, and only their scans
are read whole.
"""

from __future__ import annotations

import math

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.families import families_of
from pipelines.lines.returned import DELIVERY

_PARTS = 10
"""As many parts of the records, of two million scans each, are gone through at a time: memory follows these."""

_COLUMNS = ("trace_code", "institution_code", "scan_id", "event", "scanned_on", "delivery_id", "product_code")
_PLACE = ("_file", "_sheet", "_line")


def scans_of(inputs: Inputs) -> pl.DataFrame:
    """The scans up to as_of of the codes that more than one family scanned; where only some codes are needed, of these.

    Out: the columns of a scan and its place; `head_code` of its family; `is_out`: at its institution the code was dispensed
    more often than taken back; `is_returned`: of the delivery that it names a return is confirmed; `left_out` (Chinese), why
    it makes nothing of the two, null where it does.
    """
    scans = inputs.scan("trace_scans").filter(pl.col("scanned_on") <= inputs.as_of)
    heads = families_of(inputs)
    rows = _of_several(scans, heads, inputs).select(*_COLUMNS, *_PLACE).collect(engine="streaming")
    rows = rows.join(heads, on="institution_code").filter(pl.col("head_code").n_unique().over("trace_code") > 1)
    event = pl.col("event")
    rows = rows.join(_returned(rows, inputs), on=DELIVERY, how="left").with_columns(
        is_out=((event == "dispensed").sum() > (event == "taken_back").sum()).over("trace_code", "institution_code"),
        is_returned=(event == "received") & pl.col("is_returned").fill_null(False),
    )
    why = (
        pl.when("is_returned")
        .then(pl.lit("该批配送有已确认的退货"))
        .when((event != "received") & ~pl.col("is_out"))
        .then(pl.lit("该机构发出的均已退回"))
    )
    return rows.with_columns(left_out=why)


def _of_several(scans: pl.LazyFrame, heads: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    if any(few.columns == ["trace_code"] for few in inputs.only.get("trace_scans", ())):
        return scans  # of these codes alone already
    number = pl.col("trace_code").hash()
    family = heads.select("institution_code", family=pl.col("head_code").rank("dense").cast(pl.UInt32)).lazy()
    times = math.ceil(len(inputs.divided("institution", ("trace_scans",))) / _PARTS)
    numbered = scans.select("institution_code", number=number)
    found = [
        numbered.filter(pl.col("number") % times == time)
        .join(family, on="institution_code")
        .group_by("number")
        .agg(first=pl.col("family").min(), last=pl.col("family").max())
        .filter(pl.col("first") < pl.col("last"))
        .select("number")
        .collect(engine="streaming")
        for time in range(times)
    ]
    return scans.with_columns(number=number).join(pl.concat(found).lazy(), on="number", how="semi")


def _returned(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The deliveries that these scans name of which a return is confirmed up to as_of: the key, `is_returned`."""
    named = rows.select(DELIVERY).drop_nulls().unique()
    back = inputs.scan("returns").filter((pl.col("status") == "confirmed") & (pl.col("returned_on") <= inputs.as_of))
    return back.select(DELIVERY).join(named.lazy(), on=DELIVERY, how="semi").unique().with_columns(is_returned=True).collect()
