"""What a list names, what it lists apart, and on whose side a shortfall lies."""

import pytest
import sqlalchemy as sa

from pipelines.oversight.accountability.items import list_items
from pipelines.past.past_run import find_run
from pipelines.policy.policies import load_policies
from tests.oversight.accountability.year import AS_OF, PRIVATE, H


@pytest.fixture(scope="module")
def listed(engine, home):
    """Subject → item, of the whole list."""
    return by_subject(engine, home)


def by_subject(engine, home, prefix="", overlay=None):
    with engine.connect() as connection:
        run = find_run(connection, home, None, as_of=AS_OF)
        items = list_items(connection, run, load_policies(overlay), prefix)
    return {i["subject_key"]: i for i in items}


def test_every_open_finding_stands_in_one_part_and_nothing_vanishes(engine, listed):
    with engine.connect() as connection:
        found = set(connection.execute(sa.text("SELECT finding_id FROM findings WHERE state = 'open'")).scalars())
    items = {i["item_id"] for i in listed.values()}
    assert found < items
    assert {i["rule_code"] for i in listed.values() if i["item_id"] not in found} == {
        "agreed_volume_excused",
        "two_invoice_excused",
    }


@pytest.mark.parametrize(
    ("subject", "part"),
    [
        ("FAILED", "named"),
        ("OVERORDERED", "named"),
        ("EXCUSED", "excused"),
        ("BEHIND", "named"),
        ("BEHIND_EXCUSED", "excused"),
        ("BEHIND_STILL", "named"),
        ("VOLUNTARY", "voluntary"),
        (f"{H}|S|2020-10", "named"),
        (f"{H}|S|2020-11", "excused"),
        (f"{H}|S|2020-12", "named"),
        (f"{PRIVATE}|S|2020-10", "voluntary"),
        ("|66660001|1", "named"),
        ("|66660002|1", "excused"),
        (f"{H}|2020-05", "not_named"),
        (f"{H}|2020-09", "not_named"),
    ],
)
def test_part(listed, subject, part):
    assert listed[subject]["part"] == part


def test_what_is_in_order_is_not_listed(listed):
    assert "COMPLETED" not in listed and "|66660003|1" not in listed
    assert len(listed) == 17


@pytest.mark.parametrize(
    ("commitment", "shortfall", "ordered", "outstanding", "supplier", "hospital"),
    [
        ("FAILED", 60, 90, 50, 50, 10),  # 20 of the line came short, 30 after the end; 500 were ordered before the period
        ("OVERORDERED", 10, 120, 30, 10, 0),  # more is outstanding than is lacking
        ("EXCUSED", 20, 80, 0, 0, 20),
        ("BEHIND", 265, 100, 0, 0, 265),  # 70 were ordered after as_of
    ],
)
def test_a_shortfall_is_divided(listed, commitment, shortfall, ordered, outstanding, supplier, hospital):
    columns = ("shortfall", "ordered", "outstanding", "supplier", "hospital")
    found = [listed[commitment][f"{c}_quantity"] for c in columns]
    assert found == [shortfall, ordered, outstanding, supplier, hospital]


def test_the_suppliers_of_what_is_outstanding_are_named(listed):
    assert listed["FAILED"]["outstanding_suppliers"] == "=配送公司（S）50"
    assert listed["BEHIND"]["outstanding_suppliers"] is None


def test_strict_stands_beside_excused(listed):
    commitment, overdue = listed["EXCUSED"], listed[f"{H}|S|2020-12"]
    assert (commitment["strict_rate"], commitment["excused_rate"]) == (0.8, 1.0)
    assert (commitment["excuse_id"], commitment["excuse_document_no"]) == ("X-EXCUSED", "备案EXCUSED号")
    assert (overdue["amount_fen"], overdue["excused_fen"]) == (5000, 3000)
    assert (overdue["excuse_id"], overdue["excuse_document_no"]) == ("X-PAY2", "备案付2号")


def test_late_paid_money_without_excuse_does_not_name_overdue_money_with_one(listed):
    row = listed[f"{H}|S|2020-11"]
    assert (row["amount_fen"], row["excused_fen"], row["strict_rate"]) == (5000, 5000, 0.4)


def test_who_answers_and_by_which_document(listed):
    item = listed[f"{H}|S|2020-12"]
    assert (item["institution_name"], item["responsible"], item["counterparty_name"]) == ("一院", "张某", "=配送公司")
    assert (item["clause"], item["document_no"]) == ("慈政办发〔2020〕68号 二(一)2", "慈政办发〔2020〕68号")
    assert listed["EXCUSED"]["clause"] == "医保发〔2019〕56号"


def test_a_prefix_limits_the_divisions(engine, home):
    assert len(by_subject(engine, home, "3302")) == 17
    assert by_subject(engine, home, "3303") == {}


def test_policy_decides_what_is_named(engine, home, tmp_path):
    row = (
        '[[policy]]\nid = "{0}"\nparameter = "{0}"\nvalue = {1}\nunit = "code"\njurisdiction = "3302"\n'
        'valid_from = 2020-01-01\ndocument_no = "本地"\nclause = "本地"\nmark = "S"\n'
    )
    rules = row.format("accountability_rules", '["two_invoice_unverifiable"]')
    owners = row.format("accountability_ownerships", '["public", "private"]')
    (tmp_path / "site.toml").write_text(rules + owners, encoding="utf-8")
    parts = {s: i["part"] for s, i in by_subject(engine, home, overlay=tmp_path).items()}
    assert (parts[f"{H}|2020-05"], parts["FAILED"], parts["VOLUNTARY"]) == ("named", "not_named", "not_named")
