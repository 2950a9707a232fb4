"""The draw: by SHA-256 of seed and key, so that no library, database or order of rows has a say in it.

The whole of it by hand, for a frame written one `code|stratum` a line:

    printf '%s' 'SEED|CODE' | sha256sum        the place of an institution: the smallest of its stratum are drawn
    LC_ALL=C sort frame.txt | sha256sum        the digest of the frame
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipelines.errors import UsageError

METHOD = (
    "排序值 = SHA-256(种子|机构编码)，UTF-8，十六进制小写；样本数按各层机构数比例分配（取整后余数大者先得，相同则层名小者先得）；"
    "每层取排序值最小的若干家，序号按排序值。检查人员：每家取 SHA-256(种子|机构编码|人员) 最小的若干人。"
)


@dataclass(frozen=True)
class Drawn:
    """An institution of the frame: its place, and where it was drawn its number (from 1) and inspectors."""

    code: str
    stratum: str
    order_hash: str
    draw_no: int | None
    inspectors: tuple[str, ...]


def draw(frame: Mapping[str, str], size: int, seed: str, inspectors: Sequence[str] = (), each: int = 0) -> list[Drawn]:
    """Draw `size` institutions of the frame (code → stratum) and for each of them `each` inspectors; the whole frame, by code.

    UsageError where more are wanted than there are, or a name holds the separator.
    """
    if not 1 <= size <= len(frame):
        raise UsageError(f"样本数 {size} 应在 1 至总体数 {len(frame)} 之间")
    if each > len(inspectors):
        raise UsageError(f"每家需要 {each} 名检查人员，名单上只有 {len(inspectors)} 名")
    if wrong := [text for text in (*frame, *inspectors) if "|" in text or "\n" in text]:
        raise UsageError(f"机构编码或检查人员“{wrong[0]}”含有分隔符，请改正后再抽")
    place = {code: hash_text(f"{seed}|{code}") for code in frame}
    quota = allocate(Counter(frame.values()), size)
    chosen = [
        code
        for stratum, number in quota.items()
        for code in sorted((c for c, s in frame.items() if s == stratum), key=lambda c: (place[c], c))[:number]
    ]
    numbers = {code: n for n, code in enumerate(sorted(chosen, key=lambda c: (place[c], c)), start=1)}
    return [
        Drawn(
            code,
            frame[code],
            place[code],
            numbers.get(code),
            _draw_inspectors(seed, code, inspectors, each) if code in numbers else (),
        )
        for code in sorted(frame)
    ]


def allocate(strata: Mapping[str, int], size: int) -> dict[str, int]:
    """How many to draw of each stratum (name → institutions): in proportion, largest remainders first, then by name."""
    total = sum(strata.values())
    shares = {name: Fraction(size * number, total) for name, number in strata.items()}
    quota = {name: int(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (quota[name] - shares[name], name))
    for name in by_remainder[: size - sum(quota.values())]:
        quota[name] += 1
    return {name: quota[name] for name in sorted(quota)}


def digest_frame(frame: Mapping[str, str]) -> str:
    """SHA-256 of the frame: lines `code|stratum`, sorted, each with a line feed."""
    return digest_lines(f"{code}|{stratum}" for code, stratum in frame.items())


def digest_lines(lines: Iterable[str]) -> str:
    """SHA-256 of lines in the order of their bytes, each with a line feed."""
    ordered = sorted(line.encode() for line in lines)
    return hashlib.sha256(b"".join(line + b"\n" for line in ordered)).hexdigest()


def hash_text(text: str) -> str:
    """SHA-256 (hex) of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def _draw_inspectors(seed: str, code: str, inspectors: Sequence[str], each: int) -> tuple[str, ...]:
    return tuple(sorted(inspectors, key=lambda name: (hash_text(f"{seed}|{code}|{name}"), name))[:each])
