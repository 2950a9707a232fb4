"""Credit grades: which cases count, what their sums reach, which is the worst, and what is found (obligations §24)."""

import pytest

from tests.spec.check import check

CODE = "credit_grades"
BOUGHT = """
misconduct
case_no  amount     decided_on  repaired_on
C1       2,000,000  2020-09-01  2021-06-01
C2       2,000,000  2020-12-30  null

deliveries distributor_code=S
delivery_id  accepted_on
STAYS        11-30
GOES_BACK    11-30
COMES        12-30
NEXT_YEAR    2021-01-02

returns
delivery_id  returned_on  returned_quantity
GOES_BACK    12-30        10
"""
ALL_STAY = BOUGHT[: BOUGHT.index("\nreturns")]
ONE_MORE = ALL_STAY + "MORE         12-01\n"
NO_LINES = BOUGHT[: BOUGHT.index("deliveries")]
NIGHTS = (
    ((BOUGHT, BOUGHT), ("12-29", "12-31")),
    ((BOUGHT, BOUGHT), ("12-31", "2021-01-04")),
    ((BOUGHT, BOUGHT), ("2021-01-04", "12-31")),
    ((ALL_STAY, ONE_MORE), ("12-31", "12-31")),
    ((ALL_STAY, BOUGHT), ("12-31", "12-31")),
    ((NO_LINES, NO_LINES), ("2021-05-31", "2021-06-01")),
)


def grades(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check(CODE, as_of, given, expect, policies)


def case(kind: str, amount: str, decided_on: str, single: str = "null") -> str:
    columns = "case_no kind amount single_amount decided_on"
    return f"\nmisconduct\n{columns}\nC {kind} {amount} {single} {decided_on}\n"


def policy(parameter: str, value: str, unit: str, day: str = "2020-01-01") -> str:
    return f"""
    [[policy]]
    id = "site:{parameter}{day}"
    parameter = "{parameter}"
    value = {value}
    unit = "{unit}"
    jurisdiction = ""
    valid_from = {day}
    document_no = "本地规定"
    clause = "本地规定"
    mark = "D"
    """


@pytest.mark.parametrize(
    ("kind", "decided_on", "amount", "single", "grade", "label", "severe"),
    [
        ("bribery", "2021-01-15", "2,000,000.00", "null", "4", "特别严重", 1),
        ("bribery", "2021-01-15", "1,999,999.99", "null", "3", "严重", 1),
        ("bribery", "2021-01-15", "500,000", "null", "3", "严重", 1),
        ("bribery", "2021-01-15", "499,999.99", "null", "0", "null", 0),
        ("bribery", "2021-01-15", "499,999.99", "10,000", "1", "一般", 0),
        ("bribery", "2021-01-15", "null", "9,999.99", "0", "null", 0),
        ("bribery", "2021-01-15", "null", "100,000", "2", "中等", 0),
        ("bribery", "2021-01-15", "500,000", "2,000,000", "4", "特别严重", 1),
        ("bribery", "2021-01-15", "null", "null", "null", "null", 0),
        ("bribery", "2020-08-28", "500,000", "null", "3", "严重", 1),
        ("bribery", "2020-08-27", "500,000", "null", "null", "null", 0),
        ("bribery", "2025-06-30", "null", "300,000", "3", "严重", 1),
        ("bribery", "2025-07-01", "null", "300,000", "null", "null", 0),
        ("bribery", "2025-07-01", "9,999.99", "null", "0", "null", 0),
        ("bribery", "2025-07-01", "499,999.99", "null", "1", "失信", 0),
        ("bribery", "2025-07-01", "500,000.00", "null", "2", "严重失信", 1),
        ("bribery", "2025-07-01", "999,999.99", "null", "2", "严重失信", 1),
        ("bribery", "2025-07-01", "1,000,000.00", "null", "3", "特别严重失信", 1),
        ("tax", "2025-07-01", "49,999.99", "null", "0", "null", 0),
        ("tax", "2025-07-01", "50,000", "null", "1", "失信", 0),
        ("tax", "2025-07-01", "2,500,000", "null", "3", "特别严重失信", 1),
        ("tax", "2021-01-15", "9,999,999.99", "null", "3", "严重", 1),
        ("tax", "2021-01-15", "10,000,000", "null", "4", "特别严重", 1),
        ("price", "2021-01-15", "10,000,000", "10,000,000", "null", "null", 0),
    ],
)
def test_a_grade_is_the_highest_that_a_sum_reaches(kind, decided_on, amount, single, grade, label, severe):
    expect = f"""
    credit_grades
    enterprise_code  cases  severe_cases  worst_case_no  worst_kind  grade    grade_label  purchase_fen
    S                1      {severe}      C              {kind}      {grade}  {label}      0
    """
    grades("2025-12-31", case(kind, amount, decided_on, single), expect)


def test_the_policy_row_is_the_one_that_the_grade_follows_from():
    whole = "credit_grade_bribery@CN@2020-08-28"
    single = "credit_grade_bribery_single@CN@2020-08-28"
    for amount, of_single, row in (
        ("500,000", "300,000", whole),
        ("500,000", "2,000,000", single),
        ("1", "1", whole),
        ("null", "1", single),
        ("null", "null", "null"),
    ):
        grades("12-31", case("bribery", amount, "09-01", of_single), f"credit_grades\npolicy_id\n{row}")


@pytest.mark.parametrize(
    ("as_of", "decided_on", "repaired_on", "is_in"),
    [
        ("2021-01-14", "2021-01-15", "null", False),
        ("2021-01-15", "2021-01-15", "null", True),
        ("2021-05-31", "2021-01-15", "2021-06-01", True),
        ("2021-06-01", "2021-01-15", "2021-06-01", False),
        ("2031-01-15", "2021-01-15", "null", True),
    ],
)
def test_a_case_counts_from_its_day_until_it_is_repaired(as_of, decided_on, repaired_on, is_in):
    given = f"misconduct\ncase_no decided_on repaired_on amount\nC1 {decided_on} {repaired_on} 500,000"
    found = f"\n{'S 1' if is_in else ''}\n"
    expect = f"credit_grades\nenterprise_code cases{found}\nfindings\ncounterparty_code amount_fen\n"
    grades(as_of, given, expect + ("S 50,000,000" if is_in else ""))


def test_with_months_of_its_own_a_grade_ends():
    given = case("bribery", "500,000", "2020-08-31")
    months = policy("credit_months", "6", "month")
    grades("2021-02-27", given, "credit_grades\ncases\n1", months)
    grades("2021-02-28", given, "credit_grades\ncases", months)
    grades("2021-02-28", given, "credit_grades\ncases\n1", policy("credit_months", "6", "month", "2020-09-01"))


def test_other_kinds_are_graded_where_there_is_a_row():
    other = policy("credit_grade_price", '["1=0.05", "2=100"]', "yuan") + policy("credit_grade_supply_single", "[]", "yuan")
    grades("2021-12-31", case("price", "0.05", "09-01"), "credit_grades\ngrade grade_label\n1 一般", other)
    grades("2021-12-31", case("supply", "5", "09-01", "5"), "credit_grades\ngrade\n0", other)
    grades("2021-12-31", case("supply", "5", "09-01"), "credit_grades\ngrade\nnull", other)


def test_without_a_severe_grade_or_labels_of_its_day_there_is_none():
    price = policy("credit_grade_price", '["5=1"]', "yuan", "2019-01-01")
    expect = "credit_grades\ngrade grade_label severe_cases\n5 null 0\n\nfindings\nrule_code"
    grades("12-31", case("price", "1", "2019-06-01"), expect, price)
    grades("12-31", case("price", "1", "09-01"), expect.replace("null 0", "null 1") + "\ncredit_grade_severe", price)


def test_the_worst_case_is_severe_then_high_then_late_then_low():
    given = """
    misconduct amount=500,000
    case_no  enterprise_code  decided_on  kind
    B        LATE             2020-09-01  bribery
    A        LATE             2020-09-02  bribery
    B        LOW              2020-09-02  bribery
    A        LOW              2020-09-02  bribery
    Z        SEVERE           2025-07-01  bribery
    A        SEVERE           2025-07-02  tax
    Y        SEVERE           2020-08-27  bribery
    A        UNGRADED         2025-07-02  price
    B        UNGRADED         2025-07-01  other
    """
    expect = """
    credit_grades
    enterprise_code  cases  severe_cases  worst_case_no  worst_kind  grade
    LATE             2      2             A              bribery     3
    LOW              2      2             A              bribery     3
    SEVERE           3      2             A              tax         2
    UNGRADED         2      0             A              price       null
    """
    grades("2025-12-31", given, expect)


def test_a_severe_case_comes_before_a_higher_grade_that_is_none():
    given = """
    misconduct
    case_no  kind     amount   decided_on
    OLD      price    5        2019-09-01
    NEW      bribery  500,000  2025-07-01
    """
    policies = policy("credit_grade_price", '["9=1"]', "yuan", "2019-01-01")
    grades("2025-12-31", given, "credit_grades\nworst_case_no severe_cases grade\nNEW 1 2", policies)


def test_a_zero_grade_is_worse_than_none():
    given = """
    misconduct
    case_no  kind     amount  decided_on
    NONE     price    9       2021-01-02
    ZERO     bribery  9       2021-01-01
    """
    grades("2021-12-31", given, "credit_grades\nworst_case_no grade\nZERO 0")


def test_purchases_are_the_lines_of_the_year_each_once():
    given = """
    products
    product_code  manufacturer_code  mah_code
    OWN           S                  S
    HELD          M                  S
    OTHER         M                  null

    misconduct
    case_no  amount  decided_on
    C1       1       09-01

    deliveries
    delivery_id  product_code  distributor_code  accepted_on  received_quantity
    BOTH         OWN           S                 01-01        1
    HELD         HELD          X                 12-31        2
    DELIVERED    OTHER         S                 06-01        4
    OTHER        OTHER         X                 06-01        8
    BEFORE       OWN           S                 2019-12-31   16
    LATER        OWN           S                 2021-01-01   32
    BACK         OWN           S                 06-01        64

    returns
    delivery_id  returned_on  returned_quantity
    BACK         06-02        64
    """
    grades("12-31", given, "credit_grades\nenterprise_code purchase_fen\nS 700")
    grades("2021-01-01", given, "credit_grades\nenterprise_code purchase_fen\nS 3,200")


def test_a_finding_is_of_the_nation_and_never_fades():
    given = case("bribery", "2,000,000", "2021-01-15")
    message = (
        "企业 S 有 1 件有效案件、其中严重失信 1 件；最重的案件 C（商业贿赂）于 2021-01-15 评级，案值 2000000.00 元，"
        "等级为特别严重；本年采购 0.00 元"
    )
    expect = f"""
    findings
    rule_code | severity | subject_type | subject_key | counterparty_code | amount_fen | quantity
    credit_grade_severe | warning | company | S | S | 200,000,000 | null

    findings
    institution_code | jurisdiction_code | responsible | clause | message_zh
    null | '' | null | 医保发〔2020〕34号，裁量基准 2020 | {message}
    """
    grades("2029-12-31", given, expect)


def test_where_only_the_single_sum_is_given_the_finding_says_it():
    message = (
        "企业 S 有 1 件有效案件、其中严重失信 1 件；最重的案件 C（商业贿赂）于 2021-01-15 评级，单笔最大 300000.00 元，"
        "等级为严重；本年采购 0.00 元"
    )
    given = case("bribery", "null", "2021-01-15", "300,000")
    grades("2021-12-31", given, f"findings\namount_fen | message_zh\nnull | {message}")
