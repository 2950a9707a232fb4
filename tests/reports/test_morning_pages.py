"""The morning pages of the sample, as a browser shows them: they open from disk, and say what the tables say."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.night.run import run_night
from pipelines.reports.followed import list_trends
from pipelines.reports.morning import write_morning_page
from pipelines.settings import Settings
from tests.chromium import Chromium, Page, open_chromium

SAMPLE = Path(__file__).parents[2] / "seeds" / "sample"
HOSTILE = '=cmd|calc<script>alert(1)<|script>"&.csv'
AS_OF = dt.date(2020, 12, 31)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with open_chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def night(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, sa.Connection]:
    """The page of a night on the sample, which found a file with a hostile name; and the tables it was made from."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(SAMPLE, folder / "landing")
    (folder / "landing" / "payments" / "cixi" / HOSTILE).write_text("a,b\n1,2\n", encoding="utf-8")
    settings = Settings(home=folder / "home", landing=folder / "landing", database="")
    status, run_id = run_night(settings, AS_OF, lambda line: None)
    assert status == "published"
    engine = open_database(settings.database_url)
    page = Path(str(write_morning_page(engine, settings.home, run_id)))
    connection = engine.connect()
    yield page, connection
    connection.close()
    engine.dispose()


@pytest.fixture
def tab(browser: Chromium, night: tuple[Path, sa.Connection]) -> Page:
    tab = browser.open(night[0])
    tab.evaluate("localStorage.clear()")
    tab.load(night[0].resolve().as_uri())
    return tab


@pytest.fixture
def tables(night: tuple[Path, sa.Connection]):
    """What a query finds, as one row."""
    return lambda query: tuple(night[1].execute(sa.text(query)).one())


def number(text: str) -> int:
    return int(text.split("\n")[0].replace(",", ""))


@pytest.mark.parametrize("name", ["index.html", "checks.html", "../index.html"])
def test_pages_open_without_a_complaint_and_ask_for_nothing_else(browser, night, name):
    tab = browser.open(night[0].parent / name)
    assert tab.complaints == []
    assert len(tab.requests) == 1 and tab.requests[0].startswith("file://")


def test_a_complaint_is_heard(browser, tmp_path):
    (tmp_path / "bad.html").write_text("<script>throw Error('x')</script><img src='missing.png'>", encoding="utf-8")
    tab = browser.open(tmp_path / "bad.html")
    assert len(tab.complaints) >= 2 and len(tab.requests) == 2


def test_rows_and_files_are_those_of_the_tables(tab, tables):
    names = ("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")
    sums = tables(f"SELECT {', '.join(f'SUM({name})' for name in names)} FROM source_files")
    assert tuple(number(tab.text(f"#{name}")) for name in names) == sums
    assert number(tab.text("#files")) == tables("SELECT COUNT(*) FROM source_files WHERE status <> 'skipped'")[0]
    assert number(tab.text("#waiting")) == tables("SELECT COUNT(*) FROM rejected_records WHERE state = 'open'")[0]


@pytest.mark.parametrize(
    ("figure", "query"),
    [
        ("paid_on_time", "SELECT SUM(on_time_fen), SUM(matured_fen) FROM payment_timeliness WHERE due_rule = 'applicable'"),
        (
            "paid_on_time_count",
            "SELECT SUM(on_time_count), SUM(matured_count) FROM payment_timeliness WHERE due_rule = 'applicable'",
        ),
        ("two_invoice_compliant", "SELECT SUM(compliant_fen), SUM(compliant_fen + violation_fen) FROM two_invoice_compliance"),
        ("two_invoice_verified", "SELECT SUM(compliant_fen + violation_fen), SUM(scope_fen) FROM two_invoice_compliance"),
        (
            "executed/running/mandatory",
            "SELECT SUM(net_fen), SUM(agreed_fen) FROM agreed_volume_rollup"
            " WHERE level = 'all' AND phase = 'running' AND duty = 'mandatory'",
        ),
    ],
    ids=lambda value: "" if " " in value else value,
)
def test_headline_rates_are_those_of_the_tables(tab, tables, figure, query):
    above, below = tables(query)
    assert below > 0
    assert tab.text(f"[data-figure='{figure}'] b") == f"{100 * above / below:.2f}%"


def test_findings_are_those_of_the_table(tab, tables):
    shown = tab.texts("#findings td:nth-child(2)")
    assert sum(map(number, shown)) == tables("SELECT COUNT(*) FROM findings WHERE state = 'open'")[0]


def test_every_check_stands_on_the_page_of_checks(browser, night, tables):
    tab = browser.open(night[0].with_name("checks.html"))
    assert len(tab.texts("#all-checks td:nth-child(2)")) == tables("SELECT COUNT(*) FROM check_results")[0]
    gate = "SUBSTR(check_id, 1, INSTR(check_id || ':', ':')) LIKE '%.%'"
    audited = f"SELECT COUNT(*) FROM check_results WHERE {gate} AND applied > 0"
    met = "new Set([...document.querySelectorAll('#met [data-check]')].map(r => r.dataset.check)).size"
    assert tab.evaluate(met) == tables(audited)[0]


def test_one_button_switches_the_language_and_it_is_remembered(tab, night):
    assert (tab.evaluate("document.documentElement.lang"), tab.evaluate("document.title")) == ("zh-CN", "2020-12-31 晨报")
    assert tab.text("#verdict").startswith("✓ 已发布") and "Published" not in tab.text("#verdict")
    tab.click("#language")
    assert tab.text("#verdict").startswith("✓ Published") and "已发布" not in tab.text("#verdict")
    tab.load(night[0].with_name("checks.html").resolve().as_uri())
    assert (tab.evaluate("document.documentElement.lang"), tab.evaluate("document.title.slice(-12)")) == ("en", "Morning page")
    tab.click("#language")
    assert tab.evaluate("document.documentElement.lang") == "zh-CN"
    assert tab.complaints == []


def test_no_english_and_no_chinese_is_left_over_when_switched(tab):
    """What is ours to translate; messages of checks and reasons are Chinese in both."""
    tab.click("#language")
    left = tab.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, th, dt, .note, figcaption, summary, .tile')]"
        ".map(e => e.innerText).filter(text => /[\\u4e00-\\u9fff]/.test(text))"
    )
    assert left == []


def test_a_hostile_file_name_is_text(tab):
    assert HOSTILE in tab.text("#checks")
    assert tab.evaluate("document.scripts.length") == 1
    assert tab.complaints == []


def test_links_of_the_page_lead_to_files_that_exist(tab):
    links = tab.evaluate("[...document.querySelectorAll('a')].map(a => a.href.split('#')[0])")
    assert links
    for link in links:
        assert Path(link.removeprefix("file://")).exists(), link


def test_every_sender_with_rows_that_wait_has_its_workbook_behind_a_link(tab, tables):
    books = tab.evaluate("[...document.querySelectorAll('#workbooks a')].map(a => decodeURI(a.href))")
    senders = "SELECT COUNT(DISTINCT SUBSTR(source_path, 1, INSTR(SUBSTR(source_path, INSTR(source_path, '/') + 1), '/')"
    senders += " + INSTR(source_path, '/'))) FROM rejected_records WHERE state = 'open'"
    assert len(books) == tables(senders)[0] == 33
    shown = tab.evaluate("[...document.querySelectorAll('#senders a')].map(a => decodeURI(a.href))")
    assert len(set(shown)) == 27 and set(shown) < set(books), "those with most rows are listed"
    rows = tab.evaluate("[...document.querySelectorAll('#workbooks td:last-child')].map(e => e.textContent)")
    assert sum(map(number, rows)) == number(tab.text("#waiting"))


def test_the_charts_are_drawn(tab):
    assert tab.evaluate("[...document.querySelectorAll('figure svg')].every(s => s.getBoundingClientRect().height > 50)")
    assert tab.evaluate("document.querySelectorAll('figure svg').length") == 3 + len(list_trends())


def test_it_fits_a_phone(browser, night):
    tab = browser.open(night[0])
    tab.send("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
