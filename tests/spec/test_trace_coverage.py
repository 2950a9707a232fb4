"""Trace codes scanned of what was received: what is to be traced, how codes are counted, what is found (obligations §18)."""

import pytest

from tests.spec.check import check

VACCINE = """
products special_category=vaccine
product_code
X
Y
"""


def coverage(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check("trace_coverage", as_of, given, f"trace_coverage\n{expect.strip()}", policies)


DELIVERED = (
    VACCINE
    + """
deliveries accepted_on=06-01
delivery_id  accepted_on  received_quantity  trace_codes_count
L1           06-01        10                 null

trace_scans delivery_id=L1
scan_id  trace_code
S1       A
"""
)

MOVES = (
    VACCINE
    + """
deliveries
delivery_id  accepted_on  received_quantity
OLD          06-01        10
TAKEN_BACK   07-01        10
NEW          12-30        10

returns
delivery_id  returned_on  returned_quantity
TAKEN_BACK   12-30        4

trace_scans
scan_id  delivery_id  trace_code  scanned_on  event
EARLY    OLD          A           06-01       received
LATE     OLD          B           12-30       received
OTHER    OLD          C           06-01       dispensed
"""
)
MORE = MOVES + "MORE     OLD          D           06-02       received\n"
NIGHTS = (((MOVES, MOVES), ("12-29", "12-31")), ((MOVES, MORE), ("12-31", "12-31")))
"""Scans, returns and deliveries count from their day on; a scan that comes moves the delivery that it names."""


def test_the_example():
    given = (
        VACCINE
        + """
    deliveries accepted_on=06-01
    delivery_id  received_quantity  trace_codes_count
    L1           10                 null
    L2           5                  8
    L3           4                  null

    trace_scans delivery_id=L1
    scan_id  trace_code
    S1       C1
    S2       C2
    S3       C3
    S4       C4
    S5       C5
    S6       C6
    S7       C7
    S8       C8
    S9       C9
    AGAIN    C9
    """
    )
    expect = """
    institution_code  month    lines  packs  traced_packs  untraced_lines  coverage
    H                 2020-06  3      19     14            2               73.68%
    """
    coverage("06-30", given, expect)
    as_case = given[: given.index("    trace_scans")] + (
        "trace_scans delivery_id=L1\nscan_id trace_code packs_per_code\nCASE C 10\n"
    )
    coverage("06-30", as_case, "packs traced_packs untraced_lines\n19 15 1")


@pytest.mark.parametrize(
    ("accepted", "place", "kind", "category", "is_selected", "is_meant"),
    [
        ("2020-03-30", "371500", "drug", "vaccine", "no", False),
        ("2020-03-31", "371500", "drug", "vaccine", "no", True),
        ("2020-03-31", "371500", "drug", "none", "yes", False),
        ("2021-01-21", "371500", "drug", "none", "yes", False),
        ("2021-01-22", "371500", "drug", "none", "yes", True),
        ("2021-01-22", "371500", "drug", "none", "no", False),
        ("2020-08-17", "330282", "drug", "none", "yes", False),
        ("2020-08-18", "330282", "drug", "none", "yes", True),
        ("2025-12-31", "330282", "drug", "none", "no", False),
        ("2025-12-31", "330282", "consumable", "none", "yes", False),
        ("2026-01-01", "330282", "drug", "none", "no", True),
        ("2026-01-01", "371500", "drug", "tcm_decoction", "no", True),
        ("2026-01-01", "371500", "consumable", "none", "yes", False),
    ],
)
def test_what_is_to_be_traced_hangs_on_day_place_and_kind(accepted, place, kind, category, is_selected, is_meant):
    given = f"""
    institutions
    institution_code  jurisdiction_code
    H                 {place}

    products
    product_code  kind    special_category
    X             {kind}  {category}
    Y             drug    none

    selections
    product_code
    {"X" if is_selected == "yes" else "Y"}

    deliveries
    delivery_id  accepted_on
    D1           {accepted}
    """
    coverage("2026-02-01", given, "lines coverage\n" + ("1 0%" if is_meant else ""))


@pytest.mark.parametrize(
    ("code", "place", "since", "until", "is_exempt"),
    [
        ("X", "''", "06-01", "06-01", True),
        ("X", "3302", "06-01", "null", True),
        ("G", "''", "06-01", "06-01", True),
        ("X", "3715", "06-01", "null", False),
        ("X", "''", "06-02", "null", False),
        ("X", "''", "05-01", "05-31", False),
        ("Y", "''", "05-01", "null", False),
    ],
)
def test_what_is_exempt_on_its_day_in_its_place_is_left_out(code, place, since, until, is_exempt):
    given = f"""
    products special_category=vaccine
    product_code  generic_code
    X             G

    catalogue_entries list=trace_exempt
    code    jurisdiction_code  valid_from  valid_to
    {code}  {place}            {since}     {until}

    deliveries
    delivery_id  accepted_on
    D1           06-01
    """
    coverage("06-30", given, "lines\n" + ("" if is_exempt else "1"))


@pytest.mark.parametrize(
    ("scan", "traced"),
    [
        ("H  L1    received    06-30  X", 1),
        ("H  L1    received    07-01  X", 7),
        ("H  L1    dispensed   06-01  X", 7),
        ("H  L1    taken_back  06-01  X", 7),
        ("H  L1    received    06-01  Y", 7),
        ("H  L2    received    06-01  X", 7),
        ("H  null  received    06-01  X", 7),
        ("K  L1    received    06-01  X", 7),
    ],
)
def test_a_scan_counts_that_was_received_by_then_of_the_line_and_its_product_and_else_what_the_delivery_says(scan, traced):
    given = (
        VACCINE
        + f"""
    institutions
    institution_code
    H
    K

    deliveries
    delivery_id  accepted_on  received_quantity  trace_codes_count
    L1           06-01        10                 7

    trace_scans trace_code=A
    institution_code  delivery_id  event  scanned_on  product_code  scan_id
    {scan}  S1
    """
    )
    coverage("06-30", given, f"packs traced_packs untraced_lines\n10 {traced} 1")


@pytest.mark.parametrize(
    ("packs", "traced", "short", "share"),
    [("10", "10", 0, "100%"), ("9.9999", "9.9999", 1, "99.999%"), ("10.0001", "10", 0, "100%"), ("0.5", "0.5", 1, "5%")],
)
def test_of_a_code_scanned_again_the_most_packs_count_and_of_a_line_at_most_its_own(packs, traced, short, share):
    given = (
        VACCINE
        + f"""
    deliveries accepted_on=06-01
    delivery_id  received_quantity
    L1           10

    trace_scans delivery_id=L1
    scan_id  trace_code  packs_per_code
    S1       A           {packs}
    S2       A           0.25
    """
    )
    coverage("06-30", given, f"packs traced_packs untraced_lines coverage\n10 {traced} {short} {share}")


def test_codes_are_compared_exactly_and_returns_do_not_lessen_them():
    given = (
        VACCINE
        + """
    deliveries accepted_on=06-01
    delivery_id  received_quantity
    L1           10
    GONE         10

    returns returned_on=06-20
    delivery_id  return_id  returned_quantity
    L1           R1         8
    GONE         R2         10

    trace_scans delivery_id=L1
    scan_id  trace_code
    S1       a1
    S2       A1
    """
    )
    coverage("06-19", given, "lines packs traced_packs untraced_lines\n2 20 2 2")
    coverage("06-20", given, "lines packs traced_packs untraced_lines coverage\n1 2 2 0 100%")


def test_months_are_those_of_acceptance_and_gifts_and_what_has_not_come_are_none():
    given = (
        VACCINE
        + """
    deliveries
    delivery_id  accepted_on  is_gift  channel
    JUNE         06-30        no       platform
    JULY         07-01        no       offline
    TODAY        07-31        no       platform
    TOMORROW     08-01        no       platform
    GIFT         07-02        yes      platform
    """
    )
    coverage("07-31", given, "month lines packs\n2020-06 1 100\n2020-07 2 200")


LIMIT = """
[[policy]]
id = "trace_coverage_min@330282"
parameter = "trace_coverage_min"
value = "0.1"
unit = "ratio"
jurisdiction = "330282"
valid_from = 2020-06-30
document_no = "试"
clause = "试"
mark = "D"
"""


def test_a_share_below_the_least_is_a_warning_and_at_it_none():
    expect = "coverage policy_id\n10% trace_coverage_min@330282\n\nfindings\nrule_code\n"
    coverage("06-30", DELIVERED, expect, LIMIT)
    expect = "coverage\n10%\n\nfindings\nrule_code severity subject_type subject_key quantity amount_fen\n"
    coverage("06-29", DELIVERED, expect + "trace_missing warning institution_month H|2020-06 9 null")
    short = DELIVERED.replace("10                 null", "10.0001            null")
    expect = "coverage\n10000/100001\n\nfindings\nrule_code quantity\ntrace_missing 9.0001"
    coverage("06-30", short, expect, LIMIT)


def test_all_packs_with_codes_are_no_finding():
    given = DELIVERED.replace("10                 null", "1                  null")
    coverage("06-30", given, "coverage\n100%\n\nfindings\nrule_code")


@pytest.mark.parametrize(("ownership", "severity"), [("public", "warning"), ("private", "signal"), ("retail", "signal")])
def test_others_than_public_institutions_are_given_a_signal(ownership, severity):
    given = f"institutions ownership={ownership}\ninstitution_code\nH\n{DELIVERED}"
    coverage("06-30", given, f"lines\n1\n\nfindings\nrule_code severity\ntrace_missing {severity}")


def test_the_clause_is_that_of_the_last_day_of_the_month():
    given = DELIVERED.replace("accepted_on=06-01", "").replace("06-01        10", "08-01        10")
    local, other = "慈政办发〔2020〕68号 (八)28", "药品一物一码要求（本系统默认依据）"
    expect = "lines\n1\n\nfindings\nrule_code | clause\ntrace_missing | "
    coverage("08-31", given, expect + local)
    coverage("08-31", given.replace("08-01 ", "07-31 "), expect + other)


@pytest.mark.parametrize(("as_of", "found"), [("2021-12-31", True), ("2022-01-01", False)])
def test_months_before_the_year_before_are_found_no_more(as_of, found):
    coverage(as_of, DELIVERED, "lines\n1\n\nfindings\nrule_code\n" + ("trace_missing" if found else ""))
