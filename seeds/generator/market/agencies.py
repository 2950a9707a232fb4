"""The agencies (经办机构) that prepay: one for each division but one, whose agency is not on record."""

import polars as pl

from seeds.generator.market.region import DIVISIONS
from seeds.generator.spelling import Ints, spell_numbers

_SURNAMES = "沈韩杨朱秦尤许何吕施张孔曹"
_NOT_ON_RECORD = DIVISIONS[-1]


def code_agencies(divisions: Ints) -> pl.Series:
    """The agency of each division."""
    return "JB" + spell_numbers(divisions)


def make_agencies() -> pl.DataFrame:
    """The dataset `agencies` as text."""
    divisions = DIVISIONS[DIVISIONS != _NOT_ON_RECORD]
    return pl.DataFrame(
        {
            "agency_code": code_agencies(divisions),
            "name": spell_numbers(divisions) + "医疗保险服务中心",
            "jurisdiction_code": spell_numbers(divisions),
            "responsible_person": [f"{name}主任" for name in _SURNAMES],
        }
    )
