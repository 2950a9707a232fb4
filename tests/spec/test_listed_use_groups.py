"""Negotiated drugs by division, and drugs that a family shares (obligations §17)."""

from tests.spec.check import check


def negotiated(as_of: str, given: str, expect: str) -> None:
    check("listed_use", as_of, given, f"negotiated_use\n{expect.strip()}")


def linked(as_of: str, given: str, expect: str) -> None:
    check("listed_use", as_of, given, f"family_linkage\n{expect.strip()}")


INSTITUTIONS = """
institutions
institution_code  jurisdiction_code  ownership  level
T                 330282             public     tertiary
S                 330282             public     secondary
P                 330282             public     primary
PRIVATE           330282             private    tertiary
SHOP              330282             retail     retail
SHOP2             330282             retail     null
CLINIC            330281             public     null
NEXT              330281             retail     retail
FAR               371500             public     secondary

"""


def test_every_division_with_a_hospital_and_every_product_negotiated_for_it():
    given = (
        INSTITUTIONS
        + """
    products
    product_code  generic_code
    X             G
    SIBLING       G
    Y             OTHER

    catalogue_entries list=negotiated
    code  jurisdiction_code  valid_from  valid_to
    G     33                 06-01       06-30
    Y     ''                 06-30       null

    deliveries accepted_on=01-01
    delivery_id  institution_code  product_code  accepted_on  received_quantity
    D1           T                 X             01-01        1
    D2           T                 X             06-30        2
    D3           P                 X             06-30        4
    D4           PRIVATE           X             06-30        8
    D5           SHOP              X             06-30        16
    D6           SHOP2             Y             06-30        32
    LAST_YEAR    S                 X             2019-12-31   64
    TOMORROW     S                 X             07-01        128
    """
    )
    expect = """
    jurisdiction_code  product_code  institutions  buyers  buyer_share  purchase_fen  pharmacies  pharmacy_buyers
    330282             X             2             1       1/2          300           2           1
    330282             SIBLING       2             0       0            0             2           0
    330282             Y             2             0       0            0             2           1
    371500             Y             1             0       0            0             0           0
    """
    negotiated("06-30", given, expect)
    negotiated("07-01", given, "product_code  buyers\nY             0\nY             0")
    negotiated("05-31", given, "product_code")


FAMILY = """
institutions
institution_code  parent_institution_code
HEAD              null
BRANCH            HEAD
WARD              BRANCH
IDLE              HEAD
ALONE             null

"""


def test_drugs_that_the_head_buys_too():
    given = (
        FAMILY
        + """
    products
    product_code             generic_code  kind        special_category
    XA10BAB001A001010200001  G1            drug        none
    XA10BAB001A001010300002  G2            drug        none
    OTHER                    G3            drug        none
    OTHER2                   G3            drug        tcm_decoction
    OWN                      G4            drug        none
    STENT                    G5            consumable  none

    catalogue_entries
    list       code   valid_from
    essential  OTHER  06-30
    essential  OWN    06-30

    deliveries
    delivery_id  institution_code  product_code             accepted_on
    H1           HEAD              XA10BAB001A001010200001  01-01
    H2           HEAD              OTHER2                   06-30
    H3           HEAD              STENT                    06-30
    H4           HEAD              OWN                      2019-12-31
    B1           BRANCH            XA10BAB001A001010300002  06-01
    B2           BRANCH            OTHER                    06-30
    B3           BRANCH            OWN                      06-30
    B4           BRANCH            STENT                    06-30
    W1           WARD              OTHER                    06-29
    I1           IDLE              STENT                    06-30
    A1           ALONE             OTHER                    06-30
    """
    )
    expect = """
    head_code  institution_code  drug_codes  shared  shared_share  essential_shared
    HEAD       BRANCH            3           2       2/3           1
    HEAD       WARD              1           1       1             0
    """
    linked("06-30", given, expect)
    linked(
        "06-29", given, "institution_code  drug_codes  shared\nBRANCH            1           1\nWARD              1           0"
    )


def test_a_head_that_bought_nothing_and_a_family_that_is_none():
    given = FAMILY + "deliveries\ndelivery_id  institution_code  accepted_on\nD1           WARD              06-30\n"
    linked(
        "06-30",
        given,
        "head_code  institution_code  drug_codes  shared  shared_share\nHEAD       WARD              1           0       0",
    )
    linked("06-30", given.replace("WARD              06", "HEAD              06"), "head_code")
