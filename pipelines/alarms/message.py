"""A message: what an operator reads in a mail or on a telephone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipelines.alarms.settings import AlarmSettings

SYSTEM = "【带量采购监测】"
"""Every title begins with it: the word 带量采购 serves as the keyword that a DingTalk robot asks for."""

LARGEST = 2000
"""Bytes of UTF-8, title and body together: WeCom refuses more than 2048."""


@dataclass(frozen=True)
class Message:
    """Title, body, whether it is loud (figures did not appear), and the facts it tells.

    A fact is a short text that is the same when the same thing is told again: see `told`.
    """

    title: str
    body: str
    is_loud: bool
    facts: tuple[str, ...]


def sign(message: Message, settings: AlarmSettings) -> Message:
    """Add who answers and where to look; a body too long for the smallest channel is cut before that."""
    footer = [f"负责人：{settings.owner}"] if settings.owner else []
    footer += [f"页面：{settings.site_url}"] if settings.site_url else []
    left = LARGEST - size(message.title, *footer)
    return replace(message, body="\n".join([cut(message.body, left), *footer]))


def size(*lines: str) -> int:
    """Bytes of UTF-8 that some lines take, line breaks included."""
    return sum(len(line.encode()) + 2 for line in lines)


def cut(text: str, largest: int) -> str:
    """The text in at most so many bytes, never within a character, an ellipsis where something is missing."""
    if len(text.encode()) <= largest:
        return text
    return text.encode()[: max(0, largest - 3)].decode(errors="ignore") + "…"


def shorten(lines: Iterable[str], limit: int) -> list[str]:
    """At most `limit` lines, indented, and how many more there are."""
    every = list(lines)
    more = [f"  …另有 {len(every) - limit} 项"] if len(every) > limit else []
    return [f"  · {line}" for line in every[:limit]] + more
