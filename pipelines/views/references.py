"""What the codes of a column are codes of: where their names stand, and how the columns beside them are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from pipelines.views.divisions import OWN
from schemas.reports import REPORTS, Column

_CODE_TITLES = ("编码", "识别号", "编号")


@dataclass(frozen=True)
class Reference:
    """A table of names: its key, and the columns that are shown beside a code, the name first; `without` is what names lose."""

    table: str
    key: str
    shows: tuple[str, ...] = ("name",)
    without: str = ""

    def columns(self) -> tuple[Column, ...]:
        """Definitions of the columns shown."""
        return tuple(REPORTS[self.table].column(name) for name in self.shows)


@dataclass(frozen=True)
class Listed:
    """Codes whose names are known to the program: each with its Chinese name."""

    title: str
    words: Mapping[str, str] = field(default_factory=dict)


REFERENCES: dict[str, Reference] = {
    "institution": Reference("institution_names", "institution_code", ("name", "ownership", "level")),
    "enterprise": Reference("enterprise_names", "enterprise_code"),
    "product": Reference("product_names", "product_code", ("generic_name", "strength", "dosage_form", "min_unit")),
    "generic": Reference("generic_names", "generic_code"),
    "lot": Reference("lot_names", "lot_code"),
    "agency": Reference("agency_names", "agency_code"),
    "jurisdiction": Reference("division_names", "jurisdiction_code"),
    "whole_city": Reference("division_names", "jurisdiction_code", without=OWN),
}


@cache
def listed() -> dict[str, Listed]:
    """The datasets and the report tables by their Chinese names."""
    from schemas.records import RECORDS

    return {
        "dataset": Listed("数据集名称", {name: dataset.title for name, dataset in RECORDS.items()}),
        "table": Listed("表中文名", {name: table.title_zh for name, table in REPORTS.items()}),
    }


def title_of_name(title_zh: str) -> str:
    """How the name beside a code is called: 配送企业编码 → 配送企业名称."""
    for ending in _CODE_TITLES:
        if title_zh.endswith(ending):
            return title_zh.removesuffix(ending) + "名称"
    return title_zh + "名称"
