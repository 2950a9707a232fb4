"""Rows that an earlier version accepted and that no formula can bear: they are judged again by the rules of today."""

from __future__ import annotations

import hashlib

import polars as pl

from pipelines.lake.tables import PLACE
from pipelines.validate.lake_tonight import LakeTonight
from schemas.records import RECORDS

RECALLED = "deliveries"
_RULE, _CHECKED = "is_an_amount", "amounts_checked"
_FOUND = {"record_id": pl.String(), "_file": pl.Int64(), "sheet": pl.String(), "line_no": pl.Int64()}


def find_recalled(lake: LakeTonight) -> pl.DataFrame:
    """Accepted deliveries worth more than any amount: `record_id`, `_file`, `sheet`, `line_no`.

    Looked for once in a home: what comes in since is judged as it comes. They are taken out, looked at again in the
    archive, and so end as rejected rows with file and line.
    """
    if (lake.home / _CHECKED).exists() or not lake.has(RECORDS[RECALLED]):
        return pl.DataFrame(schema=_FOUND)
    rule = next(r for r in RECORDS[RECALLED].rules if r.name == _RULE)
    rows = (
        lake.scan(RECORDS[RECALLED])
        .filter(~rule.expression & ~pl.col("is_withdrawn"))
        .select(*PLACE)
        .collect()
    )
    numbers = [
        hashlib.sha256(f"{RECALLED}\n{_RULE}\n{place}".encode()).hexdigest() for place in rows.iter_rows()
    ]
    places = rows.rename({"_sheet": "sheet", "_line": "line_no"})
    return places.with_columns(pl.Series("record_id", numbers, dtype=pl.String)).select(*_FOUND)


def note_recalled(lake: LakeTonight) -> None:
    """Remember that the home holds none any more."""
    (lake.home / _CHECKED).touch()
