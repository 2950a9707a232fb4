"""A roll-up of completion led back to its commitments (rulebook §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.engine.explained_rows import (
    NO_DENOMINATOR,
    add_terms,
    add_yuan,
    distinct,
    line_of,
    plain,
    ratio,
    records_of,
    word,
    yuan,
)
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Record, Scope, Step, Versions
from pipelines.engine.figures import UNIT
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.agreed_volume.indicator import INDICATOR

_TABLE = "agreed_volume_rollup"
_OUTSIDE = {"not_started": "采购周期尚未开始", "cancelled": "约定采购量不大于 0，已取消"}
_UNVALUED = "无中选价格或超过一百亿元"


def _scope(key: Key, versions: Versions) -> Scope:
    """The institutions that any version ties to the code of the level."""
    level, code = key["level"], key["code"]
    if level == "institution":
        return Scope(institutions=frozenset({code}))
    if level == "jurisdiction":
        rows = versions("institutions").filter(pl.col("jurisdiction_code") == code)
    elif level == "lot":
        rows = versions("commitments").filter(pl.col("lot_code") == code)
    elif level == "item":
        item = pl.concat_str("lot_code", "item_code", separator="/")
        rows = versions("commitments").filter(item == code)
    else:
        return Scope(institutions=None)
    return Scope(institutions=frozenset(rows.select("institution_code").collect().to_series().to_list()))


@dataclass(frozen=True)
class _Commitment:
    """A commitment with its record and, where it has a row of its own, how it was judged."""

    record: Record
    judged: Record | None
    codes: dict[str, str]


def _open(inputs: Inputs) -> Explain:
    judged = run_once(INDICATOR, inputs)[0]["commitments"].lazy().collect().with_columns(pl.col(pl.Categorical).cast(pl.String))
    by_id = {r["commitment_id"]: r for r in judged.to_dicts()}
    places = {r["institution_code"]: r["jurisdiction_code"] for r in records_of(inputs, "institutions")}
    commitments = [
        _Commitment(record, by_id.get(record["commitment_id"]), _codes(record, places))
        for record in records_of(inputs, "commitments")
    ]
    return lambda key: _explain(key, commitments, inputs)


def _codes(record: Record, places: dict[str, str]) -> dict[str, str]:
    return {
        "institution": record["institution_code"],
        "jurisdiction": places.get(record["institution_code"], ""),
        "lot": record["lot_code"],
        "item": f"{record['lot_code']}/{record['item_code']}",
        "all": "all",
    }


def _levels_of(record: Record, inputs: Inputs) -> pl.DataFrame:
    """The rows that may hold a commitment: one of each level."""
    places = {r["institution_code"]: r["jurisdiction_code"] for r in records_of(inputs, "institutions")}
    return pl.DataFrame([*_codes(record, places).items()], schema=["level", "code"], orient="row")


def _explain(key: Key, commitments: Sequence[_Commitment], inputs: Inputs) -> Explanation | None:
    own, lines, left_out = [], [], []
    for c in commitments:
        if c.codes[key["level"]] != key["code"]:
            continue
        if reasons := _why_not(c, key):
            left_out.append(line_of("commitments", c.record, "协议", {}, reasons))
        elif c.judged is not None:
            own.append(c.judged)
            lines.append(line_of("commitments", c.record, "协议", _facts(c.judged)))
    if not own:
        return None
    unvalued = [r["commitment_id"] for r in own if r["agreed_fen"] is None]
    notes = (f"无中选价格（或折算超过一百亿元）、只计份数不计金额的协议：{'、'.join(unvalued)}",) if unvalued else ()
    institutions = {r["institution_code"] for r in own}
    resolve = inputs.policies.resolve
    return Explanation(
        steps=_steps(own, is_item=key["level"] == "item"),
        policies=distinct(
            resolve("seriously_behind_ratio", place, inputs.as_of) for place in sorted({r["jurisdiction_code"] for r in own})
        ),
        lines=tuple(lines),
        left_out=tuple(left_out),
        notes=(*notes, "每份协议的收货明细见：vbp explain agreed_volume_completion <协议明细编号>"),
        concerned=(("commitments", {"institution_code": frozenset(institutions)}),),
    )


def _facts(judged: Record) -> Record:
    fen = {name: judged[f"{name}_fen"] for name in ("agreed", "net", "capped")}
    return {
        "医疗机构": judged["institution_code"],
        "批次/品种": f"{judged['lot_code']}/{judged['item_code']}",
        "状态": word("agreed_volume_completion", "status", judged["status"]),
        "约定采购量": plain(judged["agreed"], UNIT),
        "净采购量": plain(judged["net"], UNIT),
        "约定（元）": _UNVALUED if fen["agreed"] is None else yuan(fen["agreed"]),
        "净（元）": _UNVALUED if fen["net"] is None else yuan(fen["net"]),
        "封顶（元）": _UNVALUED if fen["capped"] is None else yuan(fen["capped"]),
    }


def _why_not(commitment: _Commitment, key: Key) -> list[str]:
    judged = commitment.judged
    if judged is None:
        return ["约定目标是金额、上限或区间，另有规则，不在本表"]
    if judged["status"] in _OUTSIDE:
        return [_OUTSIDE[judged["status"]]]
    phase = "ended" if judged["has_ended"] else "running"
    duty = "mandatory" if judged["ownership"] == "public" else "voluntary"
    reasons = [] if phase == key["phase"] else [f"协议{word(_TABLE, 'phase', phase)}，另列"]
    return reasons if duty == key["duty"] else [*reasons, f"医疗机构属“{word(_TABLE, 'duty', duty)}”，另列"]


def _steps(own: Sequence[Record], *, is_item: bool) -> tuple[Step, ...]:
    completed = sum(r["status"] == "completed" for r in own)
    names = ("agreed", "net", "capped")
    fen_terms = {name: [r[f"{name}_fen"] or 0 for r in own] for name in names}
    unit_terms = {
        "agreed": [r["agreed"] for r in own],
        "net": [r["net"] for r in own],
        "capped": [min(r["net"], r["agreed"]) for r in own],
    }
    fen = {name: sum(terms) for name, terms in fen_terms.items()}
    units = {name: sum(terms) for name, terms in unit_terms.items()}
    base = units if is_item else fen
    shown = {n: plain(v, UNIT) if is_item else yuan(v) for n, v in base.items()}
    titles = {"agreed": "约定采购量", "net": "净采购量", "capped": "封顶净采购量 min(净, 约定)"}
    steps = [
        Step("commitments", "协议份数", f"{len(own)} 份", len(own)),
        Step("completed", "已完成份数", f"{completed} 份", completed),
        Step("completed_share", "完成占比 = 已完成份数 ÷ 协议份数", f"{completed} ÷ {len(own)}", ratio(completed, len(own))),
    ]
    for name, title in titles.items():
        value = units[name] / UNIT if is_item else None
        terms = add_terms([plain(t, UNIT) for t in unit_terms[name]])
        numbers = f"{terms} = {plain(units[name], UNIT)}" if is_item else "不同品种的数量不相加，只计金额"
        steps.append(Step(f"{name}_quantity", f"Σ {title}（最小单位）", numbers, value))
        money = f"Σ {title} × 周期开始日该品种最低中选单价"
        steps.append(Step(f"{name}_fen", money, add_yuan(fen_terms[name]), fen[name]))
    for column, title, above in (
        ("execution_rate", "执行率 = Σ 净 ÷ Σ 约定", "net"),
        ("capped_rate", "封顶完成率 = Σ min(净, 约定) ÷ Σ 约定", "capped"),
    ):
        numbers = f"{shown[above]} ÷ {shown['agreed']}" if base["agreed"] else NO_DENOMINATOR
        steps.append(Step(column, title, numbers, ratio(base[above], base["agreed"])))
    return tuple(steps)


EXPLAINED = Explained(
    table="agreed_volume_rollup",
    indicator="agreed_volume",
    scope=_scope,
    open=_open,
    through="commitments",
    lists={"commitments": _levels_of},
)
