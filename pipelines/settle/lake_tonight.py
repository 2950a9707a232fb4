"""The lake as a night sees it: every accepted version, those that the night has added already among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.lake.batches import Batch
from pipelines.lake.current import current
from pipelines.lake.tables import PLACE, scan, write_batch
from pipelines.rejects.take_out import take_out
from pipelines.store.store import Object, Store, scan_objects
from pipelines.validate.named_invoices import FOUND, ON_FILE, SOURCES, short_numbers
from pipelines.validate.references import named_keys, unknown_references
from schemas.records import RECORDS, Dataset


class LakeTonight:
    """Tables at the versions of the batch before, and at those that this night makes of them, dataset by dataset.

    `number` is that of the night's batch; `versions` are those that its manifest will name.
    """

    def __init__(self, home: Store, before: Batch, number: int) -> None:
        self.home, self.number = home, number
        self.versions = dict(before.versions)

    def scan(self, dataset: Dataset) -> pl.LazyFrame:
        """Every accepted version of the dataset: typed columns and PLACE."""
        return scan(self.home, dataset, self.versions.get(dataset.name), self.number)

    def has(self, dataset: Dataset) -> bool:
        """Whether anything of the dataset was ever accepted."""
        return self.versions.get(dataset.name) is not None

    def write(self, dataset: Dataset, parts: list[Object]) -> None:
        """Add the rows of some files to the dataset's table, in one go."""
        base = self.versions.get(dataset.name)
        self.versions[dataset.name] = write_batch(self.home, dataset, parts, self.number, base)

    def take_out(self, dataset: Dataset, places: pl.DataFrame) -> pl.DataFrame:
        """Take out the rows that stood at `places` and return them."""
        gone, version = take_out(self.home, dataset, places, self.versions.get(dataset.name), self.number)
        if version is not None:
            self.versions[dataset.name] = version
        return gone

    def known_keys(self, dataset: Dataset, waiting: pl.DataFrame, texts: Sequence[Object]) -> dict[str, pl.DataFrame]:
        """Of each other dataset referred to the keys that stand, as far as the rows of tonight name them; and, under
        ON_FILE, the invoices that rows may mean which lost their zeros.
        """
        named = named_keys(waiting, list(texts), dataset)
        known = {target: self.current_keys(RECORDS[target], keys) for target, keys in named.items() if target != dataset.name}
        if dataset.name in SOURCES:
            known[ON_FILE] = self._find_invoices(dataset, short_numbers(waiting, texts, dataset))
        return known

    def _find_invoices(self, dataset: Dataset, numbers: pl.Series) -> pl.DataFrame:
        """The invoices of these numbers that are on file for a dataset; columns of FOUND."""
        found = [pl.DataFrame(schema=FOUND)]
        for source, issuer in SOURCES[dataset.name].items() if len(numbers) else ():
            origin = RECORDS[source]
            is_meant = pl.col("invoice_no").is_in(numbers.implode())
            keys = self.scan(origin).filter(is_meant).select(origin.key).unique().collect()
            versions = self.scan(origin).join(keys.lazy(), on=list(origin.key), how="semi").collect()
            house = "institution_code" if source == "deliveries" else pl.lit(None, pl.String)
            standing = (
                current(versions.lazy(), origin)
                .filter(is_meant)
                .select(pl.col("invoice_code").fill_null(""), "invoice_no", issuer_code=issuer, institution_code=house)
            )
            found.append(standing.collect())
        return pl.concat(found).unique()

    def current_keys(self, dataset: Dataset, named: pl.DataFrame | None = None) -> pl.DataFrame:
        """The keys of the records that stand, of those `named` where some are."""
        versions, key = self.scan(dataset).select(*dataset.key, "_file", "is_withdrawn"), dataset.key
        if named is not None:
            versions = versions.join(named.lazy(), on=list(key), how="semi").collect().lazy()
        return current(versions, dataset).select(key).collect()

    def check_own_references(self, rows: pl.DataFrame, dataset: Dataset, known: Mapping[str, pl.DataFrame]) -> pl.Series:
        """`unknown_references` for a dataset that refers to itself: what is refused takes with it what refers to it,
        until nothing more falls.
        """
        earlier = self.scan(dataset)
        accepted = rows
        while True:
            own = pl.concat([earlier, accepted.lazy().select(*dataset.schema(), *PLACE)])
            keys = current(own, dataset).select(dataset.key).collect()
            reasons = unknown_references(rows, dataset, {**known, dataset.name: keys})
            standing = rows.filter(reasons.is_null())
            if standing.height == accepted.height:
                return reasons
            accepted = standing

    def find_repeats(self, rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        """Key and `_file` of those of the rows of whose key the lake has a row of the same file."""
        at = [*dataset.key, "_file"]
        return self.scan(dataset).select(at).join(rows.lazy().select(at), on=at, how="semi").collect()

    def count_replaced(self, dataset: Dataset, parts: list[Object]) -> int:
        """How many of the rows in some files have a key that the lake has a version of."""
        key = list(dataset.key)
        new = scan_objects(parts).select(key)
        # the keys of the night are held in memory, those of the lake pass by
        met = self.scan(dataset).select(key).join(new, on=key, how="semi").unique()
        return int(new.join(met, on=key, how="semi").select(pl.len()).collect().item())

    def find_outdone(self, dataset: Dataset, recorded: pl.DataFrame, asked: pl.DataFrame) -> list[str]:
        """Of the records asked for again (`record_id`), whose rows are among those accepted (`Acceptance.recorded`), those of
        whose key the lake has a later version.
        """
        key = list(dataset.key)
        late = recorded.join(asked, on="record_id", how="semi").select(*key, "record_id", "_file").lazy()
        later = self.scan(dataset).select(*key, _later="_file").join(late, on=key)
        found = later.filter(pl.col("_later") > pl.col("_file")).select("record_id").unique().collect()
        return found.to_series().to_list()
