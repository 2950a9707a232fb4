"""Trace codes at several institutions 追溯码重复使用 (慈政办发〔2020〕68号 (八)28; obligations §18)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.finding import make_findings
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link, Links
from pipelines.indicators.trace_reuse.declaration import RECEIVED_TWICE, REUSED, TABLES
from pipelines.indicators.trace_reuse.scans import scans_of
from pipelines.lines.returned import DELIVERY

_CODE = "trace_code"


def evidence(inputs: Inputs) -> Frames:
    """`scans`: those of codes that more than one family scanned, with file, sheet and line (`scans_of`)."""
    return {"scans": scans_of(inputs)}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`codes`: one per code that is out at institutions of two families, or was received by two. `receipts`: by which
    deliveries a code came that two families scanned, sent back or not.
    """
    scans = evidence["scans"].lazy()
    is_received = pl.col("event") == "received"
    out = pl.col("is_out") & ~is_received
    issued, received = out & (pl.col("event") == "dispensed"), is_received & ~pl.col("is_returned")
    codes = (
        scans.group_by(_CODE)
        .agg(
            institutions=_distinct("institution_code", out),
            families=_distinct("head_code", out),
            dispensed=issued.sum().cast(pl.Int64),
            taken_back=(out & (pl.col("event") == "taken_back")).sum().cast(pl.Int64),
            first_on=pl.col("scanned_on").filter(issued).min(),
            last_on=pl.col("scanned_on").filter(issued).max(),
            received_families=_distinct("head_code", received),
            received_last_on=pl.col("scanned_on").filter(received).max(),
            product_code=pl.col("product_code").min(),
            last_issuer=_latest(issued),
            last_receiver=_latest(received),
            rows=pl.len().cast(pl.Int64),
        )
        .filter((pl.col("families") > 1) | (pl.col("received_families") > 1))
    )
    receipts = (
        scans.filter(is_received)
        .filter(pl.col("delivery_id").is_not_null())
        .group_by(_CODE, *DELIVERY)
        .agg(rows=pl.len().cast(pl.Int64))
    )
    return {"codes": codes.sort(_CODE).collect(), "receipts": receipts.sort(_CODE, *DELIVERY).collect()}


def _distinct(column: str, where: pl.Expr) -> pl.Expr:
    return pl.col(column).filter(where).n_unique().cast(pl.Int64)


def _latest(where: pl.Expr) -> pl.Expr:
    """The institution of the latest of these scans, of several the one with the lowest code."""
    order = [pl.col(c).filter(where) for c in ("scanned_on", "institution_code")]
    return pl.col("institution_code").filter(where).sort_by(order, descending=[True, False]).first()


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`trace_reuse` (obligations §18)."""
    return {"trace_reuse": sums["codes"].lazy().collect()}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A signal for each code that is out in two families, and for each that two received: with the institution that dispensed,
    or received, it last.
    """
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code").collect()
    codes = sums["codes"].lazy().with_columns(subject_key=_CODE).collect()
    out = pl.format(
        "追溯码 {} 在 {} 家机构（总院、分院合为一家计 {} 家）发出而未退回：{} 至 {} 发出 {} 次、退回 {} 次，最后由 {} 发出。"
        "可能是拆零、医共体内调拨、退货再售或误扫，请核对各机构的出入库、处方和结算记录（回流药线索）",
        *(_CODE, "institutions", "families", "first_on", "last_on", "dispensed", "taken_back", "institution_code"),
    )
    in_ = pl.format(
        "追溯码 {} 由 {} 家机构收货（总院、分院合为一家，已有确认退货的配送不计），最后于 {} 由 {} 收货。"
        "可能是医共体内调拨、退货未登记后再售、一个箱码分送几家或期初库存补扫，请核对随货同行单和退货记录（回流药线索）",
        *(_CODE, "received_families", "received_last_on", "institution_code"),
    )
    said = (
        (REUSED, "families", "last_issuer", "last_on", out),
        (RECEIVED_TWICE, "received_families", "last_receiver", "received_last_on", in_),
    )
    return pl.concat(
        make_findings(
            codes.filter(pl.col(families) > 1).with_columns(institution_code=who).join(places, on="institution_code"),
            inputs,
            rule=rule,
            day=day,
            message=message,
        )
        for rule, families, who, day, message in said
    )


LINKS: Links = {
    "trace_scans": Link(day="scanned_on"),
    "returns": Link({column: column for column in DELIVERY}, to="receipts", day="returned_on"),
}

INDICATOR = Indicator(
    code="trace_reuse",
    title_zh="追溯码重复使用",
    clause="慈政办发〔2020〕68号 (八)28",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="trace",
    reads=("trace_scans", "returns", "institutions"),
    unit=(_CODE,),
    parameters=("clause_trace_reuse", "findings_from"),
    dated=("clause_trace_reuse",),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
    links=LINKS,
    share=0.1,
)
