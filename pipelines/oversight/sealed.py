"""Rows that are written once: the digest of their content is their number, and shows a later change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def seal_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """SHA-256 (hex) of the rows as a set, of the columns named: canonical JSON (sorted keys, no spaces, UTF-8) of each
    row, sorted, each with a line feed.
    """
    lines = sorted(
        json.dumps({c: row[c] for c in columns}, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
        for row in rows
    )
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def number_of(prefix: str, digest: str) -> str:
    """The number of sealed rows: what they speak of, and as much of the digest as tells them apart."""
    return f"{prefix}-{digest[:12]}"
