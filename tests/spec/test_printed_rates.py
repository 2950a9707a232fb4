"""Figures from elsewhere come out right (rulebook §11), and the totals of the worked examples of §5 and §6."""

import polars as pl
import pytest

from pipelines.engine.figures import quotient
from tests.spec.tables import read_tables

PUBLISHED = """
published
numerator  denominator  printed
18,764     20,242       92.7%
75,460     79,474       95%
24,835     41,899       59.3%
703        1,688        41.6%
6,720      9,707        69%
6,208,447  14,677,312   42%
196        365          53.699%
17,000     24,000       70.83%    # §5, EONM by amount
11,000     24,000       45.83%    # §5, D30 by amount
2          4            50%
1          4            25%
250        200          125%      # §4, not capped
"""
ROWS = next(read_tables(PUBLISHED)).rows


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["printed"])
def test_published_percentages(row):
    numerator, denominator = (int(row[c].replace(",", "")) for c in ("numerator", "denominator"))
    (rate,) = quotient(pl.Series([numerator]), pl.Series([denominator]))
    decimals = len(row["printed"].strip("%").partition(".")[2])
    assert f"{100 * rate:.{decimals}f}%" == row["printed"]
