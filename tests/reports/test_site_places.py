"""Whose figures a page of the site holds: divisions, cities as a whole, and where a series changes its lots."""

import datetime as dt

import polars as pl

from pipelines.indicators.distribution_concentration.declaration import LEVELS
from pipelines.reports.morning.trends import mark_breaks
from pipelines.reports.site.breaks import find_breaks
from pipelines.reports.site.figures import Figures, place_in_divisions
from pipelines.reports.site.names import add_names
from pipelines.reports.site.sheets.charts import chart_data
from pipelines.reports.site.sheets.wholes import find_members, with_wholes
from schemas.reports import REPORTS
from tests.reports.mornings import MONDAY, WEDNESDAY, cells
from tests.reports.sites import CLINIC, HOSPITAL

LATER = dt.date(2021, 6, 1)


def test_a_city_as_a_whole_is_the_sum_of_its_divisions_and_its_code_its_own_level(site):
    site.add_figures("H37152200001", MONDAY, matured_fen=100_00, on_time_fen=100_00, overdue_fen=0)
    sums = {"phase": "running", "duty": "mandatory", "level": "jurisdiction"}
    for code, agreed, net in (("371500", 300, 100), ("371522", 100, 100)):
        rate = net / agreed
        site.figure("agreed_volume_rollup", MONDAY, code=code, agreed_fen=agreed, net_fen=net, execution_rate=rate, **sums)
        site.figure("price_index", MONDAY, jurisdiction_code=code, month="2020-12", price_index=1.5)
    site.write()
    head, *rows = cells(site.page_of(), "jurisdictions")
    shown = ("统筹区", "医疗机构", "执行率·执行中", "按金额支付及时率", "逾期未付金额（元）")
    found = {row[0].split()[-1]: [row[head.index(title)] for title in shown] for row in rows}
    assert found["3715"] == ["聊城市（全市合计） 3715", "2", "50.00%", "50.00%", "200.00"]
    assert found["371500"] == ["聊城市本级 371500", "1", "33.33%", "33.33%", "200.00"]
    assert "33" not in found and "3302" not in found
    whole, own = site.page_of("jurisdiction", "3715"), site.page_of("jurisdiction", "371500")
    assert [cells(page, "due_months")[1][:3] for page in (whole, own)] == [
        ["2020-05", "6", "400.00"],
        ["2020-05", "3", "300.00"],
    ]
    assert [row[0] for row in cells(whole, "institutions")[1:]] == [CLINIC, "H37152200001"]
    assert 'data-chart="price_index"' in own and 'data-chart="price_index"' not in whole
    assert "莘县" in whole and "聊城市（全市合计）" in own and "不是全市" in own and "不是全市" not in whole


def test_what_is_said_of_a_city_as_a_whole_stands_on_its_page_and_on_those_of_its_divisions(site):
    site.add_figures("H37152200001", MONDAY)
    site.figure("shortage", MONDAY, city_code="371500", product_code="X", level="watch", fill_rate=0.5)
    site.write()
    for code in ("3715", "371500", "371522"):
        assert [row[0] for row in cells(site.page_of("jurisdiction", code), "shortage")[1:]] == ["聊城市 371500"]
    assert 'id="shortage"' not in site.page_of("jurisdiction", "330282")
    assert len(cells(site.page_of(), "shortage")) == 2


def test_a_list_of_divisions_says_whose_figures_each_column_holds(site):
    site.write()
    for page in (site.page_of(), site.page_of("jurisdiction", "330282")):
        assert "含全部医疗机构（公立、民营与零售）" in page and "只计公立" in page


def test_the_row_of_a_city_beside_those_of_divisions_stands_on_their_pages_and_that_of_the_city():
    name, places = "distribution_concentration", ("371500", "371522", "330282")
    rows = [("county", code, code) for code in places] + [("city", c, c) for c in ("371500", "330200")] + [("all", "all", "")]
    names = {"jurisdiction": pl.DataFrame({"code": places, "name": ("聊城市本级", "莘县", "慈溪市")})}
    frame = add_names(name, pl.DataFrame(rows, ("level", "code", "jurisdiction_code"), orient="row"), names)
    assert frame["code_name"].to_list() == ["聊城市本级", "莘县", "慈溪市", "聊城市", None, None]
    shown = {name: place_in_divisions(REPORTS[name], frame.lazy())}
    figures = Figures(MONDAY, shown, shown, {}, pl.DataFrame(), names)
    placed = with_wholes(figures, find_members(figures)).at_level(name, "jurisdiction").collect()
    found = {level: {*placed.drop_nulls("page").filter(level=level).select("page", "code").rows()} for level in LEVELS}
    own = {(code, code) for code in places}
    assert found["county"] == own | {("3715", "371500"), ("3715", "371522")}
    assert found["city"] == {("330282", "330200"), *((page, "371500") for page in ("371500", "371522", "3715"))}
    assert found["all"] == set()


def test_a_series_is_marked_where_a_lot_begins_or_is_over():
    completion = pl.DataFrame(
        [
            ("L1", dt.date(2019, 6, 1), dt.date(2020, 5, 31), "failed"),
            ("L2", dt.date(2020, 6, 2), LATER, "on_track"),
            ("L2", dt.date(2020, 6, 2), LATER, "behind"),
            ("L3", dt.date(2020, 6, 2), LATER, "cancelled"),
            ("L4", dt.date(2020, 6, 4), LATER, "not_started"),
            ("L5", dt.date(2018, 1, 1), dt.date(2018, 12, 31), "failed"),
        ],
        ("lot_code", "period_start", "period_end", "status"),
        orient="row",
    ).with_columns(institution_code=pl.lit(HOSPITAL), lot_code_name=pl.lit(None, pl.String))
    shown = {"agreed_volume_completion": completion.lazy()}
    figures = Figures(WEDNESDAY, shown, shown, {}, pl.DataFrame(), {})
    ends, begins = ("2020-06-01", "ends", "L1"), ("2020-06-02", "begins", "L2")
    assert find_breaks(figures, "institution") == {HOSPITAL: {"agreed_volume": [("2019-06-01", "begins", "L1"), ends, begins]}}
    points = {"executed": [("2020-05-30", 0.4), ("2020-06-02", 0.1)]}
    assert breaks_drawn(points, [ends, begins]) == [ends, begins]
    late = {"executed": [("2020-06-01", 0.4), ("2020-06-02", 0.1)]}
    assert breaks_drawn(late, [ends, begins]) == [begins]


def breaks_drawn(points, breaks):
    """What is marked in the picture of agreed volumes, and in no other."""
    drawn = chart_data({}, HOSPITAL, points | {"paid_on_time": [("2020-05-30", 0.5)]}, {"agreed_volume": breaks}, "2020-06-03")
    assert drawn["trend_payment_1"]["breaks"] == []
    return drawn["trend_agreed_volume_1"]["breaks"]


def test_the_morning_page_marks_the_first_date_from_a_break_on():
    days = [dt.date(2020, 6, day) for day in (1, 3, 4, 8)]
    assert mark_breaks(days, [dt.date(2020, 6, day) for day in (1, 2, 3, 5, 9)]) == [days[1], days[3]]
    assert mark_breaks([], [MONDAY]) == []
