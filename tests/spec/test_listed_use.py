"""Essential, insured, monitored and negotiated drugs of an institution (obligations §17)."""

import pytest

from tests.spec.check import check


def row(as_of: str, given: str, expect: str) -> None:
    check("listed_use", as_of, given, f"essential_and_monitored\n{expect.strip()}")


PRODUCTS = """
products
product_code  generic_code  kind        special_category
X             G             drug        none
Y             G2            drug        none
PIECES        G3            drug        tcm_decoction
STENT         STENT         consumable  none

"""


def test_days_on_which_a_drug_is_listed_and_days_of_the_year():
    given = (
        PRODUCTS
        + """
    catalogue_entries
    list         code  valid_from  valid_to
    essential    X     02-01       06-30
    insurance_a  G     02-01       03-31
    insurance_b  X     04-01       04-30
    negotiated   X     05-01       05-31

    deliveries
    delivery_id  accepted_on  received_quantity
    LAST_YEAR    2019-12-31   1
    NEW_YEAR     01-01        2
    EVE          01-31        4
    FIRST        02-01        8
    A            03-31        16
    B            04-30        32
    NEGOTIATED   05-31        64
    NO_MORE      06-01        128
    LAST         06-30        256
    AFTER        07-01        512
    TOMORROW     07-02        1024
    """
    )
    row("07-01", given, "drug_fen  essential_fen  insured_fen  negotiated_fen\n102,200  50,400  12,000  0")
    row("06-30", given, "drug_fen  essential_fen\n51,000    50,400")
    row("05-31", given, "drug_fen  negotiated_fen\n12,600    12,600")


def test_products_are_counted_once_and_where_one_line_of_them_is_listed():
    given = (
        PRODUCTS
        + """
    catalogue_entries
    list       code  valid_from
    essential  X     06-01

    deliveries
    delivery_id  product_code  accepted_on
    EARLY        X             05-31
    LISTED       X             06-01
    AGAIN        X             06-02
    OTHER        Y             06-02
    """
    )
    expect = """
    drug_products  essential_products  essential_share_products  essential_share_amount  insured_products  insured_share_products
    2              1                   1/2                       1/2                     0                 0
    """
    row("06-30", given, expect)


def test_flags_of_the_product_hold_on_every_day_and_entries_where_the_institution_is():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    ELSEWHERE         371500

    products
    product_code  is_essential  is_key_monitored
    X             yes           yes
    Y             no            no

    catalogue_entries
    list           code  jurisdiction_code
    key_monitored  Y     33

    deliveries
    delivery_id  institution_code  product_code  accepted_on
    H1           H                 X             06-01
    H2           H                 Y             06-01
    H3           H                 Y             2019-06-01
    E1           ELSEWHERE         X             06-01
    E2           ELSEWHERE         Y             06-01
    """
    expect = """
    institution_code  essential_fen  monitored_fen  monitored_fen_before  monitored_share  monitored_growth
    H                 10,000         20,000         10,000                100%             100%
    ELSEWHERE         10,000         10,000         0                     50%              null
    """
    row("06-30", given, expect)


def test_monitored_negotiated_and_governed_are_asked_on_as_of_for_both_years():
    given = (
        PRODUCTS
        + """
    catalogue_entries
    list                 code   valid_from  valid_to
    key_monitored        X      06-30       06-30
    governed_consumable  STENT  06-30       06-30

    deliveries
    delivery_id  product_code  accepted_on  received_quantity
    D1           X             01-01        150
    D2           X             2019-01-01   100
    D3           STENT         01-01        7
    D4           STENT         2019-06-30   5
    D5           STENT         2019-07-01   5
    """
    )
    columns = "monitored_fen  monitored_fen_before  monitored_growth  governed_fen  governed_fen_before  consumable_fen\n"
    row("06-30", given, columns + "15,000 10,000 50% 700 500 700")
    row("07-01", given, columns + "0 0 null 0 0 700")
    row("06-29", given, columns + "0 0 null 0 0 700")


@pytest.mark.parametrize(
    ("as_of", "day", "fen"),
    [
        ("2020-02-29", "2019-02-28", 10_000),
        ("2020-02-29", "2019-03-01", 0),
        ("2021-02-28", "2020-02-28", 10_000),
        ("2021-02-28", "2020-02-29", 0),
        ("2021-06-30", "2020-01-01", 10_000),
        ("2021-06-30", "2019-12-31", None),
    ],
)
def test_the_same_days_of_the_year_before(as_of, day, fen):
    given = f"""
    deliveries
    delivery_id  product_code  accepted_on
    D1           X             {day}
    NOW          X             {as_of}
    """
    row(as_of, given, f"drug_fen_before  drug_fen\n{fen or 0}  10,000")


def test_decoction_pieces_count_nowhere_and_make_no_row():
    given = (
        PRODUCTS
        + """
    institutions
    institution_code
    H
    ONLY_PIECES
    ONLY_BEFORE
    ONLY_THINGS
    NOTHING

    deliveries
    delivery_id  institution_code  product_code  accepted_on  is_gift  received_quantity
    D1           H                 X             06-01        no       1
    D2           H                 PIECES        06-01        no       1
    D3           ONLY_PIECES       PIECES        06-01        no       1
    D4           ONLY_BEFORE       STENT         2019-06-01   no       1
    D5           ONLY_THINGS       STENT         06-01        no       1
    GIFT         NOTHING           X             06-01        yes      1
    ALL_BACK     NOTHING           X             06-01        no       1
    OLD          NOTHING           X             2018-06-01   no       1
    TOO_LATE     NOTHING           X             2019-07-01   no       1

    returns
    institution_code  delivery_id  returned_quantity  returned_on
    NOTHING           ALL_BACK     1                  06-30
    """
    )
    expect = """
    institution_code  drug_fen  drug_products  consumable_fen  essential_share_amount  essential_share_products  policy_id
    H                 100       1              0               0                       0                         null
    ONLY_BEFORE       0         0              0               null                    null                      null
    ONLY_THINGS       0         0              100             null                    null                      null
    """
    row("06-30", given, expect)


def test_other_is_of_no_class_on_its_day():
    given = """
    products
    product_code  generic_code  kind
    X             G             drug
    SIBLING       G             drug
    STANDS_IN     G2            drug
    OTHER         G3            drug
    STENT         G3            consumable

    selections
    product_code  valid_to
    X             06-29

    substitutes
    product_code
    STANDS_IN

    deliveries
    delivery_id  product_code  accepted_on  received_quantity
    D1           X             06-29        1
    D2           SIBLING       06-29        2
    D3           STANDS_IN     06-29        4
    D4           OTHER         06-29        8
    D5           STENT         06-29        16
    D6           SIBLING       06-30        32
    D7           STANDS_IN     06-30        64
    """
    row("06-30", given, "drug_fen  other_fen\n11,100  10,400")


LINE = """
deliveries
delivery_id  accepted_on  received_quantity  unit_price
"""
BOUGHT = LINE + "D            12-30        1                  1\n"
BACK = BOUGHT + "\nreturns\ndelivery_id  returned_quantity  returned_on\nD            0.5                12-31\n"
OF_LAST_YEAR = LINE + "D            2019-12-31   1                  1\n"
LISTED = BOUGHT + "\ncatalogue_entries list=negotiated\ncode  valid_from  valid_to\nX     12-31       12-31\n"
HOSPITAL = "institutions\ninstitution_code  level\nH                 tertiary\n"
NIGHTS = (
    ((LINE + BOUGHT.splitlines()[-1], BOUGHT), ("12-29", "12-30")),
    ((BACK, BACK), ("12-30", "12-31")),
    ((BOUGHT, BACK), ("12-31", "12-31")),
    ((OF_LAST_YEAR, OF_LAST_YEAR), ("12-30", "12-31")),
    ((LISTED, LISTED), ("12-30", "12-31")),
    ((HOSPITAL + LISTED, HOSPITAL + LISTED), ("12-31", "2021-01-01")),
)
"""Nights that follow each other: a line comes, or goes back; a day of the year before comes into its window; a product is listed,
and listed no more.
"""
