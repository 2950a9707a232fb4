"""Chains of invoices: time, deemed manufacturers, groups, circles, and who may count as stock (rulebook §6)."""

import pytest

from tests.spec.test_two_invoice import two_invoice, verdicts


def test_a_chain_within_one_day_holds_whatever_the_numbers():
    given = """
    invoices issued_on=03-01
    invoice_no  seller_code  buyer_code
    3           MAKER        A
    2           A            B
    1           B            H
    """
    two_invoice(given, verdicts("1 too_many_invoices 2"))


def test_the_shortest_chain_counts():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on
    LONG_1      MAKER        A           03-01
    LONG_2      A            B           03-02
    SHORT       MAKER        B           03-03
    TO_H        B            H           03-04
    """
    two_invoice(given, verdicts("TO_H two_invoice 1"))


def test_time_goes_forward_along_the_whole_chain():
    given = """
    enterprises group_code=GROUP
    enterprise_code
    A
    B

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    2ND         A            B           03-01
    1ST         MAKER        A           03-02      # A sold it before it had it
    3RD         B            H           03-03
    """
    two_invoice(given, verdicts("3RD missing_upstream null"))


def test_a_chain_of_another_product_or_batch_proves_nothing():
    given = """
    products
    product_code
    X
    OTHER

    invoices
    invoice_no  seller_code  buyer_code  issued_on  product_code  batch_no
    1ST         MAKER        D           03-01      OTHER         B1
    2ND         D            H           03-02      X             B1
    """
    two_invoice(given, verdicts("2ND missing_upstream null"))


@pytest.mark.parametrize(("group", "verdict"), [("null", "too_many_invoices"), ("GROUP", "missing_upstream")])
def test_a_circle_without_a_maker_leads_nowhere(group, verdict):
    given = f"""
    enterprises group_code={group}
    enterprise_code
    A
    B

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    OUT         A            B           03-01
    BACK        B            A           03-02
    TO_H        A            H           03-03
    """
    two_invoice(given, verdicts(f"TO_H {verdict} null"))


def test_a_circle_beside_a_chain_does_no_harm():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity
    FIRST       MAKER        A           03-01      10
    OUT         A            B           03-02      5
    BACK        B            A           03-03      5
    TO_H        A            H           03-04      5
    """
    two_invoice(given, verdicts("TO_H two_invoice 1"))


DEEMED = """
deemed_manufacturers
enterprise_code  manufacturer_code  product_code  valid_from  valid_to
AGENT            {maker}            {product}     03-01       03-31

products
product_code  mah_code
X             HOLDER

invoices
invoice_no  seller_code  buyer_code  issued_on
LINE        AGENT        H           {issued_on}
"""


@pytest.mark.parametrize(
    ("issued_on", "verdict"),
    [("02-29", "missing_upstream null"), ("03-01", "direct 0"), ("03-31", "direct 0"), ("04-01", "missing_upstream null")],
)
def test_a_deemed_manufacturer_is_one_while_it_is_listed(issued_on, verdict):
    two_invoice(DEEMED.format(maker="MAKER", product="''", issued_on=issued_on), verdicts(f"LINE {verdict}"))


@pytest.mark.parametrize(
    ("maker", "product", "verdict"),
    [
        ("MAKER", "''", "direct 0"),
        ("HOLDER", "''", "direct 0"),
        ("MAKER", "X", "direct 0"),
        ("MAKER", "OTHER", "missing_upstream null"),
        ("ANOTHER_MAKER", "''", "missing_upstream null"),
    ],
)
def test_deemed_for_the_maker_or_holder_of_this_product(maker, product, verdict):
    two_invoice(DEEMED.format(maker=maker, product=product, issued_on="03-02"), verdicts(f"LINE {verdict}"))


def test_what_a_deemed_manufacturer_sells_on_is_the_first_invoice():
    given = """
    deemed_manufacturers
    enterprise_code
    AGENT

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    INSIDE      MAKER        AGENT       03-01
    FIRST       AGENT        D           03-02
    SECOND      D            H           03-03
    """
    two_invoice(given, verdicts("SECOND two_invoice 1"))


def test_upstream_after_sale_looks_at_each_line_on_its_own_day():
    given = """
    deemed_manufacturers
    enterprise_code  valid_from
    AGENT            03-05
    D                03-05       # D itself became one later: it was none on its sale

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    SECOND      D            H           03-01
    FIRST       AGENT        D           03-05
    """
    two_invoice(given, verdicts("SECOND upstream_after_sale null"))


GROUP = """
enterprises group_code=GROUP
enterprise_code
A
B

invoices
invoice_no  seller_code  buyer_code  issued_on  quantity
TO_A        MAKER        A           03-01      10
TO_C        MAKER        C           03-01      10
C_TO_B      C            B           03-02      10
"""


@pytest.mark.parametrize(
    ("transferred_on", "verdict"), [("03-02", "group_transfer"), ("03-03", "group_transfer"), ("03-04", "too_many_invoices")]
)
def test_a_transfer_counts_up_to_the_day_of_the_sale(transferred_on, verdict):
    given = f"""A_TO_B  A  B  {transferred_on}  10
    TO_H    B  H  03-03             10
    """
    two_invoice(GROUP + given, verdicts(f"TO_H {verdict} 2"))


def test_only_one_transfer_may_be_left_out():
    given = """
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


def test_sales_to_companies_use_up_stock_and_too_many_comes_before_oversold():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity
    FIRST       MAKER        A           03-01      10
    TO_B        A            B           03-02      8
    A_TO_H      A            H           03-03      3          # 11 of 10
    B_TO_H      B            H           03-04      99
    """
    two_invoice(given, verdicts("A_TO_H oversold 1", "B_TO_H too_many_invoices 2"))


def test_stock_is_what_came_over_a_chain_short_enough():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity
    FIRST       MAKER        D           03-01      10
    OTHERWISE   UNKNOWN      D           03-01      50         # proves no stock of the two-invoice kind
    TO_H        D            H           03-02      11
    """
    two_invoice(given, verdicts("TO_H oversold 1"))


@pytest.mark.parametrize(("sold", "verdict"), [(10, "group_transfer"), (11, "oversold")])
def test_stock_of_a_transfer_is_what_came_from_suppliers_at_most_one_away(sold, verdict):
    given = f"""
    enterprises group_code=GROUP
    enterprise_code
    A
    B

    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity
    TO_A        MAKER        A           03-01      10
    A_TO_B      A            B           03-02      10
    OTHERWISE   UNKNOWN      B           03-02      50
    TO_H        B            H           03-03      {sold}
    """
    two_invoice(given, verdicts(f"TO_H {verdict} 2"))


@pytest.mark.parametrize(("restocked_on", "verdict"), [("12-31", "two_invoice"), ("2021-01-01", "oversold")])
def test_stock_bought_later_counts_up_to_as_of(restocked_on, verdict):
    given = f"""
    invoices
    invoice_no  seller_code  buyer_code  issued_on       quantity
    FIRST       MAKER        D           03-01           10
    TO_H        D            H           03-02           11
    MORE        MAKER        D           {restocked_on}  1
    """
    two_invoice(given, verdicts(f"TO_H {verdict} 1"))


def test_every_line_after_the_stock_is_used_up_is_oversold():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity
    FIRST       MAKER        D           03-01      10
    1           D            H           03-02      4
    3           D            H           03-03      4          # 13 of 10: by number within a day
    2           D            H           03-03      5
    4           D            H           03-04      1
    """
    expect = verdicts("1 two_invoice 1", "2 two_invoice 1", "3 oversold 1", "4 oversold 1")
    two_invoice(given, expect)


def test_red_invoices_give_stock_back():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity  red_of_invoice_no
    FIRST       MAKER        D           03-01      10        null
    1           D            H           03-02      8         null
    2           D            H           03-03      5         null
    RED         D            H           03-04      -3        1
    """
    two_invoice(given, verdicts("1 two_invoice 1", "2 two_invoice 1"))
