"""What is not the same in the records of two runs: told by content, however often a record was sent."""

from __future__ import annotations

import polars as pl

from pipelines.lake.scan_records import parts_of
from pipelines.lake.tables import PLACE
from pipelines.lake.unequal import unequal_sides
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset


def have_one_base(then: Store, now: Store) -> bool:
    """Whether the records of both runs are made of the same base, so that only what changed since need be looked at."""
    return then.has(keys.BASE) and now.has(keys.BASE) and _base_of(then) == _base_of(now)


def _base_of(records: Store) -> bytes:
    with records.at(keys.BASE).open() as base:
        return base.read()


def changed_records(then: Store, now: Store, dataset: str) -> pl.DataFrame:
    """The records of a dataset that one run has and the other has not, with the same content, under their key:
    as they were and as they are.

    In: records as `lay_out` writes them, of one base. Out: the columns of the dataset, without the place in a file.
    """
    sides = changed_sides(then, now, dataset)
    return pl.concat(rows.select(list(RECORDS[dataset].schema())) for rows in sides)


def changed_sides(then: Store, now: Store, dataset: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same with the place of each record (`_file`, `_sheet`, `_line`), which decides nothing: first those that
    stood and do not stand so any more, then those that stand and did not.
    """
    declared = RECORDS[dataset]
    content = list(declared.schema())
    columns = [*content, *PLACE]
    whole = keys.whole(dataset)
    if then.has(whole) and now.has(whole):
        if then.identity(whole) == now.identity(whole):  # copied from the same base
            nothing = pl.DataFrame(schema={**declared.schema(), **PLACE})
            return nothing, nothing
        before, after = (records.scan(whole).select(columns).collect() for records in (then, now))
        return unequal_sides(before, after, content)
    before, after = (
        # what changed since the base on the other side only stands here as the base has it
        pl.concat([read_changes(here, declared), _read_replaced(there, here, declared)])
        for here, there in ((then, now), (now, then))
    )
    return unequal_sides(before, after, content)


def read_changes(records: Store, dataset: Dataset) -> pl.DataFrame:
    """What stands of the keys that changed since the base."""
    nothing = pl.DataFrame(schema={**dataset.schema(), **PLACE})
    if not records.has(keys.changed(dataset.name)):
        return nothing
    changes = [keys.part_changes(dataset.name, part) for part in parts_of(records, dataset.name)]
    return pl.concat([nothing, *(records.scan(key).select(nothing.columns).collect() for key in changes)])


def _read_replaced(changed: Store, unchanged: Store, dataset: Dataset) -> pl.DataFrame:
    """The base's records under the keys that changed in one run, but not in the other."""
    nothing = pl.DataFrame(schema={**dataset.schema(), **PLACE})
    if not changed.has(replaced := keys.replaced(dataset.name)):
        return nothing
    rows = changed.scan(replaced).select(nothing.columns).collect()
    if not unchanged.has(others := keys.changed(dataset.name)):
        return rows
    return rows.join(unchanged.scan(others).collect(), on=list(dataset.key), how="anti")
