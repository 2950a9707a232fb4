"""What is not the same in the records of two runs: told by content, however often a record was sent."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.lake.tables import PLACE
from pipelines.lake.unequal import unequal_sides
from schemas.records import RECORDS, Dataset


def have_one_base(then: Path, now: Path) -> bool:
    """Whether both folders of records are made of the same base, so that only what changed since need be looked at."""
    bases = [folder / "base.json" for folder in (then, now)]
    return all(b.exists() for b in bases) and bases[0].read_bytes() == bases[1].read_bytes()


def changed_records(then: Path, now: Path, dataset: str) -> pl.DataFrame:
    """The records of a dataset below one folder that the other has not, with the same content, under their key:
    as they were and as they are.

    In: folders as `lay_out` writes them, of one base. Out: the columns of the dataset, without the place in a file.
    """
    sides = changed_sides(then, now, dataset)
    return pl.concat(rows.select(list(RECORDS[dataset].schema())) for rows in sides)


def changed_sides(then: Path, now: Path, dataset: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same with the place of each record (`_file`, `_sheet`, `_line`), which decides nothing: first those that
    stood and do not stand so any more, then those that stand and did not.
    """
    declared = RECORDS[dataset]
    content = list(declared.schema())
    columns = [*content, *PLACE]
    paths = [folder / f"{dataset}.parquet" for folder in (then, now)]
    if all(path.exists() for path in paths):  # it lies whole
        if paths[0].samefile(paths[1]):  # linked from the same base
            nothing = pl.DataFrame(schema={**declared.schema(), **PLACE})
            return nothing, nothing
        before, after = (pl.read_parquet(path, columns=columns, glob=False) for path in paths)
        return unequal_sides(before, after, content)
    before, after = (
        # what changed since the base on the other side only stands here as the base has it
        pl.concat([_read_changes(here, declared), _read_replaced(there, here, declared)])
        for here, there in ((then, now), (now, then))
    )
    return unequal_sides(before, after, content)


def _read_changes(folder: Path, dataset: Dataset) -> pl.DataFrame:
    """What stands of the keys that changed since the base."""
    nothing = pl.DataFrame(schema={**dataset.schema(), **PLACE})
    paths = sorted((folder / dataset.name).glob("*.changes.parquet"))
    return pl.concat([nothing, *(pl.read_parquet(path, columns=nothing.columns, glob=False) for path in paths)])


def _read_replaced(changed: Path, unchanged: Path, dataset: Dataset) -> pl.DataFrame:
    """The base's records under the keys that changed in one folder, but not in the other."""
    nothing = pl.DataFrame(schema={**dataset.schema(), **PLACE})
    path = changed / dataset.name / "replaced.parquet"
    if not path.exists():
        return nothing
    rows = pl.read_parquet(path, columns=nothing.columns, glob=False)
    keys = unchanged / dataset.name / "changed.parquet"
    return rows.join(pl.read_parquet(keys, glob=False), on=list(dataset.key), how="anti") if keys.exists() else rows
