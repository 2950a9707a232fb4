"""One good row of every dataset as a sender may write it; the rows refer to each other. All in them is made up."""

from functools import cache

from schemas.records.model import RECORDS, Column
from schemas.spellings import FLAGS, first_spellings

COMPANY = "91330200MA0000001X"
HOSPITAL_USCC = "12330282MB0000001X"
DIVISION = "330282"
AGENCY = "JB330282"
PRODUCT = "XC10AAA061A001010199901"
ITEM = "GY-2-01"
BATCH = "20200301"
INVOICE_CODE, INVOICE_NO = "033002000111", "12345678"
PERIOD_END = "2021-04-04"
DAY = "2020-04-05"
"""Days of which nothing else is said."""
DOCUMENT = "示例文〔2020〕1号"


@cache
def example_of(name: str) -> dict[str, str]:
    """The row of the dataset of that name: column → cell, '' where it is left open.

    What a column does not say itself is that of the record it refers to, the word of its default or first value, and, where it
    is required, an ordinary day or the first line.
    """
    return {c.name: _exemplify(c, name) if c.example is None else c.example for c in RECORDS[name].columns}


def _exemplify(column: Column, name: str) -> str:
    if column.values:
        chosen = column.default if column.default in column.values else next(iter(column.values))
        return first_spellings(column.values)[chosen]
    if column.kind == "flag" and column.default is not None:
        return FLAGS[column.default]
    if column.refers:
        return example_of(column.refers)[RECORDS[column.refers].key[-1]]
    derived = {"day": DAY, "count": "1"} if column.required else {}
    return derived.get(column.kind, "")
