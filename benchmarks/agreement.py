"""Whether a yardstick agrees with our report: a faster answer that is another answer proves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from schemas.reports import REPORTS

if TYPE_CHECKING:
    import polars as pl

_TOLERANCE = 1e-12  # of rates; codes, dates, money, quantities, counts and verdicts must be equal
_MAY_LACK = {"policy_id"}  # of queries that follow the national default rows


def compare(report: str, reports: Path, yardstick: Path) -> dict[str, int]:
    """Return the number of rows compared as `rows`, and for each column that differs in how many rows.

    `report` is the table, `reports` the run's folder of report tables, `yardstick` the Parquet file that DuckDB wrote. A
    different number of rows counts as `rows_apart`, a column that DuckDB lacks as differing everywhere, but for `policy_id`.
    """
    import polars as pl

    key = [column for column in REPORTS[report].key if column != "as_of"]
    ours = pl.read_parquet(reports / f"{report}.parquet").sort(key)
    theirs = pl.read_parquet(yardstick).sort(key)
    if ours.height != theirs.height:
        return {"rows": ours.height, "rows_apart": abs(ours.height - theirs.height)}
    found = {"rows": ours.height}
    for column in ours.columns:
        if column in _MAY_LACK - set(theirs.columns):
            continue
        other = theirs[column] if column in theirs.columns else pl.Series([None]).new_from_index(0, ours.height)
        if apart := _count_apart(ours[column], other.cast(ours[column].dtype)):
            found[column] = apart
    return found


def _count_apart(ours: pl.Series, theirs: pl.Series) -> int:
    import polars as pl

    apart = ours.ne_missing(theirs)
    if ours.dtype == pl.Float64 and not ours.name.endswith("_quantity"):
        size = ours.abs().clip(lower_bound=1)
        apart &= ((ours - theirs).abs() > _TOLERANCE * size).fill_null(True)
    return int(apart.sum())
