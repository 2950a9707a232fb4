"""One word for one thing, and explanations that speak in words, terms and yuan."""

import datetime as dt

import pytest

from pipelines.engine.explained_rows import add_yuan, excuse_facts
from pipelines.engine.explanation import Step
from pipelines.indicators.payment.explain.formula import Due, steps_of
from pipelines.indicators.two_invoice.declaration import CLASSES
from pipelines.indicators.two_invoice.explain.conditions import Stock, judge
from pipelines.indicators.two_invoice.explain.line import _verdict_words
from pipelines.reports.explain.render import _policy_value, _result
from schemas.policies import PolicyRow
from schemas.reports import REPORTS
from schemas.reports.findings import SEVERITIES
from schemas.spellings import LEVELS, first_spellings

DAY = dt.date(2020, 6, 1)


def test_a_class_of_verdicts_has_one_word_in_tables_findings_and_lines():
    columns = REPORTS["two_invoice_compliance"]
    for name, word in CLASSES.items():
        assert [columns.column(f"{name}_{unit}").title_zh for unit in ("fen", "count")] == [f"{word}金额", f"{word}行数"]
    assert SEVERITIES["violation"] == CLASSES["violation"]
    assert REPORTS["two_invoice_line"].column("verdict").spoken["exempt"] == CLASSES["exempt"]


def test_primary_care_is_called_so():
    assert first_spellings(LEVELS)["primary"] == "基层"


LINE = {
    "is_exempt_category": False,
    "excuse_id": None,
    "seller_node": 1,
    "batch_no": "B1",
    "issued_on": DAY,
    "is_remote": False,
    "two_invoice_remote_extra": False,
    "two_invoice_group_transfer": False,
}
SILENT = Stock(0, 0, 0, None, None, None, None, None)


@pytest.mark.parametrize(
    ("line", "hop", "stock", "first", "absent"),
    [
        ({"excuse_id": "BA1"}, None, SILENT, "第 1 项成立：豁免（不属豁免的特殊类别，备案 BA1）", "此前"),
        ({}, 0, SILENT, "第 2 项成立：生产企业直供（销方距生产企业：0 票）。此前各项不成立：豁免（", "无批号"),
        ({"seller_node": None, "batch_no": None}, None, SILENT, "第 3 项成立：无批号（批号：空）", "销大于购"),
        (
            {},
            1,
            Stock(110_0000, 100_0000, 0, DAY, None, None, DAY, DAY),
            "第 4 项成立：销大于购（截至本行累计销售 110 盒，可核实购进 100 盒）",
            "超过两票",
        ),
        ({}, None, SILENT, "第 11 项成立：缺上游发票（没有同批号的上游发票）", "oversold"),
    ],
)
def test_a_verdict_is_told_by_the_condition_that_holds_first_with_its_numbers(line, hop, stock, first, absent):
    told = _verdict_words(judge(LINE | line, hop, stock))
    assert told.startswith(first) and absent not in told


def test_a_sum_shows_its_terms():
    assert add_yuan([100_00, 0, 5]) == "100.00 + 0.05 = 100.05 元"
    assert add_yuan([7] * 8).endswith("0.07 + …（共 8 项） = 0.56 元")
    assert (add_yuan([7]), add_yuan([])) == ("0.07 元", "0.00 元")


def test_an_excuse_shows_who_approved_it_and_when():
    excuse = {
        "reason_code": "疫情停诊",
        "approved_by": "医保局",
        "approved_on": DAY,
        "document_no": "文1",
        "valid_from": DAY,
        "valid_to": None,
    }
    assert excuse_facts(excuse) == {
        "正当理由": "疫情停诊",
        "审批人": "医保局",
        "审批日期": DAY,
        "文号": "文1",
        "有效期": "2020-06-01 至 长期",
    }
    assert excuse_facts(excuse | {"approved_on": None})["审批日期"] == "未填"


def test_money_of_an_explanation_is_in_yuan_throughout():
    due = Due("PS1", DAY, dt.date(2020, 7, 1), 300_00, ((dt.date(2020, 6, 11), 100_00),), False)
    steps = {s.column: s for s in steps_of([due], dt.date(2020, 12, 31))}
    assert steps["paid_fen_days"].numbers == "100.00 × 10 = 1,000.00 元·天"
    assert steps["overdue_fen"].numbers == "200.00 元"

    def shown(step: Step) -> str:
        return _result(REPORTS["payment_timeliness"].column(step.column), step.value)

    found = [shown(steps[name]) for name in ("overdue_fen", "paid_fen_days", "on_time_rate_amount", "matured_count")]
    assert found == ["200.00", "1,000.00", "33.33%（0.3333333333333333）", "1"]


@pytest.mark.parametrize(
    ("parameter", "unit", "value", "said"),
    [
        ("payment_rule_other", "code", "EONM", "次月底"),
        ("payment_roll_to_working_day", "flag", True, "是"),
        ("two_invoice_ownerships", "code", ["public"], "公立"),
        ("payment_days_D30", "day", 30, "30"),
    ],
)
def test_a_policy_row_is_told_in_words(parameter, unit, value, said):
    row = PolicyRow(
        id="x",
        parameter=parameter,
        value=value,
        unit=unit,
        jurisdiction="",
        valid_from=DAY,
        document_no="-",
        clause="-",
        mark="D",
    )
    assert _policy_value(row) == said
