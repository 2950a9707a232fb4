"""Two-invoice system: the worked example of rulebook §6 and one spec for each verdict, in their order."""

import pytest

from tests.spec.check import check


def two_invoice(given: str, expect: str, as_of: str = "12-31", policies: str = "") -> None:
    check("two_invoice", as_of, given, expect, policies)


def verdicts(*lines: str) -> str:
    """An expected table: invoice, verdict, hops."""
    return "\n".join(["two_invoice_line", "invoice_no verdict hops", *lines])


def test_worked_example_the_latest_line_is_oversold():
    given = """
    institutions
    institution_code
    H1
    H2
    H3

    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity  amount
    FIRST       MAKER        D           03-01      1,000     10,000
    TO_H1       D            H1          03-02      600       6,600
    TO_H2       D            H2          03-03      300       3,300
    TO_H3       D            H3          03-04      200       2,200    # 1,100 of 1,000
    """
    expect = """
    two_invoice_line
    invoice_no  institution_code  net_quantity  net_fen  verdict      hops
    TO_H1       H1                600           660,000  two_invoice  1
    TO_H2       H2                300           330,000  two_invoice  1
    TO_H3       H3                200           220,000  oversold     1
    """
    two_invoice(given, expect)


@pytest.mark.parametrize(
    ("category", "verdict"),
    [
        ("none", "too_many_invoices"),
        ("narcotic", "exempt"),
        ("psychotropic_1", "exempt"),
        ("vaccine", "exempt"),
        ("tcm_decoction", "exempt"),
        ("reserve", "exempt"),
    ],
)
def test_1_exempt_by_category_before_anything_else(category, verdict):
    given = f"""
    products
    product_code  special_category
    X             {category}

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    1ST         MAKER        A           03-01
    2ND         A            B           03-02
    3RD         B            H           03-03
    """
    two_invoice(given, verdicts(f"3RD {verdict} 2"))


@pytest.mark.parametrize("batch_no", ["B1", "null", "无"])
def test_2_direct_whatever_the_batch(batch_no):
    given = f"""
    invoices
    invoice_no  seller_code  buyer_code  issued_on  batch_no
    DIRECT      MAKER        H           03-01      {batch_no}
    """
    two_invoice(given, verdicts("DIRECT direct 0"))


def test_2_the_holder_of_the_authorisation_sells_directly_too():
    given = """
    products
    product_code  mah_code
    X             HOLDER

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    DIRECT      HOLDER       H           03-01
    """
    two_invoice(given, verdicts("DIRECT direct 0"))


@pytest.mark.parametrize("batch_no", ["null", "无", "-", "－", "—", "/", "n/a", "Ｎ／Ａ", "*", "无批号"])
def test_3_no_batch_cannot_be_verified(batch_no):
    given = f"""
    invoices batch_no={batch_no}
    invoice_no  seller_code  buyer_code  issued_on
    FIRST       MAKER        D           03-01
    SECOND      D            H           03-02
    """
    two_invoice(given, verdicts("SECOND no_batch null"))


@pytest.mark.parametrize(("sold", "verdict"), [("10", "two_invoice"), ("10.0001", "oversold")])
def test_4_oversold_beyond_what_was_bought(sold, verdict):
    given = f"""
    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity
    FIRST       MAKER        D           03-01      10
    SECOND      D            H           03-02      {sold}
    """
    two_invoice(given, verdicts(f"SECOND {verdict} 1"))


def test_5_two_invoices():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on
    FIRST       MAKER        D           03-01
    SECOND      D            H           03-02
    """
    two_invoice(given, verdicts("SECOND two_invoice 1"))


THREE = """
invoices
invoice_no  seller_code  buyer_code  issued_on
1ST         MAKER        A           03-01
2ND         A            B           03-02
3RD         B            H           03-03
"""


@pytest.mark.parametrize(
    ("group_of_a", "group_of_b", "verdict"),
    [("GROUP", "GROUP", "group_transfer"), ("GROUP", "OTHER", "too_many_invoices"), ("null", "null", "too_many_invoices")],
)
def test_6_one_transfer_inside_a_group_is_left_out_of_the_count(group_of_a, group_of_b, verdict):
    groups = f"""
    enterprises
    enterprise_code  group_code
    A                {group_of_a}
    B                {group_of_b}
    """
    two_invoice(THREE + groups, verdicts(f"3RD {verdict} 2"))


@pytest.mark.parametrize(("remote", "verdict"), [("yes", "remote_extra"), ("no", "too_many_invoices")])
def test_7_one_invoice_more_for_a_remote_place(remote, verdict):
    place = f"""
    institutions
    institution_code  is_remote
    H                 {remote}
    """
    two_invoice(THREE + place, verdicts(f"3RD {verdict} 2"))


def test_8_four_invoices_are_too_many_even_in_a_group_and_for_a_remote_place():
    given = """
    institutions
    institution_code  is_remote
    H                 yes

    enterprises group_code=GROUP
    enterprise_code
    A
    B
    C

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    1ST         MAKER        A           03-01
    2ND         A            B           03-02
    3RD         B            C           03-03
    4TH         C            H           03-04
    """
    two_invoice(given, verdicts("4TH too_many_invoices 3"))


FROM_OUTSIDE = """
invoices
invoice_no  seller_code  buyer_code  issued_on
2ND         A            B           03-02
3RD         B            H           03-03
"""


@pytest.mark.parametrize(
    ("remote", "group_of_b", "verdict"),
    [
        ("no", "null", "too_many_invoices"),
        ("no", "OTHER", "too_many_invoices"),
        ("no", "GROUP", "missing_upstream"),  # a transfer would not count
        ("yes", "null", "missing_upstream"),  # a third invoice is allowed there
    ],
)
def test_8_bought_outside_only_with_the_first_invoice_unseen_makes_three(remote, group_of_b, verdict):
    parties = f"""
    institutions
    institution_code  is_remote
    H                 {remote}

    enterprises
    enterprise_code  group_code
    A                GROUP
    B                {group_of_b}
    """
    two_invoice(FROM_OUTSIDE + parties, verdicts(f"3RD {verdict} null"))


def test_9_upstream_after_sale():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on
    SECOND      D            H           03-01
    FIRST       MAKER        D           03-02
    """
    two_invoice(given, verdicts("SECOND upstream_after_sale null"))


@pytest.mark.parametrize(("bought_on", "verdict"), [("03-02", "batch_mismatch"), ("03-03", "missing_upstream")])
def test_10_another_batch_was_bought_from_the_maker(bought_on, verdict):
    given = f"""
    invoices
    invoice_no  seller_code  buyer_code  issued_on    batch_no
    FIRST       MAKER        D           {bought_on}  OTHER
    SECOND      D            H           03-02        B1
    """
    two_invoice(given, verdicts(f"SECOND {verdict} null"))


def test_10_does_not_apply_where_the_batch_was_bought_after_all_if_late_and_from_nowhere():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  batch_no
    FIRST       MAKER        D           03-01      OTHER
    SECOND      D            H           03-02      B1
    LATER       UNKNOWN      D           03-03      B1
    """
    two_invoice(given, verdicts("SECOND missing_upstream null"))


def test_11_missing_upstream():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on
    SECOND      D            H           03-02
    """
    two_invoice(given, verdicts("SECOND missing_upstream null"))


SITE = """
[[policy]]
id = "ours"
parameter = "{}"
value = {}
unit = "{}"
jurisdiction = "330282"
valid_from = 2020-01-01
document_no = "n"
clause = "c"
mark = "D"
"""


@pytest.mark.parametrize("parameter", ["two_invoice_group_transfer", "two_invoice_remote_extra"])
def test_a_site_may_allow_no_exception(parameter):
    given = """
    institutions
    institution_code  is_remote
    H                 {}

    enterprises group_code={}
    enterprise_code
    A
    B
    """.format(*(("no", "GROUP") if "group" in parameter else ("yes", "null")))
    policy = SITE.format(parameter, "false", "flag")
    two_invoice(THREE + given, verdicts("3RD too_many_invoices 2"), policies=policy)
