"""A house with a desk at which rejected rows are decided on, returned to their senders and taken in again."""

import shutil
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import xlsxwriter

from pipelines.desk.decide import Outcome, decide, dry_run
from pipelines.desk.export import export_returns
from pipelines.desk.select import Wanted
from pipelines.settings import Settings
from pipelines.settle.settle import settle
from tests.lake.house import House

UNTIL = date(2021, 1, 31)


class Desk(House):
    """Records are named by the last part of their key."""

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, landing=self.landing)

    def number(self, key: str) -> str:
        """The number of the record whose key ends so."""
        found = self.register().filter(pl.col("natural_key").str.split("|").list.contains(key))
        return str(found["record_id"].item())

    def decide(self, kind: str, *keys: str, until: date | None = None) -> Outcome:
        """Foresee a decision, make it, and see that both agree."""
        ids, told = [self.number(k) for k in keys], ("张三", until, "已核实")
        foreseen = dry_run(self.settings, kind, ids, *told)
        outcome = decide(self.settings, kind, ids, *told)
        assert foreseen.records.equals(outcome.records)
        return outcome

    def waive(self, *keys: str, until: date = UNTIL) -> Outcome:
        """Waive until the end of January unless told otherwise."""
        return self.decide("waive", *keys, until=until)

    def day(self, as_of: date) -> None:
        """A night without files on that day."""
        self.nights += 1
        settle(self.home, f"run{self.nights}", [], lambda file: self.home.at(file.path), as_of=as_of)

    def export(self, **wanted: str) -> dict[str, list[list[str | None]]]:
        """Export what is wanted as one workbook; sheet → rows as text, the header first."""
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        (path,) = export_returns(self.settings, Wanted(**wanted), folder=self.folder / "out")
        return read_book(path)

    def send_back(self, dataset: str, sheets: dict[str, list[list[str | None]]], path: str = "退回.xlsx") -> None:
        """Put a mended workbook into the landing zone and take it in."""
        target = self.landing / dataset / path
        target.parent.mkdir(parents=True, exist_ok=True)
        book = xlsxwriter.Workbook(target)
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    page.write_string(line, column, cell or "")
        book.close()
        self.night()


def read_book(path: Path) -> dict[str, list[list[str | None]]]:
    """Sheet of a workbook → its rows as text."""
    reader = fastexcel.read_excel(path)
    return {
        name: [list(row) for row in reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()]
        for name in reader.sheet_names
    }


def mend(sheets: dict[str, list[list[str | None]]], **cells: str) -> dict[str, list[list[str | None]]]:
    """The workbook with these cells (header → text) in every row of every sheet but the cover."""
    mended = {}
    for name, rows in sheets.items():
        header = rows[0]
        mended[name] = (
            rows
            if name == "说明"
            else [header, *([cells.get(str(h), c) for h, c in zip(header, row, strict=True)] for row in rows[1:])]
        )
    return mended
