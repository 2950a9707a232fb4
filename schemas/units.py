"""What readers call the units of numbers."""

import re

_UNITS = {
    "fen": "分",
    "fen·day": "分·天",
    "yuan": "元",
    "yuan·day": "元·天",
    "ratio": "比率",
    "times": "倍",
    "min_unit": "最小单位",
    "min_unit/day": "最小单位/天",
    "packs": "包装",
    "rows": "行",
    "lines": "行",
    "items": "项",
    "invoices": "张",
    "payables": "笔",
    "commitments": "条",
    "cases": "件",
    "institutions": "家",
    "manufacturers": "家",
    "products": "种",
    "changes": "次",
    "points": "点",
    "scans": "次",
    "objects": "个",
    "bytes": "字节",
    "day": "天",
    "date": "日期",
    "ISO 8601": "时间",
}


def unit_zh(unit: str) -> str:
    """A unit as Chinese readers call it; one without a Chinese name as it is."""
    return _UNITS.get(unit, unit)


def words_of(name: str) -> str:
    """The words of a name, without the unit of money: `drug_fen_before` is `drug before`."""
    return re.sub(r"_fen(_before)?$", r"\1", name).replace("_", " ")
