"""The lake as a night would leave it, without a word of it written: what it adds and takes out is kept beside the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.lake.batches import Batch
from pipelines.lake.tables import PLACE
from pipelines.settle.lake_tonight import LakeTonight
from pipelines.store.store import Object, Store, scan_objects
from pipelines.validate.references import named_keys, unknown_references
from schemas.records import Dataset


class LakeForeseen(LakeTonight):
    """Reads the tables of a home as they stand and writes none.

    `is_trusting`: no home is at hand that could know what rows refer to, and all that they name counts as known.
    """

    def __init__(self, home: Store, before: Batch, number: int, *, is_trusting: bool = False) -> None:
        super().__init__(home, before, number)
        self.is_trusting = is_trusting
        self._added: dict[str, list[Object]] = defaultdict(list)
        self._gone: dict[str, list[pl.DataFrame]] = defaultdict(list)

    def scan(self, dataset: Dataset) -> pl.LazyFrame:
        """Every accepted version of the dataset, with those added and without those taken out."""
        place = list(PLACE)
        rows = super().scan(dataset)
        if gone := self._gone[dataset.name]:
            rows = rows.join(pl.concat(gone).lazy(), on=place, how="anti")
        if added := self._added[dataset.name]:
            rows = pl.concat([rows, scan_objects(added).select(*dataset.schema(), *PLACE)])
        return rows

    def has(self, dataset: Dataset) -> bool:
        """Whether anything of the dataset was ever accepted, or is now."""
        return super().has(dataset) or bool(self._added[dataset.name])

    def write(self, dataset: Dataset, parts: list[Object]) -> None:
        """Have the rows of some files count as accepted, as long as the files are there."""
        self._added[dataset.name] += parts

    def take_out(self, dataset: Dataset, places: pl.DataFrame) -> pl.DataFrame:
        """Have the rows that stood at `places` count no more, and return them."""
        if places.is_empty():
            return pl.DataFrame(schema={**dataset.schema(), **PLACE})
        rows = self.scan(dataset).join(places.lazy().unique(), on=list(PLACE), how="semi").collect()
        self._gone[dataset.name].append(rows.select(*PLACE))
        return rows

    def known_keys(self, dataset: Dataset, waiting: pl.DataFrame, texts: Sequence[Object]) -> dict[str, pl.DataFrame]:
        """As in a night; all that is named where the lake is trusting."""
        known = super().known_keys(dataset, waiting, texts)
        return known | named_keys(waiting, list(texts), dataset) if self.is_trusting else known

    def check_own_references(self, rows: pl.DataFrame, dataset: Dataset, known: Mapping[str, pl.DataFrame]) -> pl.Series:
        """As in a night; what is named is known where the lake is trusting."""
        if self.is_trusting:
            return unknown_references(rows, dataset, known)
        return super().check_own_references(rows, dataset, known)
