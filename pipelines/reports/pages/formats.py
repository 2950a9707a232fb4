"""How numbers, moments and addresses are written on a page; what is missing is a dash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from pipelines.engine import explained_rows

MISSING = "—"
MINUS = "−"


def number(value: int | None) -> str:
    """A whole number with separators."""
    return MISSING if value is None else f"{value:,}"


def signed(value: int) -> str:
    """A difference with its sign."""
    return f"{value:+,}".replace("-", MINUS) if value else "±0"


def percent(above: float, below: float) -> str:
    """A quotient in percent with two decimals."""
    return f"{100 * above / below:.2f}%" if below else MISSING


def yuan(fen: int | None) -> str:
    """Integer fen as yuan, exact."""
    return MISSING if fen is None else explained_rows.yuan(fen).replace("-", MINUS)


def lasting(seconds: int | None) -> str:
    """A duration as hours, minutes and seconds."""
    if seconds is None:
        return MISSING
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def moment(value: datetime | None) -> str:
    """A time to the second."""
    return MISSING if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def href(parts: Sequence[str]) -> str:
    """A relative address of path segments, each percent-encoded."""
    return "/".join(part if part == ".." else quote(part, safe="") for part in parts)
