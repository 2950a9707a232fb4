"""A frame of sums as it is kept, carried from run to run by what changed in it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import polars.selectors as cs

from pipelines.lake.scan_records import meet
from pipelines.store.store import Store

_SHARE = 0.2
_CHANGED, _CHANGES, _MOVED = "changed.parquet", "changes.parquet", "moved.parquet"


@dataclass(frozen=True)
class Kept:
    """A frame in a store of its own, whose rows are replaced by their values in some columns (`by`).

    `part-NNN.parquet`: the rows; `changed.parquet`: the values that were replaced since these were written, and
    `changes.parquet` what stands of them; `moved.parquet`: the values that were replaced when it was last carried on.
    """

    store: Store
    by: tuple[str, ...]

    def write(self, part: int, rows: pl.DataFrame) -> None:
        """Write the rows of a part."""
        self._write(_part(part), rows)

    def scan(self) -> pl.LazyFrame:
        """All rows, part after part."""
        if self._changed is None:
            return self._rows
        return pl.concat([meet(self._rows, self._changed, "anti"), self.store.scan(_CHANGES)])

    def scan_parts(self) -> list[pl.LazyFrame]:
        """The rows of each part, of a frame that was not carried on."""
        return [self.store.scan(key) for key in self._parts]

    def of(self, values: pl.DataFrame) -> pl.DataFrame:
        """The rows with these values: parts are read for those alone that were not replaced since."""
        values, changed = values.select(self.by), self._changed
        if changed is None:
            return meet(self._rows, values).collect()
        stay = meet(values.lazy(), changed, "anti").collect()
        found = [] if stay.is_empty() else [meet(self._rows, stay)]
        return pl.concat([*found, meet(self.store.scan(_CHANGES), values)]).collect()

    def without(self, values: pl.DataFrame) -> pl.LazyFrame:
        """All rows but those with these values."""
        values, changed = values.select(self.by), self._changed
        if changed is None:
            return meet(self._rows, values, "anti")
        stay = meet(self._rows, pl.concat([changed, values]), "anti")
        return pl.concat([stay, meet(self.store.scan(_CHANGES), values, "anti")])

    def moved(self) -> pl.DataFrame | None:
        """The values whose rows may not be those of the base run; None where it was not carried on from one."""
        return self.store.scan(_MOVED).collect() if self.store.has(_MOVED) else None

    def carry_on(self, target: Kept, values: pl.DataFrame, rows: pl.DataFrame) -> None:
        """Write the same frame to `target`, but of `values` what stands now.

        Parts are copied, and what changed stands beside them; where that is much, they are written anew.
        """
        changed, changes = self._changed, rows
        if changed is not None:
            changes = pl.concat([meet(self.store.scan(_CHANGES), values.select(self.by), "anti").collect(), rows])
        target._write(_CHANGED, values if changed is None else pl.concat([changed, values]).unique())
        target._write(_CHANGES, changes)
        target._write(_MOVED, values)
        for key in self._parts:
            self.store.copy(key, key, target.store)
        if changes.height > _SHARE * sum(self.store.at(key).rows for key in self._parts):
            target._consolidate()

    def consolidate(self, target: Kept) -> None:
        """Write the same rows to `target` as parts alone: a slice of these can be read without reading all."""
        for key in self.store.list():
            if key != _MOVED:
                self.store.copy(key, key, target.store)
        if target.store.has(_CHANGED):
            target._consolidate()

    def _consolidate(self) -> None:
        """Let the parts hold what stands, and what stood beside them become a part."""
        keys, changed = self._parts, self._changed
        for key in keys:
            self._write(key, meet(self.store.scan(key), changed, "anti").collect())
        self.store.copy(_CHANGES, _part(len(keys)))
        for key in (_CHANGES, _CHANGED):
            self.store.drop(key)

    def _write(self, key: str, rows: pl.DataFrame) -> None:
        self.store.write(key, as_text(rows).collect())

    @property
    def _changed(self) -> pl.DataFrame | None:
        return self.store.scan(_CHANGED).collect() if self.store.has(_CHANGED) else None

    @property
    def _rows(self) -> pl.LazyFrame:
        return self.store.scan(*self._parts)

    @property
    def _parts(self) -> list[str]:
        return [key for key in self.store.list() if key.startswith("part-")]


def _part(number: int) -> str:
    return f"part-{number:03d}.parquet"


def as_text(rows: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """The rows with codes as they are kept: categories are numbers that no other night knows."""
    return rows.lazy().with_columns((cs.categorical() | cs.enum()).cast(pl.String))
