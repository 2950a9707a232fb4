"""A month of two-invoice compliance led back to the invoice lines of the institution (rulebook §6)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.engine.explained_rows import (
    NO_DENOMINATOR,
    add_yuan,
    after_as_of,
    codes,
    distinct,
    line_of,
    plain,
    ratio,
    spelling,
    units,
    word,
    yuan,
)
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Record, Scope, Step, Versions
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.two_invoice.declaration import CLASSES
from pipelines.indicators.two_invoice.explain.take_off import is_red, key_of, take_off
from pipelines.indicators.two_invoice.indicator import INDICATOR
from pipelines.indicators.two_invoice.lines import LINE
from pipelines.indicators.two_invoice.scope import POLICIES, with_buyers
from pipelines.indicators.two_invoice.verdicts import COMPLIANT, EXEMPT, UNVERIFIABLE, VIOLATION

_VERDICTS = {"compliant": COMPLIANT, "violation": VIOLATION, "unverifiable": UNVERIFIABLE, "exempt": EXEMPT}
_CLASSES = {name: (CLASSES[name], verdicts) for name, verdicts in _VERDICTS.items()}


def _scope(key: Key, versions: Versions) -> Scope:
    """The products of every invoice line that any version says was sold to the institution."""
    own = versions("institutions").filter(pl.col("institution_code") == key["institution_code"])
    names = codes(key["institution_code"], *own.select("uscc").drop_nulls().unique().collect().to_series().to_list())
    bought = versions("invoices").filter(pl.col("buyer_code").is_in(sorted(names)))
    return Scope(products=frozenset(bought.select("product_code").unique().collect().to_series().to_list()))


def _open(inputs: Inputs) -> Explain:
    lines = run_once(INDICATOR, inputs)[0]["lines"].lazy().collect()
    lines = lines.with_columns(
        pl.col(pl.Categorical).cast(pl.String), pl.col("verdict").cast(pl.String), pl.col("hop").cast(pl.Int64)
    )
    invoices = inputs.scan("invoices").collect()
    buyers = invoices.select(pl.col("buyer_code").unique().cast(pl.Categorical))
    places = with_buyers(buyers, inputs).select(pl.all().exclude("is_company").cast(pl.String))
    invoices = invoices.join(places, on="buyer_code", how="left", maintain_order="left")
    kinds = inputs.scan("products").select("product_code", "kind").collect()
    invoices = invoices.join(kinds, on="product_code", how="left", maintain_order="left")

    def explain(key: Key) -> Explanation | None:
        here = pl.col("institution_code") == key["institution_code"]
        own = lines.filter(here & (pl.col("month") == key["month"])).to_dicts()
        return _explain(key, own, invoices, here, inputs) if own else None

    return explain


def _explain(key: Key, own: Sequence[Record], invoices: pl.DataFrame, here: pl.Expr, inputs: Inputs) -> Explanation:
    month = pl.col("issued_on").dt.strftime("%Y-%m") == key["month"]
    judged = {key_of(line): line for line in own}
    numbers = sorted({line["invoice_no"] for line in own})
    stands = invoices.filter((pl.col("status") == "normal") & (pl.col("issued_on") <= inputs.as_of))
    named = stands.filter(pl.col("red_of_invoice_no").is_in(numbers)).partition_by("red_of_invoice_no", as_dict=True)
    rows = stands.filter(pl.col("invoice_no").is_in(numbers)).partition_by("invoice_no", as_dict=True)
    lines, left_out, fen = [], [], {}
    for number in numbers:
        reds = named[number,].to_dicts() if (number,) in named else []
        invoice = rows[number,].to_dicts()
        nets = take_off(invoice, reds)
        for record in invoice:
            line = judged.get(key_of(record))
            if line is None:
                continue
            net = nets[key_of(record)]
            fen[key_of(record)] = net.fen
            facts = {
                "净盒数": plain(net.packs, 10**4),
                "净金额（元）": yuan(net.fen),
                "判定": word("two_invoice_line", "verdict", line["verdict"]),
                "销方票数": line["hop"],
            }
            lines.append(line_of("invoices", record, "发票", _facts(record) | facts))
            for red, packs, off in net.taken:
                taken = {"冲减盒数": plain(packs, 10**4), "冲减金额（元）": yuan(off), "被冲行": record["line_no"]}
                lines.append(line_of("invoices", red, "红字冲减", _facts(red) | taken))
    counted = {line.place for line in lines}
    for record in invoices.filter(here & month).to_dicts():
        if (record["_file"], record["_sheet"], record["_line"]) not in counted:
            reasons = _why_not(record, key, inputs)
            left_out.append(line_of("invoices", record, "发票", _facts(record), reasons))
    cases = dict.fromkeys((line["jurisdiction_code"], line["issued_on"]) for line in own)
    resolve = inputs.policies.resolve
    buyers = codes(key["institution_code"], *(line["buyer_code"] for line in own))
    return Explanation(
        steps=_steps(own, fen),
        policies=distinct(resolve(p, place, day) for place, day in cases for p in POLICIES),
        lines=tuple(lines),
        left_out=tuple(left_out),
        notes=(f"每行判定的依据见：vbp explain two_invoice_line {' '.join(f'<{c}>' for c in LINE)}",),
        concerned=(("invoices", {"buyer_code": buyers}),),
    )


def _facts(record: Record) -> Record:
    return {
        "开票日期": record["issued_on"],
        "销方": record["seller_code"],
        "品种": record["product_code"],
        "盒数": plain(units(record["quantity"]), 10**4),
        "价税合计（元）": yuan(record["amount_fen"]),
    }


def _why_not(record: Record, key: Key, inputs: Inputs) -> list[str]:
    reasons = ["发票已作废"] if record["status"] == "void" else []
    reasons += after_as_of(record["issued_on"], inputs.as_of, "开票日期")
    if reasons:
        return reasons
    if is_red(record):
        return [f"红字发票，只冲减所指的发票 {record['red_of_invoice_no'] or '（未指明，无从冲减）'}"]
    place = inputs.scan("institutions").filter(pl.col("institution_code") == key["institution_code"])
    jurisdiction = place.select("jurisdiction_code").collect().item()
    categories = inputs.policies.resolve("two_invoice_categories", jurisdiction, record["issued_on"]).value
    if isinstance(categories, list) and record["kind"] not in categories:
        return [f"{spelling('products', 'kind', record['kind'])}不在两票制范围内"]
    return ["净数量为 0 或负数（已被红字发票冲完）"]


def _steps(own: Sequence[Record], fen: dict[tuple[str, str, int], int]) -> tuple[Step, ...]:
    terms: dict[str, list[int]] = {
        name: [fen[key_of(line)] for line in own if line["verdict"] in verdicts] for name, (_, verdicts) in _CLASSES.items()
    }
    steps: list[Step] = []
    for unit, show in (("fen", "金额"), ("count", "行数")):
        is_fen = unit == "fen"
        values = {name: sum(found) if is_fen else len(found) for name, found in terms.items()}
        for name, (title, _) in _CLASSES.items():
            words = add_yuan(terms[name]) if is_fen else f"{values[name]} 行"
            formula = f"{title}{show} = Σ 判定属“{title}”的行"
            steps.append(Step(f"{name}_{unit}", formula, words, values[name]))
        shown = yuan if is_fen else str
        parts = [values[n] for n in ("compliant", "violation", "unverifiable")]
        numbers = f"{' + '.join(map(shown, parts))} = {shown(sum(parts))}"
        formula = f"纳入范围{show} = {' + '.join(CLASSES[n] for n in ('compliant', 'violation', 'unverifiable'))}"
        steps.append(Step(f"scope_{unit}", formula, numbers, sum(parts)))
        judged = values["compliant"] + values["violation"]
        label = "amount" if is_fen else "count"
        both = f"({CLASSES['compliant']} + {CLASSES['violation']})"
        for rate, formula, above, below in (
            (f"compliance_rate_{label}", f"合规率（{show}）= {CLASSES['compliant']} ÷ {both}", values["compliant"], judged),
            (f"verified_rate_{label}", f"核实率（{show}）= {both} ÷ 纳入范围", judged, sum(parts)),
        ):
            numbers = f"{shown(above)} ÷ {shown(below)}"
            numbers = numbers if below else f"{numbers}：{NO_DENOMINATOR}"
            steps.append(Step(rate, formula, numbers, ratio(above, below)))
    return tuple(steps)


EXPLAINED = Explained(table="two_invoice_compliance", indicator="two_invoice", scope=_scope, open=_open, lists={"invoices": ()})
