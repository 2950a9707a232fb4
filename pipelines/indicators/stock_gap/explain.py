"""A gap of stock led back to the opening, the lines and the usages that it is made of (obligations §19)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import add_terms, add_yuan, codes, distinct, line_of, plain, spelling
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.stock_gap.declaration import GAP
from pipelines.indicators.stock_gap.indicator import INDICATOR, reports
from pipelines.indicators.stock_gap.stock import PAIR, SCALE, UNIT, sums

_DATASETS = {"openings": "usages", "lines": "deliveries", "usages": "usages"}


def _open(inputs: Inputs) -> Explain:
    found = run_once(INDICATOR, inputs)[0]
    rows = reports(sums(found, inputs), inputs)[GAP.name].lazy().collect()
    frames = {name: frame.lazy().collect().with_columns(pl.col(*PAIR, *UNIT).cast(pl.String)) for name, frame in found.items()}

    def explain(key: Key) -> Explanation | None:
        row = next(iter(rows.filter(pl.col(c) == key[c] for c in PAIR).to_dicts()), None)
        own = {n: f.filter(pl.col(u) == key[c] for u, c in zip(UNIT, PAIR, strict=True)).to_dicts() for n, f in frames.items()}
        return None if row is None else _explain(row, own, inputs)

    return explain


def _explain(row: Record, own: Mapping[str, list[Record]], inputs: Inputs) -> Explanation:
    opening, bought, used = (
        [r[column] for r in own[name]]
        for name, column in (("openings", "opening_units"), ("lines", "bought_units"), ("usages", "used_units"))
    )
    fen, day = [r["usage_fen"] for r in own["usages"]], row["opening_on"]
    policy = next(p for p in inputs.policies.rows if p.id == row["policy_id"])
    members = codes(row["institution_code"], *(r["institution_code"] for records in own.values() for r in records))
    left = sum(opening) + sum(bought) - sum(used)
    return Explanation(
        steps=(
            Step("opening_units", f"期初数量 = Σ {day} 的期初（该日是最近的一次）", _terms(opening), row["opening_units"]),
            Step("bought_units", f"期后采购数量 = Σ {day} 之后验收的数量，含赠品，减退货", _terms(bought), row["bought_units"]),
            Step("used_units", f"期后使用数量 = Σ {day} 之后发药 − Σ 退药", _terms(used), row["used_units"]),
            Step(
                "gap_units",
                "结存数量 = 期初 + 期后采购 − 期后使用",
                f"{_plain(sum(opening))} + {_plain(sum(bought))} − {_plain(sum(used))} = {_plain(left)}",
                row["gap_units"],
            ),
            Step("usage_fen", "期后使用金额 = Σ 发药金额 − Σ 退药金额", add_yuan(fen), row["usage_fen"]),
        ),
        policies=distinct([policy]),
        lines=tuple(_line(name, record) for name, records in own.items() for record in records),
        left_out=(),
        notes=(
            f"使用超过（期初 + 期后采购）的 {plain(1 + Fraction(str(policy.value)))} 倍、编码符合国家编码规则的列为线索。",
            "可能的无害原因：拆零换算、医共体内调拨、退货再售、期初库存未登全；请核对盘点、入库、发药和调拨记录。",
        ),
        concerned=tuple((dataset, {"institution_code": members}) for dataset in ("usages", "deliveries")),
    )


def _line(name: str, record: Record) -> Line:
    dataset = _DATASETS[name]
    facts: dict[str, Any] = {"产品": record["product_code"]}
    if name == "lines":
        role = "赠品" if record["is_gift"] else "收货"
        facts |= {"验收日期": record["accepted_on"], "计入数量": _plain(record["bought_units"])}
    else:
        role = "期初" if name == "openings" else spelling("usages", "kind", record["kind"]) or ""
        units = record["opening_units"] if name == "openings" else record["used_units"]
        facts |= {"日期": record["used_on"], "计入数量": _plain(units)}
    return line_of(dataset, record, role, facts)


def _plain(units: int) -> str:
    return plain(units, SCALE)


def _terms(units: list[int]) -> str:
    return add_terms([_plain(u) for u in units])


EXPLAINED = Explained(table=GAP.name, indicator="stock_gap", open=_open, lists=dict.fromkeys(_DATASETS.values(), ()))
