"""The CSV of a table, which the browser makes of the page: what is downloaded is what the table, and the report table, say."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from pipelines.reports.site.sheets.sheet import PAGE, Filled, Heading
from pipelines.views.plain_cell import plain_cell
from pipelines.views.read import see
from tests.chromium import Chromium, Page, open_chromium
from tests.reports.mornings import MONDAY
from tests.reports.sites import CLINIC, HOSPITAL, Sites

HOSTILE = (
    "=cmd|' /C calc'!A0<script>alert(1)</script>",
    "=",
    "-1.5",
    "+1e3",
    "-",
    "@SUM(A1)",
    "\t=1",
    "\t\t",
    "＝1+1",
    '说 "好", 并\n换行',
    "—",
    "",
    "<b>&amp;</b>",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with open_chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def download(browser: Chromium, tmp_path: Path) -> Callable[[Page, str], list[list[str]]]:
    """What a reader gets who presses the link of a table: its rows, headings first."""
    browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path), eventsEnabled=True)

    def completed() -> int:
        progress = [event["params"] for event in browser.heard if event["method"] == "Browser.downloadProgress"]
        return sum(params["state"] == "completed" for params in progress)

    def download(tab: Page, name: str) -> list[list[str]]:
        before = completed()
        pressed = f"document.querySelector('a[data-csv={name}]').click()"
        tab.send("Runtime.evaluate", expression=pressed, userGesture=True)  # without a gesture a page may give but one file
        while completed() == before:
            browser.hear()
        file = tmp_path / f"{name}.csv"
        text = file.read_bytes().decode()
        file.unlink()
        assert text.startswith("\ufeff") and text.endswith("\r\n")
        return list(csv.reader(io.StringIO(text[1:], newline="")))

    return download


def test_a_csv_says_what_people_see_of_the_report_table(site, browser, download):
    site.write()
    tab = browser.open(site.home / "site" / "institution" / HOSPITAL / "index.html")
    tables = {"commitments": "agreed_volume_completion", "payables": "payment_timeliness", "findings": "findings"}
    for name, table in tables.items():
        with site.engine.connect() as connection:
            rows = see(connection, table, MONDAY).rows.filter(pl.col("医疗机构编码") == HOSPITAL).row(0, named=True)
        head, row = download(tab, name)
        assert len(set(head)) == len(head)
        for title, written in zip(head, row, strict=True):
            if title == "产品名称与规格":  # two columns there
                continue
            value = rows[title.removesuffix("（元）")]
            match value:
                case None:
                    assert written == "", title
                case float():
                    number = float(written.rstrip("%")) / (100 if written.endswith("%") or title == "进度差" else 1)
                    assert number == pytest.approx(value, abs=5e-5), title
                case _:
                    assert written == str(value), title
    assert tab.complaints == []


@pytest.fixture
def page_with(site: Sites, browser: Chromium, monkeypatch: pytest.MonkeyPatch) -> Callable[[Filled], Page]:
    """Opens the page of the findings of an institution, on which another table stands in their place."""

    def page_with(sheet: Filled) -> Page:
        monkeypatch.setattr("pipelines.reports.site.site.own_findings", lambda *_: {"findings": sheet})
        site.write()
        return browser.open(site.home / "site" / "institution" / CLINIC / "index.html")

    return page_with


def test_names_and_codes_are_two_columns_numbers_are_plain_and_no_text_is_a_formula(page_with, download):
    day = dt.date(2020, 12, 31)
    rows = [
        *((name, "S1", name, -1_234_567_05, 0.5, -0.05, -1234.5, day, "open") for name in HOSTILE),
        (None, "S2", "x" * 41, 0, None, None, 2.0, None, "=new"),
        (None, None, None, None, None, None, None, None, None),
        ("S3", "S3", "y", 5, 1.0, 0.0, 1e6, day, "cured"),
    ]
    kinds = ("text", "code", "code", "yuan", "rate", "points", "quantity", "date", "word")
    named = {"code": "c", "code_zh": "编码", "link": "enterprise"}
    headings = [Heading("n", "名称", "Name", "text", **named)]
    headings += [Heading(f"f{at}", f"列{at}", f"F{at}", kind, {"open": "待处理"}) for at, kind in enumerate(kinds) if at > 1]
    frame = pl.DataFrame(rows, ["n", "c", *(heading.name for heading in headings[1:])], orient="row")
    tab = page_with(Filled("findings", headings, frame.with_columns(pl.lit(CLINIC).alias(PAGE))))
    numbers = ["-1234567.05", "50.00%", "-5.00", "-1234.5", str(day), "待处理"]
    wanted = [
        *([plain_cell(name or "S1"), "S1", plain_cell(name), *numbers] for name in HOSTILE),
        ["S2", "S2", "x" * 41, "0.00", "", "", "2", "", "'=new"],
        [""] * 9,
        ["S3", "S3", "y", "0.05", "100.00%", "+0.00", "1000000", str(day), "cured"],
    ]
    assert download(tab, "findings") == [["名称", "编码", *(f"列{at}" for at in range(2, 9))], *wanted]
    tab.click("#findings th:nth-child(3)")
    tab.click("#language")
    tab.evaluate("(e => { e.value = 'S3'; e.dispatchEvent(new Event('input')); })(document.querySelector('input'))")
    assert len(tab.texts("#findings tbody tr:not([hidden])")) == 1
    assert download(tab, "findings")[1:] == wanted and tab.complaints == []


def test_without_a_script_no_link_promises_a_file(site):
    site.write()
    page = site.page_of("institution", HOSPITAL)
    assert page.count("<span hidden> · <a data-csv=") == page.count("<table ") > 3
