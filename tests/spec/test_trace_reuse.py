"""Trace codes at several institutions: where they are out, who received them, what is found (obligations §18)."""

import pytest

from pipelines.engine.indicator import Inputs
from pipelines.indicators.trace_reuse import scans
from pipelines.indicators.trace_reuse.explain import EXPLAINED
from pipelines.policy.policies import load_policies
from tests.indicators.records import write_records
from tests.spec.check import check
from tests.spec.tables import read_day, read_records

INSTITUTIONS = """
institutions
institution_code  parent_institution_code  jurisdiction_code
H1                null                     330282
H2                null                     330282
H3                null                     371500
B1                H1                       330282
B2                B1                       330282
"""
OUT = (
    INSTITUTIONS
    + """
trace_scans trace_code=T
institution_code  scan_id  event       scanned_on
H1                S1       dispensed   03-01
H1                S2       dispensed   03-02
H1                S3       taken_back  03-03
H2                S4       dispensed   03-05
H2                S5       taken_back  03-06
"""
)
IN = (
    INSTITUTIONS
    + """
deliveries accepted_on=03-01
delivery_id  institution_code
D1           H1
D2           H2

returns
institution_code  delivery_id  returned_on  returned_quantity
H2                D2           {returned}   1

trace_scans trace_code=T
institution_code  scan_id  delivery_id  scanned_on
H1                S1       D1           03-01
H2                S2       D2           03-02
"""
)


def reuse(as_of: str, given: str, expect: str) -> None:
    check("trace_reuse", as_of, given, f"trace_reuse\n{expect.strip()}")


def at(*scans: str) -> str:
    """Scans of the code T: `institution event day`, parted by spaces."""
    rows = "\n".join(f"S{n} {scan}" for n, scan in enumerate(scans))
    return f"{INSTITUTIONS}\ntrace_scans trace_code=T\nscan_id institution_code event scanned_on\n{rows}\n"


RETURNED, NOT_RETURNED = IN.format(returned="12-30"), IN.format(returned="2021-01-30")
NIGHTS = (
    ((OUT, OUT), ("03-04", "03-05")),
    ((OUT, OUT), ("03-05", "03-06")),
    ((RETURNED, RETURNED), ("12-29", "12-31")),
    ((NOT_RETURNED, RETURNED), ("12-31", "12-31")),
)
"""Scans and returns count from their day on; a return moves the codes that came with its delivery."""


def test_the_example():
    expect = """
    trace_code  institutions  families  dispensed  taken_back  first_on  last_on
    T           2             2         3          1           03-01     03-05
    """
    reuse("03-05", OUT, expect)
    reuse("03-04", OUT, "trace_code")
    reuse("03-06", OUT, "trace_code")
    reuse("03-05", OUT.replace("\nH2   ", "\nB1   "), "trace_code")


@pytest.mark.parametrize(
    ("given", "families"),
    [
        (at("H1 dispensed 03-01", "H2 dispensed 03-01"), 2),
        (at("H1 dispensed 03-01", "H2 dispensed 03-01", "H2 taken_back 03-01"), 0),
        (at("H1 dispensed 03-01", "H2 dispensed 03-01", "H1 taken_back 03-01", "H1 dispensed 03-02"), 2),
        (at("H1 dispensed 03-01", "H1 dispensed 03-02", "H1 dispensed 03-03"), 0),
        (at("H1 dispensed 03-01", "B1 dispensed 03-02", "B2 dispensed 03-03"), 0),
        (at("B2 dispensed 03-01", "H2 dispensed 03-02"), 2),
        (at("H1 dispensed 03-01", "H2 taken_back 03-02"), 0),
        (at("H1 dispensed 03-01", "H2 received 03-02"), 0),
        (at("H1 dispensed 03-01", "H2 dispensed 12-31"), 0),
        (at("H1 dispensed 03-01", "H2 dispensed 12-30"), 2),
    ],
)
def test_a_code_is_reused_that_is_out_in_two_families(given, families):
    reuse("12-30", given, f"families received_families\n{families} 0" if families else "trace_code")


def test_only_where_it_is_out_is_counted_and_told():
    given = at(
        *("H1 dispensed 03-02", "B1 dispensed 03-01", "H2 dispensed 03-03"),
        *("H3 dispensed 02-01", "H3 taken_back 02-02", "H3 dispensed 04-01", "H3 taken_back 04-02"),
    )
    expect = """
    institutions  families  dispensed  taken_back  first_on  last_on  received_families  received_last_on
    3             2         3          0           03-01     03-03    0                  null
    """
    reuse("12-31", given, expect)


@pytest.mark.parametrize(
    ("given", "received"),
    [
        (at("H1 received 03-01", "H2 received 03-02"), 2),
        (at("H1 received 03-01", "H1 received 03-02"), 0),
        (at("H1 received 03-01", "B2 received 03-02"), 0),
        (at("H1 received 03-01", "H2 received 12-31"), 0),
        (at("H1 received 03-01", "H2 taken_back 03-02"), 0),
        (NOT_RETURNED, 2),
        (RETURNED, 0),
        (RETURNED.replace("returned_quantity", "returned_quantity status").replace("12-30   1", "12-30   1 refused"), 2),
        (RETURNED.replace("H2                D2           12-30", "H1                D2           12-30"), 2),
    ],
)
def test_a_code_is_received_twice_that_came_to_two_families_and_was_not_sent_back(given, received):
    if "H1                D2           12-30" in given:
        given = given.replace("D2           H2", "D2           H1")
    expect = """
    institutions  families  dispensed  taken_back  first_on  last_on  received_families  received_last_on
    """
    reuse("12-30", given, expect + (f"0 0 0 0 null null {received} 03-02" if received else ""))


def test_codes_are_compared_exactly_and_have_the_lowest_product_of_all_their_scans():
    given = (
        INSTITUTIONS
        + """
    products
    product_code
    X
    Y
    Z

    trace_scans event=dispensed
    scan_id  trace_code  institution_code  product_code  scanned_on  event
    S1       a           H1                Y             03-01       dispensed
    S2       A           H2                Y             03-01       dispensed
    S3       AA          H1                Z             03-01       dispensed
    S4       AA          H2                Y             03-01       dispensed
    S5       AA          H3                X             03-02       taken_back
    S6       AA          H3                X             06-02       received
    """
    )
    reuse("03-01", given, "trace_code product_code\nAA Y")
    reuse("03-02", given, "trace_code product_code\nAA X")


def test_many_codes_are_gone_through_a_part_at_a_time(monkeypatch):
    given = INSTITUTIONS + "\ntrace_scans event=dispensed\ntrace_code scan_id institution_code\n"
    given += "".join(f"T{n} S{n}{who} {who}\n" for n in range(20) for who in ("H1", "H2"))
    monkeypatch.setattr(scans, "_PARTS", 0.2)
    reuse("12-31", given, "trace_code\n" + "\n".join(f"T{n}" for n in range(20)))


def test_signals_name_the_institution_that_had_it_last_of_several_the_lowest():
    given = at(
        *("H2 dispensed 03-03", "H1 dispensed 03-03", "H3 dispensed 03-02"),
        *("H1 received 02-01", "H3 received 02-02", "H2 received 02-02"),
    )
    clause, other = "慈政办发〔2020〕68号 (八)28", "药品一物一码要求（本系统默认依据）"
    expect = f"""
    families received_families
    3        3

    findings
    rule_code                 | severity | subject_type | subject_key | institution_code | jurisdiction_code | clause
    trace_code_reused         | signal   | trace_code   | T           | H1               | 330282            | {other}
    trace_code_received_twice | signal   | trace_code   | T           | H2               | 330282            | {other}
    """
    reuse("12-31", given, expect)
    later = given.replace("H1 dispensed 03-03", "H1 dispensed 08-18").replace("H3 received 02-02", "H3 received 08-18")
    expect = f"""
    families
    3

    findings
    rule_code                 | institution_code | amount_fen | quantity | clause
    trace_code_reused         | H1               | null       | null     | {clause}
    trace_code_received_twice | H3               | null       | null     | {other}
    """
    reuse("12-31", later, expect)


@pytest.mark.parametrize(("as_of", "found"), [("2021-12-31", True), ("2022-01-01", False)])
def test_what_was_last_out_before_the_year_before_is_found_no_more(as_of, found):
    given = at("H1 dispensed 03-01", "H2 dispensed 03-02", "H1 received 03-01", "H2 received 03-02")
    rules = "trace_code_reused\ntrace_code_received_twice" if found else ""
    reuse(as_of, given, f"families\n2\n\nfindings\nrule_code\n{rules}")


@pytest.mark.parametrize(("of_parent", "families"), [("H9", 2), ("H1", 0)])
def test_a_parent_that_is_none_makes_no_family(of_parent, families):
    given = at("H1 dispensed 03-01", "H2 dispensed 03-02").replace(
        "H2                null                     330282", f"H2                {of_parent}                     330282"
    )
    reuse("12-31", given, f"families\n{families}" if families else "families")


def test_a_code_leads_to_its_scans_and_to_what_speaks_for_a_harmless_reason(tmp_path):
    more = "\nB1  S3  D3  03-03\nH3  S4  D4  03-04\n"
    given = RETURNED.replace("D2           H2\n", "D2           H2\nD3           B1\nD4           H3\n").rstrip() + more
    inputs = Inputs(write_records(read_records(given), tmp_path), read_day("12-31"), load_policies())
    answer = EXPLAINED.open(inputs)({"trace_code": "T"})
    assert {step.column: step.numbers for step in answer.steps}["received_families"] == "H1、H3"
    assert [(line.dataset, line.role) for line in answer.lines[:3]] == [("trace_scans", "扫码")] * 3
    why = {line.dataset: line.facts["为何"] for line in answer.lines[3:]}
    assert (why["returns"], why["institutions"]) == ("该批配送有已确认的退货", "分院，与总院之间可能调拨")
    assert [line.reasons for line in answer.left_out] == [("该批配送有已确认的退货",)]
    assert EXPLAINED.open(inputs)({"trace_code": "NONE"}) is None
