"""Mornings made of a few rows: a home with a report database, and its pages."""

import datetime as dt
import html
import json
import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.open import METADATA, open_database
from pipelines.database.tables import STILL_VALID
from pipelines.reports.morning import write_morning_page
from pipelines.store.local import Local

MONDAY, TUESDAY, WEDNESDAY = (dt.date(2020, 6, day) for day in (1, 2, 3))


class Mornings:
    """A home whose database gets rows by hand; columns left out get a harmless value."""

    def __init__(self, home: Path, url: str) -> None:
        self.home, self.engine = home, open_database(url)

    def add(self, table: str, **values: Any) -> None:
        """Add one row to a table of the report database."""
        columns = METADATA.tables[table].columns
        unknown = set(values) - set(columns.keys())
        assert not unknown, f"{table}: no such columns {unknown}"
        row = {column.name: None if column.nullable else _harmless(column) for column in columns} | values
        with self.engine.begin() as connection:
            connection.execute(sa.insert(METADATA.tables[table]), [row])

    def run(self, run_id: str, as_of: dt.date, status: str = "published", **values: Any) -> None:
        """Add a run that began at two o'clock of the next day; a published one stands for its date."""
        started = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(2))
        finished = None if status == "running" else f"{started + dt.timedelta(seconds=83)}+08:00"
        times = {"started_at": f"{started}+08:00", "finished_at": finished}
        self.add("runs", run_id=run_id, as_of=as_of, status=status, **times | values)
        if status == "published":
            with self.engine.begin() as connection:
                publications = METADATA.tables["publications"]
                connection.execute(sa.delete(publications).where(publications.c.as_of == as_of))
            self.add("publications", as_of=as_of, run_id=run_id)

    def figure(self, table: str, since: dt.date, until: dt.date = STILL_VALID, **values: Any) -> None:
        """Add a row of a figure table that the dates from `since` until before `until` show."""
        self.add(f"{table}_versions", valid_from=since, valid_to=until, **values)

    def reject(self, record_id: str, run_id: str, path: str, *codes: str, **values: Any) -> None:
        """Add a rejected row of the dataset its path names, with a reason per code."""
        reasons = [
            {"code": code, "column": "qty", "value": "x", "message_zh": f"数量：{code}"} for code in codes or ("bad_number",)
        ]
        fixed = {"dataset": path.split("/")[0], "source_path": path, "line_no": 7, "first_seen_run": run_id}
        told = {"last_seen_run": run_id, "reasons": json.dumps(reasons, ensure_ascii=False)}
        self.add("rejected_records", record_id=record_id, **fixed | told | {"state": "open"} | values)

    def returned(self, run_id: str, *workbooks: tuple[str, str, int, int]) -> None:
        """Say which correction workbooks a run left: dataset, sender, rows that wait, rows listed."""
        folder = self.home / "returns" / run_id
        folder.mkdir(parents=True)
        entries = [
            {
                "dataset": dataset,
                "sender": sender,
                "path": f"{dataset}/{sender}.xlsx",
                "waiting": waiting,
                "listed": listed,
                "digest": "",
            }
            for dataset, sender, waiting, listed in workbooks
        ]
        (folder / "contents.json").write_text(json.dumps(entries), encoding="utf-8")

    def check(self, run_id: str, check_id: str, status: str, failed: int = 0, applied: int = 0, **details: Any) -> None:
        """Add what a check found."""
        told = json.dumps({"message_zh": "", "examples": []} | details, ensure_ascii=False)
        self.add("check_results", run_id=run_id, check_id=check_id, status=status, failed=failed, applied=applied, details=told)

    def page(self, run_id: str, **options: Any) -> str:
        """The page of a run as it is written now."""
        return write_morning_page(self.engine, Local(self.home), run_id, **options).read().decode()

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]


def cells(page: str, table: str) -> list[list[str]]:
    """The Chinese texts of a table's rows; the small print of a cell follows after a space."""
    body = re.search(rf'<table id="{table}"[^>]*>(.*?)</table>', page, re.DOTALL)
    assert body, f"no table {table}"
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body[1], re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def figures(page: str) -> dict[str, list[str]]:
    """Headline figures by their key: sums, rate, rate before, difference."""
    rows = re.findall(r'<tr data-figure="([^"]+)">(.*?)</tr>', page, re.DOTALL)
    return {
        key: [plain(cell) for cell in re.findall(r"(?:<small>|<td class=\"n\">)(.*?)</(?:small|td)>", row, re.DOTALL)]
        for key, row in rows
    }


def verdict(page: str) -> str:
    """The verdict with its reasons, in Chinese."""
    return plain(re.search(r'<div class="verdict.*?\n</div>', page, re.DOTALL)[0])


def plain(markup: str) -> str:
    """What a Chinese reader sees of a piece of HTML, on one line."""
    chinese = re.sub(r'<span class="en"[^>]*>.*?</span>', "", markup, flags=re.DOTALL)
    inline = re.sub(r"</?(?:span|b|code|a)\b[^>]*>", "", chinese)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", inline))).strip()


def _harmless(column: sa.Column[Any]) -> object:
    match column.type:
        case sa.Text():
            return "-"
        case sa.Date():
            return MONDAY
    return 0
