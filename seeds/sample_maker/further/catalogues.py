"""Which list each product or generic is on, where and while. The lists' documents are real, who stands on them is made up."""

from __future__ import annotations

from datetime import date
from typing import Any

from seeds.sample_maker.world.products import PRODUCT

Row = dict[str, Any]
ESSENTIAL_2018, INSURED_2019, NEGOTIATED_2019 = "国卫药政发〔2018〕31号", "医保发〔2019〕46号", "医保发〔2019〕65号"
GOVERNED, SHORT, LOCAL = "国卫办医函〔2020〕9号", "国卫办药政发〔2020〕25号", "示例甬医保〔2020〕8号"
YEAR, TWO_YEARS = (date(2020, 1, 1), None), (date(2020, 1, 1), date(2021, 12, 31))

# list, product, does the entry name its generic?, division, from and to, document
CATALOGUE_TABLE: list[tuple[str, str, bool, str, tuple[date, date | None], str]] = [
    ("essential", "ATOR7", True, "", (date(2018, 11, 1), None), ESSENTIAL_2018),
    ("essential", "ENTE28", True, "", (date(2018, 11, 1), None), ESSENTIAL_2018),
    ("essential", "PARAT3", True, "", (date(2018, 11, 1), None), ESSENTIAL_2018),
    ("essential", "SIMV20", False, "", (date(2018, 11, 1), date(2020, 6, 30)), ESSENTIAL_2018),  # taken off the list
    ("key_monitored", "ANGO1", True, "3302", (date(2020, 3, 1), None), LOCAL),
    ("negotiated", "OSIM30", True, "", TWO_YEARS, NEGOTIATED_2019),
    ("negotiated", "GEFI10", True, "", (date(2017, 9, 1), date(2019, 12, 31)), NEGOTIATED_2019),  # ran out
    ("insurance_a", "AMLO28", True, "", YEAR, INSURED_2019),
    ("insurance_a", "AMOX24", True, "", YEAR, INSURED_2019),
    ("insurance_a", "OXYT10", True, "", YEAR, INSURED_2019),
    ("insurance_b", "ATOR7", True, "", YEAR, INSURED_2019),
    ("insurance_b", "CLOP7", True, "", YEAR, INSURED_2019),
    ("insurance_b", "AMIN1", True, "", YEAR, INSURED_2019),
    ("insurance_b", "ROSU28", True, "", YEAR, INSURED_2019),
    ("insurance_b", "ENTE28", True, "", YEAR, INSURED_2019),
    ("insurance_b", "IRBE28", True, "", YEAR, INSURED_2019),
    ("insurance_b", "ACAR30", True, "", YEAR, INSURED_2019),
    ("shortage", "OXYT10", True, "", (date(2020, 12, 30), None), SHORT),
    ("shortage_prone", "RABI1", False, "33", (date(2020, 5, 1), None), "示例浙药〔2020〕4号"),
    ("governed_consumable", "BALL1", False, "", (date(2020, 1, 8), None), GOVERNED),
    ("governed_consumable", "STENT1", False, "", (date(2020, 1, 8), None), GOVERNED),
    ("platform_consumable", "CATH1", False, "3302", (date(2020, 4, 20), None), LOCAL),
    ("platform_consumable", "BALL1", False, "3715", (date(2020, 1, 1), None), "示例聊医保〔2020〕2号"),
    ("trace_exempt", "ACAR30", True, "330282", (date(2020, 8, 18), date(2020, 12, 31)), LOCAL),
]


def make_catalogue_entries() -> list[Row]:
    """Rows of catalogue_entries by canonical column name."""
    return [
        {
            "list": name,
            "code": generic_of(PRODUCT[product]) if is_generic else PRODUCT[product],
            "jurisdiction_code": division,
            "valid_from": start,
            "valid_to": end,
            "document_no": document,
        }
        for name, product, is_generic, division, (start, end), document in CATALOGUE_TABLE
    ]


def generic_of(code: str) -> str:
    """The head of a drug's national code."""
    return code[: {"X": 10, "Z": 11}[code[0]]]
