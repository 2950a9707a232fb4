"""What has become of a rejected row, in the words that every list, page, workbook and explanation uses."""

from __future__ import annotations

from datetime import date

from schemas.ledgers.rejected_records import STATES

WAIVER_OVER = "豁免已于 {} 到期"
"""A record is open although it was waived: its time is over."""


def tell_waiver_over(state: str, decided_until: date | None) -> str:
    """That the waiver of a record is over, and since when; empty for any other record."""
    return WAIVER_OVER.format(decided_until) if state == "open" and decided_until else ""


def tell_state(state: str, decided_until: date | None) -> str:
    """The state of a record; of a waiver the last day, also of one that is over."""
    told = STATES[state]
    if state == "waived" and decided_until:
        told += f"至 {decided_until}"
    over = tell_waiver_over(state, decided_until)
    return f"{told}（{over}）" if over else told
