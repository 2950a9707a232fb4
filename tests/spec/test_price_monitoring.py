"""Price monitoring: movements of a price, peers of a province, the price index (obligations §25)."""

import re

import pytest

from tests.spec.check import check


def prices(table: str, as_of: str, given: str, expect: str, policies: str = "") -> None:
    check("price_monitoring", as_of, given, f"{table}\n{expect.strip()}", policies)


def limits(place: str = "", **values: object) -> str:
    """Policy rows for parameters that have none."""
    units = {"price_changes_max": "changes", "price_window_days": "day", "peers_min": "institutions"}
    return "".join(
        f"""
    [[policy]]
    id = "{name}{place}"
    parameter = "{name}"
    value = {value if isinstance(value, int) else f'"{value}"'}
    unit = "{units.get(name, "ratio")}"
    jurisdiction = "{place}"
    valid_from = 2001-01-01
    document_no = "本地"
    clause = "本地"
    mark = "D"
    """
        for name, value in values.items()
    )


NONE = "finding_id"
SERIES = """
deliveries accepted_on=06-30 received_quantity=1
delivery_id  ordered_on  unit_price
D1           02-01       10
D2           03-01       10
D3           04-01       12
D4           05-01       11
D5           06-01       13
"""


def moves(as_of: str, given: str, expect: str, policies: str = "") -> None:
    prices("price_movements", as_of, given, expect, policies)


def signals(as_of: str, given: str, expect: str, **values: object) -> None:
    prices("findings", as_of, given, expect, limits(**values))


def test_the_example_of_a_series():
    expect = """
    institution_code  distributor_code  product_code  lines  changes  first_price  last_price  lowest_price  highest_price
    H                 D                 X             5      3        10           13          10            13
    """
    moves("12-31", SERIES, expect)
    moves("12-31", SERIES, "rise  fall  is_listed  manufacturers  policy_id  jurisdiction_code\n30%  1/12  no  1  null  330282")


def test_of_a_day_the_lowest_price_stands_and_all_lines_are_counted():
    given = SERIES + "D6           04-01       12.5\nD7           06-01       14\n"
    moves("12-31", given, "lines  changes  last_price  highest_price  rise\n7  3  13  13  30%")


@pytest.mark.parametrize("price", ["10", "11"])
def test_a_series_without_a_change_has_no_row(price):
    given = f"""
    deliveries accepted_on=06-30
    delivery_id  ordered_on  unit_price
    D1           02-01       10
    D2           03-01       10
    SAME_DAY     03-01       {price}
    """
    moves("12-31", given, "changes")


def test_each_institution_supplier_and_product_has_a_series_of_its_own():
    given = """
    institutions
    institution_code
    H
    K

    products
    product_code
    X
    Y

    deliveries accepted_on=06-30
    delivery_id  institution_code  distributor_code  product_code  ordered_on  unit_price
    D1           H                 D                 X             02-01       10
    D2           H                 E                 X             03-01       11
    D3           H                 D                 Y             03-01       12
    D4           K                 D                 X             03-01       13
    D5           H                 D                 X             04-01       14
    """
    expect = "institution_code  distributor_code  product_code  lines  changes  rise\nH  D  X  2  1  40%"
    moves("12-31", given, expect)


WINDOW = """
deliveries
delivery_id  ordered_on  accepted_on  unit_price
FIRST_DAY    01-02       02-01        10
A_DAY_LATER  01-03       02-01        11
LAST         12-31       12-31        12
"""


@pytest.mark.parametrize(("as_of", "lines"), [("12-30", 2), ("12-31", 3), ("2021-01-01", 2), ("2021-01-02", None)])
def test_the_window_are_the_days_up_to_as_of(as_of, lines):
    moves(as_of, WINDOW, f"lines\n{lines}" if lines else "lines")


def test_the_window_is_that_of_the_place():
    days = limits("3302", price_window_days=10) + limits("37", price_window_days=1000)
    moves("12-31", WINDOW, "lines", days)
    moves("2021-12-31", WINDOW.replace("deliveries", ELSEWHERE + "deliveries"), "lines\n3", days)


ELSEWHERE = """institutions
institution_code  jurisdiction_code
H                 371500

"""


def test_what_is_ordered_after_as_of_is_not_in_the_window_though_it_is_accepted():
    given = WINDOW.replace("12-31       12-31", "12-31       12-01")
    moves("12-30", given, "lines\n2")
    moves("12-31", given, "lines\n3")


@pytest.mark.parametrize(
    ("prices_of", "rise", "fall"),
    [
        (("0", "5"), "0", "0"),
        (("0", "5", "6"), "20%", "0"),
        (("5", "0"), "0", "1"),
        (("10", "9", "12"), "1/3", "10%"),
        (("12", "9", "10"), "1/9", "25%"),
    ],
)
def test_rise_and_fall_go_from_an_earlier_price_above_0_to_a_later_one(prices_of, rise, fall):
    rows = "\n".join(f"D{n}  0{n + 2}-01  {price}" for n, price in enumerate(prices_of))
    given = f"deliveries accepted_on=10-31\ndelivery_id  ordered_on  unit_price\n{rows}"
    moves("12-31", given, f"rise  fall\n{rise}  {fall}")


@pytest.mark.parametrize(
    ("row", "is_listed"),
    [
        ("shortage        X  ''      2019-01-01  null", "yes"),
        ("shortage_prone  G  33      2019-01-01  12-31", "yes"),
        ("shortage        X  33      2019-01-01  12-30", "no"),
        ("shortage        X  37      2019-01-01  null", "no"),
        ("essential       X  ''      2019-01-01  null", "no"),
        ("shortage        X  ''      2021-01-01  null", "no"),
    ],
)
def test_what_is_short_is_that_of_as_of_and_of_the_place(row, is_listed):
    header = "list  code  jurisdiction_code  valid_from  valid_to"
    products = "products\nproduct_code  generic_code\nX  G"
    moves("12-31", f"{products}\n\ncatalogue_entries\n{header}\n{row}\n{SERIES}", f"is_listed\n{is_listed}")


MAKERS = """
institutions
institution_code  jurisdiction_code  ownership
H                 330282             public
NEAR              330100             private
FAR               371500             public

products
product_code  generic_code  dosage_form  manufacturer_code
X             G             片剂         ONE
SIBLING       G             片剂         TWO
AGAIN         G             片剂         TWO
INJECTED      G             注射液       THREE
OTHER         F             片剂         FOUR

deliveries received_quantity=1
delivery_id  institution_code  product_code  ordered_on  accepted_on  unit_price
D1           H                 X             02-01       06-30        10
D2           H                 X             03-01       06-30        13
"""


@pytest.mark.parametrize(
    ("line", "makers"),
    [
        ("NEAR  SIBLING   02-01  06-30", 2),
        ("NEAR  X         02-01  06-30", 1),
        ("FAR   SIBLING   02-01  06-30", 1),
        ("H     INJECTED  02-01  06-30", 1),
        ("H     OTHER     02-01  06-30", 1),
        ("H     SIBLING   01-01  2019-12-31", 1),
        ("H     AGAIN     01-01  01-01", 2),
    ],
)
def test_manufacturers_are_those_of_the_generic_in_the_province_this_year(line, makers):
    moves("12-31", f"{MAKERS}M  {line}  10\n", f"manufacturers\n{makers}")


def test_where_nothing_came_this_year_no_manufacturer_is_known():
    moves("2021-01-31", SERIES, "changes  manufacturers\n3  0")


@pytest.mark.parametrize(("trigger", "is_found"), [(3, True), (4, False)])
def test_changes_are_often_as_soon_as_they_reach_the_trigger(trigger, is_found):
    expect = """
    rule_code            severity  subject_type                  subject_key  counterparty_code  amount_fen  quantity
    price_changes_often  signal    institution_supplier_product  H|D|X        D                  null        null
    """
    signals("12-31", SERIES, expect if is_found else NONE, price_changes_max=trigger)


@pytest.mark.parametrize(("limit", "is_found"), [("0.3", True), ("0.300001", True), ("0.6", True), ("0.600001", False)])
def test_a_rise_of_a_sole_manufacturer_reaches_half_of_the_limit(limit, is_found):
    signals("12-31", SERIES, "rule_code  subject_key\nprice_rise  H|D|X" if is_found else NONE, price_rise_limit=limit)


@pytest.mark.parametrize(("limit", "is_found"), [("0.3", True), ("0.300001", False)])
def test_a_rise_of_one_of_several_manufacturers_reaches_the_limit(limit, is_found):
    two = MAKERS + "M  NEAR  SIBLING  02-01  06-30  10\n"
    signals("12-31", two, "rule_code\nprice_rise" if is_found else NONE, price_rise_limit=limit)


def test_a_rise_is_compared_exactly():
    two = MAKERS.replace(" 10\n", " 9\n").replace(" 13\n", " 12\n") + "M  NEAR  SIBLING  02-01  06-30  10\n"  # a third
    signals("12-31", two, "rule_code\nprice_rise", price_rise_limit="0.333333")
    signals("12-31", two, NONE, price_rise_limit="0.333334")


def test_without_limits_nothing_is_found_and_private_institutions_have_signals_too():
    signals("12-31", SERIES, NONE)
    private = "institutions\ninstitution_code  ownership\nH  private\n\n" + SERIES.strip()
    signals("12-31", private, "rule_code  severity\nprice_changes_often  signal", price_changes_max=3)


def test_a_limit_is_that_of_the_place():
    prices("findings", "12-31", SERIES, NONE, limits("37", price_changes_max=1, price_rise_limit="0.1"))
    found = "rule_code\nprice_changes_often\nprice_rise"
    prices("findings", "12-31", SERIES, found, limits("3302", price_changes_max=1, price_rise_limit="0.1"))
    moves("12-31", SERIES, "policy_id\nprice_rise_limit33", limits("33", price_rise_limit="0.9"))


PEERS = """
institutions
institution_code
A
B
C
G
F

deliveries accepted_on=06-30 received_quantity=10
delivery_id  institution_code  unit_price
D1           A                 10
D2           B                 10
D3           C                 10.5
D4           G                 11
D5           F                 12.6
"""


def peers(given: str, expect: str, as_of: str = "12-31", policies: str = "") -> None:
    prices("price_peers", as_of, given, expect, policies)


def test_the_example_of_peers():
    expect = """
    province  product_code  month    institutions  lowest_price  median_price  highest_price  packs  value_fen  manufacturers
    33        X             2020-06  5             10            10.5          12.6           50     54,100     1
    """
    peers(PEERS, expect)


@pytest.mark.parametrize(("price", "is_found"), [("12.6", False), ("12.61", True)])
def test_the_example_of_a_price_above_peers(price, is_found):
    expect = """
    rule_code          severity  subject_type               subject_key    institution_code  amount_fen  quantity
    price_above_peers  signal    institution_product_month  F|X|2020-06    F                 2,110       10
    """
    signals("12-31", PEERS.replace("12.6", price), expect if is_found else NONE, peer_limit="0.2")


def test_four_institutions_are_too_few_and_where_fewer_are_enough_they_are_not():
    four = PEERS.replace("D4           G                 11\n", "").replace("12.6", "20")
    signals("12-31", four, NONE, peer_limit="0.2")
    signals("12-31", four, "subject_key\nF|X|2020-06", peer_limit="0.2", peers_min=4)
    peers(four, "institutions  median_price\n4  10.25")


def test_without_a_limit_nothing_is_found():
    signals("12-31", PEERS.replace("12.6", "1000"), NONE)
    peers(PEERS, "policy_id\nnull")
    peers(PEERS, "policy_id\npeer_limit33", policies=limits("33", peer_limit="0.2"))
    prices("findings", "12-31", PEERS.replace("12.6", "1000"), NONE, limits("37", peer_limit="0.2"))


@pytest.mark.parametrize(
    ("selected", "is_found"), [("01-01  06-01", False), ("01-01  05-31", True), ("06-02  null", True), ("06-01  06-01", False)]
)
def test_what_is_selected_on_the_day_of_the_order_is_not_held_to_peers(selected, is_found):
    given = PEERS.replace("12.6", "13").replace("deliveries ", "deliveries ordered_on=06-01 ")
    given = f"selections\nproduct_code  valid_from  valid_to\nX  {selected}\n{given}"
    signals("12-31", given, "subject_key\nF|X|2020-06" if is_found else NONE, peer_limit="0.2")


def test_one_line_of_what_is_selected_is_enough_and_a_lot_of_elsewhere_selects_nothing():
    given = PEERS.replace("12.6", "13").replace("deliveries ", "deliveries ordered_on=06-01 ")
    rows = given.replace(" ordered_on=06-01", "").replace("unit_price\n", "unit_price  ordered_on\n")
    given = re.sub(r"(?m)^(D\d .*)$", r"\1  06-01", rows) + "D6           F                 13  05-31\n"
    selected = "selections\nproduct_code  valid_from  valid_to\nX  01-01  05-31\n"
    signals("12-31", selected + given, NONE, peer_limit="0.2")
    elsewhere = "lots\nlot_code  jurisdiction_code\nL  37\n\n"
    signals("12-31", elsewhere + selected + given, "subject_key\nF|X|2020-06", peer_limit="0.2")


def test_private_institutions_and_emergencies_are_no_peers():
    given = """
    institutions
    institution_code  ownership
    A                 public
    B                 private
    C                 retail

    deliveries accepted_on=06-30 received_quantity=10
    delivery_id  institution_code  unit_price  is_emergency
    D1           A                 10          no
    D2           A                 99          yes
    D3           B                 12          no
    D4           C                 13          no
    """
    peers(given, "institutions  highest_price  packs\n1  10  10")


def test_other_provinces_months_and_products_are_rows_of_their_own():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    NEAR              330100
    FAR               371500

    products
    product_code
    X
    Y

    deliveries
    delivery_id  institution_code  product_code  accepted_on  unit_price
    D1           H                 X             06-30        1
    D2           NEAR              X             06-01        3
    D3           FAR               X             06-30        5
    D4           H                 X             07-01        7
    D5           H                 Y             06-30        9
    """
    expect = """
    province  product_code  month    institutions  median_price
    33        X             2020-06  2             2
    33        X             2020-07  1             7
    33        Y             2020-06  1             9
    37        X             2020-06  1             5
    """
    peers(given, expect)


def test_a_mean_price_is_value_by_packs_and_what_went_back_is_not_in_it():
    given = """
    deliveries accepted_on=06-30
    delivery_id  received_quantity  unit_price
    D1           1                  3.3333
    D2           2                  4
    GONE         5                  9

    returns
    delivery_id  returned_on  returned_quantity
    GONE         07-01        5
    """
    peers(given, "median_price  value_fen  packs\n1133/300  1,133  3", as_of="07-01")
    peers(given, "value_fen  packs\n5,633  8", as_of="06-30")


def test_manufacturers_of_peers_are_those_of_the_month_whoever_bought():
    head = MAKERS[: MAKERS.index("deliveries")]
    given = f"""{head}
    deliveries
    delivery_id  institution_code  product_code  accepted_on  is_emergency
    D1           H                 X             06-30        no
    D2           NEAR              SIBLING       06-01        yes
    D3           NEAR              SIBLING       07-01        no
    """
    peers(given, "month  manufacturers\n2020-06  2")


def test_the_excess_is_exact_and_rounded_once():
    given = (
        PEERS.replace(" received_quantity=10", "")
        .replace("12.6", "20")
        .replace("unit_price\n", "unit_price  received_quantity\n")
    )
    given = re.sub(r"(?m)^(D\d .*)$", r"\1  3", given) + "D6           F                 10.3333  7\n"
    # F: 60.00 + 72.33 for 10 packs, the median is 10.50: 132.33 / 105 = 1.2602857…
    signals("12-31", given, "subject_key  amount_fen  quantity\nF|X|2020-06  2,733  10", peer_limit="0.260285")
    signals("12-31", given, NONE, peer_limit="0.260286")


def test_a_price_as_high_as_the_median_is_not_above_it():
    given = PEERS.replace("10.5\n", "10\n").replace("11\n", "10\n").replace("12.6", "10")
    signals("12-31", given, NONE, peer_limit="0")


@pytest.mark.parametrize(("as_of", "is_found"), [("2021-12-31", True), ("2022-01-01", False)])
def test_a_month_long_gone_is_not_found_any_more(as_of, is_found):
    given = PEERS.replace("12.6", "13")
    signals(as_of, given, "rule_code\nprice_above_peers" if is_found else NONE, peer_limit="0.2")


@pytest.mark.parametrize(
    ("place", "month", "clause"),
    [
        ("371500", "01", "聊政发〔2018〕44号 三(五)3"),
        ("330282", "01", "价格监测（本系统默认依据）"),
        ("330282", "02", "中共中央、国务院 2020-02-25 深化医疗保障制度改革的意见 (十九)"),
    ],
)
def test_the_clause_is_that_of_the_last_day_of_the_month_and_of_the_place(place, month, clause):
    given = PEERS.replace("12.6", "13").replace("06-30", f"{month}-15")
    given = given.replace("institutions\n", f"institutions jurisdiction_code={place}\n")
    prices("findings", "12-31", given, f"clause | quantity\n{clause} | 10", limits(peer_limit="0.2"))


INDEX = """
products
product_code
A
B
C

deliveries
delivery_id  product_code  accepted_on  received_quantity  unit_price
A_BEFORE     A             2019-06-01   100                2.00
B_BEFORE     B             2019-06-30   20                 5.00
A_NOW        A             06-30        50                 2.20
B_NOW        B             06-01        40                 4.50
C_NOW        C             06-15        10                 9.00
"""


def index(given: str, expect: str, as_of: str = "12-31") -> None:
    prices("price_index", as_of, given, expect)


def test_the_example_of_an_index():
    expect = """
    jurisdiction_code  month    purchase_fen  matched_products  matched_fen  base_fen  price_index
    330282             2019-06  30,000        0                 0            0         null
    330282             2020-06  38,000        2                 29,000       30,000    310/300
    """
    index(INDEX, expect)


def test_a_month_without_a_line_has_no_row_and_one_without_the_same_a_year_before_no_index():
    index(INDEX, "month\n2019-06", as_of="05-31")
    for other in ("2019-07", "2019-05", "2018-06"):
        given = INDEX.replace("2019-06-30", "2019-06-29").replace("2019-06", other)
        index(given, f"month  matched_products  price_index\n{other}  0  null\n2020-06  0  null")


def test_an_index_is_of_a_division_of_public_institutions_and_of_drugs_emergencies_among_them():
    given = """
    institutions
    institution_code  jurisdiction_code  ownership
    H                 330282             public
    SAME              330282             public
    PRIVATE           330282             private
    NEAR              330281             public

    products
    product_code  kind
    X             drug
    DEVICE        consumable

    deliveries received_quantity=10
    delivery_id  institution_code  product_code  accepted_on  unit_price  is_emergency
    D1           H                 X             2019-06-01   1           no
    D2           SAME              X             06-01        2           yes
    D3           PRIVATE           X             2019-06-01   9           no
    D4           PRIVATE           X             06-01        9           no
    D5           H                 DEVICE        2019-06-01   1           no
    D6           H                 DEVICE        06-01        5           no
    D7           NEAR              X             06-01        7           no
    """
    expect = """
    jurisdiction_code  month    purchase_fen  matched_products  price_index
    330281             2020-06  7,000         0                 null
    330282             2019-06  1,000         0                 null
    330282             2020-06  2,000         1                 2
    """
    index(given, expect)


def test_of_what_cost_nothing_there_is_no_index():
    given = INDEX.replace(" 2.00\n", " 0\n").replace(" 5.00\n", " 0\n")
    index(given, "matched_products  base_fen  price_index\n0  0  null\n2  0  null")


def test_a_mean_price_of_an_index_is_not_rounded():
    given = INDEX + "A_MORE       A             06-15        1                  3.3333\n"
    # (113.33 / 51 × 100 + 90) / 300
    index(given, "month  price_index\n2019-06  null\n2020-06  15923/15300")


WITHOUT = "\n".join(line for line in INDEX.splitlines() if "B_BEFORE" not in line)
RETURNED = INDEX + "\nreturns\ndelivery_id  returned_on  returned_quantity\nA_BEFORE  12-31  50\n"
SHORT = "\ncatalogue_entries\nlist  code  valid_from  valid_to\nshortage  X  {}\n"
NIGHTS = (
    ((MAKERS, f"{MAKERS}M  NEAR  SIBLING  02-01  06-30  10\n"), ("12-31", "12-31")),
    ((WITHOUT, INDEX), ("12-31", "12-31")),
    ((RETURNED, RETURNED), ("12-30", "12-31")),
    ((INDEX, INDEX), ("06-29", "06-30")),
    ((WINDOW, WINDOW), ("2021-01-01", "2021-01-02")),
    ((WINDOW, WINDOW), ("12-30", "12-31")),
    *(((SERIES + SHORT.format(days),) * 2, ("12-30", "12-31")) for days in ("12-31  null", "01-01  12-30")),
)
