"""Roll-ups of agreed volumes: what stands apart, and how tablets and vials are valued together (rulebook §4)."""

from tests.spec.test_agreed_volume import volume


def test_running_and_ended_mandatory_and_voluntary_stand_apart():
    given = """
    institutions
    institution_code  ownership
    PUBLIC            public
    PRIVATE           private
    PHARMACY          retail

    selections
    product_code
    X

    commitments
    commitment_id  institution_code  period_end
    RUNNING        PUBLIC            12-31
    ENDED          PUBLIC            12-30
    CLINIC         PRIVATE           12-31
    SHOP           PHARMACY          12-31
    """
    expect = """
    agreed_volume_rollup level=all
    phase    duty       commitments
    running  mandatory  1
    ended    mandatory  1
    running  voluntary  2

    agreed_volume_rollup level=institution
    code      phase    duty       commitments
    PUBLIC    running  mandatory  1
    PUBLIC    ended    mandatory  1
    PRIVATE   running  voluntary  1
    PHARMACY  running  voluntary  1
    """
    volume("12-31", given, expect)


def test_commitments_not_started_or_cancelled_are_no_part_of_any_level():
    given = """
    commitments
    commitment_id  agreed_quantity  period_start  period_end
    RUNNING        100              01-01         12-31
    FUTURE         100              2021-01-01    2021-12-31
    CANCELLED      0                01-01         12-31
    """
    expect = """
    agreed_volume_rollup level=jurisdiction
    code    commitments
    330282  1
    """
    volume("12-31", given, expect)


def test_only_a_level_of_one_item_adds_units():
    given = """
    selections
    product_code
    X

    commitments
    commitment_id
    C
    """
    expect = """
    agreed_volume_rollup
    level         code    agreed_quantity  net_quantity  capped_quantity  agreed_fen
    item          L/I     100              0             0                10,000
    lot           L       null             null          null             10,000
    institution   H       null             null          null             10,000
    jurisdiction  330282  null             null          null             10,000
    all           all     null             null          null             10,000
    """
    volume("12-31", given, expect)


def test_tablets_and_vials_are_valued_in_fen():
    given = """
    products
    product_code  units_per_pack
    TABLETS       28
    VIAL          1

    selections
    item_code  product_code  selected_price
    TAB        TABLETS       2.80
    VIA        VIAL          30.00

    commitments
    commitment_id  item_code  product_code  agreed_quantity
    C1             TAB        TABLETS       2,800            # at 0.10 each: 280.00
    C2             VIA        VIAL          10               # 300.00

    deliveries
    delivery_id  product_code  received_quantity  accepted_on
    D1           TABLETS       200                03-02         # 5,600 tablets: 560.00
    D2           VIAL          2                  03-02         # 60.00
    """
    expect = """
    agreed_volume_rollup level=lot
    agreed_fen  net_fen  capped_fen  execution_rate   capped_rate      completed_share
    58,000      62,000   34,000      62,000/58,000    34,000/58,000    1/2
    """
    volume("12-31", given, expect)


def test_the_price_is_the_lowest_per_minimum_unit_on_the_first_day():
    given = """
    products
    product_code  units_per_pack
    X             10
    SMALL         2

    selections
    product_code  selected_price  conversion_factor  valid_from  valid_to
    X             9.00            1                  2019-01-01  null       # 0.90
    SMALL         1.60            2                  2019-01-01  01-01      # 0.40, valid on the first day
    SMALL         0.20            1                  01-02       null       # too late
    X             0.10            1                  2018-01-01  2019-12-31 # too early

    commitments
    commitment_id
    C
    """
    expect = """
    agreed_volume_rollup level=item
    agreed_quantity  agreed_fen
    100              4,000
    """
    volume("12-31", given, expect)


def test_a_half_fen_goes_up_per_commitment():
    given = """
    selections
    selected_price
    0.005

    commitments
    commitment_id  agreed_quantity
    C1             1
    C2             1
    """
    expect = """
    agreed_volume_rollup level=all
    agreed_fen  net_fen  execution_rate
    2           0        0
    """
    volume("12-31", given, expect)


def test_without_a_selected_price_it_is_counted_not_valued_and_noted():
    given = """
    commitments
    commitment_id
    NO_PRICE
    """
    expect = """
    agreed_volume_rollup level=all
    commitments  agreed_fen  execution_rate  capped_rate
    1            0           null            null

    notes
    title                          | text
    无中选价格（或按中选价折算超过一百亿元）、未计入金额汇总的协议  | NO_PRICE
    """
    volume("12-31", given, expect)


def test_nothing_given_nothing_reported():
    volume("12-31", "", "agreed_volume_completion\ncommitment_id\n\nagreed_volume_rollup\nlevel\n\nfindings\nrule_code")
