"""Voluntary participation: who of the private hospitals and pharmacies buys on the platform (慈政办发〔2020〕68号 二(一)1)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import with_rates
from pipelines.engine.finding import no_findings
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link, Links
from pipelines.indicators.voluntary_participation.declaration import PARTICIPATION, TABLES, VOLUNTARY
from pipelines.lines.commitments import commitments_of
from pipelines.lines.lines import lines_of

_MEMBER = ["institution_code", "jurisdiction_code", "ownership"]
_GROUP = ["jurisdiction_code", "ownership"]


def evidence(inputs: Inputs) -> Frames:
    """`members`: private and retail institutions, `left_out` where not designated. `commitments` and `lines` of those that
    are; lines from 1 January of as_of's year to as_of, their value on the platform or off it. All with file, sheet, line.
    """
    undesignated = pl.when(~pl.col("is_designated")).then(pl.lit("不是定点医药机构"))
    found = inputs.own(inputs.scan("institutions")).filter(pl.col("ownership").is_in(list(VOLUNTARY)))
    members = found.select(*_MEMBER, "_file", "_sheet", "_line", institutions=1, left_out=undesignated).collect()
    designated = members.filter(pl.col("left_out").is_null()).select(_MEMBER)
    return {"members": members, "commitments": _commitments(designated, inputs), "lines": _lines(designated, inputs)}


def _commitments(members: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    """Those of members, and `left_out`: why one is not in force."""
    left_out = (
        pl.when("is_cancelled")
        .then(pl.lit("约定采购量已取消"))
        .when(pl.col("period_start") > inputs.as_of)
        .then(pl.lit("采购周期尚未开始"))
        .when(pl.col("period_end") < inputs.as_of)
        .then(pl.lit("采购周期已结束"))
    )
    columns = (*_MEMBER, "commitment_id", "period_start", "period_end", "_file", "_sheet", "_line")
    return commitments_of(inputs).join(members.lazy(), on="institution_code").select(*columns, left_out=left_out)


def _lines(members: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    codes = members.select("institution_code")
    for dataset in ("deliveries", "returns"):
        inputs = inputs.only_where(dataset, codes)
    on_platform = pl.col("channel") == "platform"
    return (
        lines_of(inputs)
        .filter(pl.col("accepted_on") >= date(inputs.as_of.year, 1, 1))
        .with_columns(pl.col("institution_code").cast(pl.String))
        .join(members.lazy(), on="institution_code")
        .select(
            *_MEMBER,
            "delivery_id",
            "accepted_on",
            "channel",
            platform_fen=pl.when(on_platform).then("value_fen").otherwise(0),
            offline_fen=pl.when(on_platform).then(0).otherwise("value_fen"),
            _file="_file",
            _sheet="_sheet",
            _line="_line",
        )
    )


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`members`: one per designated institution: whether it participates and is committed, what it bought."""
    lines = (
        evidence["lines"]
        .lazy()
        .group_by("institution_code")
        .agg(pl.col("platform_fen", "offline_fen").sum(), lines=pl.len(), on_platform=(pl.col("channel") == "platform").sum())
    )
    runs = evidence["commitments"].lazy().filter(pl.col("left_out").is_null())
    members = (
        evidence["members"]
        .lazy()
        .filter(pl.col("left_out").is_null())
        .join(lines, on="institution_code", how="left")
        .join(runs.group_by("institution_code").agg(commitments=pl.len()), on="institution_code", how="left")
        .with_columns(pl.col("on_platform", "platform_fen", "offline_fen", "lines", "commitments").fill_null(0).cast(pl.Int64))
        .select(
            *_MEMBER,
            institutions=pl.lit(1, pl.Int64),
            participants=(pl.col("on_platform") > 0).cast(pl.Int64),
            committed=(pl.col("commitments") > 0).cast(pl.Int64),
            platform_fen="platform_fen",
            offline_fen="offline_fen",
            rows=1 + pl.col("lines") + pl.col("commitments"),
        )
    )
    return {"members": members.sort(*_GROUP, "institution_code").collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`divisions`: the members of a division and ownership added up."""
    added = pl.col("institutions", "participants", "committed", "platform_fen", "offline_fen", "rows").sum()
    return {"divisions": sums["members"].lazy().group_by(_GROUP).agg(added).collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """The report table."""
    return {PARTICIPATION.name: with_rates(sums["divisions"].lazy().collect(), PARTICIPATION)}


def whose(inputs: Inputs) -> pl.DataFrame:
    """`commitment_id`, `institution_code`."""
    return inputs.scan("commitments").select("commitment_id", "institution_code").collect()


def wakes(changes: Changes) -> pl.DataFrame:
    """With the year another year's lines count: whoever there was is looked at again."""
    first, last = changes.days
    codes = changes.kept["members"].select("institution_code").collect()
    return codes if first.year != last.year else codes.clear()


LINKS: Links = {
    "deliveries": Link(day="accepted_on"),
    "returns": Link(day="returned_on"),
    "commitments": Link(day=("period_start", "period_end")),
    "commitment_adjustments": Link({"commitment_id": "commitment_id"}, to=whose, day=("effective_on", "new_period_end")),
}

INDICATOR = Indicator(
    code="voluntary_participation",
    title_zh="民营医疗机构和零售药店自愿参与",
    clause="慈政办发〔2020〕68号 二(一)1",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=("institutions", "deliveries", "returns", "commitments", "commitment_adjustments", "products"),
    unit=("institution_code",),
    parameters=(),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    totals=totals,
    grains={"divisions": ("jurisdiction_code", "ownership")},
    reports=reports,
    findings=lambda reports, sums, inputs: no_findings(),
    links=LINKS,
    wakes=wakes,
)
