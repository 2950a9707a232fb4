"""The clock of those who use this: it goes as in Shanghai, wherever the machine stands."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """The time, to the second."""
    return dt.datetime.now(SHANGHAI).replace(microsecond=0)


def today() -> dt.date:
    """The day."""
    return now().date()
