"""The headline sums of published dates: what was agreed and bought, due and paid, judged and compliant.

Read from the versions of the figure tables, so that many dates cost one pass and not one each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.tables import versions_of
from pipelines.reports.time_progress import read_expected

Sums = Mapping[str, int]
_VOLUME = ("commitments", "completed", "agreed_fen", "net_fen", "capped_fen")
_PAYMENT = ("matured_fen", "on_time_fen", "matured_count", "on_time_count")
_INVOICE = (
    "scope_fen", "compliant_fen", "violation_fen", "scope_count", "compliant_count", "violation_count",
)  # fmt: skip
GROUPS = tuple((phase, duty) for phase in ("running", "ended") for duty in ("mandatory", "voluntary"))


class Ratio(NamedTuple):
    """Σ numerator over Σ denominator, in the unit of both (fen, commitments, payables, lines)."""

    above: int
    below: int
    unit: str

    @property
    def value(self) -> Fraction | None:
        """The exact quotient, None where the denominator is 0."""
        return Fraction(self.above, self.below) if self.below else None


Headline = Mapping[tuple[str, ...], Ratio]
"""Ratios by name: ("volume", phase, duty, which), ("payment", unit), ("invoice" or "verified", unit). Of the first,
"time" only by `with_time_progress`.
"""


def read_headlines(connection: sa.Connection, dates: Iterable[date]) -> dict[date, Headline]:
    """The headline ratios of each of these dates, which must be published ones.

    Running and ended agreements, mandatory and voluntary institutions stand apart (rulebook §4), payment is by the
    applicable due rule. Every ratio is Σ/Σ over the whole table; a group without rows is left out.
    """
    wanted = sorted(set(dates))
    volume = _read_sums(
        connection, "agreed_volume_rollup", ("phase", "duty"), _VOLUME, {"level": "all"}, wanted
    )
    payment = _read_sums(connection, "payment_timeliness", (), _PAYMENT, {"due_rule": "applicable"}, wanted)
    invoice = _read_sums(connection, "two_invoice_compliance", (), _INVOICE, {}, wanted)
    return {
        day: {
            **{
                ("volume", *group, which): ratio
                for group in GROUPS
                if group in volume[day]
                for which, ratio in _volume_ratios(volume[day][group]).items()
            },
            **(_payment_ratios(payment[day][()]) if () in payment[day] else {}),
            **(_invoice_ratios(invoice[day][()]) if () in invoice[day] else {}),
        }
        for day in wanted
    }


def with_time_progress(connection: sa.Connection, headline: Headline, as_of: date) -> Headline:
    """The ratios of a published date with the time progress ("time") of each group beside its execution rate.

    Both are weighed with the agreed amounts; a group of which nothing is valued has none.
    """
    expected = {
        (phase, duty): fen
        for level, _, phase, duty, fen in read_expected(connection, as_of).iter_rows()
        if level == "all" and fen is not None
    }
    return {
        **headline,
        **{
            ("volume", *group, "time"): Ratio(
                expected[group], headline["volume", *group, "executed"].below, "fen"
            )
            for group in GROUPS
            if group in expected and ("volume", *group, "executed") in headline
        },
    }


def _volume_ratios(sums: Sums) -> dict[str, Ratio]:
    return {
        "executed": Ratio(sums["net_fen"], sums["agreed_fen"], "fen"),
        "capped": Ratio(sums["capped_fen"], sums["agreed_fen"], "fen"),
        "completed": Ratio(sums["completed"], sums["commitments"], "commitments"),
    }


def _payment_ratios(sums: Sums) -> dict[tuple[str, ...], Ratio]:
    return {
        ("payment", "fen"): Ratio(sums["on_time_fen"], sums["matured_fen"], "fen"),
        ("payment", "count"): Ratio(sums["on_time_count"], sums["matured_count"], "payables"),
    }


def _invoice_ratios(sums: Sums) -> dict[tuple[str, ...], Ratio]:
    ratios: dict[tuple[str, ...], Ratio] = {}
    for unit, name in (("fen", "fen"), ("count", "lines")):
        judged = sums[f"compliant_{unit}"] + sums[f"violation_{unit}"]
        ratios["invoice", unit] = Ratio(sums[f"compliant_{unit}"], judged, name)
        ratios["verified", unit] = Ratio(judged, sums[f"scope_{unit}"], name)
    return ratios


def _read_sums(
    connection: sa.Connection, name: str, by: Sequence[str], sums: Sequence[str], only: Mapping[str, str], dates: Sequence[date],
) -> dict[date, dict[tuple[str, ...], Counter[str]]]:  # fmt: skip
    """Sums of a figure table per date and group: those of versions with the same life are added in SQL."""
    found: dict[date, dict[tuple[str, ...], Counter[str]]] = {day: defaultdict(Counter) for day in dates}
    if not dates:
        return found
    v = versions_of(name)
    life = (v.c.valid_from, v.c.valid_to)
    keys = [v.c[key] for key in by]
    added = [sa.cast(sa.func.sum(v.c[column]), sa.BigInteger) for column in sums]
    stands = [v.c.valid_from <= dates[-1], v.c.valid_to > dates[0]]
    chosen = [v.c[column] == value for column, value in only.items()]
    query = sa.select(*life, *keys, *added).where(*chosen, *stands).group_by(*life, *keys)
    for since, until, *rest in connection.execute(query):
        group = tuple(str(key) for key in rest[: len(by)])
        counts = dict(zip(sums, (int(n or 0) for n in rest[len(by) :]), strict=True))
        for day in dates:
            if since <= day < until:
                found[day][group].update(counts)
    return found
