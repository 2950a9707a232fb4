"""Budget protection 完成用量的定点医疗机构不降低总额控制指标 (慈政办发〔2020〕68号 二(二)4; obligations §27)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.finding import no_findings
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link, Links
from pipelines.indicators.agreed_volume.indicator import INDICATOR as AGREED_VOLUME
from pipelines.indicators.budget_protection.declaration import TABLE
from pipelines.indicators.payment.indicator import INDICATOR as PAYMENT

COMMITMENTS, UNPAID = "agreed_volume.commitments", "payment.unpaid"
_UNIT = ("institution_code",)
_OF_USE = pl.col("kind") == "rational_use"
_OVERDUE = (pl.col("overdue") > 0) & pl.col("excuse_id").is_null()


def evidence(inputs: Inputs) -> Frames:
    """`institutions`: a row per institution with a commitment that counts, with all that the report says of it; and, lazily,
    with file, sheet and line, the `commitments`, the overdue `payables` and the `evaluations`, each with `left_out` (Chinese)
    where it does not count.
    """
    commitments, payables, evaluations = (
        find(inputs).with_columns(counts=pl.col("left_out").is_null()) for find in (_commitments, _payables, _evaluations)
    )
    by_institution = (
        commitments.filter("counts")
        .group_by(*_UNIT, "jurisdiction_code")
        .agg(pl.col("commitments_ended", "commitments_short").sum(), rows=pl.len().cast(pl.Int64))
    )
    overdue = payables.filter("counts").group_by(_UNIT).agg(pl.col("overdue_fen").sum())
    judged = evaluations.filter("counts").select(*_UNIT, rational_use=pl.col("result") == "pass")
    rows = (
        by_institution.join(overdue, on=_UNIT, how="left")
        .join(judged, on=_UNIT, how="left")
        .with_columns(pl.col("overdue_fen").fill_null(0))
    )
    return {
        "institutions": rows.sort(_UNIT).collect(),
        "commitments": inputs.with_place(commitments.drop("counts"), "commitments"),
        "payables": inputs.with_place(payables.drop("counts"), "deliveries"),
        "evaluations": evaluations.drop("counts"),
    }


def _commitments(inputs: Inputs) -> pl.LazyFrame:
    """Commitments of a quantity at least, with what each adds: `commitments_ended`, `commitments_short`, 0 or 1."""
    lots = inputs.scan("lots").select("lot_code", "program")
    products = inputs.scan("products").select("product_code", stands=True)
    since = date(inputs.as_of.year - 1, 12, 31)
    ended = pl.col("period_end") < inputs.as_of
    left_out = (
        pl.when(pl.col("program").is_null() | (pl.col("product_code").is_not_null() & pl.col("stands").is_null()))
        .then(pl.lit("批次或产品已撤回"))
        .when(pl.col("program") != "national")
        .then(pl.lit("不是国家组织的批次"))
        .when(pl.col("status") == "cancelled")
        .then(pl.lit("约定已取消"))
        .when(pl.col("period_start") > inputs.as_of)
        .then(pl.lit("尚未开始"))
        .when(pl.col("period_end") < since)
        .then(pl.lit(f"采购周期结束早于 {since}"))
    )
    own = ("commitment_id", *_UNIT, "jurisdiction_code", "lot_code", "item_code", "period_start", "period_end", "status")
    return (
        inputs.scan(COMMITMENTS)
        .join(lots, on="lot_code", how="left")
        .join(products, on="product_code", how="left")
        .with_columns(left_out=left_out)
        .select(
            *own,
            "left_out",
            commitments_ended=ended.cast(pl.Int64),
            commitments_short=(ended & ~pl.col("status").is_in(["completed", "excused"])).cast(pl.Int64),
        )
    )


def _payables(inputs: Inputs) -> pl.LazyFrame:
    """Overdue payables under the rule that applies."""
    excused = pl.when(pl.col("excuse_id").is_not_null()).then(pl.lit("有经批准的正当理由"))
    own = (*_UNIT, "distributor_code", "delivery_id", "accepted_on", "payment_due_on", "excuse_id")
    overdue = inputs.scan(UNPAID).filter(pl.col("overdue") > 0)
    return overdue.select(*own, overdue_fen="overdue", left_out=excused)


def _evaluations(inputs: Inputs) -> pl.LazyFrame:
    """Evaluations of rational use; of those decided that of as_of's year counts, else that of the year before."""
    this, before = (pl.col("year") == str(inputs.as_of.year - back) for back in (0, 1))
    is_decided = pl.col("decided_on") <= inputs.as_of
    left_out = (
        pl.when(~is_decided)
        .then(pl.lit("尚未评定"))
        .when(~this & ~before)
        .then(pl.lit("不是本年或上年的考核"))
        .when(before & (this & is_decided).any().over(_UNIT))
        .then(pl.lit("本年已有考核"))
    )
    return inputs.own(inputs.scan("evaluations")).filter(_OF_USE).with_columns(left_out=left_out)


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`institutions`: one per institution."""
    return {"institutions": evidence["institutions"].lazy().collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`budget_protection` (obligations §27)."""
    volume = pl.when(pl.col("commitments_ended") > 0).then(pl.col("commitments_short") == 0)
    three = pl.all_horizontal("volume", "contract", "rational_use")  # false where one is, else null where one is
    verdict = pl.when(three).then(pl.lit("protected")).when(~three).then(pl.lit("not_protected")).otherwise(pl.lit("undecided"))
    rows = sums["institutions"].lazy().with_columns(volume=volume, contract=pl.col("overdue_fen") == 0)
    return {TABLE.name: rows.with_columns(verdict=verdict).collect()}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """None: those of agreed volume and of payment stand."""
    return no_findings()


def another_year(changes: Changes) -> pl.DataFrame:
    """Of another year other commitments and evaluations count."""
    first, last = changes.days
    rows = changes.now.scan(COMMITMENTS).select(_UNIT).unique()
    return rows.filter(pl.lit(first.year != last.year)).collect()


LINKS: Links = {
    COMMITMENTS: Link(),
    UNPAID: Link(to="institutions", where=_OVERDUE),
    "evaluations": Link(to="institutions", day="decided_on", where=_OF_USE),
}

INDICATOR = Indicator(
    code="budget_protection",
    title_zh="总额控制指标不降低",
    clause="慈政办发〔2020〕68号 二(二)4",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=("evaluations", "lots", "products"),
    unit=_UNIT,
    parameters=(),
    tables=(TABLE.name,),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
    rests_on=(AGREED_VOLUME, PAYMENT),
    links=LINKS,
    wakes=another_year,
)
