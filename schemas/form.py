"""What an official form is: a workbook of its own beside the bulletin, in the layout that people are used to.

An indicator declares its own in `SHOWN` of `pipelines/indicators/<code>/shown.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.section import NO_TITLES, Entry, Titles


@dataclass(frozen=True)
class Form:
    """The rows of `table`, which are of institutions, on a sheet for each lot: the institution, its division, the lot, and
    `entries` in their order; below them what they come to together, in whole numbers and quotients of these.
    """

    code: str
    table: str
    titles: Titles
    entries: tuple[Entry, ...]
    note: Titles = NO_TITLES
