"""How a value looks in a cell: the dates, amounts and words of real exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
MONEY_COLUMNS = {"amount", "unit_price"}
WORDS = {
    "public": "公立",
    "private": "民营",
    "retail": "零售药店",
    "tertiary": "三级",
    "secondary": "二级",
    "primary": "基层",
    "village": "村卫生室",
    "drug": "药品",
    "consumable": "耗材",
    "platform": "平台",
    "offline": "线下",
    "normal": "正常",
    "void": "作废",
    "requested": "已申请",
    "confirmed": "已确认",
    "refused": "已拒绝",
    "quantity": "数量",
    "floor": "下限",
    "cap": "上限",
    "band": "区间",
    "min_unit": "最小单位",
    "pack": "包装",
    "national": "国家",
    "alliance": "联盟",
    "municipal": "市级",
    "budgeted": "带预算",
    "hospital": "医院支付",
    "fund_direct": "医保基金直接结算",
    "volume": "采购量",
    "payment": "货款",
    "prepayment": "预付",
    "two_invoice": "两票制",
    "originator": "原研",
    "passed": "通过",
    "none": "未通过",
    "essential": "基本药物",
    "key_monitored": "重点监控",
    "negotiated": "谈判药品",
    "insurance_a": "甲类",
    "insurance_b": "乙类",
    "shortage": "短缺药品",
    "shortage_prone": "易短缺药品",
    "governed_consumable": "重点治理耗材",
    "platform_consumable": "平台采购耗材",
    "trace_exempt": "追溯豁免",
    "dispensed": "发药",
    "returned": "退药",
    "opening": "期初库存",
    "fund": "医保",
    "self": "自费",
    "received": "入库",
    "taken_back": "追回",
    "listing": "挂网价",
    "payment_standard": "医保支付标准",
    "bribery": "商业贿赂",
    "tax": "涉税违法",
    "price": "价格违法",
    "competition": "不正当竞争",
    "supply": "配送失信",
    "quality": "质量违法",
    "other": "其他",
}
WORD_COLUMNS = {
    "ownership",
    "level",
    "kind",
    "channel",
    "status",
    "target",
    "direction",
    "unit",
    "program",
    "category",
    "list",
    "event",
    "settlement",
    "evaluation",
}


@dataclass(frozen=True)
class Style:
    """How cells look.

    `dates`: iso, slash, chinese, compact, time, mixed; in xlsx also cell (a date cell)
    and serial (a bare number).
    `amounts`: plain, comma, mixed; in xlsx also cell (a number).
    """

    dates: str = "iso"
    amounts: str = "plain"
    chinese_words: bool = False


def render(value: Any, column: str, style: Style, place: int) -> Any:
    """A cell's text, or a date or number where the style asks for real cells."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("是" if value else "否") if style.chinese_words else str(int(value))
    if isinstance(value, date):
        return _render_date(value, style.dates, place)
    if isinstance(value, Decimal):
        return _render_amount(value, style.amounts, place) if column in MONEY_COLUMNS else _render_plain(value, style)
    if isinstance(value, str) and style.chinese_words and column in WORD_COLUMNS:
        return WORDS.get(value, value)
    return value


def _render_date(day: date, how: str, place: int) -> Any:
    if how == "mixed":
        how = ("chinese", "iso", "slash", "compact")[place % 4]
    if how == "time":
        return f"{day} {8 + place % 9:02d}:{place * 7 % 60:02d}:00"
    if how in ("cell", "serial"):
        return day if how == "cell" else (day - date(1899, 12, 30)).days
    return {
        "iso": day.isoformat(),
        "slash": f"{day.year}/{day.month}/{day.day}",
        "chinese": f"{day.year}年{day.month}月{day.day}日",
        "compact": f"{day:%Y%m%d}",
    }[how]


def _render_amount(amount: Decimal, how: str, place: int) -> Any:
    if how == "mixed":
        how = ("comma", "plain", "yuan", "plain", "wide")[place % 5]
        if amount < 0:
            return f"({-amount:,})"
    if how == "cell":
        return float(amount)
    return {"plain": str(amount), "comma": f"{amount:,}", "yuan": f"￥{amount}", "wide": str(amount).translate(FULL_WIDTH)}[how]


def _render_plain(number: Decimal, style: Style) -> Any:
    return float(number) if style.amounts == "cell" else str(number)
