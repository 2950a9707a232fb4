"""What an institution bought in the period of each of its commitments: of the products that the commitment asks for."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Frames, Inputs, Link, Stage
from pipelines.indicators.lot_execution.asked import COMMITMENTS, GROUP, asked
from pipelines.lines.classes import with_use
from pipelines.lines.lines import lines_of

_PAIR = ["institution_code", "product_code"]


def evidence(inputs: Inputs) -> Frames:
    """`lines`: the lines of a commitment's period of a product that it asks for, with their `use` (obligations §16), minimum
    units (10⁻⁸) and value in fen. A line stands once with each commitment that asks for it.
    """
    wanted = asked(inputs).unique().collect()
    periods = inputs.scan(COMMITMENTS).select("commitment_id", *GROUP[1:], "period_end")
    claims = wanted.lazy().join(periods, on="commitment_id").with_columns(pl.col(_PAIR).cast(pl.Categorical))
    lines = lines_of(inputs.only_where("deliveries", wanted.select(_PAIR).unique()))
    met = with_use(lines, inputs).join(claims, on=_PAIR)
    use = pl.col("use").cast(pl.String).fill_null("other")
    columns = ("delivery_id", "product_code", "accepted_on", "units", "value_fen", "_file", "_sheet", "_line")
    in_period = met.filter(pl.col("accepted_on").is_between("period_start", "period_end"))
    return {"lines": in_period.select("commitment_id", *GROUP, *columns, use=use)}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`bought`: by commitment, product and use, units (10⁻⁸) and fen."""
    by = ["commitment_id", *GROUP, "product_code", "use"]
    measures = pl.col("units", "value_fen").sum()
    return {"bought": evidence["lines"].lazy().group_by(by).agg(measures, rows=pl.len().cast(pl.Int64)).collect()}


BOUGHT = Stage(
    unit=("commitment_id",),
    evidence=evidence,
    sums=sums,
    links={
        "deliveries": Link({column: column for column in _PAIR}, to=asked, day="accepted_on"),
        "returns": Link(of="deliveries", day="returned_on"),
        COMMITMENTS: Link(),
    },
    yields=("bought",),
)
