"""Shortage: products of which a city did not get all that was ordered (obligations §26)."""

import pytest

from tests.spec.test_delivery_performance import delivery, policy

PLACES = """
institutions
institution_code  jurisdiction_code
A                 620102
B                 620121
C                 620102
AWAY              620202
"""


def shortage(given: str, expect: str, policies: str = "", as_of: str = "12-31") -> None:
    delivery(as_of, PLACES + given, expect, policies)


def orders(*rows: str, products: str = "product_code generic_code\nX G") -> str:
    """Order lines, a row each: institution, product, packs ordered and received, all of one day."""
    numbered = "\n".join(f"{row} D{n} L{n}" for n, row in enumerate(rows))
    head = "institution_code product_code ordered_quantity received_quantity delivery_id order_line_id"
    return f"\nproducts\n{products}\n\ndeliveries ordered_on=12-10 accepted_on=12-12\n{head}\n{numbered}\n"


def test_lines_of_a_city_are_added_up_in_minimum_units():
    given = """
    products
    product_code  units_per_pack
    X             2.5
    FULL          1

    deliveries ordered_on=12-10 accepted_on=12-12
    delivery_id  institution_code  product_code  order_line_id  distributor_code  ordered_quantity  received_quantity
    D1           A                 X             L1             D                 10                4
    D2           A                 X             L2             E                 10                10
    D3           B                 X             L3             D                 10                10
    D4           AWAY              X             L4             D                 10                9
    D5           A                 FULL          L5             D                 10                12
    """
    expect = """
    shortage
    city_code  product_code  institutions  short_institutions  distributors  ordered_units  delivered_units  fill_rate  level
    620100     X             2             1                   2             75             60               24/30      none
    620200     X             1             1                   1             25             22.5             9/10       none
    """
    shortage(given, expect)


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        (("A X 10 5.9", "B X 10 6"), "shortage"),
        (("A X 10 6", "B X 10 6"), "none"),
        (("A X 10 0", "A X 10 1"), "none"),
        (("A X 10 1", "B X 10 10"), "none"),
    ],
)
def test_it_is_short_where_enough_institutions_lack_and_less_than_the_limit_came(rows, level):
    policy_id = "shortage_fill@62@2016-01-01"
    shortage(orders(*rows), f"shortage\ncity_code level policy_id\n620100 {level} {policy_id}")
    found = "shortage signal 620100|X 620100 null null null" if level == "shortage" else ""
    columns = "rule_code severity subject_key jurisdiction_code institution_code counterparty_code amount_fen"
    shortage(orders(*rows), f"findings\n{columns}\n{found}")


def test_without_a_limit_it_is_never_short():
    given = orders("A X 10 0", "B X 10 0").replace("\nproducts", PLACES.replace("62", "37") + "\nproducts", 1)
    delivery("12-31", given, "shortage\ncity_code level policy_id\n370100 none null")
    limit = policy("shortage_fill", '"0.1"', "ratio", place="3701")
    delivery("12-31", given, "shortage\nlevel policy_id\nshortage site:shortage_fill37012020-01-01", limit)
    many = policy("shortage_institutions", "3", "count", place="3701")
    delivery("12-31", given, "shortage\nlevel\nnone", limit + many)


def test_only_lines_due_in_the_last_ninety_days_count():
    given = orders("A X 10 0", "B X 10 0")
    shortage(given, "shortage\nfill_rate\n0", as_of="12-13")
    shortage(given, "shortage\nfill_rate", as_of="12-12")
    shortage(given, "shortage\nfill_rate\n0", as_of="2021-03-12")
    shortage(given, "shortage\nfill_rate", as_of="2021-03-13")


def test_where_its_generic_came_it_is_short_but_no_signal():
    products = "product_code generic_code dosage_form\nX G 片剂\nSAME G 片剂\nINJECTION G 注射液"
    expect = "shortage product_code=X\nlevel generic_fill_rate\nshortage {}"
    given = orders("A X 10 1", "B X 10 1", "A SAME 10 10", "C INJECTION 90 90", "AWAY SAME 90 90", products=products)
    shortage(given, expect.format("12/30") + "\n\nfindings\nsubject_key\n620100|X")
    given = orders("A X 10 4", "B X 10 4", "A SAME 10 10", products=products)
    shortage(given, expect.format("18/30") + "\n\nfindings\nsubject_key")


@pytest.mark.parametrize(
    ("place", "since", "until", "code", "is_listed"),
    [
        ("''", "12-31", "12-31", "X", True),
        ("6201", "12-01", "null", "G", True),
        ("620100", "12-01", "null", "X", True),
        ("620102", "12-01", "null", "X", False),
        ("6202", "12-01", "null", "X", False),
        ("62", "12-01", "12-30", "X", False),
        ("62", "2021-01-01", "null", "X", False),
        ("62", "12-01", "null", "OTHER", False),
    ],
)
@pytest.mark.parametrize("name", ["shortage", "shortage_prone"])
def test_what_is_listed_for_the_city_is_watched(name, place, since, until, code, is_listed):
    entries = f"\ncatalogue_entries list={name}\ncode jurisdiction_code valid_from valid_to\n{code} {place} {since} {until}\n"
    expect = f"shortage\nis_listed level\n{'yes watch' if is_listed else 'no none'}"
    shortage(orders("A X 10 9") + entries, expect)


def test_of_other_lists_it_is_not_watched_and_short_is_more_than_watched():
    entries = "\ncatalogue_entries list=essential\ncode\nX\n"
    shortage(orders("A X 10 9") + entries, "shortage\nis_listed level\nno none")
    entries = entries.replace("essential", "shortage")
    shortage(orders("A X 10 1", "B X 10 1") + entries, "shortage\nis_listed level\nyes shortage")


def test_with_a_limit_of_what_is_watched_signals_go_by_it():
    limit = policy("watch_fill", '"0.8"', "ratio", place="62")
    shortage(orders("A X 10 7.9"), "shortage\nlevel\nwatch", limit)
    shortage(orders("A X 10 8"), "shortage\nlevel\nnone", limit)
    products = "product_code generic_code\nX G\nSAME G"
    given = orders("A X 10 4", "B X 10 4", "A SAME 10 10", products=products)
    shortage(given, "findings\nsubject_key quantity\n620100|X 12", limit)
    given = orders("A X 10 4", "B X 10 4", "A SAME 40 40", products=products)
    shortage(given, "findings\nsubject_key", limit)


def test_a_signal_says_what_is_short_and_how_to_check():
    expect = """
    findings
    quantity | clause | message_zh
    85 | 中共中央 国务院关于深化医疗保障制度改革的意见 (二十) | %s
    """
    message = (
        "线索：产品 X 近90天到期的订单订购 150（最小单位），已配送 65，满足率 43.33%（同通用名 43.33%）；"
        "订购机构 2 家，未足量 2 家，配送企业 1 家。"
        "可能是停产换厂、集采切换、季节性需求、订单未及时取消所致，请核对库存、订单和生产企业供应情况"
    )
    shortage(orders("A X 100 40", "B X 50 25"), expect.replace("%s", message))
