"""A landing zone and a lake in a test's folder, and nights that take in and settle what has landed."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.engine.digest import seal, tally
from pipelines.ingest.discover import discover
from pipelines.ingest.take_in import TakenIn, take_in
from pipelines.lake import batches
from pipelines.lake.batches import Batch
from pipelines.lake.scan_records import scan_records
from pipelines.lake.snapshot import snapshot
from pipelines.settle.settle import count_groups, judge_ahead, settle
from pipelines.store import keys
from pipelines.store.dossier import LandingFile
from pipelines.store.local import Local
from pipelines.store.store import Object
from schemas.records import RECORDS
from tests.validate.good import Row, csv_text


class House:
    """Files are landed with `land`, nights done with `night`; the other methods look at what came of them.

    `as_of`: a day for which rows are judged by themselves, group by group, before they are settled.
    """

    def __init__(self, folder: Path, *, as_of: date | None = None) -> None:
        self.folder, self.home, self.landing = folder, Local(folder / "home"), folder / "landing"
        self.nights, self.as_of = 0, as_of

    def begin_as(self, other: "House") -> None:
        """Have what another house has: what landed there, and what its nights left."""
        for mine, theirs in ((self.home.folder, other.home.folder), (self.landing, other.landing)):
            shutil.copytree(theirs, mine)
        self.nights = other.nights

    def land(self, path: str, *changes: Row) -> None:
        """Put a csv file: the good row of the dataset for every change; `path` begins with the dataset."""
        target = self.landing / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(csv_text(path.split("/")[0], *changes), encoding="utf-8")

    def land_masters(self) -> None:
        """One good row of every dataset that others refer to."""
        for dataset in ("institutions", "products", "lots", "commitments", "deliveries"):
            self.land(f"{dataset}/00.csv")

    def night(self) -> Batch:
        """Take in what is new and settle it."""
        self.nights += 1
        self.landing.mkdir(parents=True, exist_ok=True)
        run = f"run{self.nights}"
        seen = {(f["dataset"], f["sha256"]) for b in batches.committed(self.home) for f in b.files}
        files: list[tuple[LandingFile, TakenIn]] = []
        for file in discover(self.landing, seen):
            if file.status == "new":
                taken = take_in(file, self.landing, self.home.below(keys.ARCHIVE), self._text(run, file))
                if not taken.refused:
                    files.append((file, taken))
        ahead = self.judge(files)
        return settle(self.home, run, files, lambda file: self._text(run, file), as_of=self.as_of, ahead=ahead)

    def judge(self, files: list[tuple[LandingFile, TakenIn]]) -> Local | None:
        """Judge the rows of the night by themselves, if there is a day; say where that lies."""
        if self.as_of is None:
            return None
        run = f"run{self.nights}"
        ahead, given = Local(self.folder / run / "judged"), (files, lambda file: self._text(run, file))
        for dataset, groups in count_groups(*given).items():
            for group in range(groups):
                judge_ahead(self.home, run, *given, dataset, range(group, group + 1), ahead, as_of=self.as_of)
        return ahead

    def _text(self, run: str, file: LandingFile) -> Object:
        return Local(self.folder / run).at(f"{file.path}.parquet")

    def digest(self) -> str:
        """The digest of the records as they stand, wherever they stood in their files."""
        return digest_at(self.home, batches.last_batch(self.home), self.folder / "records")

    def records(self, dataset: str) -> pl.DataFrame:
        """The records of a dataset as they stand."""
        self.digest()
        return scan_records(Local(self.folder / "records"), dataset).collect().sort(RECORDS[dataset].key)

    def keys(self, dataset: str) -> list[str]:
        """The last part of the key of each record that stands."""
        return [str(k) for k in self.records(dataset)[RECORDS[dataset].key[-1]]]

    def register(self) -> pl.DataFrame:
        """The rejected rows."""
        return batches.objects_of_batch(self.home, batches.last_batch(self.home).number).scan("rejected.parquet").collect()

    def states(self) -> list[tuple[str, str]]:
        """Last part of the key and state of each rejected row, in order."""
        rows = self.register().select("natural_key", "state").sort("natural_key", "state")
        return [(key.split("|")[-1], state) for key, state in rows.iter_rows()]

    def reasons(self) -> list[str]:
        """The codes of the reasons against open rows."""
        rows: list[list[dict[str, Any]]] = self.register().filter(state="open")["reasons"].to_list()
        return sorted(reason["code"] for row in rows for reason in row)


def digest_at(home: Local, batch: Batch, folder: Path) -> str:
    """The digest of the records as they stood after a batch."""
    records = Local(folder)
    snapshot(home, batch, records)
    return seal({d: tally(scan_records(records, d).collect(), list(r.schema())) for d, r in RECORDS.items()})
