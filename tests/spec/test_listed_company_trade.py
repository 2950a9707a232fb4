"""Trade with listed companies: when a listing is in force, where it binds, in which role, and what is found (obligations §24)."""

import pytest

from tests.spec.check import check

CODE = "listed_company_trade"
LISTED = """
blacklist
enterprise_code  listed_on
D                03-01
"""
BACK = (
    LISTED
    + """
deliveries ordered_on=03-02
delivery_id  accepted_on
STAYS        11-30
GOES_BACK    11-30
COMES        12-30

returns
delivery_id  returned_on  returned_quantity
GOES_BACK    12-30        10
"""
)
ALL_STAY = BACK[: BACK.index("\nreturns")]
ONE_MORE = ALL_STAY + "MORE         12-01\n"
SOLD = (
    LISTED
    + """
invoices seller_code=D buyer_code=H
invoice_no  issued_on  quantity  red_of_invoice_no
BLUE        03-02      10        null
RED         12-30      -4        BLUE
LATER       12-30      1         null
"""
)
NIGHTS = (
    ((BACK, BACK), ("12-29", "12-31")),
    ((ALL_STAY, ONE_MORE), ("12-31", "12-31")),
    ((ALL_STAY, BACK), ("12-31", "12-31")),
    ((SOLD, SOLD), ("12-29", "12-31")),
    ((SOLD[: SOLD.index("RED")], SOLD), ("12-31", "12-31")),
)


def trade(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check(CODE, as_of, given, expect, policies)


def delivered(*ordered_on: str) -> str:
    rows = "\n".join(f"D{n} {day} 2022-06-01" for n, day in enumerate(ordered_on))
    return f"\ndeliveries received_quantity=1\ndelivery_id ordered_on accepted_on\n{rows}\n"


@pytest.mark.parametrize(
    ("delisted_on", "ordered_on", "is_in"),
    [
        ("09-01", "02-29", False),
        ("09-01", "03-01", True),
        ("09-01", "08-31", True),
        ("09-01", "09-01", False),
        ("null", "2022-02-28", True),
        ("null", "2022-03-01", False),
    ],
)
def test_a_listing_is_in_force_from_its_day_to_the_day_off_or_two_years_on(delisted_on, ordered_on, is_in):
    given = f"""
    blacklist
    enterprise_code  listed_on  delisted_on
    D                03-01      {delisted_on}
    """
    expect = f"listed_company_trade\nlines here_lines first_on last_on\n{f'1 1 {ordered_on} {ordered_on}' if is_in else ''}"
    trade("2022-06-30", given + delivered(ordered_on), expect)


@pytest.mark.parametrize(("ordered_on", "is_in"), [("2022-02-27", True), ("2022-02-28", False)])
def test_months_end_on_the_last_day_of_a_shorter_month(ordered_on, is_in):
    given = "\nblacklist\nenterprise_code listed_on\nD 2020-02-29\n" + delivered(ordered_on)
    trade("2022-06-30", given, f"listed_company_trade\nlines\n{'1' if is_in else ''}")


def test_without_a_ban_of_so_many_months_a_listing_stays_open():
    given = "\nblacklist\nenterprise_code listed_on\nD 2015-02-08\n" + delivered("2021-03-01")
    trade("2022-06-30", given, "listed_company_trade\nenterprise_code lines\nD 1")
    trade("2022-06-30", given.replace("02-08", "02-09"), "listed_company_trade\nenterprise_code lines")


def test_months_are_those_of_the_place_of_the_listing():
    policies = """
    [[policy]]
    id = "site:ban"
    parameter = "ban_months"
    value = 6
    unit = "month"
    jurisdiction = "33"
    valid_from = 2020-01-01
    document_no = "本地规定"
    clause = "本地规定"
    mark = "D"
    """
    given = """
    blacklist
    enterprise_code  listed_on  jurisdiction_code
    D                08-31      3302
    E                08-31      ''

    deliveries ordered_on=2021-02-28 accepted_on=2021-03-01
    delivery_id  distributor_code
    D1           D
    D2           E
    """
    trade("2021-12-31", given, "listed_company_trade\nenterprise_code  here_lines\nE  1", policies)


def test_a_listing_elsewhere_is_in_the_table_and_no_finding():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    L                 371502

    blacklist listed_on=03-01
    enterprise_code  jurisdiction_code
    D                3715

    deliveries ordered_on=03-02 accepted_on=03-03
    delivery_id  institution_code
    D1           H
    D2           L
    """
    expect = """
    listed_company_trade
    institution_code  role         jurisdiction_code  lines  here_lines
    H                 distributor  330282             1      0
    L                 distributor  371502             1      1

    findings
    subject_key      | jurisdiction_code | clause
    D|L|distributor  | 371502            | 聊政发〔2018〕44号 三(四)2
    """
    trade("12-31", given, expect)


def test_a_line_under_several_listings_is_one_line_and_here_where_one_of_them_is():
    given = """
    blacklist
    enterprise_code  listed_on  jurisdiction_code
    D                01-01      3715
    D                02-01      33
    D                02-15      ''
    """
    expect = "listed_company_trade\nlines here_lines amount_fen\n3 2 300"
    trade("2022-06-30", given + delivered("01-31", "02-01", "02-15"), expect)


def test_lines_count_once_for_each_company_and_role():
    given = """
    products
    product_code  manufacturer_code  mah_code
    OWN           M                  M
    HELD          M                  D
    OTHER         null               null

    blacklist listed_on=2020-01-01
    enterprise_code
    D
    M

    deliveries ordered_on=03-02 accepted_on=03-03
    delivery_id  product_code  distributor_code  received_quantity
    D1           OWN           D                 1
    D2           HELD          D                 2
    D3           HELD          X                 4
    D4           OTHER         X                 8
    """
    expect = """
    listed_company_trade
    enterprise_code  role          lines  amount_fen
    D                distributor   2      300
    D                manufacturer  2      600
    M                manufacturer  3      700
    """
    trade("12-31", given.replace("null               null", "X                  null"), expect)


def test_sellers_are_those_of_net_invoice_lines_to_institutions():
    given = """
    institutions
    institution_code  uscc
    H                 USCC_H

    blacklist
    enterprise_code  listed_on
    S                03-01

    invoices seller_code=S
    invoice_no  buyer_code  issued_on  quantity  amount  status  red_of_invoice_no
    BEFORE      H           02-29      10        100     normal  null
    BY_CODE     H           03-01      10        100     normal  null
    BY_USCC     USCC_H      03-02      10        50      normal  null
    RED         USCC_H      04-01      -4        -20     normal  BY_USCC
    GONE        H           03-03      10        100     normal  null
    ALL_RED     H           04-01      -10       -100    normal  GONE
    VOID        H           03-04      10        100     void    null
    COMPANY     C           03-04      10        100     normal  null
    LATER       H           2021-01-01 10        100     normal  null
    """
    expect = """
    listed_company_trade
    enterprise_code  institution_code  role    lines  here_lines  amount_fen  first_on  last_on
    S                H                 seller  2      2           13,000      03-01     03-02

    findings
    severity   subject_key  counterparty_code  amount_fen
    violation  S|H|seller   S                  13,000
    """
    trade("12-31", given, expect)


def test_what_is_no_line_is_no_trade():
    given = (
        LISTED
        + """
    deliveries ordered_on=03-02
    delivery_id  accepted_on  is_gift
    GIFT         03-03        yes
    OPEN         null         no
    LATER        2021-01-01   no
    BACK         03-03        no

    returns
    delivery_id  returned_on  returned_quantity
    BACK         03-04        100
    """
    )
    trade("12-31", given, "listed_company_trade\nenterprise_code\n\nfindings\nrule_code")


@pytest.mark.parametrize(
    ("ownership", "role", "severity"),
    [
        ("public", "distributor", "violation"),
        ("public", "manufacturer", "signal"),
        ("private", "distributor", "signal"),
        ("retail", "manufacturer", "signal"),
    ],
)
def test_it_is_a_violation_of_public_institutions_that_bought_of_a_listed_company(ownership, role, severity):
    given = f"""
    institutions
    institution_code  ownership    responsible_person
    H                 {ownership}  院长

    blacklist listed_on=03-01
    enterprise_code
    {"D" if role == "distributor" else "MAKER"}

    deliveries ordered_on=03-02 accepted_on=03-03
    delivery_id
    D1
    """
    expect = f"""
    findings
    rule_code             severity    subject_type              amount_fen  quantity  responsible
    listed_company_trade  {severity}  company_institution_role  10,000      null      院长
    """
    trade("12-31", given, expect)


def test_a_finding_says_who_when_and_how_much_and_fades():
    given = LISTED + delivered("2020-03-02", "2020-12-31")
    message = "配送企业 D 列入失信名单期间，2020-03-02 至 2020-12-31 与其交易 2 行，共 2.00 元，其中名单适用于本地的 2 行"
    expect = f"findings\nclause | message_zh\n国办发〔2015〕7号 | {message}"
    trade("2022-06-30", given, "findings\nrule_code\n\nlisted_company_trade\nlines\n2")
    trade("2021-12-31", given.replace("2022-06-01", "2021-06-01"), expect)


def test_a_signal_names_reasons_and_how_to_check():
    given = "\nblacklist\nenterprise_code listed_on\nMAKER 03-01\n" + delivered("2021-03-02")
    message = (
        "生产企业 MAKER 列入失信名单期间，2021-03-02 至 2021-03-02 与其交易 1 行，共 1.00 元，其中名单适用于本地的 1 行。"
        "可能的正常原因：名单只限部分品种、没有其他供应来源、下单时列入的通知尚未送达；请核对名单文件和采购记录"
    )
    trade("2022-06-30", given, f"findings\nseverity | message_zh\nsignal | {message}")
