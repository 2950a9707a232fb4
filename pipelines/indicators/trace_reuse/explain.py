"""A trace code led back to every scan of it, and to what speaks for a harmless reason (obligations §18)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from pipelines.engine.explained_rows import codes, line_of, records_of, spelling
from pipelines.engine.explanation import LEFT_OUT, Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.trace_reuse.declaration import TABLE
from pipelines.indicators.trace_reuse.indicator import INDICATOR
from pipelines.lines.returned import DELIVERY

_HARMLESS = "可能的正常原因"


def _open(inputs: Inputs) -> Explain:
    evidence, sums = run_once(INDICATOR, inputs)
    rows = {row["trace_code"]: row for row in sums["codes"].to_dicts()}
    scans = evidence["scans"].lazy().with_columns(pl.col(pl.Categorical).cast(pl.String)).collect()

    def explain(key: Key) -> Explanation | None:
        row = rows.get(key["trace_code"])
        own = scans.filter(pl.col("trace_code") == key["trace_code"]).sort("scanned_on", "institution_code", "scan_id")
        return None if row is None else _explain(row, own.to_dicts(), inputs)

    return explain


def _explain(row: Record, scans: Sequence[Record], inputs: Inputs) -> Explanation:
    counted = [scan for scan in scans if scan[LEFT_OUT] is None]
    left_out = [scan for scan in scans if scan[LEFT_OUT] is not None]
    return Explanation(
        steps=tuple(_steps(row, counted)),
        policies=(),
        lines=(*(_scan(scan) for scan in counted), *_harmless(scans, inputs)),
        left_out=tuple(_scan(scan) for scan in left_out),
        notes=("标为“可能的正常原因”的各行不改变数字，供核对时参考：退货、同一医共体的机构、可拆零的包装。",),
        concerned=(("trace_scans", {"trace_code": codes(row["trace_code"])}),),
    )


def _steps(row: Record, counted: Sequence[Record]) -> Iterator[Step]:
    out = [scan for scan in counted if scan["event"] != "received"]
    received = [scan for scan in counted if scan["event"] == "received"]
    yield _distinct("institutions", "发出次数多于退回次数的机构数", out, "institution_code")
    yield _distinct("families", "这些机构的总院、分院合为一家后的家数", out, "head_code")
    for column, event, formula in (("dispensed", "dispensed", "出库"), ("taken_back", "taken_back", "退药")):
        days = [f"{scan['institution_code']} {scan['scanned_on']}" for scan in out if scan["event"] == event]
        yield Step(column, f"这些机构的{formula}扫码次数", "、".join(days) or "没有", len(days))
    issued = [scan["scanned_on"] for scan in out if scan["event"] == "dispensed"]
    if issued:
        yield Step("first_on", "最早一次出库的日期", f"{len(issued)} 次中最早", min(issued))
        yield Step("last_on", "最近一次出库的日期", f"{len(issued)} 次中最近", max(issued))
    yield _distinct("received_families", "入库的机构（总分院合一），已有确认退货的配送不计", received, "head_code")
    if received:
        days_in = [scan["scanned_on"] for scan in received]
        yield Step("received_last_on", "最近一次入库的日期", f"{len(days_in)} 次中最近", max(days_in))


def _distinct(column: str, formula: str, scans: Sequence[Record], of: str) -> Step:
    names = sorted({scan[of] for scan in scans})
    return Step(column, formula, "、".join(names) or "没有", len(names))


def _scan(scan: Record) -> Line:
    facts = {
        "扫码类型": spelling("trace_scans", "event", scan["event"]),
        "扫码日期": scan["scanned_on"],
        "医疗机构": scan["institution_code"],
        "牵头机构": scan["head_code"],
        "品种": scan["product_code"],
        "配送明细": scan["delivery_id"],
    }
    return line_of("trace_scans", scan, "扫码", facts, [scan[LEFT_OUT]] if scan[LEFT_OUT] else [])


def _harmless(scans: Sequence[Record], inputs: Inputs) -> Iterator[Line]:
    """Returns of the deliveries that scans name, institutions that belong to another, and a product that can be split."""
    named = {(scan["institution_code"], scan["delivery_id"]) for scan in scans if scan["delivery_id"]}
    places, ids = ({pair[at] for pair in named} for at in (0, 1))
    wanted = pl.col("institution_code").is_in([*places]) & pl.col("delivery_id").is_in([*ids])
    for record in records_of(inputs, "returns", wanted & (pl.col("status") == "confirmed")):
        if tuple(record[c] for c in DELIVERY) in named and record["returned_on"] <= inputs.as_of:
            facts = {"为何": "该批配送有已确认的退货", "配送明细": record["delivery_id"]}
            facts |= {"退货日期": record["returned_on"], "退货盒数": record["returned_quantity"]}
            yield line_of("returns", record, _HARMLESS, facts)
    is_own = pl.col("institution_code").is_in(sorted({scan["institution_code"] for scan in scans}))
    for record in records_of(inputs, "institutions", is_own & pl.col("parent_institution_code").is_not_null()):
        facts = {"为何": "分院，与总院之间可能调拨", "上级机构": record["parent_institution_code"]}
        yield line_of("institutions", record, _HARMLESS, facts)
    is_product = pl.col("product_code").is_in(sorted({scan["product_code"] for scan in scans if scan["product_code"]}))
    for record in records_of(inputs, "products", is_product & (pl.col("units_per_pack") > 1)):
        facts = {"名称": record["generic_name"], "每盒最小单位数": record["units_per_pack"]}
        yield line_of("products", record, _HARMLESS, {"为何": "一盒可拆零分次发出", **facts})


EXPLAINED = Explained(
    table=TABLE.name,
    indicator=INDICATOR.code,
    open=_open,
    lists=dict.fromkeys(("trace_scans", "returns", "institutions", "products"), ()),
)
