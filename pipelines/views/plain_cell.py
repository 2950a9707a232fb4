"""Cells of text files that people open in a spreadsheet."""

from __future__ import annotations

BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a text begins with that a spreadsheet takes for a formula."""


def plain_cell(value: object) -> str:
    """A value as text that a spreadsheet shows and does not calculate; a number stays one, nothing is empty."""
    text = "" if value is None else str(value)
    if not text.startswith(BEGINS_FORMULA) or len(text) == 1:
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
