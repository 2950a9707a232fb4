"""The digest of a run's figures, table by table, from its report files."""

from __future__ import annotations

from pathlib import Path

from pipelines.digest import Tally, tally_file
from pipelines.publish.tables import FIGURES


def tally_figures(reports: Path) -> dict[str, Tally]:
    """The digest of every figure table below a run's `reports` folder: what `seal` makes the result digest of."""
    return {name: tally_file(reports / f"{name}.parquet") for name in FIGURES}
