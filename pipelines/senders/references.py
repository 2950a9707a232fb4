"""What rows refer to that is not on record."""

from __future__ import annotations

import polars as pl

from pipelines.settle.rehearse import Rehearsed
from pipelines.store.store import scan_objects
from pipelines.validate.references import WAITS
from schemas.records import RECORDS

MISSING: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "column": pl.String(),
    "target": pl.String(),
    "value": pl.String(),
    "rows": pl.Int64(),
}


def find_missing(refused: pl.DataFrame) -> pl.DataFrame:
    """Of rows that were refused (as the register has them) the references that nothing on record answers; columns of MISSING."""
    reasons = refused.select("dataset", "reasons").explode("reasons").unnest("reasons").filter(code=WAITS)
    counted = reasons.group_by("dataset", "column", "value").len("rows").with_columns(pl.col("rows").cast(pl.Int64))
    targets = pl.DataFrame(
        [(d.name, column, target) for d in RECORDS.values() for column, (target, _) in d.references.items()],
        schema={"dataset": pl.String(), "column": pl.String(), "target": pl.String()},
        orient="row",
    )
    return counted.join(targets, on=["dataset", "column"]).select(*MISSING).sort(list(MISSING))


def find_unchecked(night: Rehearsed) -> pl.DataFrame:
    """Of rows accepted on trust the references that the same files do not bring; columns of MISSING."""
    found = [pl.DataFrame(schema=MISSING)]
    for name, parts in night.accepted.items():
        for column, (target, named) in RECORDS[name].references.items():
            rows = scan_objects(parts).filter(~pl.col("is_withdrawn"), pl.col(column).is_not_null(), pl.col(column) != "")
            keys = night.lake.current_keys(RECORDS[target])
            keys = keys.rename(dict(zip(keys.columns, named, strict=True)))
            left = rows.join(keys.lazy(), on=list(named), how="anti").group_by(column).len("rows").collect()
            at = {"dataset": pl.lit(name), "column": pl.lit(column), "target": pl.lit(target)}
            found.append(left.select(**at, value=column, rows=pl.col("rows").cast(pl.Int64)))
    return pl.concat(found).sort(list(MISSING))
