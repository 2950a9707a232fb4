"""Findings: who, which clause, how much, in neutral words (rulebook §1 and §3, interfaces §3)."""

import hashlib
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from pipelines.engine import carry
from pipelines.engine.compute import BaseRun, compute, units_recomputed
from pipelines.engine.finding import make_findings, percent, quantity, yuan
from pipelines.engine.indicator import Inputs
from pipelines.indicators import all_indicators
from pipelines.indicators.agreed_volume.declaration import FAILED
from pipelines.policy.policies import load_policies
from pipelines.store import keys
from pipelines.store.local import Local
from tests.indicators.records import write_records
from tests.spec.check import check
from tests.spec.tables import read_records


def test_failed_and_seriously_behind_commitments_are_found():
    given = """
    institutions
    institution_code  responsible_person
    H                 院长

    commitments
    commitment_id  period_end
    A_FAILED       06-30
    B_BEHIND       12-31
    C_FUTURE       2099-12-31

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           60                 03-02

    excuses kind=volume
    commitment_id  quantity
    A_FAILED       30
    """
    expect = """
    findings
    rule_code                       severity   subject_key  quantity  institution_code  responsible  excuse_id
    agreed_volume_failed            violation  A_FAILED     40        H                 院长         E
    agreed_volume_seriously_behind  warning    B_BEHIND     100       H                 院长         null
    agreed_volume_seriously_behind  warning    C_FUTURE     100       H                 院长         null
    """
    check("agreed_volume", "12-31", given, expect)


@pytest.mark.parametrize("status", ["completed", "excused", "on_track", "not_started"])
def test_nothing_is_found_where_nothing_is_short(status):
    quantity = {"completed": 100, "excused": 60, "on_track": 99, "not_started": 0}[status]
    as_of = {"excused": "2021-01-01", "not_started": "2019-12-31", "on_track": "07-01"}.get(status, "12-31")
    given = f"""
    commitments
    commitment_id
    C

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           {quantity}         03-02

    excuses kind=volume
    commitment_id  quantity
    C              40
    """
    expect = f"agreed_volume_completion\nstatus\n{status}\n\nfindings\nrule_code"
    check("agreed_volume", as_of, given, expect)


@pytest.mark.parametrize(
    ("place", "period_end", "clause"),
    [
        ("330282", "08-17", "医保发〔2019〕56号"),
        ("330282", "08-18", "慈政办发〔2020〕68号 二(一)1"),
        ("330281", "08-18", "医保发〔2019〕56号"),
        ("371502", "2021-01-22", "国办发〔2021〕2号 (十二)"),
    ],
)
def test_the_clause_is_in_force_where_and_when_it_happened(place, period_end, clause):
    given = f"""
    institutions
    institution_code  jurisdiction_code
    H                 {place}

    commitments
    commitment_id  period_end
    C              {period_end}
    """
    check("agreed_volume", "2021-06-30", given, f"findings\nrule_code | clause\nagreed_volume_failed | {clause}")


def test_overdue_money_is_found_by_institution_supplier_and_month():
    given = """
    deliveries
    delivery_id  distributor_code  accepted_on
    D1           LATE              07-10         # due 08-10 (08-09 is a Sunday)
    D2           LATE              07-15
    D3           LATE              09-01
    D4           PAID              07-10

    payments
    payment_id  payee_code  amount  paid_on
    P1          LATE        40      12-01
    P2          PAID        100     12-01

    excuses kind=payment
    delivery_id
    D1
    """
    expect = """
    findings
    rule_code       | severity  | subject_key    | counterparty_code | amount_fen | excuse_id | clause
    payment_overdue | violation | H|LATE|2020-08 | LATE              | 16,000     | E         | 慈政办发〔2020〕68号 二(一)2
    payment_overdue | violation | H|LATE|2020-10 | LATE              | 10,000     | null      | 慈政办发〔2020〕68号 二(一)2
    """
    check("payment", "12-31", given, expect)


def test_a_violating_line_and_a_month_with_unverifiable_lines_are_found():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 371502

    invoices
    invoice_code  invoice_no  seller_code  buyer_code  issued_on  quantity
    ''            1ST         MAKER        A           03-01      10
    ''            2ND         A            B           03-02      10
    111           3RD         B            H           03-03      10
    111           UNKNOWN     C            H           03-04      5
    """
    expect = """
    findings
    rule_code                 severity   subject_type       counterparty_code  amount_fen  quantity
    two_invoice_too_many      violation  invoice_line       B                  1,000       10
    two_invoice_unverifiable  warning    institution_month  null               500         1
    """
    check("two_invoice", "12-31", given, expect)


@pytest.mark.parametrize(
    ("issued_on", "clause"),
    [
        ("2018-08-09", "国办发〔2017〕13号 (八)、国医改办发〔2016〕4号 二"),
        ("2018-08-10", "聊政发〔2018〕44号 三(四)3"),
        ("2020-12-31", "聊政发〔2018〕44号 三(四)3"),
        ("2021-01-01", "国办发〔2017〕13号 (八)、国医改办发〔2016〕4号 二"),
    ],
)
def test_liaocheng_clause_holds_to_the_end_of_2020(issued_on, clause):
    given = f"""
    institutions
    institution_code  jurisdiction_code
    H                 371502

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    2ND         A            B           {issued_on}
    3RD         B            H           {issued_on}
    """
    check("two_invoice", "2021-06-30", given, f"findings\nrule_code | clause\ntwo_invoice_too_many | {clause}")


def test_the_words_say_what_was_calculated():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on
    2ND         A            B           03-02
    3RD         B            H           03-03
    """
    expect = """
    findings
    rule_code            | message_zh
    two_invoice_too_many | 发票 3RD 第 1 行（批号 B1，10.00 元）自生产企业起超过两票：上游首票未见
    """
    check("two_invoice", "12-31", given, expect)


def test_the_number_of_a_finding_is_that_of_its_rule_and_subject():
    number = hashlib.sha256(b"agreed_volume_failed\ncommitment\nC").hexdigest()
    given = "commitments\ncommitment_id\nC"
    for as_of in ("2021-01-01", "2021-06-30"):
        check("agreed_volume", as_of, given, f"findings\nfinding_id\n{number}")


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (123456, "1234.56"), (-7, "-0.07"), (-100, "-1.00")])
def test_fen_are_written_as_yuan(fen, text):
    assert pl.DataFrame({"fen": [fen]}).select(yuan("fen")).item() == text


def test_rates_are_written_as_percentages():
    found = pl.DataFrame({"rate": [0.546, 1.0, 195 / 365, -0.015, None]}).select(percent("rate"))
    assert found.to_series().to_list() == ["54.60%", "100.00%", "53.42%", "-1.50%", None]


def test_quantities_are_written_without_idle_decimals():
    found = pl.DataFrame({"n": [4200.0, 0.0, 12.5, -3.0, 1 / 3]}).select(quantity("n"))
    assert found.to_series().to_list() == ["4200", "0", "12.5", "-3", "0.3333"]


OWNED = """
institutions
institution_code  ownership
PUBLIC            public
PRIVATE           private
RETAIL            retail
"""


def found_by(rule, folder, rows, as_of="2021-12-31", policies=None):
    """Institution → severity of the findings that a rule makes of institutions and days."""
    inputs = Inputs(write_records(read_records(OWNED), folder), date.fromisoformat(as_of), policies or load_policies())
    given = pl.DataFrame(rows, schema={"institution_code": pl.String, "day": pl.Date}, orient="row")
    given = given.with_columns(subject_key=pl.col("institution_code"), jurisdiction_code=pl.lit("330282"))
    made = make_findings(given, inputs, rule=rule, day="day", message=pl.lit("试"))
    return dict(made.select("institution_code", "severity").iter_rows())


@pytest.mark.parametrize("severity", ["violation", "warning", "signal"])
def test_a_rule_that_binds_public_institutions_is_a_signal_for_others(severity, tmp_path):
    rows = [(code, date(2021, 6, 1)) for code in ("PUBLIC", "PRIVATE", "RETAIL", None)]
    rule = replace(FAILED, severity=severity)
    assert set(found_by(rule, tmp_path / "a", rows).values()) == {severity}
    found = found_by(replace(rule, binds_public=True), tmp_path / "b", rows)
    assert found == {"PUBLIC": severity, "PRIVATE": "signal", "RETAIL": "signal", None: severity}


@pytest.mark.parametrize(("as_of", "found"), [("2020-12-31", 3), ("2021-01-01", 2), ("2021-12-31", 2), ("2022-01-01", 0)])
def test_what_lies_before_the_year_before_is_found_no_more(as_of, found, tmp_path):
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2020, 12, 31)]
    rows = list(zip(("PUBLIC", "PRIVATE", "RETAIL"), days, strict=True))
    assert len(found_by(replace(FAILED, fades=True), tmp_path / "a", rows, as_of)) == found
    assert len(found_by(FAILED, tmp_path / "b", rows, as_of)) == 3


def test_a_night_of_another_year_judges_all_anew_where_findings_fade(tmp_path, monkeypatch):
    own, records = all_indicators()["agreed_volume"], read_records("commitments\ncommitment_id\nC")
    monkeypatch.setattr(carry._Delta, "is_large", lambda *_: False)

    def carried(indicator, name):
        base = None
        for as_of in (date(2021, 12, 31), date(2022, 1, 1)):
            store = Local(tmp_path / name / f"{as_of}")
            policies = load_policies().of(indicator.resolved)  # as a night does
            inputs = Inputs(write_records(records, store.folder / "records"), as_of, policies)
            store.below(keys.RECORDS).put_json(keys.BASE, {})
            compute(indicator, inputs, store, base)
            base = BaseRun(store, as_of)
        return units_recomputed(indicator.code, store)

    assert carried(own, "stays") == 0
    assert carried(replace(own, parameters=(*own.parameters, "findings_from")), "fades") is None
