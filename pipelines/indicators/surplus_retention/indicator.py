"""Surplus retention 集采结余留用 (国办发〔2021〕20号 (二), 医保发〔2020〕26号; obligations §28)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import quotient_of
from pipelines.engine.finding import no_findings
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link, Links
from pipelines.indicators.agreed_volume.indicator import INDICATOR as AGREED_VOLUME
from pipelines.indicators.surplus_retention.bases import BASE, COMMITMENTS, asked, bases_of, commitments_of, non_selected
from pipelines.indicators.surplus_retention.declaration import RATIO, TABLE
from pipelines.indicators.surplus_retention.retained import PERCENT, POINTS, evaluations_of, with_amounts, with_share

_AMOUNTS = ("agreed_fen", "non_selected_fen", "budget_fen", "spend_fen", "surplus_fen", "retained_fen")


def evidence(inputs: Inputs) -> Frames:
    """`bases`: a row per base with everything the report says of it, and its file, sheet and line; `lines`: what was bought
    beside the selected; and, lazily, the `commitments` and `evaluations` of each base.
    """
    lines = non_selected(inputs).collect()
    commitments = commitments_of(inputs)
    agreed = commitments.group_by(BASE).agg(
        pl.col("agreed_fen").sum(),
        lacks_price=pl.col("agreed_fen").is_null().any(),
        volume_met=pl.col("status").is_in(["completed", "excused"]).all(),
    )
    bought = lines.lazy().group_by(BASE).agg(non_selected_fen=pl.col("value_fen").sum())
    evaluations = evaluations_of(inputs)
    rows = (
        bases_of(inputs)
        .join(agreed, on=BASE, how="left")
        .join(bought, on=BASE, how="left")
        .join(evaluations.select(*BASE, "result", "score"), on=BASE, how="left")
        .sort(BASE)
        .with_columns(pl.col("agreed_fen", "non_selected_fen").fill_null(0))
        .collect()
    )
    return {
        "bases": rows.pipe(with_share, inputs).pipe(with_amounts),
        "lines": lines,
        "commitments": inputs.with_place(commitments, "commitments"),
        "evaluations": evaluations,
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`bases`: one per base, in fen; `points` (10⁻⁴ of a point) and `percent` (10⁻² of a percent) of its evaluation."""
    key = (*BASE, "jurisdiction_code", "period_end", "status", "result", "volume_met", f"{RATIO}_policy_id")
    rows = evidence["bases"].lazy()
    return {"bases": rows.select(*key, *_AMOUNTS, "points", "percent", rows=pl.lit(1, pl.Int64)).collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`surplus_retention` (obligations §28)."""
    shares = {"score": ("points", POINTS), "ratio": ("percent", 100 * PERCENT)}
    rows = (
        sums["bases"]
        .lazy()
        .with_columns(quotient_of(part, pl.lit(whole, pl.Int64)).alias(name) for name, (part, whole) in shares.items())
    )
    return {TABLE.name: rows.rename({f"{RATIO}_policy_id": "policy_id"})}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """None: what may be kept is no fault of anybody's."""
    return no_findings()


LINKS: Links = {
    "surplus_bases": Link(day=("period_end",)),
    COMMITMENTS: Link(to="bases"),
    "deliveries": Link({"institution_code": "institution_code", "product_code": "product_code"}, to=asked),
    "returns": Link(of="deliveries", day="returned_on"),
    "evaluations": Link(
        {"institution_code": "institution_code"}, to="bases", day="decided_on", where=pl.col("kind") == "surplus"
    ),
}

INDICATOR = Indicator(
    code="surplus_retention",
    title_zh="集采结余留用",
    clause="国办发〔2021〕20号 (二)",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=(
        "surplus_bases",
        "evaluations",
        "deliveries",
        "returns",
        "institutions",
        "lots",
        "products",
        "selections",
        "substitutes",
    ),
    unit=BASE,
    parameters=(RATIO,),
    dated=(RATIO,),
    tables=(TABLE.name,),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
    rests_on=(AGREED_VOLUME,),
    links=LINKS,
)
