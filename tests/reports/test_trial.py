"""An indicator of one file that declares no more than itself is told of everywhere, and nothing else is edited."""

import re
from pathlib import Path

import pytest

from tests.oversight.trial_source import ask_with_trial
from tests.reports.explained_nights import H

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return ask_with_trial(Path(__file__).with_name("trial") / "tell.py", tmp_path_factory.mktemp("trial"))


def lines_of(lines):
    return {f"{line['file']}:{line['line']}": line["reasons"] for line in lines}


def test_the_bulletin_has_its_sheets_its_section_its_findings_and_its_card(told):
    sheets = told["sheets"]
    assert [(row[4], *row[7:9]) for row in sheets["验收及时情况"][3:]] == [("2020-01", "1", "1"), ("2020-02", "2", "0")]
    (place,) = [row for row in sheets["摘要"] if row[0] == "330282" and row[2:4] == ["1", "3"]]
    assert float(place[4]) == pytest.approx(1 / 3)
    assert sheets["验收及时情况·按医疗机构"][1][0] == "共 2 行；验收及时率 = Σ及时验收笔数 ÷ Σ验收笔数"
    assert ["330282", "慈溪市", "验收不及时", "1", "0", "0"] in [row[:6] for row in sheets["摘要"]]
    assert ["验收及时", "不计入", "Gifts."] in sheets["指标口径"]


def test_its_rate_is_a_tile_and_a_chart(told):
    tile = re.search(r'data-tile="summary_swift_acceptance_month".*?</div>', told["contents"], re.S)[0]
    assert "验收及时率" in tile and "33.33%" in tile
    assert 'data-chart="summary_swift_acceptance_month"' in told["summary"]


def test_a_figure_is_explained_by_its_quotient_its_policies_and_its_lines(told):
    answer = told["figure"]
    steps = {step["column"]: (step["formula"], step["numbers"], step["value"]) for step in answer["steps"]}
    assert steps["swift_rate"] == ("验收及时率 = 及时验收笔数 ÷ 验收笔数", "1 ÷ 1", 1.0)
    assert answer["differences"] == []
    assert [policy["id"] for policy in answer["policies"]] == ["swift_acceptance_days"]
    assert lines_of(answer["lines"]) == {"deliveries/a.csv:2": []}
    assert answer["lines"][0]["facts"]["配送明细编号"] == "SOON"
    assert lines_of(answer["left_out"]) == {
        "deliveries/a.csv:4": ["已被 deliveries/b.csv 第 2 行 的同一记录取代"],
        "deliveries/a.csv:5": ["赠品不计"],
    }


def test_a_finding_leads_to_its_figure_and_its_clause(told):
    answer = told["finding"]
    assert answer["key"] == {"institution_code": H, "month": "2020-02"}
    assert {policy["parameter"] for policy in answer["policies"]} == {"swift_acceptance_days", "clause_swift_acceptance"}
    assert set(lines_of(answer["lines"])) == {"deliveries/a.csv:3", "deliveries/b.csv:2"}


def test_a_line_leads_to_figure_and_finding_and_a_gift_says_why_it_does_not(told):
    (counts,) = [c for c in told["line"]["contributions"] if c["table"] == "swift_acceptance_month"]
    assert (counts["counts"], counts["key"]["month"], counts["role"]) == (True, "2020-02", "配送收货明细")
    assert told["finding"]["finding"]["finding_id"] in told["line"]["finding_ids"]
    (gift,) = [c for c in told["gift"]["contributions"] if c["table"] == "swift_acceptance_month"]
    assert (gift["counts"], gift["reasons"]) == (False, ["赠品不计"])


def test_alarm_and_questions_know_it(told):
    assert "2020-12-31 验收及时情况（swift_acceptance_month）：3 处" in told["alarm"]
    assert told["answers"] == {"open_swift_acceptance_slow": 1, "rates_swift": 1, "by_date_swift_acceptance_month": 2}
