"""What the code of a division stands for: a city's own institutions, or the city as a whole."""

import pytest

from pipelines.views.divisions import find_wholes, name_own, name_whole

NAMES = {"371500": "聊城市本级", "370000": "山东省本级", "371522": "莘县"}


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [("371500", "聊城市", "聊城市本级"), ("370000", "山东省", "山东省本级"), ("371522", "莘县", "莘县")],
)
def test_a_code_that_ends_in_00_is_the_own_level_of_a_city_or_province(code, name, said):
    assert name_own(code, name) == said


@pytest.mark.parametrize(
    ("codes", "wholes"),
    [
        (["371500", "371522"], {"3715": ("371500", "371522")}),
        (["371522"], {}),  # it would only repeat the county
        (["371522", "370100"], {"37": ("370100", "371522")}),
        (["371500", "371522", "370000"], {"37": ("370000", "371500", "371522"), "3715": ("371500", "371522")}),
        (["371522", "330282", "-", ""], {}),
    ],
)
def test_a_whole_is_the_sum_of_several_divisions(codes, wholes):
    assert find_wholes(codes) == wholes


def test_a_whole_says_that_it_is_one():
    assert name_whole("3715", NAMES) == "聊城市（全市合计）"
    assert name_whole("37", NAMES) == "山东省（全省合计）"
    assert name_whole("4403", NAMES) == "4403（合计）"
