"""What is not the same in the records of two runs: told by content, however often a record was sent."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.lake.parts import part_path
from pipelines.lake.scan_records import parts_of
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
    declared = RECORDS[dataset]
    columns = list(declared.schema())
    paths = [folder / f"{dataset}.parquet" for folder in (then, now)]
    if all(path.exists() for path in paths):  # it lies whole
        if paths[0].samefile(paths[1]):
            return pl.DataFrame(schema=declared.schema())  # linked from the same base
        return _unequal(*(pl.read_parquet(path, columns=columns) for path in paths))
    before, after = (_read_changes(folder, declared) for folder in (then, now))
    keys = [_read_keys(folder, declared) for folder in (then, now)]
    moved = pl.concat(
        [
            _unequal(before, after).select(declared.key),
            *(own.join(other, on=list(declared.key), how="anti") for own, other in (keys, keys[::-1])),
        ]
    ).unique()
    sides = [
        pl.concat(
            [
                rows.join(moved, on=list(declared.key), how="semi"),
                _read_base(now, declared, moved.join(own, on=list(declared.key), how="anti")),
            ]
        )
        for rows, own in ((before, keys[0]), (after, keys[1]))
    ]
    return _unequal(*sides)


def _unequal(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    sides = [
        own.join(other, on=own.columns, how="anti", nulls_equal=True)
        for own, other in ((left, right), (right, left))
    ]
    return pl.concat(sides)


def _read_changes(folder: Path, dataset: Dataset) -> pl.DataFrame:
    """What stands of the keys that changed since the base."""
    nothing = pl.DataFrame(schema=dataset.schema())
    paths = sorted((folder / dataset.name).glob("*.changes.parquet"))
    return pl.concat([nothing, *(pl.read_parquet(path, columns=nothing.columns) for path in paths)])


def _read_keys(folder: Path, dataset: Dataset) -> pl.DataFrame:
    path = folder / dataset.name / "changed.parquet"
    if path.exists():
        return pl.read_parquet(path)
    return pl.DataFrame(schema={k: dataset.schema()[k] for k in dataset.key})


def _read_base(folder: Path, dataset: Dataset, keys: pl.DataFrame) -> pl.DataFrame:
    """The records of the base under some keys. Mostly there are none: the keys alone are read to find that out."""
    found = [pl.DataFrame(schema=dataset.schema())]
    for part in parts_of(folder, dataset.name) if keys.height else []:
        rows = pl.scan_parquet(part_path(folder, dataset.name, part)).with_row_index("n")
        met = rows.select("n", *dataset.key).join(keys.lazy(), on=list(dataset.key), how="semi")
        at = met.select("n").collect()
        if at.height:
            found.append(rows.join(at.lazy(), on="n", how="semi").select(found[0].columns).collect())
    return pl.concat(found)
