"""An indicator that is dropped in is listed, scored, sampled and measured, and nothing else is edited."""

import json
from pathlib import Path

import fastexcel
import pytest

from tests.oversight.accountability.year import PRIVATE, H
from tests.oversight.trial_source import ask_with_trial

TRIAL = Path(__file__).with_name("trial")
POLICY = (
    '[[policy]]\nid = "{0}"\nparameter = "{0}"\nvalue = {1}\nunit = "{2}"\njurisdiction = "3302"\n'
    'valid_from = 2020-01-01\ndocument_no = "本地"\nclause = "本地"\nmark = "S"\n'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("trial")


@pytest.fixture(scope="module")
def judged(folder):
    (folder / "policies").mkdir()
    rules = POLICY.format("accountability_rules", '["swift_acceptance_slow"]', "code")
    weights = POLICY.format("assessment_weights", '["completion=50", "payment=30", "swift=20"]', "point")
    (folder / "policies" / "site.toml").write_text(rules + weights, encoding="utf-8")
    return ask_with_trial(TRIAL / "judge.py", folder)


def test_its_findings_stand_on_the_list_as_they_are(judged):
    found = {i["subject_key"]: (i["part"], i["shortfall_quantity"], i["clause"]) for i in judged["items"]}
    assert found == {
        f"{H}|2020-09": ("named", 3.0, "某文 一"),
        f"{H}|2020-10": ("named", 3.0, "某文 一"),
        f"{H}|2020-11": ("named", 2.0, "某文 一"),
    }


def test_it_is_a_part_of_the_score_by_its_weight(judged, folder):
    score, swift = judged["score"], {"rate": 6 / 14, "rate_excused": 6 / 14, "weight": 20}
    assert json.loads(score["components"])["swift"] == swift | {"accepted_count": 14, "swift_count": 6}
    assert score["score"] == pytest.approx(50 * 0.775 + 30 * 0.2 + 20 * 6 / 14)
    assert ["验收及时", "本年验收的收货"] in judged["told"]
    book = fastexcel.read_excel(folder / "scores.xlsx").load_sheet("公立").to_polars()
    assert book["验收笔数"].to_list() == [14]


def test_its_institutions_stand_in_the_frame_of_a_sample(judged):
    assert judged["frame"][PRIVATE] == ["330282", "330282"]


def test_it_has_its_step_and_its_floor_in_the_benchmark(judged):
    assert {"swift_acceptance", "floor:swift_acceptance"} <= set(judged["steps"])
    assert "duckdb:swift_acceptance" not in judged["steps"]
