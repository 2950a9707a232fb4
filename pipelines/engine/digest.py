"""Digests of sets of rows that can be carried on: rows that go are taken off, rows that come are added.

The digest of a set is the sum, modulo 2⁵¹², of the SHA-512 of its rows. It hangs neither on their order nor on
the parts in which they were read, and no version of a library's own hash can change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.store.store import Object

_SLICE = 200_000
_BYTES = 64


class Tally(int):
    """The digest of a set of rows, added and taken off like a number; 0 is the empty set."""

    def __add__(self, other: int) -> Tally:
        return Tally((int(self) + int(other)) % (1 << 8 * _BYTES))

    def __sub__(self, other: int) -> Tally:
        return Tally((int(self) - int(other)) % (1 << 8 * _BYTES))


def tally(rows: pl.DataFrame, columns: Sequence[str]) -> Tally:
    """The digest of the rows as a set, of the columns named."""
    import numpy as np  # whoever but names digests need not wait for it

    total = Tally(0)
    for part in rows.select(columns).iter_slices(_SLICE):
        lines = part.select(pl.struct(pl.all()).struct.json_encode().cast(pl.Binary)).to_series()
        digests = b"".join([hashlib.sha512(line).digest() for line in lines.to_list()])
        words = np.frombuffer(digests, dtype=">u4").reshape(-1, _BYTES // 4).sum(axis=0, dtype=np.uint64)
        total += sum(word << 32 * place for place, word in enumerate(reversed(words.tolist())))
    return total


def tally_object(kept: Object, columns: Sequence[str] = ()) -> Tally:
    """The digest of the rows of an object, of the columns named or else of all, a slice in memory at a time."""
    total = Tally(0)
    for rows in kept.slices(_SLICE):
        total += tally(rows, columns or rows.columns)
    return total


def seal(tallies: Mapping[str, int]) -> str:
    """SHA-256 of named digests: one text for all tables of a run."""
    lines = "".join(f"{name} {tallies[name]:x}\n" for name in sorted(tallies))
    return hashlib.sha256(lines.encode()).hexdigest()


def seal_as_text(tables: Mapping[str, pl.DataFrame]) -> str:
    """The digest that runs of the first release noted: SHA-256 of each table's name and its rows, sorted by key, as CSV."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        digest.update(f"{name}\n".encode())
        for part in tables[name].iter_slices(_SLICE):
            digest.update(part.write_csv(include_header=False).encode())
    return digest.hexdigest()
