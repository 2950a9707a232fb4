"""A verdict led back to the commitments that ended, what is overdue, and the evaluation (obligations §27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import add_yuan, codes, line_of, spelling, word, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.budget_protection.declaration import TABLE
from pipelines.indicators.budget_protection.indicator import INDICATOR, reports

_UNIT = "institution_code"
_THREE = {"volume": "用量完成", "contract": "合同履行", "rational_use": "合理用药"}


def _open(inputs: Inputs) -> Explain:
    evidence, sums = run_once(INDICATOR, inputs)
    rows = reports(sums, inputs)[TABLE.name].lazy().collect()
    found = {name: evidence[name].lazy().collect() for name in ("commitments", "payables", "evaluations")}

    def explain(key: Key) -> Explanation | None:
        is_own = pl.col(_UNIT) == key[_UNIT]
        row = next(iter(rows.filter(is_own).to_dicts()), None)
        return None if row is None else _explain(row, {name: frame.filter(is_own).to_dicts() for name, frame in found.items()})

    return explain


def _explain(row: Record, own: Mapping[str, list[Record]]) -> Explanation:
    lines = [line for name in own for line in _lines(name, own[name])]
    return Explanation(
        steps=tuple(_steps(row, own)),
        policies=(),
        lines=tuple(line for line in lines if not line.reasons),
        left_out=tuple(line for line in lines if line.reasons),
        notes=(_say_verdict(row),),
        concerned=tuple((dataset, {_UNIT: codes(row[_UNIT])}) for dataset in ("commitments", "deliveries", "evaluations")),
    )


def _steps(row: Record, own: Mapping[str, list[Record]]) -> Iterator[Step]:
    ended, short, overdue = (
        [r for r in own[name] if r["left_out"] is None and r[column]]
        for name, column in (
            ("commitments", "commitments_ended"),
            ("commitments", "commitments_short"),
            ("payables", "overdue_fen"),
        )
    )
    named = "、".join(r["commitment_id"] for r in short)
    yield Step("commitments_ended", "到期协议数 = 计入的协议中采购周期已结束的份数", str(len(ended)), len(ended))
    yield Step(
        "commitments_short",
        "未完成协议数 = 到期协议中既未完成、也没有正当理由的份数",
        f"{len(short)}（{named}）" if short else "0",
        len(short),
    )
    yield Step(
        "volume", "用量完成：未完成协议数 = 0", f"未完成 {len(short)} 份" if ended else "没有到期协议，不知道", row["volume"]
    )
    fen = [r["overdue_fen"] for r in overdue]
    yield Step("overdue_fen", "逾期未付金额 = Σ 没有正当理由的逾期货款", add_yuan(fen), sum(fen))
    yield Step("contract", "合同履行：逾期未付金额 = 0", f"逾期 {yuan(sum(fen))} 元", row["contract"])
    judged = next((r for r in own["evaluations"] if r["left_out"] is None), None)
    said = f"{judged['year']} 年度：{spelling('evaluations', 'result', judged['result'])}" if judged else "没有考核，不知道"
    yield Step("rational_use", "合理用药：本年（没有的取上年）的考核合格", said, row["rational_use"])
    yield Step(
        "verdict",
        "结论：有一项为否的不符合，三项都为是的不降低，其余未定",
        "，".join(f"{title} {_tell(row[name])}" for name, title in _THREE.items()),
        row["verdict"],
    )


def _tell(value: bool | None) -> str:
    return {True: "是", False: "否", None: "不知道"}[value]


def _say_verdict(row: Record) -> str:
    """Which of the three conditions decides."""
    for value, told in ((False, "不成立"), (None, "不知道")):
        deciding = [title for name, title in _THREE.items() if row[name] is value]
        if deciding:
            return f"结论为“{word(TABLE.name, 'verdict', row['verdict'])}”：{'、'.join(deciding)}{told}。"
    return f"结论为“{word(TABLE.name, 'verdict', row['verdict'])}”：三项都成立。"


def _lines(name: str, records: list[Record]) -> Iterator[Line]:
    for record in records:
        reasons = (record["left_out"],) if record["left_out"] else ()
        dataset, role, facts = _SAID[name](record)
        yield line_of(dataset, record, role, facts, reasons)


def _commitment(record: Record) -> tuple[str, str, dict[str, Any]]:
    role = "到期而未完成" if record["commitments_short"] else "到期" if record["commitments_ended"] else "执行中"
    facts = {
        "批次": record["lot_code"],
        "采购周期": f"{record['period_start']} 至 {record['period_end']}",
        "状态": word("agreed_volume_completion", "status", record["status"]),
    }
    return "commitments", "协议" if record["left_out"] else role, facts


def _payable(record: Record) -> tuple[str, str, dict[str, Any]]:
    facts = {
        "配送企业": record["distributor_code"],
        "验收日期": record["accepted_on"],
        "应付日期": record["payment_due_on"],
        "逾期未付（元）": yuan(record["overdue_fen"]),
    }
    return "deliveries", "逾期货款", facts


def _evaluation(record: Record) -> tuple[str, str, dict[str, Any]]:
    facts = {
        "年度": record["year"],
        "结果": spelling("evaluations", "result", record["result"]),
        "评定日期": record["decided_on"],
        "文号": record["document_no"],
    }
    return "evaluations", "合理用药考核", facts


_SAID = {"commitments": _commitment, "payables": _payable, "evaluations": _evaluation}

EXPLAINED = Explained(table=TABLE.name, indicator="budget_protection", open=_open)
