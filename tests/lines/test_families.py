"""Who heads a family, and which days a figure speaks of (obligations §12)."""

from datetime import date

import pytest

from pipelines.lines.families import families_of
from pipelines.lines.products import drug_codes_of
from pipelines.lines.windows import days_ending, year_before, year_to_date
from tests.lines.test_lines import inputs_of


def test_the_head_is_the_lowest_code_without_a_parent(tmp_path):
    given = """
    institutions
    institution_code  parent_institution_code
    H2                null
    H1                H2
    H0                H1
    H3                null
    ALONE             UNKNOWN
    BRANCH            ALONE
    RING_1            RING_2
    RING_2            RING_1
    """
    found = dict(families_of(inputs_of(given, "12-31", tmp_path)).rows())
    assert found == {
        **dict.fromkeys(("H0", "H1", "H2"), "H2"),
        "H3": "H3",
        **dict.fromkeys(("ALONE", "BRANCH"), "ALONE"),
        **dict.fromkeys(("RING_1", "RING_2"), "RING_1"),
    }


def test_of_several_heads_the_lowest_code(tmp_path):
    given = """
    institutions
    institution_code  parent_institution_code
    A1                null
    B                 A2
    C                 A1
    A2                C
    A0                C
    """
    assert set(families_of(inputs_of(given, "12-31", tmp_path))["head_code"]) == {"A1"}


def test_drug_codes_are_heads_of_national_codes_else_generics(tmp_path):
    given = """
    products
    product_code             generic_code
    XA01AAA001A001010100001  OWN
    ZA01AAA0010101020000     OWN
    ZA01AAA00101010200001    OWN
    LOCAL                    G
    C0000000000000000001     null
    """
    found = dict(drug_codes_of(inputs_of(given, "12-31", tmp_path)).cast(str).rows())
    assert found == {
        "XA01AAA001A001010100001": "XA01AAA001",
        "ZA01AAA0010101020000": "ZA01AAA0010",
        "ZA01AAA00101010200001": "OWN",
        "LOCAL": "G",
        "C0000000000000000001": "C0000000000000000001",
    }


@pytest.mark.parametrize(
    ("as_of", "ytd", "before"),
    [
        ("2020-02-29", ("2020-01-01", "2020-02-29"), ("2019-01-01", "2019-02-28")),
        ("2021-02-28", ("2021-01-01", "2021-02-28"), ("2020-01-01", "2020-02-28")),
        ("2020-01-01", ("2020-01-01", "2020-01-01"), ("2019-01-01", "2019-01-01")),
    ],
)
def test_the_year_to_date_and_the_same_days_a_year_ago(as_of, ytd, before):
    day = date.fromisoformat(as_of)
    assert tuple(map(str, year_to_date(day))) == ytd
    assert tuple(map(str, year_before(day))) == before


def test_days_that_end_on_a_day():
    assert tuple(map(str, days_ending(90, date(2020, 12, 31)))) == ("2020-10-03", "2020-12-31")
