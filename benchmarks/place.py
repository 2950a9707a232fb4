"""Where a benchmark works: the folder it may fill and throws away, the landing zone, the home, the run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

AS_OF = date(2020, 12, 31)
"""The generated landing zone describes the year 2020."""


@dataclass(frozen=True)
class Place:
    """The working folder of one benchmark."""

    work: Path

    @property
    def landing(self) -> Path:
        """The generated landing zone."""
        return self.work / "landing"

    @property
    def held_back(self) -> Path:
        """What lands for the night after."""
        return self.work / "held_back"

    @property
    def home(self) -> Path:
        """The home of the night: lake, archive, database."""
        return self.work / "home"

    @property
    def fresh(self) -> Path:
        """Another home, in which the night after is done from nothing."""
        return self.work / "fresh"

    @property
    def run_id(self) -> str:
        """The first run of the home, the one that is measured step by step."""
        return min(path.name for path in (self.home / "runs").iterdir())

    @property
    def run_folder(self) -> Path:
        """The working files of the run."""
        return self.home / "runs" / self.run_id

    @property
    def records(self) -> Path:
        """The records the run computes from, one Parquet file per dataset."""
        from pipelines.lake.laid_out import place_of
        from pipelines.store.local import Local

        return self.run_folder / place_of(Local(self.run_folder))

    @property
    def given(self) -> Path:
        """What DuckDB is given beside the records: working days and policy rows."""
        return self.work / "given"

    def yardstick(self, table: str) -> Path:
        """Where DuckDB's answer for a report table is written."""
        return self.work / "duckdb" / f"{table}.parquet"

    def input_bytes(self) -> int:
        """Bytes of the landing zone."""
        return sum(p.stat().st_size for p in self.landing.rglob("*") if p.is_file())

    def sizes(self) -> dict[str, int]:
        """Bytes of a home that was made from nothing in one night: by folder, what the next night carries on, the rest of
        its run, the database.
        """
        home = self.fresh if self.fresh.exists() else self.home
        found = {name: _bytes_below(home / name) for name in ("archive", "batches", "lake", "records")}
        runs = list((home / "runs").glob("*/"))
        found |= {"sums": sum(_bytes_below(run / name) for run in runs for name in ("sums", "totals", "records", "reports"))}
        found |= {"run": sum(map(_bytes_below, runs)) - found["sums"]}
        return found | {"database": sum(path.stat().st_size for path in home.glob("compliance.db*"))}

    def note(self, name: str, content: object) -> None:
        """Write down what a step of the benchmark found."""
        (self.work / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def noted(self, name: str) -> Any:
        """What a step of the benchmark found."""
        return json.loads((self.work / f"{name}.json").read_text(encoding="utf-8"))


def _bytes_below(folder: Path) -> int:
    """Bytes of its files, one that has several names counted once."""
    files = (path.stat() for path in folder.rglob("*") if path.is_file())
    return sum({(file.st_dev, file.st_ino): file.st_size for file in files}.values())
