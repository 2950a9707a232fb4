"""The terminal: what is printed is text, whatever a file, a name or a path holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Orders to the terminal (but tab and line break), and signs that turn the reading direction."""


def plain_text(text: str) -> str:
    """A text without orders to the terminal: each is shown as `�`."""
    return _CONTROL.sub("�", text)


class PlainConsole(Console):
    """A console that takes no markup, emoji names or orders to the terminal from what it prints, nor from cells and titles
    of tables. Style is given as style, never within a text.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"markup": False, "emoji": False, "highlight": False} | given)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich renders it, with every text made plain."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=plain_text(segment.text))
