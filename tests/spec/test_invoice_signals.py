"""Further two-invoice signals: when each is raised, what it is not, and what it says (obligations §29)."""

from fractions import Fraction

import pytest

from pipelines.engine.indicator import Inputs
from pipelines.indicators import all_explained, all_indicators
from pipelines.indicators.invoice_signals.declaration import SIGNALS
from pipelines.policy.policies import load_policies
from tests.indicators.records import compute_on, read_answer, write_records
from tests.indicators.test_against_reference import compare
from tests.reference.invoice_signals import invoice_signals as reference
from tests.reference.worlds import random_world
from tests.spec.check import check

CODE = "invoice_signals"
FIGURES = ("amount_fen", "quantity", "rate")
LIMIT = """
[[policy]]
id = "site:markup"
parameter = "chain_markup_limit"
value = "{}"
unit = "ratio"
jurisdiction = "{}"
valid_from = {}
document_no = "本地规定"
clause = "本地规定"
mark = "D"
"""
NIGHT_POLICIES = LIMIT.format("0.3", "33", "2020-01-01")
HOUSES = """
institutions
institution_code  parent_institution_code
H                 null
BRANCH            H
OTHER             null
"""


def signals(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check(CODE, as_of, given, expect, policies)


def found(*rows: str, columns: str = "subject_key institution_code counterparty_code amount_fen") -> str:
    return "\n".join((f"invoice_signals\n{columns}", *rows))


# number_reused


@pytest.mark.parametrize(
    ("seller", "buyer", "is_found"),
    [("D", "H", False), ("E", "H", True), ("D", "OTHER", True), ("D", "BRANCH", False), ("D", "COMPANY", True)],
)
def test_a_number_has_one_seller_and_one_family_that_buys(seller, buyer, is_found):
    given = f"""{HOUSES}
    invoices invoice_code=111 invoice_no=00000001 issued_on=03-01
    line_no  seller_code  buyer_code
    1        D            H
    2        {seller}     {buyer}
    """
    signals("12-31", given, found(*(["111|00000001 H D 2,000"] if is_found else [])))


@pytest.mark.parametrize(
    ("code", "number", "is_found"),
    [
        ("111", "00000001", True),
        ("''", "24330000000000000001", True),
        ("''", "00000001", False),
        ("''", "2433000000000000001", False),
        ("''", "243300000000000000012", False),
        ("''", "2433000000000000000A", False),
    ],
)
def test_without_a_code_only_a_number_of_twenty_digits_is_one_invoice(code, number, is_found):
    given = f"""
    invoices issued_on=03-01 buyer_code=H
    invoice_code  invoice_no  line_no  seller_code
    {code}        {number}    1        D
    {code}        {number}    2        E
    """
    key = f"{code}|{number}".replace("''", "")
    signals("12-31", given, found(*([f"{key} H D 2,000"] if is_found else [])))


def test_the_first_line_in_the_order_of_issue_says_who_bought_and_sold_and_the_last_says_when():
    given = f"""{HOUSES}
    invoices invoice_code=111 invoice_no=00000001
    line_no  seller_code  buyer_code  issued_on  amount
    1        D            H           03-02      10
    2        E            COMPANY     03-01      20
    3        F            H           2018-12-31 40
    """
    later = given.replace("2018-12-31", "03-03")
    told = "发票 111-00000001 的 3 行有 3 个销方、2 个购方（同一医共体的机构算一个），合计 70.00 元。"
    told += "可能的正常原因：号码录入有误、企业更名换码、清单分送几家；请核对发票原件和查验结果"
    signals("12-31", given, found("111|00000001 H F 7,000"))
    signals("12-31", later, found("111|00000001 null E 7,000"))
    signals("12-31", later, f"findings\nrule_code | message_zh | jurisdiction_code\ninvoice_number_reused | {told} | ''")


def test_lines_that_are_void_taken_off_or_of_tomorrow_say_nothing():
    given = """
    invoices invoice_code=111 buyer_code=H
    invoice_no  line_no  seller_code  issued_on   quantity  status  red_of_invoice_no
    00000001    1        D            03-01       10        normal  null
    00000001    2        E            03-01       10        void    null
    00000001    3        F            03-01       10        normal  null
    00000001    4        G            2021-01-01  10        normal  null
    00000002    1        F            03-02       -10       normal  00000001
    """
    signals("12-31", given, found())
    signals("2021-01-01", given, found("111|00000001 H D 2,000"))


# circular


@pytest.mark.parametrize(
    ("product", "batch", "buyer", "is_found"),
    [
        ("X", "B1", "A", True),
        ("X", "B2", "A", False),
        ("Y", "B1", "A", False),
        ("X", "B1", "H", False),
        ("X", "B1", "C", False),
    ],
)
def test_two_companies_sold_a_batch_to_each_other(product, batch, buyer, is_found):
    given = f"""
    products
    product_code
    X
    Y

    invoices
    invoice_no  seller_code  buyer_code  product_code  batch_no  issued_on  amount
    I1          A            B           X             B1        06-01      100
    I2          A            B           X             B1        03-01      50
    I3          B            {buyer}     {product}     {batch}   03-02      40
    """
    row = "circular X|B1|A|B null A 19,000 null"
    columns = "signal subject_key institution_code counterparty_code amount_fen quantity"
    signals("12-31", given, found(*([row] if is_found else []), columns=columns))


@pytest.mark.parametrize("batch", ["null", "无", "-"])
def test_an_empty_batch_goes_in_no_circle(batch):
    given = f"""
    invoices issued_on=03-01 batch_no={batch}
    invoice_no  seller_code  buyer_code
    I1          A            B
    I2          B            A
    """
    signals("12-31", given, found())


def test_a_circle_is_one_signal_of_the_day_of_its_last_line_and_a_company_is_no_circle_with_itself():
    given = """
    invoices
    invoice_no  seller_code  buyer_code  issued_on
    I1          B            A           2018-01-01
    I2          A            B           2018-12-31
    I3          C            C           03-01
    """
    told = "产品 X 批号 B1：企业 A 开给 B 10.00 元，B 又开给 A 10.00 元，合计 20.00 元。"
    told += "可能的正常原因：退货没有开红字发票、集团内调剂；请核对随货同行单和资金流向"
    signals("12-31", given, found("X|B1|A|B null A 2,000") + "\n\nfindings\nrule_code")
    later = given.replace("2018-12-31", "2019-01-01")
    row = f"invoice_circular | circular|X|B1|A|B | {told}"
    signals("12-31", later, f"findings\nrule_code | subject_key | message_zh\n{row}")


# chain_markup


def chain(price: str, *, bought: str = "1000 10000", more: str = "") -> str:
    quantity, amount = bought.split()
    return f"""
    invoices invoice_code=111
    invoice_no  seller_code  buyer_code  issued_on  quantity    amount
    FIRST       MAKER        D           03-01      {quantity}  {amount}
    SECOND      D            H           03-02      600         {price}
    {more}
    """


@pytest.mark.parametrize(
    ("price", "row"),
    [
        ("7800", ""),
        ("7806", "111|SECOND|1 H D 180,600 600 0.301"),
        ("7800.01", "111|SECOND|1 H D 180,001 600 0.30000166666666666"),
    ],
)
def test_a_price_above_the_limit_is_a_markup_and_one_at_the_limit_is_none(price, row):
    columns = "subject_key institution_code counterparty_code amount_fen quantity rate"
    signals("12-31", chain(price), found(*([row] if row else []), columns=columns), NIGHT_POLICIES)


@pytest.mark.parametrize(("place", "since"), [("3715", "2020-01-01"), ("33", "2021-01-01")], ids=["ELSEWHERE", "LATER"])
def test_without_a_limit_where_it_is_and_on_as_of_there_is_no_markup(place, since):
    signals("12-31", chain("20000"), found(), LIMIT.format("0.3", place, since))
    signals("12-31", chain("20000"), found())


def test_a_limit_that_begins_after_the_line_holds_on_as_of():
    signals("12-31", chain("20000"), found("111|SECOND|1 H D 1,400,000"), LIMIT.format("0.3", "33", "2020-12-31"))


def test_what_was_paid_is_the_mean_of_what_came_from_sources_by_that_day():
    more = """
    EARLIER     MAKER        D           02-01      500     4000
    SAME_DAY    MAKER        D           03-02      500     6000
    LATER       MAKER        D           03-03      500     1
    NO_SOURCE   E            D           02-01      500     1
    """.strip()
    given = chain("7806", more=more)
    told = "发票 111-SECOND 第 1 行（产品 X，批号 B1）单价 13.01 元，销方自生产企业购进的均价 10 元，加价 30.10%，"
    told += "600 盒计 1806.00 元。"
    told += "可能的正常原因：购进后另有折让、价格中含配送和冷链费用；请核对购销合同和折让发票"
    signals("12-31", given, found("111|SECOND|1 H D 180,600"), NIGHT_POLICIES)
    signals(
        "12-31", given, f"findings\nrule_code | severity | message_zh\ninvoice_chain_markup | signal | {told}", NIGHT_POLICIES
    )


@pytest.mark.parametrize("bought", ["1000 0", "600 0.01"], ids=["NOTHING_PAID", "A_FEN"])
def test_a_sum_of_nothing_has_no_markup(bought):
    rows = [] if bought.endswith(" 0") else ["111|SECOND|1 H D 779,999"]
    signals("12-31", chain("7800", bought=bought), found(*rows), NIGHT_POLICIES)


def test_exempt_lines_and_those_of_other_hops_have_no_markup():
    excused = chain("20000") + "\nexcuses kind=two_invoice\ninvoice_code invoice_no\n111 SECOND"
    further = chain("20000", more="BETWEEN D E 03-02 600 6000").replace("D            H", "E            H")
    private = "\ninstitutions\ninstitution_code ownership\nH private\n" + chain("20000")
    for given in (excused, further, private):
        signals("12-31", given, found(), NIGHT_POLICIES)


@pytest.mark.thorough
def test_markups_of_random_worlds_are_those_of_the_reference(tmp_path):
    (tmp_path / "site.toml").write_text(LIMIT.format("0.05", "", "2020-01-01"), encoding="utf-8")
    policies, markups = load_policies(tmp_path), 0
    for seed in range(1200, 1206):
        records, as_of = random_world(seed)
        written = write_records(records, tmp_path / str(seed))
        compute_on(all_indicators()[CODE], Inputs(written, as_of, policies), written.below("answer"))
        answer = read_answer(all_indicators()[CODE], written.below("answer"))[CODE]
        compare(seed, CODE, reference(records, as_of, chain_markup_limit=Fraction(1, 20))[CODE], answer)
        markups += len(answer.filter(signal="chain_markup"))
    assert markups


# payee_not_seller


def paid(payee: str = "STRANGER", payer: str = "H", **values: str) -> str:
    named = " ".join(f"{column}={value}" for column, value in ({"invoice_no": "I1"} | values).items())
    return f"""{HOUSES}
    products
    product_code  manufacturer_code  mah_code
    X             MAKER              HOLDER

    enterprises
    enterprise_code  group_code
    D                G
    SISTER           G
    LONER            null
    STRANGER         G2

    invoices
    invoice_no  seller_code  buyer_code  issued_on
    I1          D            H           03-01

    payments payee_code={payee} institution_code={payer} {named}
    payment_id  line_no  paid_on  amount
    P           1        04-01    10
    """


@pytest.mark.parametrize(
    ("payee", "is_found"),
    [("D", False), ("SISTER", False), ("MAKER", False), ("HOLDER", False), ("STRANGER", True), ("LONER", True), ("NEW", True)],
)
def test_the_payee_is_the_seller_its_group_or_a_manufacturer(payee, is_found):
    signals("12-31", paid(payee), found(*([f"H|P|1 H {payee} 1,000"] if is_found else [])))


def test_companies_without_a_group_are_not_of_one():
    given = paid("LONER").replace("D                G\n", "D                null\n")
    signals("12-31", given, found("H|P|1 H LONER 1,000"))


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "product", "is_found"),
    [
        ("04-01", "04-01", "''", False),
        ("04-02", "null", "''", True),
        ("03-01", "03-31", "''", True),
        ("03-01", "null", "X", False),
        ("03-01", "null", "Y", True),
    ],
)
def test_who_is_deemed_on_the_day_of_payment_is_a_manufacturer(valid_from, valid_to, product, is_found):
    given = (
        paid("AGENT")
        + f"""
    deemed_manufacturers
    enterprise_code  basis              valid_from    valid_to    product_code
    AGENT            sole_import_agent  {valid_from}  {valid_to}  {product}
    """
    )
    signals("12-31", given, found(*(["H|P|1 H AGENT 1,000"] if is_found else [])))


@pytest.mark.parametrize(("payer", "is_found"), [("H", True), ("BRANCH", True), ("OTHER", False)])
def test_the_invoice_is_of_the_family_of_the_payer(payer, is_found):
    signals("12-31", paid(payer=payer), found(*([f"{payer}|P|1 {payer} STRANGER 1,000"] if is_found else [])))


@pytest.mark.parametrize("values", [{"channel": "fund_direct"}, {"invoice_no": "null"}, {"invoice_code": "111"}])
def test_the_fund_and_who_names_no_such_invoice_is_no_signal(values):
    signals("12-31", paid(**values), found())


@pytest.mark.parametrize(
    ("amount", "rows"),
    [
        ("-4", ["H|P|1 H STRANGER 600", "H|P|2 H STRANGER 1,000"]),
        ("-10", ["H|P|2 H STRANGER 1,000"]),
        ("-12", ["H|P|2 H STRANGER 800"]),
        ("-25", []),
    ],
)
def test_what_is_taken_back_is_not_paid_line_after_line(amount, rows):
    given = f"""
    invoices
    invoice_no  seller_code  buyer_code  issued_on
    I1          D            H           03-01

    payments payee_code=STRANGER
    payment_id  line_no  paid_on  amount    invoice_no  reverses_payment_id
    P           1        04-01    10        I1          null
    P           2        04-01    10        I1          null
    BACK        1        12-31    {amount}  null        P
    """
    signals("12-31", given, found(*rows))
    signals("12-30", given, found("H|P|1 H STRANGER 1,000", "H|P|2 H STRANGER 1,000"))
    signals("03-31", given, found())


@pytest.mark.parametrize(
    ("kind", "invoice", "valid_from", "is_found"),
    [
        ("payment", "I1", "12-31", False),
        ("payment", "I1", "2021-01-01", True),
        ("payment", "I2", "12-31", True),
        ("two_invoice", "I1", "12-31", True),
    ],
)
def test_a_payment_excuse_of_anybody_that_names_the_invoice_takes_it_out_however_long_it_holds(
    kind, invoice, valid_from, is_found
):
    given = (
        paid()
        + f"""
    excuses kind={kind} institution_code=OTHER
    invoice_no  valid_from    valid_to
    {invoice}   {valid_from}  {valid_from}
    """
    )
    signals("12-31", given, found(*(["H|P|1 H STRANGER 1,000"] if is_found else [])))


def test_a_payment_to_somebody_else_says_so():
    told = "付款 P 第 1 行于 2020-04-01 按发票 I1 付给 STRANGER 10.00 元，收款方不是该发票的销方（D），"
    told += "与销方不同集团，也不是票上产品的生产企业。"
    told += "可能的正常原因：委托收款、债权转让、付款时写错发票号；请核对付款凭证和委托文件"
    signals("12-31", paid(), f"findings\nrule_code | amount_fen | message_zh\ninvoice_payee_not_seller | 1,000 | {told}")


# paid_unverified


def unverified(payments: str = "P1 D 04-01 900 Z", more: str = "") -> str:
    """Z has a violation of 500.00 and, from the manufacturer itself, 700.00 that is compliant."""
    return f"""{HOUSES}
    invoices invoice_no=Z issued_on=03-02 buyer_code=H quantity=100
    line_no  seller_code  batch_no  amount
    1        D            null      500
    2        MAKER        B1        700

    deliveries invoice_no=Z accepted_on=03-03 received_quantity=100
    delivery_id  unit_price  distributor_code
    D1           5           D
    D2           7           D

    payments
    payment_id  payee_code  paid_on  amount  invoice_no
    {payments}
    {more}
    """


COUNTED = "signal subject_key institution_code counterparty_code amount_fen"


@pytest.mark.parametrize(
    ("payments", "amount"),
    [
        ("P1 D 04-01 900 Z", "50,000"),
        ("P1 D 04-01 300 Z", "30,000"),
        ("P1 ELSE 04-01 300 Z", "30,000"),
        ("P1 D 04-01 900 null", ""),
        ("P1 D 2021-01-01 900 Z", ""),
    ],
)
def test_what_the_first_pass_gave_to_an_invoice_without_a_verified_chain_is_the_amount_at_most_that_of_its_lines(
    payments, amount
):
    given = unverified(payments).replace("payment_id  payee", "payment_id payee")
    row = f"paid_unverified |Z H D {amount}"
    expect = f"invoice_signals signal=paid_unverified\n{COUNTED}\n{row if amount else ''}"
    signals("12-31", given, expect)


def test_a_verified_chain_and_an_excused_invoice_may_be_paid():
    nothing = f"invoice_signals signal=paid_unverified\n{COUNTED}"
    signals("12-31", unverified().replace("1        D            null", "1        MAKER        B1"), nothing)
    signals("12-31", unverified(more="\n    excuses kind=two_invoice\n    invoice_no\n    Z"), nothing)


def test_the_lowest_buyer_and_seller_of_the_lines_are_named_and_money_of_all_institutions_counts():
    given = unverified("P1 D 04-01 100 Z\nP2 D 04-01 200 Z").replace(
        "2        MAKER        B1        700", "2 C null 700\n3 A B1 50\n4 MAKER B1 10"
    )
    given = given.replace("invoices invoice_no=Z issued_on=03-02 buyer_code=H", "invoices invoice_no=Z issued_on=03-02")
    given = given.replace("line_no  seller_code  batch_no  amount", "line_no seller_code batch_no amount buyer_code")
    for was, now in (("D            null      500", "D null 500 OTHER"), ("C null 700", "C null 700 H")):
        given = given.replace(was, now)
    given = given.replace("A B1 50", "A B1 50 BRANCH").replace("MAKER B1 10", "MAKER B1 10 BRANCH")
    told = "发票 Z 有 3 行超过两票或无法核实（1250.00 元），而按该发票已付款 300.00 元，计 300.00 元。"
    told += "可能的正常原因：上游发票尚未报送、批号漏填；请核对上游发票，核实后再付款"
    row = "paid_unverified |Z BRANCH A 30,000"
    signals("12-31", given, f"invoice_signals signal=paid_unverified\n{COUNTED}\n{row}")
    signals(
        "12-31", given, f"findings rule_code=invoice_paid_unverified\nsubject_key | message_zh\npaid_unverified||Z | {told}"
    )


# short_invoiced


def received(*lines: str, more: str = "") -> str:
    """Z has 100 packs of X for H; lines are institution, product, packs, whether a gift, day."""
    rows = "\n".join(f"    D{n} {line}" for n, line in enumerate(lines))
    return f"""{HOUSES}
    products
    product_code
    X
    Y

    invoices invoice_code=111 buyer_code=H
    invoice_no  line_no  seller_code  issued_on  quantity  red_of_invoice_no
    Z           1        D            03-01      100       null
    {more}

    deliveries invoice_code=111 invoice_no=Z
    delivery_id institution_code product_code received_quantity is_gift accepted_on
{rows}
    """


SHORT = "subject_key institution_code counterparty_code amount_fen quantity"


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        (["H X 100 no 03-02"], ""),
        (["H X 100.0001 no 03-02"], "H|111|Z|X H D null 0.0001"),
        (["H X 60 no 03-02", "BRANCH X 50 no 03-03"], "H|111|Z|X H D null 10"),
        (["H X 60 no 03-02", "OTHER X 50 no 03-03"], ""),
        (["OTHER X 150 no 03-02"], ""),
        (["H X 60 no 03-02", "H X 50 yes 03-03"], ""),
        (["H X 60 no 03-02", "H X 50 no 2021-01-01"], ""),
        (["H X 60 no 03-02", "H X 50 no null"], ""),
        (["H Y 1 no 03-02"], "H|111|Z|Y H D null 1"),
    ],
)
def test_the_family_received_no_more_of_a_product_than_stands_on_the_invoice(lines, row):
    signals("12-31", received(*lines), found(*([row] if row else []), columns=SHORT))


def test_what_a_red_invoice_takes_off_is_not_invoiced_and_what_came_back_not_received():
    lines = received("H X 110 no 03-02")
    red = received("H X 110 no 03-02", more="R           1        D            12-31      -20       Z")
    back = "\n    returns\n    delivery_id returned_quantity returned_on\n    D0 {} 12-31\n"
    signals("12-31", lines, found("H|111|Z|X H D null 10", columns=SHORT))
    signals("12-30", red, found("H|111|Z|X H D null 10", columns=SHORT))
    signals("12-31", red, found("H|111|Z|X H D null 30", columns=SHORT))
    signals("12-31", red + back.format(30), found(columns=SHORT))
    signals("12-31", lines + back.format(9), found("H|111|Z|X H D null 1", columns=SHORT))
    signals("12-30", lines + back.format(10), found("H|111|Z|X H D null 10", columns=SHORT))


def test_an_invoice_that_is_gone_or_another_asks_for_nothing():
    gone = received("H X 110 no 03-02", more="R           1        D            03-05      -100      Z")
    signals("12-31", gone, found(columns=SHORT))
    signals("12-31", received("H X 110 no 03-02").replace("deliveries invoice_code=111 ", "deliveries "), found(columns=SHORT))


def test_a_short_invoice_of_two_members_of_a_family_is_one_of_each_and_says_the_last_day_and_lowest_seller():
    more = "Z           2        C            2019-01-01 5        null"
    given = received("H X 120 no 03-02", more=more)
    given = given.replace("invoice_code=111 buyer_code=H", "invoice_code=111").replace(
        "red_of_invoice_no", "red_of_invoice_no buyer_code", 1
    )
    given = given.replace("100       null", "100 null H").replace("5        null", "5 null BRANCH")
    given = given.replace("D            03-01", "D 2018-12-31")
    told = "产品 X 凭发票 111-Z 验收 120 盒（1 行收货，含同一医共体的机构），该号发票净数量 105 盒，少 15 盒。"
    told += "可能的正常原因：随后另开发票、收货时写错发票号、退货已开红字而未登记；请核对入库单和发票清单"
    both = [f"short_invoiced|{i}|111|Z|X | {told}" for i in ("H", "BRANCH")]
    columns = "subject_key counterparty_code quantity"
    rows = ("H|111|Z|X C 15", "BRANCH|111|Z|X C 15")
    expect = "\n".join((f"invoice_signals signal=short_invoiced\n{columns}", *rows))
    signals("12-31", given, expect)
    said = "\n".join(("findings rule_code=invoice_short_invoiced\nsubject_key | message_zh", *both))
    signals("12-31", given, said)


# deemed_not_unique


@pytest.mark.parametrize(
    ("basis", "product", "valid_from", "valid_to", "is_found"),
    [
        ("group_sales_company", "''", "12-31", "null", True),
        ("group_sales_company", "''", "2021-01-01", "null", False),
        ("group_sales_company", "''", "01-01", "12-31", True),
        ("group_sales_company", "''", "01-01", "12-30", False),
        ("group_sales_company", "X", "01-01", "null", False),
        ("sole_import_agent", "''", "01-01", "null", False),
    ],
)
def test_two_sales_companies_for_all_products_on_the_same_day_are_one_too_many(basis, product, valid_from, valid_to, is_found):
    given = f"""
    deemed_manufacturers
    enterprise_code  basis                product_code  valid_from    valid_to
    ONE              group_sales_company  ''            2019-01-01    null
    TWO              {basis}              {product}     {valid_from}  {valid_to}
    """
    columns = "subject_key institution_code counterparty_code amount_fen quantity jurisdiction_code"
    signals("12-31", given, found(*(["MAKER null null null 2 ''"] if is_found else []), columns=columns))


def test_one_company_deemed_twice_is_one():
    given = """
    deemed_manufacturers basis=group_sales_company
    enterprise_code  valid_from
    ONE              2019-01-01
    ONE              2020-01-01
    """
    signals("12-31", given, found())


# explanations


@pytest.mark.thorough
def test_every_signal_is_explained_by_its_calculation_to_the_last_column(tmp_path):
    (tmp_path / "site.toml").write_text(LIMIT.format("0.05", "", "2020-01-01"), encoding="utf-8")
    policies, told = load_policies(tmp_path), set()
    for seed in range(6):
        records, as_of = random_world(seed)
        inputs = Inputs(write_records(records, tmp_path / str(seed)), as_of, policies)
        compute_on(all_indicators()[CODE], inputs, inputs.records.below("answer"))
        explain = all_explained()[CODE].open(inputs)
        for row in read_answer(all_indicators()[CODE], inputs.records.below("answer"))[CODE].to_dicts():
            found = explain({"signal": row["signal"], "subject_key": row["subject_key"]})
            assert {s.column: s.value for s in found.steps} == {c: row[c] for c in FIGURES if c == "rate" or row[c] is not None}
            assert found.lines
            told.add(row["signal"])
    assert told == set(SIGNALS)


# findings


def test_every_signal_is_a_signal_whoever_it_is_about_and_cites_what_binds_there_and_then():
    given = """
    institutions responsible_person=院长
    institution_code  jurisdiction_code  ownership
    L                 371502             public
    P                 330282             private

    invoices invoice_code=111
    invoice_no  line_no  seller_code  buyer_code  issued_on
    I1          1        D            L           2020-12-31
    I1          2        E            L           2020-12-31
    I2          1        D            L           2021-01-01
    I2          2        E            L           2021-01-01
    I3          1        D            P           2020-12-31
    I3          2        E            P           2020-12-31
    """
    expect = """
    findings
    subject_key          | severity | subject_type   | jurisdiction_code | responsible | clause
    number_reused|111|I1 | signal   | invoice_signal | 371502            | 院长        | 聊政发〔2018〕44号 三(五)3
    number_reused|111|I2 | signal   | invoice_signal | 371502            | 院长        | 两票制票据核对（本系统默认依据）
    number_reused|111|I3 | signal   | invoice_signal | 330282            | 院长        | 两票制票据核对（本系统默认依据）
    """
    signals("2021-12-31", given, expect)


@pytest.mark.parametrize(("day", "is_found"), [("2018-12-31", False), ("2019-01-01", True)])
def test_what_lies_more_than_a_year_back_stands_in_the_table_and_is_found_no_more(day, is_found):
    given = f"""
    invoices invoice_code=111 invoice_no=I1 buyer_code=H issued_on={day}
    line_no  seller_code
    1        D
    2        E
    """
    signals("12-31", given, found("111|I1 H D 2,000"))
    signals("12-31", given, f"findings\nrule_code\n{'invoice_number_reused' if is_found else ''}")


# nights


SOLD = """
invoices invoice_code=111
invoice_no  line_no  seller_code  buyer_code  issued_on  quantity  red_of_invoice_no
I1          1        D            H           03-01      10        null
I1          2        E            H           03-01      10        null
R           1        E            H           12-30      -10       I1
"""
NAMED = """
invoices
invoice_no  seller_code  buyer_code  issued_on
I1          D            H           03-01

deliveries invoice_no=I1
delivery_id  received_quantity  accepted_on
D1           10                 03-02
D2           10                 12-30

returns
delivery_id  returned_quantity  returned_on
D2           4                  12-31
"""
MONEY = """
invoices
invoice_no  seller_code  buyer_code  issued_on
I1          D            H           03-01

payments payee_code=STRANGER
payment_id  paid_on  amount  invoice_no  reverses_payment_id
P           12-30    10      I1          null
BACK        12-31    -4      I2          P
"""
STAYS = MONEY[: MONEY.index("BACK")]
EXCUSED = (
    STAYS
    + """
excuses kind=payment
invoice_no  valid_from
I1          12-31
"""
)
CIRCLE = """
invoices
invoice_no  seller_code  buyer_code  issued_on
I1          A            B           03-01
I2          B            A           12-30
"""
MARKED = """
invoices
invoice_no  seller_code  buyer_code  issued_on  quantity  amount
FIRST       MAKER        D           03-01      10        100
SECOND      D            H           03-02      10        200
CHEAP       MAKER        D           02-01      90        90
"""
DEEMED = """
deemed_manufacturers basis=group_sales_company
enterprise_code  valid_from  valid_to
ONE              2019-01-01  null
TWO              12-30       12-31
"""


def without(text: str, *words: str) -> str:
    """The text without the lines that begin with one of these words."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(words))


NIGHTS = (
    ((SOLD, SOLD), ("12-29", "12-31")),
    ((without(SOLD, "R "), SOLD), ("12-31", "12-31")),
    ((SOLD, without(SOLD, "R ")), ("12-31", "12-31")),
    ((NAMED, NAMED), ("12-29", "12-30")),
    ((NAMED, NAMED), ("12-30", "12-31")),
    ((without(NAMED, "D2  ", "returns", "delivery_id  returned"), without(NAMED, "D2           4")), ("12-31", "12-31")),
    ((STAYS, STAYS), ("12-29", "12-30")),
    ((MONEY, MONEY), ("12-30", "12-31")),
    ((STAYS, MONEY), ("12-31", "12-31")),
    ((EXCUSED, EXCUSED), ("12-30", "12-31")),
    ((STAYS, EXCUSED), ("12-31", "12-31")),
    ((CIRCLE, CIRCLE), ("12-29", "12-31")),
    ((without(MARKED, "SECOND"), MARKED), ("12-31", "12-31")),
    ((without(MARKED, "CHEAP"), MARKED), ("12-31", "12-31")),
    ((DEEMED, DEEMED), ("12-29", "12-30")),
    ((DEEMED, DEEMED), ("12-31", "2021-01-01")),
)
