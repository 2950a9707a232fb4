"""Decisions on rejected rows: facts that people set down, each a file of its own, applied by the next batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.lake import batches
from pipelines.store import keys
from pipelines.store.store import Store

KINDS = ("waive", "discard", "retry")
_BATCH = "decision-"


@dataclass(frozen=True)
class Decision:
    """What was decided on which records (`record_ids`), by whom, why, and until which day (ISO, waivers only)."""

    number: int
    kind: str
    record_ids: tuple[str, ...]
    by: str
    until: str | None
    note: str
    at: str


def write_decision(home: Store, kind: str, record_ids: Sequence[str], **told: Any) -> Decision:
    """Set down a decision under the next number, whole or not at all; `told` are by, until, note and at."""
    number = max((d.number for d in all_decisions(home)), default=0) + 1
    decision = Decision(number, kind, tuple(record_ids), **told)
    home.put_json(keys.decision(number), decision.__dict__)
    return decision


def all_decisions(home: Store) -> list[Decision]:
    """Every decision that was set down, the oldest first."""
    records = [home.read_json(key) for key in home.list(keys.DECISIONS)]
    return [Decision(**record | {"record_ids": tuple(record["record_ids"])}) for record in records]


def batch_name(number: int) -> str:
    """What stands as run in the batch that a decision wrote by itself."""
    return f"{_BATCH}{number:06d}"


def decision_of(run_id: str) -> int | None:
    """The number of the decision that wrote a batch, None where a run did."""
    number = run_id.removeprefix(_BATCH)
    return int(number) if number != run_id and number.isdecimal() else None


def pending_decisions(home: Store) -> list[Decision]:
    """The decisions that no committed batch has applied, the oldest first."""
    applied: set[int] = set()
    for batch in batches.committed(home):
        applied |= set(applied_by(home, batch.number))
    return [decision for decision in all_decisions(home) if decision.number not in applied]


def applied_by(home: Store, batch: int) -> list[int]:
    """The numbers of the decisions that a batch applies."""
    kept = batches.objects_of_batch(home, batch)
    return list(kept.read_json(batches.APPLIED)) if kept.has(batches.APPLIED) else []


def mark_applied(batch: Store, decisions: Sequence[Decision]) -> None:
    """Say in the folder of a batch which decisions it applies; like all in it, this counts once its manifest stands."""
    if decisions:
        batch.put_json(batches.APPLIED, [d.number for d in decisions])


def decided(decisions: Sequence[Decision]) -> pl.DataFrame:
    """One row for each record decided on: `record_id`, `kind`, `by`, `until`, `told`.

    The last decision on a record holds, but that a retry takes back neither a waiver nor a discard.
    """
    frames = [
        pl.DataFrame({"record_id": d.record_ids}, schema={"record_id": pl.String}).with_columns(
            kind=pl.lit(d.kind),
            by=pl.lit(d.by or None, pl.String),
            until=pl.lit(d.until, pl.String).str.to_date("%Y-%m-%d"),
            told=pl.lit(d.note or None, pl.String),
            _rank=pl.lit(d.number + (0 if d.kind == "retry" else 1_000_000_000), pl.Int64),
        )
        for d in decisions
    ]
    schema = {
        "record_id": pl.String(),
        "kind": pl.String(),
        "by": pl.String(),
        "until": pl.Date(),
        "told": pl.String(),
        "_rank": pl.Int64(),
    }
    found = pl.concat([pl.DataFrame(schema=schema), *frames]).sort("_rank")
    return found.unique("record_id", keep="last", maintain_order=True).drop("_rank")


def apply_decisions(register: pl.DataFrame, told: pl.DataFrame, batch: int) -> pl.DataFrame:
    """The register with what needs no look at the row: open records discarded, waivers given another day.

    `told`: see `decided`. A decision on a record that is in another state meanwhile changes nothing.
    """
    state, kind = pl.col("state"), pl.col("kind")
    met = register.join(told, on="record_id").filter(
        ((kind == "discard") & (state == "open")) | ((kind == "waive") & (state == "waived"))
    )
    changed = met.select(
        "dataset",
        "record_id",
        state=pl.when(kind == "discard").then(pl.lit("discarded")).otherwise("state"),
        decided_by="by",
        decided_until="until",
        note="told",
        changed_in=pl.lit(batch, pl.Int64),
    )
    return register.update(changed, on=["dataset", "record_id"], include_nulls=True)
