"""The one catalogue of what pages say, `zh_CN.po`: each text in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

_CATALOGUE = Path(__file__).with_name("zh_CN.po")

Words = Mapping[str, tuple[str, str]]
"""Texts by key, in Chinese and in English."""


def words_of(page: str) -> Words:
    """The texts of a kind of page (`site`, `chart`, `morning`, `bulletin`) by the keys its templates ask for."""
    return _read().get(page, {})


@cache
def _read() -> dict[str, dict[str, tuple[str, str]]]:
    with _CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN", abort_invalid=True)
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for message in catalogue:
        page, _, key = str(message.context or "").partition(".")
        found.setdefault(page, {})[key] = (str(message.string), str(message.id))
    return found
