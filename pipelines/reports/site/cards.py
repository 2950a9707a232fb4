"""The cards of the indicators (`docs/indicators/*.md`) as HTML: Markdown stays the one place where they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

CARDS = Path(__file__).parents[3] / "docs" / "indicators"
_CHINESE = "zh-CN"
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


def read_cards(folder: Path = CARDS) -> list[Card]:
    """Every card of the folder; its Chinese text stands below `zh-CN`. None where the folder is not there."""
    return [_read_card(path) for path in sorted(folder.glob("*.md"))]


def _read_card(path: Path) -> Card:
    english = path.read_text(encoding="utf-8")
    zh, _, en = english.split("\n", 1)[0].removeprefix("# ").partition(" · ")
    translated = path.parent / _CHINESE / path.name
    chinese = translated.read_text(encoding="utf-8") if translated.exists() else english
    return Card(path.stem, zh, en or zh, {"zh": chinese, "en": english})


def _render(source: str) -> Markup:
    # A line that ends and one that begins in Chinese are one sentence, without a space between them.
    source = re.sub(f"(?<={_CHINESE_CHARACTER})\n(?={_CHINESE_CHARACTER})", "", source)
    # No raw HTML passes, and a link of a foreign scheme stays text.
    return Markup(MarkdownIt("commonmark", {"html": False}).enable("table").render(source))
