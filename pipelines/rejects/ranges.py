"""Messages of one kind told in one line: numbers that differ as a range, quoted values by how many there are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

_VALUE = re.compile(r"(“[^”]*”|(?<![\w.])\d+(?:\.\d+)?(?![\w.]))")


def tell_ranges(messages: Mapping[str, int]) -> dict[str, int]:
    """Messages and how many rows have each, those put together that differ only in numbers or in quoted values:
    `第 3 列` and `第 5 列` become `第 3–5 列`, `“甲”` and `“乙”` become `“甲”等 2 个值`.
    """
    alike: dict[tuple[str, ...], list[tuple[list[str], int]]] = defaultdict(list)
    for message, count in messages.items():
        parts = _VALUE.split(message)
        kinds = ("“" if value.startswith("“") else "0" for value in parts[1::2])
        alike[(*parts[::2], *kinds)].append((parts, count))
    told = {}
    for found in alike.values():
        columns = zip(*(parts for parts, _ in found), strict=True)
        told["".join(map(_tell, columns))] = sum(count for _, count in found)
    return told


def most_common(messages: Mapping[str, int]) -> str:
    """The message that most rows have, as `tell_ranges` puts it."""
    return max(tell_ranges(messages).items(), key=lambda told: (told[1], told[0]))[0]


def _tell(values: tuple[str, ...]) -> str:
    different = sorted(set(values))
    if len(different) == 1:
        return different[0]
    if different[0].startswith("“"):
        return f"{different[0]}等 {len(different)} 个值"
    numbers = sorted(different, key=Decimal)
    return f"{numbers[0]}–{numbers[-1]}"
