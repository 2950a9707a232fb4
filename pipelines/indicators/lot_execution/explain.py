"""Execution by lot led back to its agreements, the products beside the agreed ones, and every line (obligations §32)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from pipelines.engine.explained_rows import add_terms, after_as_of, codes, line_of, plain, ratio, records_of, units, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.agreed_volume.indicator import INDICATOR as AGREED_VOLUME
from pipelines.indicators.lot_execution.asked import COMMITMENTS, GROUP, asked, generic_products, generics_of
from pipelines.indicators.lot_execution.declaration import EXECUTION
from pipelines.indicators.lot_execution.execution import STATES
from pipelines.indicators.lot_execution.indicator import INDICATOR
from pipelines.lines.lines import lines_of
from pipelines.lines.products import GENERIC

_OF_AGREED = {
    "zero_products": "净采购不大于 0 的协议数",
    "over_products": "其余协议中，净采购大于约定的协议数",
    "below_products": "其余协议中，净采购 ÷ 约定低于本协议序时进度的协议数",
    "normal_products": "其余的协议数",
    "non_selected_over_quantity": "同通用名非中选采购量大于中选采购量（最小单位）的协议数",
    "non_selected_over_amount": "同通用名非中选采购金额大于中选采购金额的协议数",
    "below_and_over": "零采购或低于序时进度，且非中选采购量大于中选的协议数",
}
_OF_PRODUCTS = {
    "non_selected_products": "签约通用名的药品中，在计入的最后一日未在本机构所在地中选的品种数",
    "non_selected_bought": "签约通用名的药品中，周期内有非中选采购的品种数",
    "substitutable_products": "这些批次品种的可替代药品数",
    "substitutable_bought": "可替代药品中，周期内有采购的品种数",
}
_USES = {"selected": "中选", "non_selected": "非中选", "other": "可替代"}
_STATE_WORDS = {name: EXECUTION.column(name).title_zh.removesuffix("产品数").removesuffix("数") for name in STATES}
_UNIT = 10**12
"""Agreed and net are in 10⁻¹² minimum units, lines in 10⁻⁸."""
_LINE_UNIT = 10**8
_ID = "commitment_id"


class _World:
    """The records of a scope, and what the indicator makes of them, as text."""

    def __init__(self, inputs: Inputs) -> None:
        agreed = INDICATOR.linked_of(AGREED_VOLUME, run_once(AGREED_VOLUME, inputs)[1])
        self.inputs = inputs.with_frames(agreed)
        evidence, _ = run_once(INDICATOR, self.inputs)
        self.agreed, self.products, self.lines = (_as_text(evidence[name]) for name in ("agreed", "products", "lines"))
        self.asked = _as_text(asked(self.inputs)).unique()
        begun = self.inputs.scan(COMMITMENTS).join(self.agreed.lazy().select(_ID, "last_day"), on=_ID)
        self.generics = _as_text(generics_of(begun, self.inputs, until="last_day")).unique()
        self.kept = set(_as_text(lines_of(self.inputs)).select("institution_code", "delivery_id").rows())


def _as_text(rows: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    return rows.lazy().with_columns(pl.col(pl.Categorical).cast(pl.String)).collect()


def _open(inputs: Inputs) -> Explain:
    world = _World(inputs)

    def explain(key: Key) -> Explanation | None:
        named = dict(key) | {"period_start": date.fromisoformat(key["period_start"])}
        own = world.agreed.filter(pl.col(c) == named[c] for c in GROUP).sort(_ID).to_dicts()
        return _explain(named, own, world) if own else None

    return explain


def _explain(key: Mapping[str, object], agreed: Sequence[Record], world: _World) -> Explanation:
    is_own = pl.all_horizontal(pl.col(c) == key[c] for c in GROUP)
    products = world.products.filter(is_own).sort("product_code").to_dicts()
    commitments, others = _commitments(is_own, agreed, world)
    bought, not_counted = _deliveries(is_own, agreed, world)
    ids = "、".join(row[_ID] for row in agreed[:2]) + (" …" if len(agreed) > 2 else "")
    institution = codes(agreed[0]["institution_code"])
    return Explanation(
        steps=tuple(_steps(agreed, products)),
        policies=(),
        lines=(*commitments, *bought, *_beside(products, world), *_sources(agreed, products, world)),
        left_out=(*others, *not_counted),
        notes=(f"约定采购量、净采购与周期结束的逐行计算：vbp explain agreed_volume_completion <协议编号>（{ids}）。",),
        concerned=(
            ("deliveries", {"institution_code": institution}),
            ("commitments", {"institution_code": institution, "lot_code": codes(agreed[0]["lot_code"])}),
            ("commitment_adjustments", {_ID: codes(*(row[_ID] for row in agreed))}),
        ),
    )


def _steps(agreed: Sequence[Record], products: Sequence[Record]) -> Iterator[Step]:
    gone, whole = ([row[c] for row in agreed] for c in ("days_gone", "days_whole"))
    terms = " ÷ ".join(f"({add_terms(list(map(plain, days)))})" for days in (gone, whole))
    yield Step(
        "time_progress",
        "序时进度 = Σ 已过天数 ÷ Σ 周期天数，对各协议相加（首尾都计）",
        f"{terms} = {plain(sum(gone))} ÷ {plain(sum(whole))}",
        ratio(sum(gone), sum(whole)),
    )
    yield _count("agreed_products", "已开始、未取消的约定采购量协议数，一份协议即一个签约产品", [row[_ID] for row in agreed])
    for name, formula in _OF_AGREED.items():
        yield _count(name, formula, [row[_ID] for row in agreed if row[name]])
        if name in STATES:
            share, met = name.replace("_products", "_share"), sum(row[name] for row in agreed)
            title, of = (EXECUTION.column(c).title_zh for c in (share, name))
            yield Step(share, f"{title} = {of} ÷ 签约产品总数", f"{met} ÷ {len(agreed)}", ratio(met, len(agreed)))
    for name, formula in _OF_PRODUCTS.items():
        yield _count(name, formula, [row["product_code"] for row in products if row[name]])


def _count(column: str, formula: str, names: Sequence[str]) -> Step:
    """How many there are, and which."""
    shown = "、".join(names[:6]) + (f"…（共 {len(names)} 个）" if len(names) > 6 else "")
    return Step(column, formula, shown or "没有", len(names))


def _commitments(is_own: pl.Expr, agreed: Sequence[Record], world: _World) -> tuple[list[Line], list[Line]]:
    """The agreements with where each stands, and their changes; and those of the lot and day that are not counted."""
    inputs, lines, left_out = world.inputs, list[Line](), list[Line]()
    states = {row[_ID]: row for row in agreed}
    for record in records_of(inputs, "commitments", is_own):
        row = states.get(record[_ID])
        if row is not None:
            lines.append(line_of("commitments", record, "协议", _standing(record, row, world)))
        else:
            facts = {"品种": _product(record), "约定": plain(units(record["agreed_quantity"]), 10**4)}
            left_out.append(line_of("commitments", record, "协议", facts, [_why_no_product(record)]))
    for change in records_of(inputs, "commitment_adjustments", pl.col(_ID).is_in([*states])):
        facts = {"调整量": plain(units(change["delta_quantity"]), 10**4), "生效日期": change["effective_on"]}
        facts |= {"文号": change["document_no"], "调整后周期结束": change["new_period_end"]}
        reasons = after_as_of(change["effective_on"], inputs.as_of, "调整生效日期")
        (left_out if reasons else lines).append(line_of("commitment_adjustments", change, "调整", facts, reasons))
    return lines, left_out


def _why_no_product(record: Record) -> str:
    if record["target"] == "amount":
        return "约定的是金额（带预算采购），不是采购量"
    return "约定的是上限或区间，不是最低采购量" if record["direction"] != "floor" else "约定量不大于 0，协议已取消"


def _product(record: Record) -> str:
    """What was agreed: the product, else the item of the lot."""
    return str(record["product_code"] or record["item_code"])


def _standing(record: Record, row: Record, world: _World) -> Record:
    """What is said of an agreed product."""
    generics = world.generics.filter(pl.col(_ID) == row[_ID]).sort(GENERIC)["generic_code"].unique(maintain_order=True)
    used = {use: (row[f"{use}_units"], row[f"{use}_value_fen"]) for use in ("selected", "non_selected")}
    return {
        "品种": _product(record),
        "通用名编码": "、".join(generics) or "没有",
        "周期": f"{row['period_start']} 至 {row['period_end']}，已过 {row['days_gone']} ÷ {row['days_whole']} 天",
        "约定（最小单位）": plain(row["agreed"], _UNIT),
        "净采购（最小单位）": plain(row["net"], _UNIT),
        "执行状态": _STATE_WORDS[row["state"]],
        **{f"{_USES[use]}采购": f"{plain(n, _LINE_UNIT)} 最小单位、{yuan(fen)} 元" for use, (n, fen) in used.items()},
    }


def _deliveries(is_own: pl.Expr, agreed: Sequence[Record], world: _World) -> tuple[list[Line], list[Line]]:
    """Each delivery of a product that an agreement asks for: once, with the agreements that it counts for, or with why it does
    not count.
    """
    ids = [row[_ID] for row in agreed]
    generics = world.generics.filter(pl.col(_ID).is_in(ids))
    drugs = _as_text(generic_products(world.inputs)).join(generics, on=GENERIC)["product_code"].to_list()
    substitutes = world.products.filter(is_own, pl.col("substitutable_products") > 0)["product_code"].to_list()
    counted = world.lines.filter(is_own, pl.col(_ID).is_in(ids), _counts(drugs, substitutes))
    of = {row["delivery_id"]: row for row in counted.to_dicts()}
    for_ids = dict(counted.group_by("delivery_id").agg(pl.col(_ID).unique().sort().str.join("、")).iter_rows())
    wanted = world.asked.filter(pl.col(_ID).is_in(ids))["product_code"].unique().to_list()
    own = (pl.col("institution_code") == agreed[0]["institution_code"]) & pl.col("product_code").is_in(wanted)
    lines, left_out = [], []
    for record in records_of(world.inputs, "deliveries", own):
        facts = {"品种": record["product_code"], "验收日期": record["accepted_on"], "收货盒数": record["received_quantity"]}
        if (row := of.get(record["delivery_id"])) is not None:
            facts |= {
                "归类": _USES[row["use"]]
                + ("、可替代" if row["use"] != "other" and row["product_code"] in substitutes else ""),
                "计入数量（最小单位）": plain(row["units"], _LINE_UNIT),
                "计入金额（元）": yuan(row["value_fen"]),
                "协议": for_ids[record["delivery_id"]],
            }
            lines.append(line_of("deliveries", record, "收货", facts))
        else:
            left_out.append(line_of("deliveries", record, "收货", facts, [_why_no_line(record, agreed, world)]))
    return lines, left_out


def _counts(drugs: Sequence[str], substitutes: Sequence[str]) -> pl.Expr:
    """Whether a line is selected or non-selected of an agreed generic, or of a substitute."""
    is_classed = (pl.col("use") != "other") & pl.col("product_code").is_in(drugs)
    return is_classed | pl.col("product_code").is_in(substitutes)


def _why_no_line(record: Record, agreed: Sequence[Record], world: _World) -> str:
    """The first reason that applies."""
    accepted, first = record["accepted_on"], agreed[0]["period_start"]
    last = max(row["last_day"] for row in agreed)
    if accepted is None:
        return "尚未验收合格"
    if reasons := after_as_of(accepted, world.inputs.as_of, "验收日期"):
        return reasons[0]
    if record["is_gift"]:
        return "赠品，不计采购"
    if (record["institution_code"], record["delivery_id"]) not in world.kept:
        return "已全部退回"
    if not first <= accepted <= last:
        return f"验收日期 {accepted} 不在采购周期 {first} 至 {last} 内"
    return "当日该通用名没有中选药品，或不在相应协议的周期内，不分中选与非中选"


def _beside_them(record: Record, inputs: Inputs) -> pl.DataFrame:
    """The rows beside whose agreements a product stands."""
    products = _as_text(run_once(INDICATOR, inputs)[0]["products"])
    return products.filter(product_code=record["product_code"]).select(GROUP)


def _of_item(record: Record, inputs: Inputs) -> pl.DataFrame:
    """The rows with an agreement on the item of a record."""
    agreed = _as_text(run_once(INDICATOR, inputs)[0]["agreed"])
    return agreed.filter(lot_code=record["lot_code"], item_code=record["item_code"]).select(GROUP)


def _beside(products: Sequence[Record], world: _World) -> Iterator[Line]:
    """The register's row of each product beside the agreed ones."""
    told = {row["product_code"]: row for row in products}
    for record in records_of(world.inputs, "products", pl.col("product_code").cast(pl.String).is_in([*told])):
        row = told[record["product_code"]]
        words = [EXECUTION.column(name).title_zh.removesuffix("产品数") for name in _OF_PRODUCTS if row[name]]
        yield line_of("products", record, "其他产品", {"名称": record["generic_name"], "计入": "、".join(words)})


def _sources(agreed: Sequence[Record], products: Sequence[Record], world: _World) -> Iterator[Line]:
    """Which products are selected for these lots and items, and which may stand in for them."""
    items = [row["item_code"] for row in agreed]
    last = max(row["last_day"] for row in agreed)
    is_item = (pl.col("lot_code") == agreed[0]["lot_code"]) & pl.col("item_code").is_in(items)
    for record in records_of(world.inputs, "selections", is_item):
        if record["valid_from"] <= last and (record["valid_to"] or last) >= agreed[0]["period_start"]:
            valid = f"{record['valid_from']} 至 {record['valid_to'] or '长期'}"
            yield line_of("selections", record, "中选", {"品种": record["product_code"], "有效期": valid})
    for record in records_of(world.inputs, "substitutes", is_item):
        if any(row["product_code"] == record["product_code"] for row in products):
            yield line_of("substitutes", record, "可替代", {"品种": record["product_code"], "品种编码": record["item_code"]})


EXPLAINED = Explained(
    table=EXECUTION.name,
    indicator=INDICATOR.code,
    open=_open,
    lists={
        "commitments": tuple(GROUP),
        "commitment_adjustments": (),
        "deliveries": ("institution_code",),
        "products": _beside_them,
        **dict.fromkeys(("selections", "substitutes"), _of_item),
    },
)
