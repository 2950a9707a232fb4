"""Which encoding a text was written in: the one in which it reads as Chinese (rulebook §10)."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from functools import cache

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_PIECE = 16_384
_PIECES = 16
_MANY_NULS = 0.05
# no character of UTF-8 or GB18030 has a byte below 0x30 but its first: behind such a byte a character begins
_RUN = re.compile(rb"[a-z]?[\x80-\xff][^\x00-\x2f]*")
_BORDER = re.compile(rb"[\x00-\x2f]")
# 茅 in GB18030 is é in UTF-8: within a word of small Latin letters it is é
_LATIN_IN_A_WORD = re.compile("(?<=[a-z])[\u00df-\u017f]|[\u00df-\u017f](?=[a-z])")
_AMONG_ASCII = frozenset("\u00a0\u00ad¥§©«»®°±²³´µ·×÷αβγδεκλμωΩ")
_LIKELY = re.compile("[\u00c0-\u00de\u2000-\u2bff\u3000-\u303f\uff00-\uffef]")
_LEVEL_1 = range(0xB0, 0xD8)


def decode(data: bytes) -> tuple[str, str]:
    """Return (text, encoding: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-32, gb18030).

    What cannot be decoded becomes U+FFFD; byte order marks, however many, are gone. GB18030 is often valid UTF-8 (药品)
    or nearly so (医药公司), so validity proves nothing: both readings are scored by how common their characters are
    in Chinese text, over what is not ASCII, wherever in the file it stands.
    """
    mark = next((m for m in _MARKS if data.startswith(m)), b"")
    if mark and _MARKS[mark] != "utf-8":
        return _read(data, _MARKS[mark]), _MARKS[mark]
    body = data[len(mark) :]
    encoding = "utf-8" if mark and _is_utf8(body) else _judge(body)
    return _read(body, encoding), "utf-8-sig" if mark and encoding == "utf-8" else encoding


def _judge(data: bytes) -> str:
    wide = _find_wide(data[:_PIECE])
    if not wide and data.isascii():
        return "utf-8"
    sample = data[:_PIECE] if wide else _sample(data)
    # of equals the first: what is as good in UTF-8 is UTF-8
    return max(["utf-8", "gb18030", *wide], key=lambda encoding: _score(_read(sample, encoding)))


def _read(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace").replace("\ufeff", "")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _find_wide(data: bytes) -> list[str]:
    """UTF-16 without a mark has its many NULs in one half of the bytes; those of a damaged file lie in both."""
    little, big = data[1::2].count(0), data[::2].count(0)
    if little + big < _MANY_NULS * len(data) or min(little, big) * 8 > max(little, big):
        return []
    return ["utf-16-le" if little > big else "utf-16-be"]


def _sample(data: bytes) -> bytes:
    """What is not ASCII in some pieces of the file, spread evenly over those that hold any."""
    starts = [n for n in range(0, len(data), _PIECE) if not data[n : n + _PIECE].isascii()]
    runs = []
    for start in starts[:: -(-len(starts) // _PIECES)]:
        piece = data[start : start + _PIECE]
        border = _BORDER.search(piece) if start else None
        runs += _RUN.findall(piece, border.end() if border else 0)
    return b"\n".join(runs)


def _score(text: str) -> float:
    """How Chinese a text reads, from -2 to 1: the mean over its characters beyond ASCII, NULs among them."""
    counts = Counter(text)
    told = {c: n for c, n in counts.items() if c > "\x7f" or c == "\0"}
    if not told:
        return 0.0
    words = 2 * len(_LATIN_IN_A_WORD.findall(text))
    return (sum(_weigh(c) * n for c, n in told.items()) + words) / sum(told.values())


@cache
def _weigh(character: str) -> float:
    if character in "\0\ufffd":
        return -2.0
    if character in _AMONG_ASCII:
        return 1.0
    if _LIKELY.match(character):
        return 0.7
    if "\u4e00" <= character <= "\u9fff":
        lead = character.encode("gb2312", errors="replace")[0]
        return 1.0 if lead in _LEVEL_1 else 0.3 if lead > _LEVEL_1[-1] else -0.3
    return -0.3 if "\u3400" <= character <= "\u4dbf" or character > "\U0001ffff" else -1.0
