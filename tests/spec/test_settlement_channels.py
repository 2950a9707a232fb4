"""Who is paid through which channel: payers, payees, what makes a payee a manufacturer, and reversals (obligations §22)."""

import pytest

from tests.spec.check import check

CODE = "settlement_channels"
PARTS = (
    "settlement_channels\nhospital_to_manufacturer_fen hospital_to_distributor_fen fund_to_manufacturer_fen "
    "fund_to_distributor_fen paid_fen direct_share\n"
)

DEEMED = """
products
product_code  manufacturer_code
X             MAKER
OTHER         MAKER

deemed_manufacturers
enterprise_code  valid_from  valid_to  product_code
SALES            11-10       11-20     {only}

deliveries
delivery_id  product_code  accepted_on
D1           X             03-02

payments payee_code=SALES amount=100
payment_id  paid_on
BEFORE      11-09
FIRST       11-10
LAST        11-20
AFTER       11-21
"""
BOUGHT_LATER = """
deliveries
delivery_id  accepted_on
D1           12-30

payments payee_code=MAKER amount=100
payment_id  paid_on
P1          03-02
"""
SENT_BACK = """
deliveries
delivery_id  accepted_on
D1           11-30

returns
delivery_id  returned_on  returned_quantity
D1           12-30        100

payments payee_code=MAKER amount=100
payment_id  paid_on
P1          03-02
"""
TAKEN_BACK = """
deliveries
delivery_id  accepted_on
D1           03-02

payments
payment_id  line_no  payee_code  paid_on  amount  reverses_payment_id
P1          1        MAKER       11-02    100     null
P1          2        D           11-02    100     null
BACK        1        D           12-30    -150    P1
"""
NOT_TAKEN_BACK = "\n".join(line for line in TAKEN_BACK.splitlines() if "BACK" not in line)
NAMES_ANOTHER = TAKEN_BACK.replace("-150    P1", "-150    P9")
PAID = SENT_BACK.replace("100\n\npayments", "50\n\npayments")
UNPAID = PAID.split("payments")[0]
NIGHTS = (
    ((BOUGHT_LATER, BOUGHT_LATER), ("12-29", "12-31")),
    ((SENT_BACK, SENT_BACK), ("12-29", "12-31")),
    ((PAID, SENT_BACK), ("12-31", "12-31")),
    ((UNPAID, PAID), ("12-31", "12-31")),
    ((TAKEN_BACK, TAKEN_BACK), ("12-29", "12-31")),
    ((TAKEN_BACK, TAKEN_BACK), ("11-01", "11-02")),
    ((TAKEN_BACK, NOT_TAKEN_BACK), ("12-31", "12-31")),
    ((NOT_TAKEN_BACK, TAKEN_BACK), ("12-31", "12-31")),
    ((NAMES_ANOTHER, TAKEN_BACK), ("12-31", "12-31")),
)
"""A payee becomes a manufacturer by what is received, and is none once all of it went back; payments come, and are taken back."""


def channels(as_of: str, given: str, expect: str) -> None:
    check(CODE, as_of, given, expect)


def one_payment(products: str, deliveries: str = "delivery_id product_code\nD1 X", payee: str = "M", more: str = "") -> str:
    return f"""
products
{products}

deliveries accepted_on=03-02
{deliveries}

payments
payment_id payee_code paid_on amount
P1 {payee} 11-02 100

{more}
"""


TO_MAKER, TO_OTHER = "10000 0 0 0 10000 100%", "0 10000 0 0 10000 0%"


@pytest.mark.parametrize(
    ("products", "row"),
    [
        ("product_code manufacturer_code\nX M", TO_MAKER),
        ("product_code manufacturer_code mah_code\nX OTHER M", TO_MAKER),
        ("product_code manufacturer_code mah_code\nX OTHER OTHER", TO_OTHER),
        ("product_code manufacturer_code\nX OTHER\nNOT_BOUGHT M", TO_OTHER),
        ("product_code kind manufacturer_code\nX consumable M", TO_MAKER),
    ],
)
def test_a_payee_is_a_manufacturer_of_what_the_institution_received(products, row):
    channels("12-31", one_payment(products), PARTS + row)


@pytest.mark.parametrize(
    ("deliveries", "row"),
    [
        ("delivery_id distributor_code\nD1 ANYONE", TO_MAKER),
        ("delivery_id channel is_emergency\nD1 offline yes", TO_MAKER),
        ("delivery_id is_gift\nD1 yes", TO_OTHER),
        ("delivery_id institution_code\nD1 ELSEWHERE", TO_OTHER),
        ("delivery_id accepted_on\nD1 null", TO_OTHER),
        ("delivery_id accepted_on\nD1 12-31", TO_MAKER),
        ("delivery_id accepted_on\nD1 2021-01-01", TO_OTHER),
        ("delivery_id accepted_on\nD1 2018-01-01", TO_MAKER),
    ],
)
def test_any_line_to_as_of_will_do(deliveries, row):
    places = "institutions\ninstitution_code\nH\nELSEWHERE"
    channels("12-31", one_payment("product_code manufacturer_code\nX M", deliveries, more=places), PARTS + row)


def test_a_line_that_went_back_is_none():
    channels("12-29", SENT_BACK, PARTS + TO_MAKER)
    channels("12-30", SENT_BACK, PARTS + TO_OTHER)
    channels("12-30", SENT_BACK.replace("12-30        100", "12-30        99.9999"), PARTS + TO_MAKER)


@pytest.mark.parametrize(
    ("only", "row"),
    [("''", "20000 20000 0 0 40000 50%"), ("X", "20000 20000 0 0 40000 50%"), ("OTHER", "0 40000 0 0 40000 0%")],
)
def test_who_is_deemed_on_the_day_of_payment_is_a_manufacturer(only, row):
    channels("12-31", DEEMED.format(only=only), PARTS + row)


def test_an_open_deeming_holds_on_and_one_of_another_maker_means_nothing():
    given = DEEMED.format(only="''").replace("11-20     ''", "null      ''")
    channels("12-31", given, PARTS + "30000 10000 0 0 40000 75%")
    channels("12-31", given.replace("X             MAKER", "X             ELSE"), PARTS + "0 40000 0 0 40000 0%")


def test_payer_and_payee_make_four_channels_and_the_fund_is_always_direct():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02

    payments
    payment_id  payee_code  paid_on  amount  channel
    P1          MAKER       11-01    1.01    hospital
    P2          D           11-30    2.02    hospital
    P3          MAKER       11-02    4.04    fund_direct
    P4          D           11-02    8.08    fund_direct
    NEXT        D           12-01    16.16   hospital
    LATER       D           12-02    32.32   hospital
    """
    expect = """
    settlement_channels month=2020-11
    hospital_to_manufacturer_fen hospital_to_distributor_fen fund_to_manufacturer_fen fund_to_distributor_fen direct_share
    101                          202                         404                      808                     1313/1515

    findings
    rule_code
    """
    channels("12-01", given, expect)
    channels("12-01", given, "settlement_channels\nmonth paid_fen direct_share\n2020-11 1515 1313/1515\n2020-12 1616 0")


def test_reversals_lessen_their_payment_in_line_order_in_its_month_from_their_day_on():
    channels("12-29", TAKEN_BACK, "settlement_channels\nmonth hospital_to_manufacturer_fen paid_fen\n2020-11 10000 20000")
    channels("12-30", TAKEN_BACK, "settlement_channels\nmonth hospital_to_manufacturer_fen paid_fen\n2020-11 0 5000")


def test_what_is_all_taken_back_leaves_no_row_nor_does_a_reversal_in_excess():
    given = TAKEN_BACK.replace("-150", "-200")
    channels("12-30", given, "settlement_channels\nmonth")
    channels("12-30", TAKEN_BACK.replace("-150", "-250"), "settlement_channels\nmonth")
    channels("12-29", given, "settlement_channels\npaid_fen\n20000")


def test_a_place_that_was_withdrawn_and_its_payments_do_not_exist():
    given = NOT_TAKEN_BACK + "\n\ninstitutions\ninstitution_code\nOTHER\n"
    channels("12-31", given, "settlement_channels\nmonth")
