"""What a family of institutions had of a group of products at its latest opening, and what came and went since."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Frames, Inputs
from pipelines.indicators.stock_gap.groups import groups_of
from pipelines.lines.families import families_of
from pipelines.lines.lines import lines_of

PAIR = ["institution_code", "product_code"]
UNIT = ["head_code", "group_code"]
SCALE = 10**8
"""Units are integers of 10⁻⁸, as those of lines."""
GAP_UNITS = pl.col("opening_units") + pl.col("bought_units") - pl.col("used_units")
_UNITS = scaled("quantity") * 10**4
_PLACES = {column: column for column in ("_file", "_sheet", "_line")}


def evidence(inputs: Inputs) -> Frames:
    """`openings`: those of the latest day of a family and group; lazy, `lines` accepted and `usages` (dispensed, returned) after
    it. All with `head_code`, `group_code`, `opening_on`, and what they count for in `opening_units`, `bought_units`, `used_units`
    (10⁻⁸), `usage_fen`.
    """
    usages = inputs.scan("usages").filter(pl.col("used_on") <= inputs.as_of)
    openings = (
        usages.filter(pl.col("kind") == "opening")
        .select(pl.col(PAIR).cast(pl.Categorical), "usage_id", "used_on", opening_units=_UNITS, **_PLACES)
        .pipe(_with_unit, inputs)
        .filter(pl.col("used_on") == pl.col("used_on").max().over(UNIT))
        .with_columns(opening_on="used_on")
        .collect()
    )
    latest = openings.lazy().select(*UNIT, "opening_on").unique()
    first = pl.lit(openings["opening_on"].min(), pl.Date)
    lines = (
        lines_of(inputs, with_gifts=True)
        .filter(pl.col("accepted_on") > first)
        .select(*PAIR, "delivery_id", "accepted_on", "packs", "is_gift", bought_units="units", **_PLACES)
        .pipe(_with_unit, inputs)
        .join(latest, on=UNIT)
        .filter(pl.col("accepted_on") > pl.col("opening_on"))
    )
    sign = pl.when(pl.col("kind") == "returned").then(-1).otherwise(1)
    used = (
        usages.filter(pl.col("kind") != "opening", pl.col("used_on") > first)
        .select(
            pl.col(PAIR).cast(pl.Categorical),
            "usage_id",
            "used_on",
            "kind",
            used_units=_UNITS * sign,
            usage_fen=pl.col("amount_fen") * sign,
            **_PLACES,
        )
        .pipe(_with_unit, inputs)
        .join(latest, on=UNIT)
        .filter(pl.col("used_on") > pl.col("opening_on"))
    )
    return {"openings": openings, "lines": lines, "usages": used}


def _with_unit(rows: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    for table, code in ((families_of, "institution_code"), (groups_of, "product_code")):
        rows = rows.join(inputs.once(table).lazy().with_columns(pl.all().cast(pl.Categorical)), on=code)
    return rows


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`gaps`: of each family and group of which more was used than was there and came: units (10⁻⁸), fen."""
    measures = {"openings": ("opening_units",), "lines": ("bought_units",), "usages": ("used_units", "usage_fen")}
    added = [
        evidence[name].lazy().group_by(*UNIT, "opening_on").agg(pl.col(columns).sum(), rows=pl.len().cast(pl.Int64))
        for name, columns in measures.items()
    ]
    whole = pl.concat(added, how="diagonal").group_by(*UNIT, "opening_on").agg(pl.exclude("opening_on", *UNIT).sum())
    gaps = whole.with_columns(gap_units=GAP_UNITS).filter(pl.col("gap_units") < 0)
    return {"gaps": gaps.with_columns(pl.col(UNIT).cast(pl.String)).sort(UNIT).collect(engine="streaming")}
