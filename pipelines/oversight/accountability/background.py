"""What a list needs of the records of its run: names, the excuse register, orders outstanding, and how much of overdue
money is excused.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.engine.explanation import Scope
from pipelines.engine.figures import UNIT
from pipelines.engine.indicator import Inputs
from pipelines.indicators import all_indicators
from pipelines.indicators.agreed_volume.claims import claims_of
from pipelines.indicators.agreed_volume.commitments import commitments_of
from pipelines.indicators.agreed_volume.orders import orders_of
from pipelines.past.excerpt import excerpt
from pipelines.past.past_run import PastRun

Record = dict[str, Any]
_ROW = ["institution_code", "distributor_code", "due_month"]


@dataclass(frozen=True)
class Ordered:
    """What was ordered towards a commitment and what of it is outstanding, in minimum units; outstanding by supplier."""

    ordered: float
    outstanding: float
    suppliers: Mapping[str, float]


@dataclass(frozen=True)
class Background:
    """Records of a run, by their codes; `excuses` the register, `excuse_documents` their documents; `commitment_excuses`:
    commitment → ids of the excuses that hold; `overdue`: `institution|supplier|due month` → (overdue fen, excused overdue
    fen) of the rows asked for.
    """

    institutions: Mapping[str, Record]
    enterprises: Mapping[str, str]
    excuses: pl.DataFrame
    excuse_documents: Mapping[str, str]
    commitment_excuses: Mapping[str, str]
    orders: Mapping[str, Ordered]
    overdue: Mapping[str, tuple[int, int]]


def read_background(run: PastRun, institutions: frozenset[str], overdue: frozenset[str]) -> Background:
    """Read it from the lake as the run saw it, by the code of the night.

    `institutions`: whose orders are wanted; `overdue`: the payment rows whose excused part is wanted.
    """
    with tempfile.TemporaryDirectory(prefix="vbp_accountability_") as scratch:
        excerpt(run, Scope(institutions=institutions), Path(scratch))
        inputs = Inputs(Path(scratch), run.as_of, run.policies)
        commitments = commitments_of(inputs)
        held = commitments.filter(pl.col("excuse_id").is_not_null()).select("commitment_id", "excuse_id")
        return Background(
            institutions=by_code(inputs, "institutions", "institution_code"),
            enterprises={c: r["name"] for c, r in by_code(inputs, "enterprises", "enterprise_code").items()},
            excuses=inputs.scan("excuses").collect(),
            excuse_documents={
                i: r["document_no"] for i, r in by_code(inputs, "excuses", "excuse_id").items()
            },
            commitment_excuses=dict(held.iter_rows()),
            orders=_sum_orders(orders_of(inputs, commitments, claims_of(inputs, commitments))),
            overdue=split_overdue(inputs) if overdue else {},
        )


def by_code(inputs: Inputs, dataset: str, code: str) -> dict[str, Record]:
    """The current records of a dataset by their code."""
    return {row[code]: row for row in inputs.scan(dataset).collect().to_dicts()}


def _sum_orders(orders: pl.DataFrame) -> dict[str, Ordered]:
    found: dict[str, list[Record]] = {}
    for row in orders.to_dicts():
        found.setdefault(row["commitment_id"], []).append(row)
    return {commitment: _sum_up(rows) for commitment, rows in found.items()}


def _sum_up(rows: Sequence[Record]) -> Ordered:
    suppliers = {r["distributor_code"]: r["outstanding"] / UNIT for r in rows if r["outstanding"]}
    ordered, outstanding = (sum(r[c] for r in rows) / UNIT for c in ("ordered", "outstanding"))
    return Ordered(ordered, outstanding, suppliers)


def split_overdue(inputs: Inputs) -> dict[str, tuple[int, int]]:
    """By `institution|supplier|due month`: overdue fen under the rule that applies, and the part of it whose payables are
    excused.
    """
    dues = all_indicators()["payment"].evidence(inputs)["dues"].lazy()
    sums = (
        dues.filter((pl.col("due_rule") == "applicable") & (pl.col("overdue_fen") > 0))
        .group_by(pl.concat_str(_ROW, separator="|").alias("key"))
        .agg(
            pl.col("overdue_fen").sum(),
            excused=pl.col("overdue_fen").filter(pl.col("excuse_id").is_not_null()).sum(),
        )
        .collect()
    )
    return {key: (overdue, excused) for key, overdue, excused in sums.iter_rows()}
