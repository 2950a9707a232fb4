"""What an indicator does not say of how it is shown follows from its tables and measures."""

import re

import pytest

from pipelines.indicators.agreed_volume import declaration as volume
from pipelines.indicators.payment import declaration as payment
from pipelines.indicators.two_invoice import declaration as two_invoice
from pipelines.reports.followed import list_trends
from pipelines.reports.morning import render as morning_render
from pipelines.reports.site import render
from pipelines.reports.terminal.headline import headline
from schemas import declared
from schemas.measure import Measure
from schemas.shown import Figure, Shown, check_codes
from schemas.shown_by_default import filled_in
from schemas.table import AS_OF, JURISDICTION, ReportTable, count, text
from tests.reports.mornings import MONDAY, cells, figures
from tests.reports.sites import HOSPITAL

SILENT = {
    module.__package__.rpartition(".")[2]: filled_in(
        module.__package__.rpartition(".")[2], Shown(), module.TABLES, module.MEASURES
    )
    for module in (volume, payment, two_invoice)
}


@pytest.fixture
def silent(site, monkeypatch):
    """Two institutions on Monday, whose indicators declare nothing but tables, rules and measures."""
    monkeypatch.setitem(vars(declared.SHOWN), "_found", SILENT)
    caches = (render.environment, render._all_sections, render._all_tiles, morning_render._environment)
    for cache in caches:
        cache.cache_clear()
    yield site
    for cache in caches:
        cache.cache_clear()


def test_sums_stand_by_the_rest_of_the_key_and_other_rows_as_they_are(silent):
    silent.write()
    page = silent.page_of("institution", HOSPITAL)
    head, row = cells(page, "payment_timeliness")
    assert row[head.index("到期月份")] == "2020-05" and row[head.index("按金额支付及时率")] == "33.33%"
    assert cells(page, "agreed_volume_completion")[1][0] == f"C-{HOSPITAL}"
    assert re.search(r'data-figure="paid_on_time"><span>.*?<b>33.33%</b>', page)
    assert "payment_timeliness" in silent.page_of("jurisdiction", "330282")
    assert "agreed_volume_completion" not in silent.page_of("jurisdiction", "330282")


def test_measures_stand_on_the_morning_page_and_in_the_headline(silent):
    assert figures(silent.page("mon"))["two_invoice_compliant"][:2] == ["合规 1.20 ÷ 合规 + 违规 1.60 元", "75.00%"]
    with silent.engine.connect() as connection:
        tables = {table.title: table for table in headline(connection, "mon", MONDAY)}
    (row,) = zip(*(column.cells for column in tables["货款支付及时情况"].columns), strict=True)
    assert row == ("合计", "200.00", "600.00", "2", "6", "33.33%", "33.33%")


def test_a_measure_that_is_no_share_is_written_in_its_unit(silent, monkeypatch):
    days = Measure("days_to_pay", "payment_timeliness", "weighted_days", "回款天数", "Days to pay")
    shown = filled_in("payment", Shown(), payment.TABLES, (*payment.MEASURES, days))
    monkeypatch.setitem(SILENT, "payment", shown)
    monkeypatch.setitem(declared.MEASURES._found, days.code, days)
    place = {"institution_code": HOSPITAL, "jurisdiction_code": "330282", "due_rule": "applicable", "distributor_code": "S2"}
    silent.figure("payment_timeliness", MONDAY, **place, due_month="2020-05", paid_fen=100_00, paid_fen_days=1250_00)
    silent.write()
    tile = re.search(r'data-figure="days_to_pay">.*?</div>', silent.page_of("institution", HOSPITAL), re.S)[0]
    assert "回款天数（天）" in tile and "<b>12.5</b>" in tile and "Σ支付金额天数 ÷ Σ已支付金额" in tile
    sums, now = figures(silent.page("mon"))["days_to_pay"][:2]
    assert (sums, now) == ("支付金额天数 1,250.00 元·天 ÷ 已支付 100.00 元", "12.50 天")
    with silent.engine.connect() as connection:
        tables = {table.title: table for table in headline(connection, "mon", MONDAY)}
    last = tables["货款支付及时情况"].columns[-1]
    assert (last.header, [*last.cells]) == ("加权回款天数（天）", ["12.50"])
    pictures = {trend.code: trend.units for trend in list_trends() if trend.indicator.code == "payment"}
    assert pictures == {"trend_payment_1": None, "trend_payment_2": ("天", "day")}


def test_rows_that_are_of_no_institution_stand_on_the_pages_of_divisions_and_of_all():
    months = [AS_OF, text("month", "月份", "Month."), count("lines", "lines", "行数", "Lines.")]
    for columns, levels, first in (
        ([JURISDICTION, *months], ("jurisdiction", "all"), "jurisdiction_code"),
        (months, ("all",), "month"),
    ):
        table = ReportTable("by_month", "按月", "By month.", ("as_of", "month"), tuple(columns), figure=True)
        (sheet,) = filled_in("trial", Shown(), [table], []).sheets
        assert (sheet.levels, sheet.columns[0]) == (levels, first)


def test_a_code_that_two_indicators_give_is_an_error():
    figure = Figure("matured", "payment_timeliness", "matured_fen", ("已到期", "Matured"))
    with pytest.raises(ValueError, match=r"figures .* the same code: matured"):
        check_codes({"one": Shown(figures=(figure,)), "other": Shown(figures=(figure,))})
    with pytest.raises(ValueError, match="measure x: `first` must have a value of each"):
        Measure("x", "agreed_volume_rollup", "execution_rate", "率", "Rate", apart=("phase",))
