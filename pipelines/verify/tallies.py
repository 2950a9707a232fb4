"""The digest of a run's figures, table by table, from its report files."""

from __future__ import annotations

from pathlib import Path

from pipelines.digest import Tally, tally_file
from pipelines.publish.made import Made


def tally_figures(reports: Path, made: Made) -> dict[str, Tally]:
    """The digest of every figure table that a run made, from the files below `reports`: what `seal` makes the result digest
    of.
    """
    return {name: tally_file(reports / f"{name}.parquet", columns) for name, columns in made.tables.items()}
