"""What the code of a division means: 371500 is the city's own institutions, the city as a whole is all of 3715."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

OWN = "本级"
"""Ends the name of a city or province where its code (…00) stands for its own institutions and not for its divisions."""
_WIDTHS = (2, 4)
_ALL = {"市": "全市", "省": "全省", "区": "全区", "州": "全州"}


def name_own(code: str, name: str) -> str:
    """The name of a division as figures by six-digit code mean it: 371500 聊城市本级, 371522 莘县."""
    return name + OWN if code.endswith("00") else name


def find_wholes(codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Cities (four digits) and provinces (two) of which several divisions are there, each with the codes of these.

    A province of which only one city is there says nothing beside that city, and is left out.
    """
    known = sorted({code for code in codes if len(code) == 6 and code.isdecimal()})
    found = {
        prefix: tuple(code for code in known if code.startswith(prefix))
        for width in _WIDTHS
        for prefix in {code[:width] for code in known}
        if len({code[: width + 2] for code in known if code.startswith(prefix)}) > 1
    }
    return dict(sorted(found.items()))


def name_whole(prefix: str, names: Mapping[str, str]) -> str:
    """The name of a city or province as a whole: 3715 聊城市（全市合计）; `names` by six-digit code."""
    name = names.get(prefix.ljust(6, "0"), prefix).removesuffix(OWN)
    return f"{name}（{_ALL.get(name[-1], '')}合计）"
