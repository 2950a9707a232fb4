"""Weights, components without a rate, and what is judged beside the score."""

import pytest

from pipelines.oversight.assessment.components import Assessed
from pipelines.oversight.assessment.score import score
from pipelines.oversight.assessment.show import round_score
from schemas.declared import COMPONENTS, declared
from schemas.reports import REPORTS

WEIGHTS = {"completion": 40, "payment": 40, "two_invoice": 20}


def scored(ownership="public", weights=WEIGHTS, **sums):
    """The score from sums that each component reads its own of."""
    return score(Assessed("H", "330282", "一院", ownership, dict.fromkeys(COMPONENTS, sums), {}), weights)


def test_all_components():
    row = scored(agreed_fen=100, capped_fen=50, matured_fen=100, on_time_fen=100, compliant_fen=3, violation_fen=1)
    assert (row["completion_rate"], row["payment_rate"], row["two_invoice_rate"]) == (0.5, 1.0, 0.75)
    assert (row["score"], row["left_out"]) == (75.0, None)


def test_a_component_without_a_rate_shares_its_weight_and_says_why():
    row = scored(agreed_fen=100, capped_fen=50, matured_fen=100, on_time_fen=100)
    assert row["score"] == 75.0  # 40 and 40 of 80
    assert (row["two_invoice_rate"], row["left_out"]) == (None, "两票制：没有判定为合规或违规的发票")
    assert row["two_invoice_weight"] == 20


def test_without_any_figure_there_is_no_score():
    row = scored()
    assert (row["score"], row["score_excused"]) == (None, None)
    assert row["left_out"].count("；") == 2


def test_a_component_of_weight_nothing_does_not_count():
    assert scored(matured_fen=10, on_time_fen=10, weights={"completion": 100})["score"] is None


def test_what_is_excused_as_a_whole_is_left_out_of_the_excused_score_alone():
    row = scored(matured_fen=100, on_time_fen=0, excused_payment_fen=100, agreed_fen=10, capped_fen=10)
    assert (row["score"], row["score_excused"]) == (50.0, 100.0)
    assert row["payment_rate_excused"] is None
    assert "货款支付及时（剔除正当理由）：全部有正当理由" in row["left_out"]


def test_returns_beyond_receipts_do_not_push_a_score_below_nothing():
    assert scored(agreed_fen=100, capped_fen=-5)["completion_rate"] == 0.0


def test_commitments_without_a_price_say_so():
    assert "到期协议都没有中选价格" in scored(commitments=1, unvalued=1)["left_out"]


@pytest.mark.parametrize("ownership", ["private", "retail"])
def test_no_duty_no_score(ownership):
    row = scored(ownership, matured_fen=100, on_time_fen=50)
    assert (row["duty"], row["payment_rate"], row["score"]) == ("voluntary", 0.5, None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("protected", True, True, True), ("yes", "yes", "yes", "yes")),
        (("not_protected", False, True, None), ("no", "no", "yes", "not_assessed")),
        (("undecided", None, True, True), ("undecided", "not_applicable", "yes", "yes")),
        (("not_protected", None, False, False), ("no", "not_applicable", "no", "no")),
        (None, ("not_applicable", "not_applicable", "not_applicable", "not_assessed")),
    ],
)
def test_budget_protection_is_what_the_table_says(row, expected):
    (judged,) = declared("JUDGED")
    said = judged.said(dict(zip(("verdict", "volume", "contract", "rational_use"), row, strict=True)) if row else {})
    columns = ("budget_protection", "volume_completed", "contract_performed", "rational_use")
    assert tuple(said[c] for c in columns) == expected
    table = REPORTS["assessment_scores"]
    assert all(said[c] in table.column(c).values for c in columns)


@pytest.mark.parametrize(("value", "shown"), [(None, "—"), (96.475, "96.48"), (100.0, "100.00"), (77.674999, "77.67")])
def test_a_score_is_rounded_when_it_is_printed(value, shown):
    assert round_score(value) == shown
