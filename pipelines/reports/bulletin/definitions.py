"""What the figures mean: the indicators' cards, the policy rows that were applied, and every column, none of it typed anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pipelines.database.tables import FIGURES
from pipelines.engine.indicator import Indicator
from pipelines.indicators import all_indicators, read_card
from pipelines.reports.bulletin.listing import Cell, Head, Listing, list_rows
from pipelines.reports.bulletin.subject import Subject
from schemas.reports import REPORTS
from schemas.table import in_chinese
from schemas.units import unit_zh

_SECTIONS = ("所答问题", "依据", "公式与口径", "不计入")
_CHINESE = ("回答什么问题", "依据", "计算", "不计入")
_ENGLISH = ("Question", "Rests on", "Formula", "Left out")


def define(subject: Subject) -> list[Listing]:
    """The listings of definitions: indicators, and the policy rows that the run applied."""
    return [_list_indicators(), _list_policies(subject)]


def _list_indicators() -> Listing:
    heads = (Head("指标", "indicator", "text"), Head("项目", "item", "text"), Head("内容", "content", "text"))
    rows = [[indicator.title_zh, *row] for indicator in all_indicators().values() for row in _tell_card(indicator)]
    note = ("内容取自指标说明卡", "From the indicators' cards")
    return list_rows("indicators", "指标口径", "Indicators", heads, rows, note)


def _tell_card(indicator: Indicator) -> Iterator[tuple[str, str]]:
    texts = read_card(indicator.code)
    text, names = (texts["zh"], _CHINESE) if "zh" in texts else (texts["en"], _ENGLISH)
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    yield "条款", indicator.clause
    yield "版本与复核日期", f"{indicator.version} · {indicator.reviewed_on}"
    for name, word in zip(names, _SECTIONS, strict=True):
        yield word, _plain(sections[name])
    yield "结果表", "、".join(f"{REPORTS[table].title_zh}（{table}）" for table in indicator.tables)


def _plain(markdown: str) -> str:
    """The text of a card without its marks; a row of a table becomes a line."""
    lines = [line for line in markdown.strip().splitlines() if not re.fullmatch(r"\|[-| ]+\|", line)]
    cells = (re.sub(r" *\| *", " — ", line.strip("| ")) if line.startswith("|") else line for line in lines)
    return re.sub(r"[`*]", "", "\n".join(cells))


def _list_policies(subject: Subject) -> Listing:
    heads = (
        Head("政策条目", "policy row", "text"),
        Head("参数", "parameter", "text"),
        Head("取值", "value", "text"),
        Head("单位", "unit", "text"),
        Head("适用地区前缀", "division prefix", "text"),
        Head("生效日", "valid from", "date"),
        Head("失效日", "valid to", "date"),
        Head("文号", "document number", "text"),
        Head("内容", "clause", "text"),
        Head("来源", "mark", "text"),
    )
    used = set(json.loads(subject.ledger["policy_rows"] or "[]"))
    marks = {"S": "文件原文", "N": "国家规定", "D": "本系统默认"}
    rows: list[list[Cell]] = [
        [
            row.id,
            row.parameter,
            _write_value(row.value),
            row.unit,
            row.jurisdiction or "全国",
            row.valid_from,
            row.valid_to,
            row.document_no,
            row.clause,
            marks[row.mark],
        ]
        for row in sorted(subject.run.policies.rows, key=lambda row: row.id)
        if row.id in used
    ]
    note = ("本次运行实际采用的政策条目", "The policy rows that the run applied")
    return list_rows("policies", "政策条目", "Policy rows applied", heads, rows, note)


def _write_value(value: object) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(map(str, value))
    return str(value)


def list_columns() -> Listing:
    """The columns of the figure tables, for those who work with the tables themselves."""
    heads = (
        Head("表", "table", "text"),
        Head("列", "column", "text"),
        Head("库中列名", "name", "text"),
        Head("单位", "unit", "text"),
        Head("说明", "description", "text"),
        Head("依据", "source", "text"),
    )
    rows = [
        [
            REPORTS[table].title_zh,
            column.title_zh,
            f"{table}.{column.name}",
            unit_zh(column.unit),
            in_chinese(column.description),
            column.source,
        ]
        for table in FIGURES
        for column in REPORTS[table].columns
    ]
    note = ("金额在库中为整数分，本通报以元列示", "Money is integer fen in the database, yuan in this bulletin")
    return list_rows("columns", "结果表各列", "Columns", heads, rows, note)
