"""The records that do not stand as they stood for an earlier batch: withdrawn, corrected, or come since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.lake.batches import Batch, committed
from pipelines.lake.changed import changed_sides, have_one_base
from pipelines.lake.current import current, current_and_lost
from pipelines.lake.parts import AXES
from pipelines.lake.scan_records import scan_records
from pipelines.lake.tables import PLACE, scan
from pipelines.lake.unequal import unequal_sides
from pipelines.rejects.waivers import read_waived
from pipelines.store.dossier import Cause
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset

KINDS: tuple[Cause, ...] = ("withdrawal", "correction", "late_record")
"""What may have happened to a record, in the order in which it is told where several happened behind one figure."""


@dataclass(frozen=True)
class Moved:
    """The records of a dataset that moved, in its columns with `_file`, `_sheet`, `_line` and `_kind`.

    `was`: those withdrawn, and those corrected as they stood before; `now`: those corrected as they stand, and those
    that came.
    """

    was: pl.DataFrame
    now: pl.DataFrame

    @property
    def kinds(self) -> set[str]:
        """The kinds that occur."""
        return set(self.was["_kind"].to_list()) | set(self.now["_kind"].to_list())

    def of(self, kinds: Collection[str]) -> Moved:
        """Those of some kinds."""
        wanted = pl.col("_kind").is_in(list(kinds))
        return Moved(self.was.filter(wanted), self.now.filter(wanted))


def find_moved(home: Store, before: Batch, after: Batch, records: Store, records_then: Store | None = None) -> dict[str, Moved]:
    """Dataset → what moved in it between two batches; datasets in which nothing moved are left out.

    `records` are those that stand after `after`, and `records_then` those that stood after `before`, if they are kept: where
    both are made of one base, what changed since tells all, and the lake is not read. A record sent again with equal
    content, wherever it stands now, did not move. One that fell because what it refers to was withdrawn, or whose waiver
    ran out, is withdrawn; one that was accepted late, waived, or stands again is late. Of the large datasets only the
    keys are read that a batch since `before` speaks of.
    """
    if before.number == after.number:
        return {}
    if records_then is not None and have_one_base(records_then, records):
        sides = {d: _name_kinds(*changed_sides(records_then, records, d.name), d) for d in RECORDS.values()}
        return {d.name: moved for d, moved in sides.items() if moved.kinds}
    until = [b for b in committed(home) if b.number <= before.number]
    has_withdrawn = any(b.changes["withdrawn"] for b in until)
    referred_to = {target for d in RECORDS.values() for target in d.targets}
    waived = read_waived(home, before.number)
    lost: dict[str, pl.DataFrame] = {}
    found: dict[str, Moved] = {}
    for dataset in RECORDS.values():
        versions = scan(home, dataset, before.versions.get(dataset.name), before.number)
        standing = scan_records(records, dataset.name)
        if has_withdrawn and dataset.name in referred_to:
            _, lost[dataset.name] = current_and_lost(versions, dataset, lost)
        if dataset.name in AXES:
            since = scan(home, dataset, after.versions.get(dataset.name), after.number, since=before.number)
            out = waived.filter(dataset=dataset.name).select(list(PLACE)).lazy()
            moving = [since, versions.join(out, on=list(PLACE), how="semi"), *_referring(versions, dataset, found)]
            keys = pl.concat([rows.select(dataset.key) for rows in moving]).unique().collect().lazy()
            versions, standing = (
                rows.join(keys, on=list(dataset.key), how="semi").collect().lazy() for rows in (versions, standing)
            )
        was = current_and_lost(versions, dataset, lost)[0] if has_withdrawn else current(versions, dataset)
        moved = _compare(was.collect(), standing.collect(), dataset)
        if moved.kinds:
            found[dataset.name] = moved
    return found


def _referring(versions: pl.LazyFrame, dataset: Dataset, found: Mapping[str, Moved]) -> list[pl.LazyFrame]:
    """The versions that refer to a record which stands no more, or stands now and did not."""
    rows = []
    for target, columns in dataset.references.values():
        if target in found:
            toggled = found[target].of({"withdrawal", "late_record"})
            key = list(RECORDS[target].key)
            keys = pl.concat([toggled.was.select(key), toggled.now.select(key)]).lazy()
            rows.append(versions.join(keys, left_on=list(columns), right_on=key, how="semi"))
    return rows


def _compare(was: pl.DataFrame, now: pl.DataFrame, dataset: Dataset) -> Moved:
    """Content decides, not the place: columns of the dataset without `is_withdrawn`, nulls equal."""
    content = [c for c in dataset.schema() if c != "is_withdrawn"]
    columns = [*dataset.schema(), *PLACE]
    return _name_kinds(*unequal_sides(was.select(columns), now.select(columns), content), dataset)


def _name_kinds(was: pl.DataFrame, now: pl.DataFrame, dataset: Dataset) -> Moved:
    """A record that stood and stands in another way is corrected; one that is on one side only went or came."""
    key = list(dataset.key)

    def name(rows: pl.DataFrame, others: pl.DataFrame, alone: str) -> pl.DataFrame:
        both = others.select(key).with_columns(_kind=pl.lit("correction"))
        return rows.join(both, on=key, how="left").with_columns(pl.col("_kind").fill_null(alone))

    return Moved(name(was, now, "withdrawal"), name(now, was, "late_record"))
