"""Which lines are judged: void and red invoices, buyers, scope, exemptions, monthly rates (rulebook §6)."""

import pytest

from tests.spec.test_two_invoice import SITE, two_invoice, verdicts

INVOICES = """
invoices
invoice_code  invoice_no  line_no  seller_code  buyer_code  issued_on  quantity  red_of_invoice_code  red_of_invoice_no  status
''            FIRST       1        MAKER        D           03-01      100       null                 null               normal
111           SECOND      1        D            H           03-02      10        null                 null               normal
111           SECOND      2        D            H           03-02      20        null                 null               normal
"""


@pytest.mark.parametrize(
    ("red", "first_line", "second_line"),
    [
        ("''  RED  1  D      H  03-05  -4   null  SECOND  normal", "6", "20"),
        ("''  RED  1  D      H  03-05  -4   111   SECOND  normal", "6", "20"),
        ("''  RED  1  D      H  03-05  -4   222   SECOND  normal", "10", "20"),  # another code
        ("''  RED  1  D      H  03-05  -4   null  OTHER   normal", "10", "20"),
        ("''  RED  1  MAKER  H  03-05  -4   null  SECOND  normal", "10", "20"),  # another seller
        ("''  RED  1  D      H  03-05  -4   null  SECOND  void", "10", "20"),
        ("''  RED  1  D      H  2021-01-01  -4  null  SECOND  normal", "10", "20"),  # after as_of
        ("''  RED  1  D      H  03-05  -14  null  SECOND  normal", None, "16"),  # in order, each to zero
        ("''  RED  1  D      H  03-05  -40  null  SECOND  normal", None, None),
    ],
)
def test_a_red_line_is_taken_off_the_invoice_it_names(red, first_line, second_line):
    lines = [f"{n} {left}" for n, left in ((1, first_line), (2, second_line)) if left]
    expect = "\n".join(["two_invoice_line invoice_no=SECOND", "line_no net_quantity", *lines])
    two_invoice(INVOICES + red, expect)


def test_a_red_line_of_another_batch_takes_nothing_off_and_is_reported():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  batch_no  quantity  red_of_invoice_no
    BLUE        MAKER        H           03-01      B1        10        null
    RED         MAKER        H           03-02      B2        -4        BLUE
    """
    expect = """
    two_invoice_line
    invoice_no  net_quantity
    BLUE        10

    notes
    title                   | text
    红字发票超出可冲数量或金额 | -RED 第 1 行：4 盒、4.00 元
    """
    two_invoice(given, expect)


def test_quantity_and_amount_are_taken_off_each_on_its_own_and_an_excess_is_reported():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity  amount  red_of_invoice_no
    BLUE        MAKER        H           03-01      10        100     null
    DISCOUNT    MAKER        H           03-02      0         -30     BLUE
    TOO_MUCH    MAKER        H           03-03      -2        -75     BLUE
    """
    expect = """
    two_invoice_line
    invoice_no  net_quantity  net_fen
    BLUE        8             0

    reds
    invoice_no  excess  excess_fen
    TOO_MUCH    0       500
    """
    two_invoice(given, expect)


def test_an_empty_batch_of_a_red_line_is_an_empty_batch():
    given = """
    invoices batch_no=null
    invoice_no  seller_code  buyer_code  issued_on  quantity  red_of_invoice_no
    BLUE        MAKER        H           03-01      10        null
    RED         MAKER        H           03-02      -4        BLUE
    """
    two_invoice(given, "two_invoice_line\ninvoice_no net_quantity\nBLUE 6")


def test_a_negative_line_that_names_no_invoice_is_reported():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity
    BLUE        MAKER        H           03-01      10
    NAMELESS    MAKER        H           03-02      -4
    """
    expect = "two_invoice_line\ninvoice_no net_quantity\nBLUE 10\n\nreds\ninvoice_no excess\nNAMELESS 40,000"
    two_invoice(given, expect)


@pytest.mark.parametrize(
    ("issued_on", "status", "verdict"),
    [
        ("03-01", "normal", "two_invoice"),
        ("03-01", "void", "missing_upstream"),
        ("06-30", "normal", "upstream_after_sale"),
        ("07-01", "normal", "missing_upstream"),  # after as_of: not there yet
    ],
)
def test_void_invoices_and_those_after_as_of_do_not_exist(issued_on, status, verdict):
    given = f"""
    invoices
    invoice_no  seller_code  buyer_code  issued_on    status
    FIRST       MAKER        D           {issued_on}  {status}
    SECOND      D            H           03-02        normal
    """
    two_invoice(given, "two_invoice_line\ninvoice_no verdict\nSECOND " + verdict, as_of="06-30")


def test_a_void_line_is_not_judged():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on  status
    VOID        MAKER        H           03-01      void
    """
    two_invoice(given, "two_invoice_line\ninvoice_no\n\ntwo_invoice_compliance\nmonth")


@pytest.mark.parametrize("buyer", ["H1", "USCC"])
def test_of_institutions_that_share_a_uscc_the_head_owns_the_invoice_then_the_lowest_code(buyer):
    given = f"""
    institutions
    institution_code  uscc  parent_institution_code
    A_BRANCH          USCC  H1
    H2                USCC  null
    H1                USCC  null

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    DIRECT      MAKER        {buyer}     03-01
    """
    two_invoice(given, "two_invoice_line\ninvoice_no institution_code\nDIRECT H1")


def test_a_private_hospital_consumes_stock_but_is_not_in_the_table():
    given = """
    institutions
    institution_code  ownership
    PUBLIC            public
    PRIVATE           private
    PHARMACY          retail

    invoices
    invoice_no  seller_code  buyer_code  issued_on  quantity
    FIRST       MAKER        D           03-01      10
    2ND         D            PRIVATE     03-02      6
    3RD         D            PHARMACY    03-03      1
    4TH         D            PUBLIC      03-04      3
    5TH         D            PUBLIC      03-05      1
    """
    two_invoice(given, verdicts("4TH two_invoice 1", "5TH oversold 1"))


def test_consumables_are_outside_unless_policy_says_so():
    given = """
    products
    product_code  kind
    X             consumable

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    STENT       MAKER        H           03-01
    """
    two_invoice(given, "two_invoice_line\ninvoice_no")
    policy = SITE.format("two_invoice_categories", '["drug", "consumable"]', "code")
    two_invoice(given, verdicts("STENT direct 0"), policies=policy)


EXCUSED = """
invoices
invoice_code  invoice_no  seller_code  buyer_code  issued_on
111           00000001    D            H           03-02

excuses kind=two_invoice
"""


@pytest.mark.parametrize(
    ("excuse", "verdict"),
    [
        ("invoice_code invoice_no\n111 00000001", "exempt"),
        ("invoice_code invoice_no\nnull 00000001", "missing_upstream"),  # code and number together
        ("invoice_code invoice_no valid_to\n111 00000001 03-02", "exempt"),
        ("invoice_code invoice_no valid_to\n111 00000001 03-01", "missing_upstream"),
        ("invoice_code invoice_no valid_from\n111 00000001 12-31", "exempt"),
        ("invoice_code invoice_no valid_from\n111 00000001 2021-01-01", "missing_upstream"),
        ("invoice_code invoice_no institution_code\n111 00000001 OTHER", "missing_upstream"),
        ("invoice_code invoice_no kind\n111 00000001 payment", "missing_upstream"),
    ],
)
def test_an_approved_emergency_exempts_the_invoice_it_names(excuse, verdict):
    two_invoice(EXCUSED + excuse, verdicts(f"00000001 {verdict} null"))


MONTH = """
products
product_code  special_category
X             none
VACCINE       vaccine

invoices
invoice_no  product_code  batch_no  seller_code  buyer_code  issued_on  quantity
DIRECT      X             B1        MAKER        H           03-01      60
TOO_MANY    X             B1        B            H           03-02      20
UPSTREAM    X             B1        A            B           03-01      20
NO_BATCH    X             -         B            H           03-31      20
EXEMPT      VACCINE       B1        B            H           03-31      50
APRIL       VACCINE       B1        B            H           04-01      50
"""


def test_monthly_rates_by_amount_and_by_count():
    expect = """
    two_invoice_compliance month=2020-03
    scope_fen  compliant_fen  violation_fen  unverifiable_fen  exempt_fen  compliance_rate_amount  verified_rate_amount
    10,000     6,000          2,000          2,000             5,000       75%                     80%

    two_invoice_compliance month=2020-03
    scope_count  compliant_count  violation_count  unverifiable_count  exempt_count  compliance_rate_count  verified_rate_count
    3            1                1                1                   1             1/2                    2/3
    """
    two_invoice(MONTH, expect)


def test_a_month_with_only_exempt_lines_has_no_rate():
    expect = """
    two_invoice_compliance month=2020-04
    scope_fen  exempt_fen  exempt_count  compliance_rate_amount  compliance_rate_count  verified_rate_amount
    0          5,000       1             null                    null                   null
    """
    two_invoice(MONTH, expect)


def test_a_month_with_only_unverifiable_lines_is_no_compliance():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on
    SECOND      D            H           03-02
    """
    expect = """
    two_invoice_compliance
    scope_count  unverifiable_count  compliance_rate_count  verified_rate_count
    1            1                   null                   0
    """
    two_invoice(given, expect)
