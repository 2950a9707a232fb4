"""The laws of what is unpaid: by month of acceptance, by due month and one by one it is the same money."""

import pytest

from tests.audit.rows import payable, unpaid
from tests.audit.test_great_expectations import D1, D2, audited, failures

DUE = payable(not_due_fen=5)
SOUND = {"payment_timeliness": DUE, **unpaid(5)}
OVER = [f"unpaid_over_{days}_fen" for days in (30, 60, 90, 180)]


def test_what_agrees_passes(nights):
    rows = audited(nights, payment_timeliness=DUE, **unpaid(5, **dict.fromkeys(OVER, 5)))
    assert {row["status"] for row in rows.values()} == {"passed", "not_applicable"}


def test_what_does_not_agree_is_named(nights):
    month, payables = unpaid(5, paid_fen=1, unpaid_over_60_fen=2, unpaid_over_30_fen=1).values()
    one = payables[0] | {"paid_fen": 1}
    failed = failures(nights, payment_timeliness=DUE, payment_arrears=month, payment_unpaid=[one | {"unpaid_fen": 0}])
    laws = ("payment_arrears.accepted", "payment_arrears.nested", "payment_arrears.timeliness", "payment_arrears.payables")
    assert set(failed) == {*laws, "payment_unpaid.amount", "payment_unpaid.unpaid"}


@pytest.mark.parametrize(
    ("tables", "law"),
    [
        (SOUND | unpaid(6) | {"payment_timeliness": DUE}, "payment_arrears.timeliness"),
        (SOUND | {"payment_unpaid": []}, "payment_arrears.payables"),
    ],
)
def test_what_no_longer_agrees_because_one_side_moves_is_noticed(nights, tables, law):
    nights.run("R0", D1, **SOUND)
    assert set(failures(nights, D2, **tables)) == {law}


@pytest.mark.parametrize(("fen", "failed"), [(5, set()), (6, {"payment_arrears.timeliness"})])
def test_a_table_that_is_new_is_compared_with_all_that_stands_of_the_other(nights, fen, failed):
    nights.run("R0", D1, payment_timeliness=DUE)
    assert set(failures(nights, D2, payment_timeliness=DUE, **unpaid(fen))) == failed
