"""What has changed in the lake since a base was taken: the keys concerned, and their records as they stand now."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.lake.batches import Batch, committed
from pipelines.lake.current import current
from pipelines.lake.parts import AXES, extend_places, finest, in_part, order_of
from pipelines.lake.tables import PLACE, scan
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset

_SHARE = 0.1


class NotCarriedError(Exception):
    """The base cannot be carried on: too much has changed, or something that much else hangs on."""


@dataclass(frozen=True)
class Base:
    """A snapshot that was kept: its records, its batch, the parts and the rows of each divided dataset."""

    records: Store
    batch: int
    parts: dict[str, int]
    rows: dict[str, int]


def find_changes(home: Store, batch: Batch, base: Base, target: Store) -> None:
    """Write what changed between the base and `batch` beside the base's records in `target`.

    Undivided datasets with changes: the file anew, and the places where institutions or products did. Divided ones:
    `<dataset>/changed.parquet`, the keys that changed; `<dataset>/replaced.parquet`, the base's records under them, with
    their part and row there (`_part`, `_row`); and `<dataset>/part-NNN.changes.parquet`, the records that stand under them,
    in the order of the part. Raises NotCarriedError where a record that others refer to was withdrawn or came back, where a
    family of institutions moved, or where a tenth of a dataset changed.
    """
    changed = {d.name: _read_since(home, d, batch, base) for d in RECORDS.values()}
    referred_to = {target for d in RECORDS.values() for target in d.targets}
    lost = {name: base.records.scan(keys.lost(name)).collect() for name in RECORDS if base.records.has(keys.lost(name))}
    for dataset in RECORDS.values():
        if dataset.name in referred_to and not changed[dataset.name].is_empty():
            _refuse_withdrawals(changed[dataset.name], dataset, lost)
    for dataset in RECORDS.values():
        rows = changed[dataset.name]
        if dataset.name not in AXES and not rows.is_empty():
            found = current(scan(home, dataset, batch.versions[dataset.name], batch.number), dataset).collect()
            target.write(keys.whole(dataset.name), found.sort(dataset.key))
    for axis in set(AXES.values()):
        if not changed[f"{axis}s"].is_empty():
            write_places(axis, finest(axis, base.parts), target)
    for dataset in RECORDS.values():
        rows = changed[dataset.name]
        if dataset.name in AXES and not rows.is_empty():
            if rows.height > _SHARE * base.rows[dataset.name]:
                raise NotCarriedError(f"{dataset.name}: {rows.height} rows")
            standing = rows.filter(~pl.col("is_withdrawn"))
            write_changes(rows.select(dataset.key), standing, dataset, base.parts[dataset.name], target)


def _read_since(home: Store, dataset: Dataset, batch: Batch, base: Base) -> pl.DataFrame:
    """Of every key that changed its last version, withdrawals among them.

    A row that was accepted late keeps the place of its file and may stand behind a version of the base: then
    every version of its key is looked at.
    """
    version = batch.versions.get(dataset.name)
    new = scan(home, dataset, version, batch.number, since=base.batch).collect()
    if new.is_empty():
        return new
    key = list(dataset.key)
    sequence = max((f["seq"] for b in committed(home) if b.number <= base.batch for f in b.files), default=0)
    late = new.filter(pl.col("_file") <= sequence).select(key).unique()
    if not late.is_empty():
        if any(b.changes["withdrawn"] for b in committed(home)):
            raise NotCarriedError(f"{dataset.name}: late rows beside withdrawals")
        whole = scan(home, dataset, version, batch.number).join(late.lazy(), on=key, how="semi").collect()
        new = pl.concat([new.join(late, on=key, how="anti"), whole.select(new.columns)])
    return new.sort("_file").unique(key, keep="last", maintain_order=True)


def _refuse_withdrawals(rows: pl.DataFrame, dataset: Dataset, lost: dict[str, pl.DataFrame]) -> None:
    came_back = dataset.name in lost and not rows.join(lost[dataset.name], on=list(dataset.key), how="semi").is_empty()
    if rows["is_withdrawn"].any() or came_back:
        raise NotCarriedError(f"{dataset.name}: withdrawn or back again")


def write_places(axis: str, parts: int, target: Store) -> None:
    """Add to the places those of institutions or products in `target` that came since. NotCarriedError where a family moved."""
    places = extend_places(axis, target, parts)
    if places is None:
        raise NotCarriedError(f"{axis}: families moved")
    target.write(keys.places(axis), places)


def write_changes(changed: pl.DataFrame, standing: pl.DataFrame, dataset: Dataset, parts: int, target: Store) -> None:
    """Write beside a base's `parts` of a divided dataset in `target` which keys changed, and the records that stand under them.

    The places of its axis lie there as they are now.
    """
    axis = AXES[dataset.name]
    target.write(keys.changed(dataset.name), changed)
    target.write(keys.replaced(dataset.name), _find_replaced(changed, dataset, target, parts))
    places = target.scan(keys.places(axis)).collect()
    standing = standing.sort(order_of(dataset)).join(places, on=f"{axis}_code", how="left", maintain_order="left")
    for part in range(parts):
        of_part = standing.filter(in_part(part, parts)).drop("part")
        target.write(keys.part_changes(dataset.name, part), of_part)


def _find_replaced(changed: pl.DataFrame, dataset: Dataset, records: Store, parts: int) -> pl.DataFrame:
    """The base's records under some keys. Mostly they are few: the keys alone are read to find out which."""
    columns = {**dataset.schema(), **PLACE, "_part": pl.Int32(), "_row": pl.UInt32()}
    found = [pl.DataFrame(schema=columns)]
    for part in range(parts):
        rows = records.scan(keys.part(dataset.name, part), numbered="_row")
        met = rows.select("_row", *dataset.key).join(changed.lazy(), on=list(dataset.key), how="semi")
        at = met.select("_row").collect()
        if at.height:
            whole = rows.join(at.lazy(), on="_row", how="semi").with_columns(_part=pl.lit(part, pl.Int32))
            found.append(whole.select(list(columns)).collect())
    return pl.concat(found)
