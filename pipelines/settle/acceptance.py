"""The rows of one dataset on their way into its table: those whose references are known, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.rejects.rejections import WAITING
from pipelines.rejects.take_out import withdraw
from pipelines.settle.lake_tonight import LakeTonight
from pipelines.store.store import Object, Store
from pipelines.validate.references import unknown_references
from schemas.records import Dataset


@dataclass
class Acceptance:
    """What of a dataset is accepted so far: `parts` are objects in `scratch`, `rows` how many rows of each
    file of this night (from number `first` on) are in them, `changes` the counts of the whole batch, carried on.
    """

    lake: LakeTonight
    dataset: Dataset
    scratch: Store
    first: int
    changes: dict[str, int]
    parts: list[Object] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)

    def accept(self, rows: pl.DataFrame, name: str, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Write the rows whose references are `known` as a part; return the others with their `_reasons`."""
        if self.dataset.name in self.dataset.targets:
            reasons = self.lake.check_own_references(rows, self.dataset, known)
        else:
            reasons = unknown_references(rows, self.dataset, known)
        rows = rows.select(*self.dataset.schema(), *WAITING, reasons.alias("_reasons"))
        unknown = rows.clear()
        if reasons.null_count() < rows.height:
            unknown = rows.filter(pl.col("_reasons").is_not_null())
            rows = rows.filter(pl.col("_reasons").is_null())
        if rows.height:
            self._write_part(name, rows)
            counts = dict(rows.group_by("_file").len().iter_rows())
            self.rows |= {seq: count for seq, count in counts.items() if seq >= self.first}
            self.changes["accepted"] += rows.height
            self.changes["late"] += sum(count for seq, count in counts.items() if seq < self.first)
            self.changes["withdrawn"] += int(rows["is_withdrawn"].sum())
        return unknown

    def put_into_table(self, gone: pl.DataFrame, asked: pl.DataFrame) -> list[str]:
        """Add the parts to the dataset's table, and a withdrawal of every key that the rows `gone` leave without a
        version; return the records `asked` for again of whose key a later version stands.
        """
        if not gone.is_empty():
            self._withdraw(gone)
        outdone: list[str] = []
        if self.parts:
            if self.lake.has(self.dataset):
                self.changes["replaced"] += self.lake.count_replaced(self.dataset, self.parts)
            if not asked.is_empty():
                outdone = self.lake.find_outdone(self.dataset, self.parts, asked)
            self.lake.write(self.dataset, self.parts)
        return outdone

    def take_back(self, places: pl.DataFrame) -> bool:
        """Take rows out of the table again, with a withdrawal of every key left without a version; say if any stood."""
        gone = self.lake.take_out(self.dataset, places)
        if gone.is_empty():
            return False
        key = list(self.dataset.key)
        left = self.lake.scan(self.dataset).select(key).join(gone.lazy().select(key), on=key, how="semi").collect()
        lost = withdraw(gone, left, self.dataset)
        self.changes["withdrawn"] += gone.height
        if not lost.is_empty():
            part = self._write_rows("replaced", lost.with_columns(pl.lit(None, pl.String).alias("record_id")))
            self.lake.write(self.dataset, [part])
        return True

    def _withdraw(self, gone: pl.DataFrame) -> None:
        key = list(self.dataset.key)
        left = [self.lake.scan(self.dataset), *(part.scan() for part in self.parts)]
        lost = withdraw(gone, pl.concat([rows.select(key) for rows in left]).collect(), self.dataset)
        if not lost.is_empty():
            self.changes["withdrawn"] += lost.height
            self._write_part("withdrawn", lost.with_columns(pl.lit(None, pl.String).alias("record_id")))

    def _write_part(self, name: str, rows: pl.DataFrame) -> None:
        self.parts.append(self._write_rows(name, rows))

    def _write_rows(self, name: str, rows: pl.DataFrame) -> Object:
        return self.scratch.write(f"{self.dataset.name}/{name}.parquet", rows.select(*self.dataset.schema(), *WAITING))
