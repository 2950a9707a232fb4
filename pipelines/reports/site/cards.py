"""The cards of the indicators (`card.md` in their folders) as HTML: Markdown stays the one place where they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from pipelines.indicators import all_indicators, read_card

_CHINESE_CHARACTER = r"[\u3001-\u303f\u4e00-\u9fff\uff01-\uff5e]"


@dataclass(frozen=True)
class Card:
    """A card: the indicator's code, its title in Chinese and English, and its text by language (`zh`, `en`)."""

    code: str
    zh: str
    en: str
    sources: dict[str, str]

    @property
    def texts(self) -> list[tuple[str, Markup]]:
        """The text in each language as HTML; one that is missing is that of the other."""
        return [(language, _render(source)) for language, source in self.sources.items()]


def read_cards() -> list[Card]:
    """The card of every indicator. VbpError where one is missing."""
    return [read_one(code, read_card(code)) for code in all_indicators()]


def read_one(code: str, texts: dict[str, str]) -> Card:
    """A card from its text in English, which is shown in both languages where there is no Chinese one."""
    zh, _, en = texts["en"].split("\n", 1)[0].removeprefix("# ").partition(" · ")
    return Card(code, zh, en or zh, {"zh": texts.get("zh", texts["en"]), "en": texts["en"]})


@cache
def _render(source: str) -> Markup:
    # A line that ends and one that begins in Chinese are one sentence, without a space between them.
    source = re.sub(f"(?<={_CHINESE_CHARACTER})\n(?={_CHINESE_CHARACTER})", "", source)
    # No raw HTML passes, and a link of a foreign scheme stays text.
    return Markup(MarkdownIt("commonmark", {"html": False}).enable("table").render(source))
