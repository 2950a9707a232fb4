"""Watermarks of a query: how far its rows were read, as one text that keeps its type."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pipelines.errors import VbpError, printable

_ISO = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d{1,6})?)?")


def write(value: Any, now: datetime) -> str:
    """A value of the column as `kind:value`. A time to come counts as `now` (with offset): or nothing would be new until then.

    VbpError for what has no order that a distance can be taken from.
    """
    match value:
        case bool():
            pass
        case int():
            return f"int:{value}"
        case Decimal() if value == value.to_integral_value():
            return f"int:{int(value)}"
        case datetime():
            return f"datetime:{min(value, now if value.tzinfo else now.replace(tzinfo=None)).isoformat()}"
        case date():
            return f"date:{min(value, now.date()).isoformat()}"
        case str() if _ISO.fullmatch(value):
            present = now.replace(tzinfo=None).isoformat(sep="T" if "T" in value else " ", timespec="microseconds")
            return f"text:{min(value, present[: len(value)])}"
    shown = printable(str(value))[:40]
    raise VbpError(f"水位列的值“{shown}”（{type(value).__name__}）不能作水位；watermark 应为时间、日期或整数的列")


def behind(text: str, overlap: int) -> Any:
    """The value so far behind a written one: minutes (of dates as many days as they begin), or units of a whole number."""
    kind, _, value = text.partition(":")
    if kind == "int":
        return int(value) - overlap
    if kind == "date":
        return date.fromisoformat(value) - timedelta(days=-(-overlap // 1440))
    back = datetime.fromisoformat(value) - timedelta(minutes=overlap)
    if kind == "datetime":
        return back
    if len(value) == len("2020-12-31"):
        return back.date().isoformat()
    return back.isoformat(sep="T" if "T" in value else " ", timespec="seconds")
