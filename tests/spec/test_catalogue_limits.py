"""Forms and strengths: what is counted, what is unknown, injected or taken by mouth, and the limits (obligations §21)."""

import pytest

from tests.spec.check import check
from tests.spec.test_platform_purchasing import policy

CODE = "catalogue_limits"
COUNTS = "catalogue_limits\ndrug_code forms strengths products unknown_products injection_products oral_products\n"

MOVES = """
products generic_code=G
product_code  dosage_form
X             片剂
Y             胶囊

deliveries
delivery_id  product_code  accepted_on
STAYS        X             11-30
GOES_BACK    Y             11-30
COMES        Y             12-30

returns
delivery_id  returned_on  returned_quantity
GOES_BACK    12-29        100
"""
SENT_BACK = """
deliveries
delivery_id  accepted_on
D1           11-30

returns
delivery_id  returned_on  returned_quantity
D1           12-30        100
"""
NIGHTS = (
    ((MOVES, MOVES), ("12-29", "12-31")),
    ((SENT_BACK, SENT_BACK), ("12-29", "12-31")),
    ((MOVES, MOVES), ("12-31", "2021-01-04")),
)
"""A line comes, one goes back, and with the year all of them are another year's."""


def bought(*products: str) -> str:
    """A delivery of each product: form and strength, `_` for none."""
    rows = [f"P{n} {product.replace('_', 'null')}" for n, product in enumerate(products)]
    lines = [f"D{n} P{n}" for n in range(len(products))]
    return (
        "products generic_code=G\nproduct_code dosage_form strength\n"
        + "\n".join(rows)
        + "\n\ndeliveries accepted_on=2020-03-02\ndelivery_id product_code\n"
        + "\n".join(lines)
    )


def limits(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check(CODE, as_of, given, expect, policies)


@pytest.mark.parametrize(
    ("products", "counts"),
    [
        (("片剂 10mg",), "1 1 1 0 0 1"),
        (("片剂 10mg", "片剂 １０ＭＧ"), "1 1 2 0 0 1"),
        (("片剂 10mg", "胶囊 10mg"), "2 1 2 0 0 2"),
        (("片剂 10mg", "片剂 20mg", "胶囊 10mg"), "2 2 3 0 0 3"),
        (("_ 10mg",), "0 0 0 1 0 0"),
        (("片剂 _",), "1 0 0 1 0 0"),
        (("_ _", "片剂 _", "片剂 10mg"), "1 1 1 2 0 1"),
        (("胶囊 _", "片剂 10mg"), "2 1 1 1 0 1"),
    ],
)
def test_forms_strengths_and_products_are_counted_as_their_text_is_compared(products, counts):
    limits("12-31", bought(*products), COUNTS + f"G {counts}")


def test_spaces_within_a_text_are_none():
    given = """
    products generic_code=G
    product_code | dosage_form | strength
    A | 片剂 | 10mg
    B | 片 剂 | 10 MG

    deliveries accepted_on=03-02
    delivery_id  product_code
    D1           A
    D2           B
    """
    limits("12-31", given, COUNTS + "G 1 1 2 0 0 1")


@pytest.mark.parametrize(
    ("form", "injected", "oral"),
    [
        ("注射液", 1, 0),
        ("注射用混悬片", 1, 0),
        ("口服溶液剂", 0, 1),
        ("阴道片", 0, 0),
        ("吸入用散剂", 0, 0),
        ("滴眼液", 0, 0),
        ("贴膏", 0, 0),
        ("合剂", 0, 1),
        ("凝胶", 0, 0),
    ],
)
def test_a_form_is_injected_or_taken_by_mouth_by_its_words(form, injected, oral):
    limits("12-31", bought(f"{form} 10mg"), f"catalogue_limits\ninjection_products oral_products\n{injected} {oral}")


def test_the_words_are_those_of_as_of_where_the_institution_is_and_compared_like_the_forms():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    I                 371502

    products
    product_code  dosage_form  strength
    X             c片          1

    deliveries accepted_on=03-02
    delivery_id  institution_code
    D1           H
    D2           I
    """
    site = policy("injection_forms", '["Ｃ", " "]', "text", place="33", day="2020-06-01")
    expect = "catalogue_limits\ninstitution_code injection_products oral_products\n"
    limits("06-01", given, expect + "H 1 0\nI 0 1", site)
    limits("05-31", given, expect + "H 0 1\nI 0 1", site)
    none = policy("oral_forms", "[]", "text", place="33", day="2020-06-01")
    limits("06-01", given, expect + "H 0 0\nI 0 1", none)


def test_a_drug_is_the_head_of_a_national_code_else_the_generic():
    given = """
    products
    product_code             generic_code  dosage_form  strength  kind        special_category
    XA10BAB001A001010200001  G1            片           1         drug        none
    XA10BAB001A002010200001  G2            片           2         drug        none
    ZA01AAA0012010100001     G3            丸           1         drug        none
    OWN                      G1            片           1         drug        none
    SLICES                   G5            片           1         drug        tcm_decoction
    VACCINE                  G6            注射         1         drug        vaccine
    TUBE                     G7            片           1         consumable  none

    deliveries accepted_on=03-02
    delivery_id  product_code
    D1           XA10BAB001A001010200001
    D2           XA10BAB001A002010200001
    D3           ZA01AAA0012010100001
    D4           OWN
    D5           SLICES
    D6           VACCINE
    D7           TUBE
    """
    expect = """
    catalogue_limits
    drug_code    products  strengths
    XA10BAB001   2         2
    ZA01AAA0012  1         1
    G1           1         1
    G6           1         1
    """
    limits("12-31", given, expect)


def test_lines_of_the_year_up_to_as_of_count_of_which_something_stayed():
    given = """
    products generic_code=G
    product_code  dosage_form  strength
    LAST_YEAR     片           1
    FIRST         片           2
    LAST          片           3
    LATER         片           4
    GIFT          片           5
    BACK          片           6
    OFFLINE       片           7

    deliveries
    delivery_id  product_code  accepted_on  is_gift  channel
    D1           LAST_YEAR     2019-12-31   no       platform
    D2           FIRST         01-01        no       platform
    D3           LAST          06-30        no       platform
    D4           LATER         07-01        no       platform
    D5           GIFT          03-02        yes      platform
    D6           BACK          03-02        no       platform
    D7           OFFLINE       03-02        no       offline

    returns
    delivery_id  returned_quantity  returned_on
    D6           100                06-30
    """
    limits("06-30", given, "catalogue_limits\nproducts strengths\n3 3")
    limits("06-29", given, "catalogue_limits\nproducts strengths\n3 3")
    limits("2021-01-01", given, "catalogue_limits\nproducts")


def of_liaocheng(given: str, ownership: str = "public") -> str:
    return f"institutions\ninstitution_code jurisdiction_code ownership\nH 371502 {ownership}\n\n{given}"


FOUR_FORMS = bought("栓 1", "凝胶 1", "贴膏 1", "软膏 1")
THREE_OF_TWO = bought("栓 1", "栓 2", "凝胶 1", "凝胶 2", "贴膏 1", "贴膏 2")
THREE_STRENGTHS = bought("栓 1", "栓 2", "栓 3")
THREE_INJECTED = bought("注射液 1", "注射剂 1", "注射用粉针 1")
THREE_ORAL = bought("片 1", "胶囊 1", "散 1")
TWO_OF_EACH = bought("注射液 1", "注射液 2", "片 1", "片 2")


@pytest.mark.parametrize(
    ("given", "here", "elsewhere"),
    [
        (FOUR_FORMS, ["too_many_forms"], []),
        (THREE_OF_TWO, [], []),
        (THREE_STRENGTHS, ["too_many_strengths"], []),
        (THREE_INJECTED, ["too_many_products"], ["too_many_products"]),
        (THREE_ORAL, ["too_many_products"], ["too_many_products"]),
        (TWO_OF_EACH, [], []),
    ],
)
def test_limits_are_exceeded_above_them_where_there_are_any(given, here, elsewhere):
    def found(rules: list[str]) -> str:
        return "findings\nrule_code severity subject_key amount_fen quantity\n" + "".join(
            f"{rule} warning H|G null null\n" for rule in rules
        )

    limits("12-31", of_liaocheng(given), found(here))
    limits("12-31", given, found(elsewhere))
    limits("12-31", of_liaocheng(given, "private"), found([]))


def test_limits_and_clauses_are_those_of_as_of():
    given = of_liaocheng(bought("片 1", "片 2", "片 3", "片 4").replace("2020-03-02", "2021-01-01"))
    expect = """
    findings
    rule_code | clause
    too_many_products | 处方管理办法 (卫生部令第53号) 16
    """
    limits("2021-01-01", given, expect)
    limits("2021-01-01", given, "catalogue_limits\npolicy_id\nproducts_max@CN@2007-05-01")
    expect = """
    findings
    rule_code | clause
    too_many_strengths | 聊政发〔2018〕44号 三(四)3
    too_many_products | 处方管理办法 (卫生部令第53号) 16
    """
    limits("12-31", of_liaocheng(bought("片 1", "片 2", "片 3")), expect)


def test_without_any_limit_nothing_is_found_and_the_row_stands():
    given = bought("片 1", "片 2", "片 3").replace("2020-03-02", "2006-03-02")
    limits("2006-12-31", given, "findings\nrule_code")
    limits("2006-12-31", given, "catalogue_limits\noral_products policy_id\n3 null")
