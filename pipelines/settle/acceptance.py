"""The rows of one dataset on their way into its table: those whose references are known, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.lake.tables import rows_of
from pipelines.rejects.rejections import WAITING
from pipelines.rejects.take_out import withdraw
from pipelines.settle.lake_tonight import LakeTonight
from pipelines.store.store import Object, Store
from pipelines.validate.references import unknown_references
from schemas.records import Dataset


@dataclass
class Acceptance:
    """What of a dataset is accepted so far: `parts` are objects in `scratch` (columns of `rows_of`), `recorded` those of their
    rows that are or correct a rejected record (key, `is_withdrawn` and WAITING), `rows` how many rows of each file of this
    night (from number `first` on) are in them, `changes` the counts of the whole batch, carried on.
    """

    lake: LakeTonight
    dataset: Dataset
    scratch: Store
    first: int
    changes: dict[str, int]
    parts: list[Object] = field(default_factory=list)
    recorded: list[pl.DataFrame] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)

    def accept(self, rows: pl.DataFrame, name: str, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Write the rows whose references are `known` as a part; return the others with their `_reasons`."""
        if self.dataset.name in self.dataset.targets:
            reasons = self.lake.check_own_references(rows, self.dataset, known)
        else:
            reasons = unknown_references(rows, self.dataset, known)
        rows, is_unknown = rows.select(*self.dataset.schema(), *WAITING), reasons.is_not_null()
        unknown = rows.filter(is_unknown).with_columns(reasons.filter(is_unknown).alias("_reasons"))
        if not unknown.is_empty():
            rows = rows.filter(~is_unknown)
        if rows.height:
            self.parts.append(self._write_rows(name, rows))
            self.recorded.append(rows.drop_nulls("record_id").select(*self._of_record()))
            counts = dict(rows.group_by("_file").len().iter_rows())
            self.rows |= {seq: count for seq, count in counts.items() if seq >= self.first}
            self.changes["accepted"] += rows.height
            self.changes["late"] += sum(count for seq, count in counts.items() if seq < self.first)
            self.changes["withdrawn"] += int(rows["is_withdrawn"].sum())
        return unknown

    @property
    def of_records(self) -> pl.DataFrame:
        """The rows `recorded`."""
        return pl.concat([pl.DataFrame(schema=self._of_record()), *self.recorded])

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
                outdone = self.lake.find_outdone(self.dataset, self.of_records, asked)
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
            self.lake.write(self.dataset, [self._write_rows("replaced", lost)])
        return True

    def _of_record(self) -> dict[str, pl.DataType]:
        named = {c: t for c, t in self.dataset.schema().items() if c in (*self.dataset.key, "is_withdrawn")}
        return {**named, **WAITING}

    def _withdraw(self, gone: pl.DataFrame) -> None:
        key = list(self.dataset.key)
        left = [self.lake.scan(self.dataset), *(part.scan() for part in self.parts)]
        lost = withdraw(gone, pl.concat([rows.select(key) for rows in left]).collect(), self.dataset)
        if not lost.is_empty():
            self.changes["withdrawn"] += lost.height
            self.parts.append(self._write_rows("withdrawn", lost))

    def _write_rows(self, name: str, rows: pl.DataFrame) -> Object:
        declared = (pl.col(column).cast(dtype) for column, dtype in rows_of(self.dataset).items())
        return self.scratch.write(f"{self.dataset.name}/{name}.parquet", rows.select(declared))
