"""Rows that an earlier version accepted and that no figure can hold: they are judged again by the bounds of today."""

from __future__ import annotations

import hashlib

import polars as pl

from pipelines.lake.tables import PLACE
from pipelines.settle.lake_tonight import LakeTonight
from schemas.records import RECORDS, Dataset
from schemas.records.model import BOUNDS, Rule

_CHECKED = "amounts_checked"
_FOUND = {"record_id": pl.String(), "_file": pl.Int64(), "sheet": pl.String(), "line_no": pl.Int64()}


def find_recalled(lake: LakeTonight) -> dict[str, pl.DataFrame]:
    """Accepted rows beyond the bounds, by dataset that has any: `record_id`, `_file`, `sheet`, `line_no`.

    Looked for once in a home for the bounds that hold: what comes in since is judged as it comes. They are taken out,
    looked at again in the archive, and so end as rejected rows with file and line.
    """
    noted = lake.home.at(_CHECKED)
    if noted.exists and noted.read().decode() == _bounds_in_force():
        return {}
    found = {d.name: _find(lake, d) for d in RECORDS.values() if _bounds_of(d) and lake.has(d)}
    return {name: rows for name, rows in found.items() if not rows.is_empty()}


def note_recalled(lake: LakeTonight) -> None:
    """Remember that the home holds none any more."""
    lake.home.put(_CHECKED, _bounds_in_force().encode())


def _find(lake: LakeTonight, dataset: Dataset) -> pl.DataFrame:
    keeps = pl.all_horizontal(rule.expression.fill_null(True) for rule in _bounds_of(dataset))
    rows = lake.scan(dataset).filter(~keeps & ~pl.col("is_withdrawn")).select(*PLACE).collect()
    numbers = [hashlib.sha256(f"{dataset.name}\n{_CHECKED}\n{place}".encode()).hexdigest() for place in rows.iter_rows()]
    places = rows.rename({"_sheet": "sheet", "_line": "line_no"})
    return places.with_columns(pl.Series("record_id", numbers, dtype=pl.String)).select(*_FOUND)


def _bounds_of(dataset: Dataset) -> list[Rule]:
    """Those of columns that are kept: the lake knows no others."""
    kept = dataset.schema()
    return [r for r in dataset.rules if r.name in BOUNDS and set(r.column.split("、")) <= set(kept)]


def _bounds_in_force() -> str:
    told = (f"{d.name} {r.name} {r.column} {r.message}" for d in RECORDS.values() for r in _bounds_of(d))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
