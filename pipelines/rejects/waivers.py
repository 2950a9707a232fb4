"""Waivers: rows accepted as they are, on someone's word and until a day, although they break a rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.lake import batches
from pipelines.lake.tables import PLACE
from pipelines.rejects.tell_state import WAIVER_OVER
from pipelines.store.store import Store
from schemas.records import Dataset
from schemas.records.model import BOUNDS

_KEPT = "waived.parquet"

WAIVED: dict[str, pl.DataType] = {"dataset": pl.String(), "record_id": pl.String(), **PLACE}
"""Every place from which a waived row was accepted; it goes out from there when its time is over."""

_BEAR_THE_SUM = {
    "products:greater_than:units_per_pack",
    "selections:greater_than:conversion_factor",
    "commitments:pack_needs_product:",
    "commitments:period_runs_forward:",
    "deliveries:received_with_acceptance:",
    "deliveries:greater_than_or_equal_to:received_quantity",
    "deliveries:greater_than_or_equal_to:unit_price",
    "returns:greater_than:returned_quantity",
    "invoices:red_is_negative:",
    "invoices:not_positive_is_negative:is_positive、quantity、amount_fen",
    "surplus_bases:period_runs_forward:period_start、period_end",
    *(
        f"surplus_bases:greater_than_or_equal_to:{name}"
        for name in ("base_quantity", "price_before", "fund_pay_ratio", "fund_pay_ratio_before", "insured_share")
    ),
    "payments:reversal_names_payment:",
}
"""Rules on which the formulas rest, with BOUNDS: they divide by the value, run a sum over it or trust its sign."""


def waivable_reasons(dataset: Dataset) -> list[str]:
    """The reasons (`code:column`) that may be waived: the rules of the dataset, but those the formulas rest on."""
    rules = (f"{r.name}:{r.column}" for r in dataset.rules if r.name not in ("isin", *BOUNDS))
    return [r for r in rules if f"{dataset.name}:{r}" not in _BEAR_THE_SUM]


def is_waivable(reasons: str, dataset: Dataset) -> pl.Expr:
    """True where every reason of the list in column `reasons` may be waived."""
    code, column = (pl.element().struct.field(f) for f in ("code", "column"))
    known = pl.concat_str(code, pl.lit(":"), column).is_in(waivable_reasons(dataset))
    return pl.col(reasons).list.eval(known).list.all()


def waivers_in_force(register: pl.DataFrame, told: pl.DataFrame, as_of: date | None) -> pl.DataFrame:
    """The waivers of a night: those that stand and those decided since (`told`, see `decided`).

    Out: `dataset`, `record_id`, `natural_key`, `decided_by`, `decided_until`, `note`. Without a date none has
    run out.
    """
    live = register.filter(pl.col("state").is_in(["open", "waived"])).join(
        told.filter(kind="waive"), on="record_id", how="left"
    )
    found = live.filter((pl.col("state") == "waived") | pl.col("kind").is_not_null()).select(
        "dataset",
        "record_id",
        "natural_key",
        decided_by=pl.coalesce("by", "decided_by"),
        decided_until=pl.coalesce("until", "decided_until"),
        note=pl.coalesce("told", "note"),
    )
    return found if as_of is None else found.filter(pl.col("decided_until") >= as_of)


def read_waived(home: Store, batch: int) -> pl.DataFrame:
    """The places of waived rows as they stood after a batch; columns of WAIVED."""
    kept = batches.objects_of_batch(home, batch).at(_KEPT)
    return kept.scan().collect() if kept.exists else pl.DataFrame(schema=WAIVED)


def write_waived(batch: Store, places: Sequence[pl.DataFrame], register: pl.DataFrame) -> None:
    """Keep the places of the rows that are waived after a batch."""
    waived = register.filter(state="waived").select("dataset", "record_id")
    kept = pl.concat([pl.DataFrame(schema=WAIVED), *places]).join(waived, on=["dataset", "record_id"], how="semi")
    if not kept.is_empty():
        batch.write(_KEPT, kept.unique().sort(*WAIVED))


def run_out(register: pl.DataFrame, in_force: pl.DataFrame, batch: int) -> pl.DataFrame:
    """The register with the waivers that are over open again, and a note that says so."""
    over = pl.col("state") == "waived"
    still = register.join(in_force, on=["dataset", "record_id"], how="semi")
    ended = register.filter(over).join(still, on=["dataset", "record_id"], how="anti")
    told = f"{WAIVER_OVER}，本行退出统计，重新待整改。{{}}"
    note = pl.format(told, "decided_until", pl.col("note").fill_null(""))
    ended = ended.select(
        "dataset",
        "record_id",
        state=pl.lit("open"),
        note=note,
        resolved_run=pl.lit(None, pl.String),
        changed_in=pl.lit(batch, pl.Int64),
    )
    return register.update(ended, on=["dataset", "record_id"], include_nulls=True)
