"""Budget protection: volumes of national lots, what is overdue, and how the use was evaluated (obligations §27)."""

import pytest

from pipelines.engine.indicator import Inputs
from pipelines.indicators.budget_protection.explain import EXPLAINED
from pipelines.policy.policies import load_policies
from tests.indicators.records import write_records
from tests.spec.check import check
from tests.spec.tables import read_day, read_records


def protection(as_of: str, given: str, expect: str) -> None:
    check("budget_protection", as_of, given, f"budget_protection\n{expect.strip()}")


EXAMPLE = """
products
product_code
P1
P2
P3
P4

commitments
commitment_id  product_code  period_start  period_end
C1             P1            2019-04-20    04-19
C2             P2            2019-07-01    06-30
C3             P3            01-01         12-31
C4             P4            2019-01-01    2019-12-31

deliveries
delivery_id  product_code  accepted_on
D1           P1            03-02

payments
payment_id  paid_on  amount
PAID        03-20    100.00

excuses kind=volume
commitment_id  quantity
C2             100
"""
WITHOUT_C4 = EXAMPLE.replace("C4             P4            2019-01-01    2019-12-31\n", "")
PASS = """
evaluations kind=rational_use
year  decided_on
2019  03-01
"""


def test_a_commitment_that_ended_short_on_the_last_day_of_the_year_before():
    expect = """
    institution_code  jurisdiction_code  volume  contract  rational_use  commitments_ended  commitments_short  overdue_fen
    H                 330282             no      yes       null          3                  1                  0
    """
    protection("12-31", EXAMPLE, expect)
    protection("12-31", EXAMPLE, "verdict\nnot_protected")


def test_without_it_rational_use_leaves_it_undecided_or_protects():
    expect = """
    volume  contract  rational_use  commitments_ended  commitments_short  verdict
    yes     yes       null          2                  0                  undecided
    """
    protection("12-31", WITHOUT_C4, expect)
    protection("12-31", WITHOUT_C4 + PASS, "rational_use  verdict\nyes  protected")


def test_it_finds_nothing_itself():
    check("budget_protection", "12-31", EXAMPLE, "findings\nfinding_id")


def test_what_makes_a_row():
    given = """
    institutions
    institution_code  ownership
    PRIVATE           private
    PHARMACY          retail
    LOCAL             public
    AMOUNT            public
    CAP               public
    NOTHING           public
    TODAY             public
    TOMORROW          public
    LAST_DAY          public
    DAY_BEFORE        public
    NO_PRODUCT        public
    NO_LOT            public
    NONE              public

    lots
    lot_code  program
    L         national
    M         provincial

    commitments
    commitment_id  institution_code  lot_code  product_code  target    direction  agreed_quantity  period_start  period_end
    1              PRIVATE           L         X             quantity  floor      100              01-01         12-31
    2              PHARMACY          L         null          quantity  floor      100              01-01         12-31
    3              LOCAL             M         X             quantity  floor      100              01-01         12-31
    4              AMOUNT            L         X             amount    floor      100              01-01         12-31
    5              CAP               L         X             quantity  cap        100              01-01         12-31
    6              NOTHING           L         X             quantity  floor      0                01-01         12-31
    7              TODAY             L         X             quantity  floor      100              06-30         12-31
    8              TOMORROW          L         X             quantity  floor      100              07-01         12-31
    9              LAST_DAY          L         X             quantity  floor      100              2019-01-01    2019-12-31
    10             DAY_BEFORE        L         X             quantity  floor      100              2019-01-01    2019-12-30
    11             NO_PRODUCT        L         GONE          quantity  floor      100              01-01         12-31
    12             NO_LOT            GONE      X             quantity  floor      100              01-01         12-31
    """
    expect = """
    institution_code  volume  commitments_ended
    PRIVATE           null    0
    PHARMACY          null    0
    TODAY             null    0
    LAST_DAY          no      1
    """
    protection("06-30", given, expect)


@pytest.mark.parametrize(("as_of", "ended", "volume"), [("06-30", 0, "null"), ("07-01", 1, "no"), ("2022-01-01", 0, "null")])
def test_a_commitment_has_ended_the_day_after_its_last_and_counts_to_the_end_of_the_next_year(as_of, ended, volume):
    given = """
    commitments
    commitment_id  period_end
    C              06-30
    RUNS           2022-06-30
    """
    protection(as_of, given, f"volume  commitments_ended  commitments_short\n{volume}  {ended}  {ended}")


def test_the_end_is_the_one_that_was_adjusted():
    given = """
    commitments
    commitment_id  period_start  period_end
    C              2019-01-01    2019-06-30

    commitment_adjustments
    effective_on  new_period_end
    2019-06-01    2019-12-31
    """
    protection("12-31", given, "commitments_ended\n1")


@pytest.mark.parametrize(
    ("received", "excused", "short"), [("100", "1", 0), ("99", "1", 0), ("99", "0.9999", 1), ("99.9999", "0", 1)]
)
def test_completed_or_excused(received, excused, short):
    given = f"""
    commitments
    commitment_id  period_end
    C              06-30

    deliveries
    delivery_id  accepted_on  received_quantity
    D1           06-30        {received}

    excuses kind=volume
    commitment_id  quantity
    C              {excused}
    """
    protection("07-01", given, f"commitments_ended  commitments_short\n1  {short}")


OWED = """
commitments
commitment_id
RUNS

excuses kind=payment
delivery_id
{excused}

deliveries channel=offline
delivery_id  accepted_on  distributor_code
OWED         06-01        D

payments
payment_id  paid_on  amount
PART        06-30    {paid}
"""


@pytest.mark.parametrize(
    ("as_of", "excused", "paid", "contract", "overdue"),
    [
        ("06-30", "NONE", "99.99", "yes", 0),
        ("07-01", "NONE", "99.99", "no", 1),
        ("07-01", "NONE", "100.00", "yes", 0),
        ("07-01", "OWED", "1.00", "yes", 0),
    ],
)
def test_nothing_is_overdue_but_what_is_excused(as_of, excused, paid, contract, overdue):
    protection(as_of, OWED.format(excused=excused, paid=paid), f"contract  overdue_fen\n{contract}  {overdue}")


def test_what_is_overdue_is_added_up_over_suppliers_and_lots_and_of_the_institution_alone():
    given = """
    institutions
    institution_code  parent_institution_code
    H                 null
    BRANCH            H

    commitments
    commitment_id
    C

    deliveries accepted_on=02-03
    delivery_id  institution_code  distributor_code
    D1           H                 D
    D2           H                 E
    D3           BRANCH            D
    """
    protection("06-30", given, "institution_code  overdue_fen  verdict\nH  20,000  not_protected")


RUNNING = """
commitments
commitment_id
C

"""


@pytest.mark.parametrize(
    ("year", "decided_on", "result", "said"),
    [
        ("2020", "06-30", "pass", "yes"),
        ("2020", "06-30", "fail", "no"),
        ("2020", "07-01", "pass", "null"),
        ("2019", "06-30", "pass", "yes"),
        ("2018", "2019-03-01", "pass", "null"),
        ("2021", "06-30", "pass", "null"),
    ],
)
def test_rational_use_is_what_was_decided_of_this_year_or_the_one_before(year, decided_on, result, said):
    given = RUNNING + f"evaluations kind=rational_use\nyear  decided_on  result\n{year}  {decided_on}  {result}\n"
    protection("06-30", given, f"rational_use  verdict\n{said}  {'not_protected' if said == 'no' else 'undecided'}")


@pytest.mark.parametrize(("as_of", "said"), [("06-29", "yes"), ("06-30", "no")])
def test_that_of_the_year_comes_first_once_it_is_decided(as_of, said):
    given = (
        RUNNING
        + """
    evaluations kind=rational_use
    year  decided_on  result
    2019  03-01       pass
    2020  06-30       fail
    """
    )
    protection(as_of, given, f"rational_use\n{said}")


def test_an_evaluation_of_another_kind_or_institution_is_none():
    given = """
    institutions
    institution_code
    H
    OTHER

    commitments
    commitment_id
    C

    evaluations decided_on=06-30
    institution_code  kind
    H                 surplus
    OTHER             rational_use
    """
    protection("06-30", given, "institution_code  rational_use\nH  null")


ENDED_COMPLETED = """
products
product_code
P1
P2

commitments
commitment_id  product_code  period_end
BOUGHT         P1            {bought}
SHORT          P2            {short}

deliveries
delivery_id  product_code  accepted_on
D1           P1            06-01

payments
payment_id  paid_on  amount
PAID        06-20    100.00
"""


@pytest.mark.parametrize(
    ("volume", "overdue", "use", "verdict"),
    [
        ("yes", "no", "pass", "protected"),
        ("yes", "no", "null", "undecided"),
        ("yes", "no", "fail", "not_protected"),
        ("yes", "yes", "pass", "not_protected"),
        ("yes", "yes", "null", "not_protected"),
        ("no", "no", "pass", "not_protected"),
        ("no", "no", "null", "not_protected"),
        ("null", "no", "pass", "undecided"),
        ("null", "yes", "pass", "not_protected"),
        ("null", "no", "fail", "not_protected"),
    ],
)
def test_the_verdict(volume, overdue, use, verdict):
    ends = {"yes": ("07-31", "12-31"), "no": ("07-31", "07-31"), "null": ("12-31", "12-31")}[volume]
    given = ENDED_COMPLETED.format(bought=ends[0], short=ends[1])
    if overdue == "yes":
        given = given.replace("100.00", "99.99")
    if use != "null":
        given += f"\nevaluations kind=rational_use\nresult  decided_on\n{use}  06-30\n"
    protection("08-31", given, f"volume  contract  verdict\n{volume}  {'no' if overdue == 'yes' else 'yes'}  {verdict}")


@pytest.mark.parametrize(
    ("given", "numbers", "decides"),
    [
        (EXAMPLE, "1（C4）", "结论为“不符合”：用量完成不成立。"),
        (WITHOUT_C4, "0", "结论为“未定”：合理用药不知道。"),
        (WITHOUT_C4 + PASS, "0", "结论为“不降低”：三项都成立。"),
    ],
)
def test_the_explanation_names_who_is_short_and_what_decides(given, numbers, decides, tmp_path):
    inputs = Inputs(write_records(read_records(given), tmp_path), read_day("12-31"), load_policies())
    found = EXPLAINED.open(inputs)({"institution_code": "H"})
    said = {step.column: step.numbers for step in found.steps}
    assert (said["commitments_short"], found.notes) == (numbers, (decides,))


EVALUATED = RUNNING + "evaluations kind=rational_use\nyear  decided_on\n2020  12-30\n"
OWED_LATELY = OWED.format(excused="NONE", paid="50.00").replace("06-01", "11-30")
PAID_UP = OWED_LATELY.replace("50.00", "100.00").replace("06-30", "12-31")
RUNS_ON = RUNNING.replace("commitment_id\nC", "commitment_id  period_end\nC  2022-12-31")
PASSED_THEN = RUNS_ON + "evaluations kind=rational_use\nyear  decided_on\n2020  12-30\n"
ENDED = RUNNING.replace("commitment_id\nC", "commitment_id  period_end\nC  12-30")
NIGHTS = (
    ((EVALUATED, EVALUATED), ("12-29", "12-31")),
    ((RUNNING, EVALUATED), ("12-31", "12-31")),
    ((OWED_LATELY, OWED_LATELY), ("12-29", "12-31")),
    ((OWED_LATELY, PAID_UP), ("12-31", "12-31")),
    ((ENDED, ENDED), ("12-29", "12-31")),
    ((PASSED_THEN, PASSED_THEN), ("2021-12-31", "2022-01-01")),
)
