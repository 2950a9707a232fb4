"""The records as they would stand, had some of what happened not happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from pipelines.causes.moved import Moved
from pipelines.lake.changed import read_changes
from pipelines.lake.changes import NotCarriedError, write_changes, write_places
from pipelines.lake.parts import AXES, finest
from pipelines.lake.scan_records import count_parts_of, scan_records
from pipelines.lake.snapshot import write_divided, write_whole
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset


def lay_out_world(records: Store, moved: Mapping[str, Moved], undone: Collection[str], target: Store) -> None:
    """Write the records of a night to `target` as they would stand without what is `undone` (kinds of `moved`): those of its
    base, and what has changed since beside it, so that the night can be carried on to them.
    """
    back = {name: found for name, m in moved.items() if (found := m.of(undone)).kinds}
    parts = count_parts_of(records)
    for key in records.list():
        records.copy(key, key, target)
    for name in back.keys() - AXES.keys():
        rows = _without(scan_records(records, name), RECORDS[name], back[name])
        write_whole(rows.collect(), RECORDS[name], target, keys.whole(name))
    try:
        for axis in set(AXES.values()):
            if f"{axis}s" in back:
                write_places(axis, finest(axis, parts), target)
        for name in back.keys() & AXES.keys():
            _write_changes(records, RECORDS[name], back[name], parts[name], target)
    except NotCarriedError:
        target.drop(keys.BASE)
        for name in AXES:
            rows = _without(scan_records(records, name), RECORDS[name], back.get(name))
            target.drop(name)
            write_divided(rows, RECORDS[name], target, parts)


def _write_changes(records: Store, dataset: Dataset, undone: Moved, parts: int, target: Store) -> None:
    changed = [rows.select(dataset.key) for rows in (undone.was, undone.now)]
    if records.has(known := keys.changed(dataset.name)):
        changed.append(records.scan(known).collect())
    standing = _without(read_changes(records, dataset).lazy(), dataset, undone)
    write_changes(pl.concat(changed).unique(), standing.collect(), dataset, parts, target)


def _without(rows: pl.LazyFrame, dataset: Dataset, undone: Moved | None) -> pl.LazyFrame:
    """The rows as they stood before what is undone."""
    if undone is None:
        return rows
    stays = rows.join(undone.now.select(dataset.key).lazy(), on=dataset.key, how="anti")
    return pl.concat([stays, undone.was.select(rows.collect_schema().names()).lazy()])
