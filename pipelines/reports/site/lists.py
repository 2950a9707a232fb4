"""Lists that lead on: institutions, jurisdictions, lots, items, and findings by rule."""

from __future__ import annotations

import polars as pl

from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.columns import heading
from pipelines.reports.site.sheets.shared_sheets import AGAINST_TIME, ALL, VOLUME, Level, page_of
from pipelines.reports.site.sheets.sheet import PAGE, Heading, Sheet
from pipelines.reports.site.sheets.summaries import summary_headings
from pipelines.reports.site.sheets.wholes import add_wholes

_INSTITUTION = "institution_names"
_ROLLUP = (
    *(heading(VOLUME, name) for name in ("phase", "duty", "execution_rate")), AGAINST_TIME,
    *(heading(VOLUME, name) for name in ("capped_rate", "completed", "commitments", "completed_share")),
)  # fmt: skip
_PHASES = pl.Enum(["running", "ended"])


def list_sheets(
    figures: Figures, institutions: pl.DataFrame, jurisdictions: pl.DataFrame
) -> dict[str, Sheet]:
    """By name: `institutions`, `jurisdictions`, `lots`, `items`, `rules`, each over all.

    In: the summaries of institutions and of jurisdictions (`subjects`).
    """
    everything = pl.lit(ALL).alias(PAGE)
    place = Heading(
        "jurisdiction_name",
        "统筹区",
        "Division",
        "text",
        code="jurisdiction",
        code_zh="统筹区编码",
        link="jurisdiction",
    )
    sheets = (
        _institutions(institutions, everything, place), _jurisdictions(jurisdictions),
        _lots(figures), _items(figures), _rules(figures, ALL),
    )  # fmt: skip
    return {sheet.name: sheet for sheet in sheets}


def own_lists(figures: Figures, institutions: pl.DataFrame, members: pl.DataFrame) -> dict[str, Sheet]:
    """By name: `institutions` and `rules` of each jurisdiction, cities and provinces as a whole among them."""
    placed = add_wholes(institutions.filter(pl.col("jurisdiction").is_not_null()), members, "jurisdiction")
    sheets = (_institutions(placed, pl.col("jurisdiction").alias(PAGE)), _rules(figures, "jurisdiction"))
    return {sheet.name: sheet for sheet in sheets}


def _institutions(summary: pl.DataFrame, page: pl.Expr, *place: Heading) -> Sheet:
    columns = [
        Heading("name", "医疗机构", "Institution", "text", code="code", code_zh="医疗机构编码", link="institution"),
        *place, heading(_INSTITUTION, "ownership"), heading(_INSTITUTION, "level"), *summary_headings(),
    ]  # fmt: skip
    rows = summary.rename({PAGE: "code"}).with_columns(page)
    return Sheet("institutions", columns, rows.sort(PAGE, "jurisdiction", "code", nulls_last=True))


def _jurisdictions(summary: pl.DataFrame) -> Sheet:
    columns = [
        Heading("name", "统筹区", "Division", "text", code="code", code_zh="统筹区编码", link="jurisdiction"),
        Heading("institutions", "医疗机构", "Institutions", "count"),
        *summary_headings(),
    ]  # fmt: skip
    rows = summary.rename({PAGE: "code"}).with_columns(pl.lit(ALL).alias(PAGE))
    return Sheet("jurisdictions", columns, rows.sort("code"))


def _lots(figures: Figures) -> Sheet:
    lot = Heading("lot_name", "采购批次", "Lot", "text", code="code", code_zh="采购批次编码")
    money = [heading(VOLUME, name) for name in ("agreed_fen", "net_fen", "capped_fen")]
    return _rollup(figures, "lot", [lot, *_ROLLUP, *money])


def _items(figures: Figures) -> Sheet:
    columns = [
        Heading("lot_name", "采购批次", "Lot", "text", code="lot", code_zh="采购批次编码"),
        Heading("item", "品种编码", "Item", "code"),
        *_ROLLUP,
        *(heading(VOLUME, name) for name in ("agreed_quantity", "net_quantity", "capped_quantity")),
    ]
    return _rollup(figures, "item", columns)


def _rollup(figures: Figures, level: str, columns: list[Heading]) -> Sheet:
    parts = pl.col("code").str.splitn("/", 2).struct
    rows = figures.rollup.filter(pl.col("level") == level).with_columns(
        pl.lit(ALL).alias(PAGE), lot=parts.field("field_0"), item=parts.field("field_1")
    )
    names = figures.names["lot"].rename({"code": "lot", "name": "lot_name"})
    rows = rows.join(names, on="lot", how="left").sort("code", pl.col("phase").cast(_PHASES), "duty")
    return Sheet(f"{level}s", columns, rows)


def _rules(figures: Figures, level: Level) -> Sheet:
    rows = figures.findings.with_columns(page_of(level))
    is_open = pl.col("state") == "open"
    counted = (
        rows.drop_nulls(PAGE)
        .group_by(PAGE, "rule_code", "severity")
        .agg(
            open=is_open.sum().cast(pl.Int64),
            opened=(is_open & (pl.col("first_seen") == figures.as_of)).sum().cast(pl.Int64),
            cured=(~is_open).sum().cast(pl.Int64),
            amount=pl.col("amount_fen").filter(is_open).sum(),
        )
    )
    columns = [
        heading("findings", "rule_code"), heading("findings", "severity"),
        Heading("open", "待处理", "Open", "count"), Heading("opened", "本日新增", "Opened this day", "count"),
        Heading("cured", "已消除", "Cured", "count"), Heading("amount", "待处理涉及金额（元）", "Amount open (yuan)", "yuan"),
    ]  # fmt: skip
    return Sheet("rules", columns, counted.sort(PAGE, "rule_code"))
