"""Columns as they are shown, from the definitions of the report tables: headings, units, names and words stand there."""

from __future__ import annotations

import re
from typing import Any

from pipelines.reports.site.names import name_title
from pipelines.reports.site.sheets.sheet import Heading, Kind
from pipelines.views.references import REFERENCES, title_of_name
from schemas.reports import REPORTS, Column

_KINDS: dict[tuple[str, str], Kind] = {
    ("fen", "fen"): "yuan", ("double", "min_unit"): "quantity", ("double", "packs"): "quantity",
    ("double", "min_unit/day"): "quantity", ("double", "ratio"): "rate", ("double", "day"): "days",
    ("date", "date"): "date",
}  # fmt: skip
_PLAIN: dict[str, Kind] = {"count": "count", "integer": "count"}
_CODES = ("_code", "_id", "_no")


def heading(table: str, column: str, **changes: Any) -> Heading:
    """A column of a report table as it is shown; `changes` overrule what follows from its definition.

    Money is shown in yuan, a code with its name (column `<column>_name`) before it, a value of a list by its word.
    """
    defined = REPORTS[table].column(column)
    zh, en, kind = defined.title_zh, english_of(column), _kind_of(defined)
    facts: dict[str, Any] = {"name": column, "zh": zh, "en": en, "kind": kind, "words": defined.spoken}
    if kind == "yuan":
        facts |= {"zh": f"{zh}（元）", "en": f"{en} (yuan)"}
    if defined.refers in REFERENCES:
        names = {"zh": name_title(defined), "en": english_of(column.removesuffix("_code")), "kind": "text"}
        facts |= {"name": f"{column}_name", "code": column, "code_zh": zh, **names}
    elif kind == "word" and zh.endswith("编码"):
        facts["zh"] = title_of_name(zh)
    return Heading(**facts | changes)


def english_of(name: str) -> str:
    """The English heading of a column: its name, without the unit that stands beside it."""
    words = re.sub(r"(\d) (\d)", r"\1–\2", name.removesuffix("_fen").removesuffix("_zh").replace("_", " "))
    return words[:1].upper() + words[1:]


def _kind_of(column: Column) -> Kind:
    if column.spoken:
        return "word"
    if column.name == "gap":
        return "points"
    if column.type == "text":
        return "code" if column.name.endswith(_CODES) else "text"
    return _KINDS.get((column.type, column.unit)) or _PLAIN[column.type]
