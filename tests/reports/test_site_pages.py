"""The report site of the sample, as a browser shows it: it opens from disk, says what the tables say, and sorts."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.database.open import METADATA, open_database
from pipelines.reports.followed import list_trends
from pipelines.reports.site import write_site
from tests.chromium import Chromium, Page, open_chromium
from tests.sample_home import AS_OF, sample_home

LATER = dt.date(2021, 1, 1)
HOSPITAL, COUNTY = "H33028200103", "330282"
PAGES = ("", "institutions", "suppliers", "items", f"institution/{HOSPITAL}", f"jurisdiction/{COUNTY}", "indicators/payment")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with open_chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def night(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, sa.Connection]]:
    """The site that a night on the sample left, and one more published date on which nothing changed; its tables."""
    home, settings = sample_home(tmp_path_factory)
    assert (home / "site" / "index.html").exists()
    engine = open_database(settings.database_url)
    with engine.begin() as connection:
        run_id = connection.execute(sa.select(METADATA.tables["publications"].c.run_id)).scalar_one()
        connection.execute(sa.insert(METADATA.tables["publications"]), [{"as_of": LATER, "run_id": run_id}])
    write_site(engine, settings.home)
    with engine.connect() as connection:
        yield home / "site", connection
    engine.dispose()


@pytest.fixture
def open_page(browser: Chromium, night: tuple[Path, sa.Connection]):
    """Opens a page of the site in Chinese, whatever was chosen before."""

    def open_(folder: str) -> Page:
        path = night[0] / folder / "index.html"
        tab = browser.open(path)
        tab.evaluate("localStorage.clear()")
        tab.load(path.resolve().as_uri())
        wait_for_charts(tab)
        return tab

    return open_


def wait_for_charts(tab: Page) -> None:
    wait_until(tab, "[...document.querySelectorAll('[data-chart]')].every(e => e.querySelector('svg'))")


def wait_until(tab: Page, condition: str) -> None:
    """Charts are drawn when the browser comes to it; a test waits no longer than a call of the protocol may take."""
    wait = f"(async () => {{ while (!({condition})) await new Promise(done => setTimeout(done, 20)); }})()"
    tab.send("Runtime.evaluate", awaitPromise=True, expression=wait)


@pytest.fixture
def tables(night: tuple[Path, sa.Connection]):
    """What a query finds, as one row."""
    return lambda query: tuple(night[1].execute(sa.text(query)).one())


@pytest.mark.parametrize("folder", PAGES)
def test_pages_open_from_disk_without_a_complaint(open_page, folder):
    tab = open_page(folder)
    assert tab.complaints == []
    assert all(address.startswith("file://") for address in tab.requests) and len(tab.requests) > 2


@pytest.mark.parametrize("folder", PAGES)
def test_links_lead_to_files_that_exist(open_page, folder):
    links = open_page(folder).evaluate("[...document.querySelectorAll('a')].map(a => a.href.split('#')[0])")
    assert links and [link for link in links if not Path(link.removeprefix("file://")).exists()] == []


RATES = {
    "executed": "net_fen, agreed_fen FROM agreed_volume_rollup"
    " WHERE level = 'all' AND phase = 'running' AND duty = 'mandatory'",
    "paid_on_time": "SUM(on_time_fen), SUM(matured_fen) FROM payment_timeliness WHERE due_rule = 'applicable'",
    "two_invoice_compliant": "SUM(compliant_fen), SUM(compliant_fen + violation_fen) FROM two_invoice_compliance WHERE 1 = 1",
    "two_invoice_verified": "SUM(compliant_fen + violation_fen), SUM(scope_fen) FROM two_invoice_compliance WHERE 1 = 1",
}


@pytest.mark.parametrize("figure", RATES)
def test_headline_rates_are_those_of_the_tables(open_page, tables, figure):
    above, below = tables(f"SELECT {RATES[figure]} AND as_of = '{AS_OF}'")
    assert open_page("").text(f"[data-figure={figure}] b") == f"{100 * above / below:.2f}%"


def test_an_institution_says_what_the_tables_say(open_page, tables):
    tab = open_page(f"institution/{HOSPITAL}")
    own = f"as_of = '{AS_OF}' AND institution_code = '{HOSPITAL}'"
    overdue, findings = tab.text("[data-figure=overdue] b"), tab.text("[data-figure=findings] b")
    query = f"SELECT SUM(overdue_fen) FROM payment_timeliness WHERE {own} AND due_rule = 'applicable'"
    assert round(float(overdue.replace(",", "")) * 100) == tables(query)[0] > 0
    assert int(findings) == tables(f"SELECT COUNT(*) FROM findings WHERE {own} AND state = 'open'")[0] > 0
    (commitments,) = tables(f"SELECT COUNT(*) FROM agreed_volume_completion WHERE {own}")
    assert len(tab.texts("#commitments tbody tr")) == commitments
    rates = f"SELECT MIN(strict_rate), MAX(strict_rate) FROM agreed_volume_completion WHERE {own}"
    shown = [float(text.rstrip("%")) for text in tab.texts("#commitments td.bar")]
    assert (min(shown), max(shown)) == pytest.approx([100 * rate for rate in tables(rates)], abs=0.005)


def test_the_charts_draw_the_figures_of_the_page(open_page, tables):
    tab = open_page(f"institution/{HOSPITAL}")
    assert tab.evaluate("[...document.querySelectorAll('[data-chart]')].map(e => e.dataset.chart)") == [
        "commitments",
        "budgets_amount",
        "budgets_quantity",
        "delivery_months",
        "suppliers",
        "due_months",
        "arrears",
        "settlement_channels",
        "surplus_retention",
        "invoice_months",
        "usage_mix_months",
        "compared",
    ]
    assert tab.evaluate("[...document.querySelectorAll('[data-chart] svg')].every(s => s.getBoundingClientRect().height > 50)")
    drawn = json.loads(tab.evaluate("document.getElementById('chart-data').textContent"))
    sums = "SELECT SUM(compliant_fen), SUM(unverifiable_fen), SUM(violation_fen) FROM two_invoice_compliance"
    found = tables(f"{sums} WHERE as_of = '{AS_OF}' AND institution_code = '{HOSPITAL}'")
    assert tuple(sum(row[at] for row in drawn["invoice_months"]) for at in (1, 2, 3)) == found
    assert len(open_page("").texts("[data-chart^=trend_] svg")) == len(list_trends()) > 3


def column_of(tab: Page, title: str) -> int:
    """Where the column with this heading stands among the institutions, from 1."""
    return [text.replace("\n", "") for text in tab.texts("#institutions th")].index(title) + 1


def test_a_heading_sorts_numbers_by_size_and_names_by_their_sound(open_page):
    tab = open_page("institutions")
    place = column_of(tab, "逾期未付金额（元）")
    heading, cell = f"#institutions th:nth-child({place})", f"#institutions tbody td:nth-child({place})"

    def amounts() -> list[float]:
        return [float(text.replace(",", "")) for text in tab.texts(cell) if text != "—"]

    tab.click(heading)
    assert amounts() == sorted(amounts(), reverse=True) and len(set(amounts())) > 3
    tab.click(heading)
    assert amounts() == sorted(amounts())
    tab.click("#institutions th:nth-child(2)")
    divisions = [text.split("\n")[0] for text in tab.texts("#institutions tbody td:nth-child(2)")]
    by_sound = "城关区 慈溪市 东昌府区 高唐县 黄浦区 聊城市本级 七里河区 莘县 相山区"  # cheng, ci, dong, gao, huang … xiang
    assert list(dict.fromkeys(divisions)) == by_sound.split()
    assert tab.evaluate("document.querySelectorAll('#institutions th[aria-sort]').length") == 1


def test_what_is_missing_stands_last_either_way(open_page):
    tab = open_page("institutions")
    place = column_of(tab, "使用衔接率")
    for _ in range(2):
        tab.click(f"#institutions th:nth-child({place})")
        texts = tab.texts(f"#institutions tbody td:nth-child({place})")
        assert texts[0] != "—" and texts[-1] == "—"


def test_a_word_narrows_a_table(open_page):
    tab = open_page("institutions")
    tab.evaluate(
        "(e => { e.value = '药房'; e.dispatchEvent(new Event('input')); })(document.querySelector('input[data-table]'))"
    )
    assert [row.split("\t")[0].split("\n")[0] for row in tab.texts("#institutions tbody tr:not([hidden])")] == [
        "慈溪示例大药房"
    ]


def test_one_button_switches_the_language_of_texts_and_charts(open_page):
    tab = open_page(f"jurisdiction/{COUNTY}")
    assert "合规" in tab.text("[data-chart=invoice_months]") and tab.evaluate("document.title") == "慈溪市 带量采购执行监测"
    tab.click("#language")
    wait_until(tab, "document.querySelector('[data-chart=invoice_months]').innerText.includes('Compliant')")
    left = tab.evaluate(
        "[...document.querySelectorAll('h2, h3, th, .note, figcaption, .tile, footer, td.w')]"
        ".map(e => e.innerText).filter(text => /[\\u4e00-\\u9fff]/.test(text))"
    )
    assert left == [] and tab.complaints == []
    assert "Compliant" in tab.text("[data-chart=invoice_months]")


def test_a_page_that_was_not_written_again_says_since_when(open_page):
    tab = open_page(f"institution/{HOSPITAL}")
    assert tab.text("#as-of") == "2021-01-01" and "2020-12-31" in tab.text("#unchanged")
    assert not open_page("").evaluate("document.getElementById('unchanged').checkVisibility()")


def test_a_card_shows_formula_example_and_queries(open_page):
    tab = open_page("indicators/payment")
    text = tab.text("article.zh")
    assert "on_time_rate_amount" in text and "vbp explain payment_timeliness" in text
    assert len(tab.texts("article.zh table")) == 4 and len(tab.texts("article.en table")) > 4


@pytest.mark.parametrize("folder", [*PAGES, "product/XN02BEX085N001010101101", "enterprise/91371500MA9XXXX43L"])
def test_no_table_scrolls_sideways_on_a_small_screen(open_page, folder):
    tab = open_page(folder)
    tab.send("Emulation.setDeviceMetricsOverride", width=1280, height=800, deviceScaleFactor=1, mobile=False)
    tab.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")
    wide = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    for _ in ("zh", "en"):
        assert tab.evaluate(f"{wide}.map(e => e.querySelector('table').id)") == []
        tab.click("#language")


@pytest.mark.thorough
@pytest.mark.parametrize("folder", ["", f"institution/{HOSPITAL}"])
def test_it_fits_a_phone(browser, night, folder):
    tab = browser.open(night[0] / folder / "index.html")
    tab.send("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
    wait_for_charts(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
