"""Columns as they are shown, from the definitions of the report tables: headings, units, names and words stand there."""

from __future__ import annotations

from typing import Any

from pipelines.reports.beside import shown_table
from pipelines.reports.site.names import name_title
from pipelines.reports.site.sheets.sheet import Heading, Kind
from pipelines.views.references import REFERENCES, title_of_name
from schemas.reports import Column
from schemas.shown import PARTIES
from schemas.table import title_en_of

_KINDS: dict[tuple[str, str], Kind] = {
    ("fen", "fen"): "yuan",
    ("double", "yuan"): "price",
    ("double", "ratio"): "rate",
    ("double", "day"): "days",
}
_PLAIN: dict[str, Kind] = {"count": "count", "integer": "count", "double": "quantity", "date": "date"}
_CODES = ("_code", "_id", "_no")


def heading(table: str, column: str, **changes: Any) -> Heading:
    """A column of a report table as it is shown; `changes` overrule what follows from its definition.

    Money is shown in yuan, a code with its name (column `<column>_name`) before it, which leads to its page where it has one,
    a value of a list by its word.
    """
    defined = shown_table(table).column(column)
    zh, en, kind = defined.title_zh, defined.title_en, _kind_of(defined)
    facts: dict[str, Any] = {"name": column, "zh": zh, "en": en, "kind": kind, "words": defined.spoken}
    if kind in ("yuan", "price"):
        facts |= {"zh": f"{zh}（元）", "en": f"{en} (yuan)"}
    if defined.refers in REFERENCES:
        names = {"zh": name_title(defined), "en": title_en_of(column.removesuffix("_code")), "kind": "text"}
        facts |= {"name": f"{column}_name", "code": column, "code_zh": zh, **names}
        if defined.refers in PARTIES or column == "institution_code":
            facts["link"] = defined.refers
    elif kind == "word" and zh.endswith("编码"):
        facts["zh"] = title_of_name(zh)
    return Heading(**facts | changes)


def _kind_of(column: Column) -> Kind:
    if column.spoken:
        return "word"
    if column.type == "double" and column.unit == "ratio" and column.name.endswith("gap"):  # a difference of rates
        return "points"
    if column.type == "text":
        return "code" if column.name.endswith(_CODES) else "text"
    return _KINDS.get((column.type, column.unit)) or _PLAIN.get(column.type, "text")
