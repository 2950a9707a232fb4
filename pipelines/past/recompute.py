"""The rows of a report table, computed anew from the records at hand."""

from __future__ import annotations

import polars as pl

from pipelines.engine.compute import shape
from pipelines.engine.indicator import Frames, Indicator, Inputs
from schemas.reports import REPORTS


def recompute(indicator: Indicator, table: str, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """The table's columns without as_of and run_id, as a night would write them of these sums (`Indicator.run`)."""
    reports = indicator.reports({**sums, **indicator.totals(sums, inputs)}, inputs)
    return shape(reports[table].lazy().collect(), REPORTS[table])
