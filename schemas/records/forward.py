"""What has a first and a last day ends where it begins or later."""

import polars as pl

ENDS_BEFORE_IT_BEGINS = "失效日期早于生效日期"


def runs_forward(first: str = "valid_from", last: str = "valid_to") -> pl.Expr:
    """True where the last day is open, or not before the first."""
    return pl.col(last).is_null() | (pl.col(first) <= pl.col(last))
