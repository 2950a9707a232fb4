"""Lists that lead on: institutions, jurisdictions, and findings by rule and one by one."""

from __future__ import annotations

import polars as pl

from pipelines.reports.pages.words import words_of
from pipelines.reports.site.figures import FINDINGS, Figures
from pipelines.reports.site.sheets.columns import heading
from pipelines.reports.site.sheets.sheet import ALL, PAGE, Filled, Heading
from pipelines.reports.site.sheets.summaries import summary_headings
from pipelines.reports.site.sheets.wholes import add_wholes
from schemas.declared import RULES
from schemas.reports.findings import SEVERITIES, STATES
from schemas.shown import Level

_INSTITUTION = "institution_names"


def list_sheets(figures: Figures, institutions: pl.DataFrame, jurisdictions: pl.DataFrame) -> dict[str, Filled]:
    """By name: `institutions`, `jurisdictions`, `rules`, each over all.

    In: the summaries of institutions and of jurisdictions (`subjects`).
    """
    place = Heading(
        "jurisdiction_name", "统筹区", "Division", "text", code="jurisdiction", code_zh="统筹区编码", link="jurisdiction"
    )
    sheets = (_institutions(institutions, pl.lit(ALL).alias(PAGE), place), _jurisdictions(jurisdictions), _rules(figures, ALL))
    return {sheet.name: sheet for sheet in sheets}


def own_lists(figures: Figures, institutions: pl.DataFrame, members: pl.DataFrame) -> dict[str, Filled]:
    """By name: `institutions` and `rules` of each jurisdiction, cities and provinces as a whole among them."""
    placed = add_wholes(institutions.filter(pl.col("jurisdiction").is_not_null()), members, "jurisdiction")
    sheets = (_institutions(placed, pl.col("jurisdiction").alias(PAGE)), _rules(figures, "jurisdiction"))
    return {sheet.name: sheet for sheet in sheets}


def party_list(summary: pl.DataFrame, party: Level) -> Filled:
    """The list of all products, or of all companies, with their figures. In: their summary, with `name`."""
    zh, en = words_of("site")[f"one_{party}"]
    code = "医保药品编码" if party == "product" else "企业编码"
    columns = [Heading("name", zh, en, "text", code="code", code_zh=code, link=party), *summary_headings(party)]
    rows = summary.rename({PAGE: "code"}).with_columns(pl.lit(ALL).alias(PAGE))
    return Filled(f"{party}s", columns, rows.sort("name", "code"))


def own_findings(figures: Figures, level: Level) -> dict[str, Filled]:
    """By name: the `findings` of each institution, or about each company, the worst first."""
    names = (
        "state",
        "severity",
        "rule_code",
        "message_zh",
        "amount_fen",
        "institution_code" if level == "enterprise" else "counterparty_code",
        "clause",
        "responsible",
        "first_seen",
        "due_on",
        "excuse_id",
        "finding_id",
    )
    own = {"rule_code": rule_heading(), "counterparty_code": heading(FINDINGS, "counterparty_code", link="")}
    columns = [own.get(name) or heading(FINDINGS, name) for name in names]
    found = figures.named_at_level(FINDINGS, level)
    assert found is not None
    rows = found.drop_nulls(PAGE).collect()
    worst = (pl.col("state").cast(pl.Enum(list(STATES))), pl.col("severity").cast(pl.Enum(list(SEVERITIES))))
    rows = rows.sort(PAGE, *worst, -pl.col("amount_fen"), *rows.columns, nulls_last=True)
    return {FINDINGS: Filled(FINDINGS, columns, rows)}


def rule_heading() -> Heading:
    """The column of rules, in the words of both languages."""
    return heading(FINDINGS, "rule_code", words_en={code: rule.title_en for code, rule in RULES.items()})


def _institutions(summary: pl.DataFrame, page: pl.Expr, *place: Heading) -> Filled:
    columns = [
        Heading("name", "医疗机构", "Institution", "text", code="code", code_zh="医疗机构编码", link="institution"),
        *place,
        heading(_INSTITUTION, "ownership"),
        heading(_INSTITUTION, "level"),
        *summary_headings("institution"),
    ]
    rows = summary.rename({PAGE: "code"}).with_columns(page)
    return Filled("institutions", columns, rows.sort(PAGE, "jurisdiction", "code", nulls_last=True))


def _jurisdictions(summary: pl.DataFrame) -> Filled:
    columns = [
        Heading("name", "统筹区", "Division", "text", code="code", code_zh="统筹区编码", link="jurisdiction"),
        Heading("institutions", "医疗机构", "Institutions", "count"),
        *summary_headings("jurisdiction"),
    ]
    rows = summary.rename({PAGE: "code"}).with_columns(pl.lit(ALL).alias(PAGE))
    return Filled("jurisdictions", columns, rows.sort("code"))


def _rules(figures: Figures, level: Level) -> Filled:
    rows = figures.at_level(FINDINGS, level)
    assert rows is not None
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
        .collect()
    )
    columns = [
        rule_heading(),
        heading(FINDINGS, "severity"),
        Heading("open", "待处理", "Open", "count"),
        Heading("opened", "本日新增", "Opened this day", "count"),
        Heading("cured", "已消除", "Cured", "count"),
        Heading("amount", "待处理涉及金额（元）", "Amount open (yuan)", "yuan"),
    ]
    order = pl.col("severity").cast(pl.Enum(list(SEVERITIES)))
    return Filled("rules", columns, counted.sort(PAGE, "rule_code", order))
