"""Findings: shares of lists below their minimum, monitored drugs that grow, and sudden rises (obligations §17)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import total_of
from pipelines.engine.finding import make_findings, percent, quantity, yuan
from pipelines.engine.indicator import Frames, Inputs
from pipelines.indicators.listed_use.declaration import GROWTH_HIGH, INSURED_LOW, PRODUCTS_LOW, SHARE_LOW, SURGE
from pipelines.indicators.listed_use.tables import ESSENTIAL, SURGES
from pipelines.indicators.listed_use.windows import QUARTERS
from schemas.rule import Rule
from schemas.spellings import LEVELS
from schemas.table import Terms

_LEAST = {
    SHARE_LOW: ("essential_share_min", "essential_share_amount", "本年基本药物采购金额占比 {}，低于本级机构的下限 {}%：{}"),
    PRODUCTS_LOW: ("essential_products_min", "essential_share_products", "本年基本药物品种占比 {}，低于本级机构的下限 {}%：{}"),
    INSURED_LOW: ("insured_products_min", "insured_share_products", "本年医保目录药品品种占比 {}，低于本级机构的下限 {}%：{}"),
}
_MILLION = 10**6


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """The four of `essential_and_monitored` for public institutions; `use_surge` for all."""
    return pl.concat([*_of_lists(reports[ESSENTIAL.name], inputs), _surges(reports[SURGES.name], sums["watched"], inputs)])


def _of_lists(rows: pl.LazyFrame | pl.DataFrame, inputs: Inputs) -> list[pl.DataFrame]:
    public = inputs.scan("institutions").filter(pl.col("ownership") == "public").select("institution_code", "level")
    own = rows.lazy().join(public, on="institution_code").with_columns(subject_key="institution_code").collect()
    own = own.with_columns(today=pl.lit(inputs.as_of))
    return [*(_below(own, inputs, rule) for rule in _LEAST), _grown(own, inputs)]


def _below(rows: pl.DataFrame, inputs: Inputs, rule: Rule) -> pl.DataFrame:
    """Institutions whose share is below the least of their level; without a level, or a least for it, there is none."""
    parameter, share, message = _LEAST[rule]
    part, whole = (total_of(terms) for terms in _terms(share))
    rows = inputs.with_policy(rows, parameter, "today").with_columns(least=_of_level(parameter))
    is_below = part.cast(pl.Int128) * 100 * 10**4 < pl.col("least").to_physical() * whole
    rows = rows.filter((whole > 0) & is_below.fill_null(False))
    numbers = pl.format("{} / {} 种", part, whole)
    if rule.is_money:
        rows = rows.with_columns(amount_fen=whole - part)
        numbers = pl.format("{} / {} 元", yuan("essential_fen"), yuan("drug_fen"))
    least = pl.col("least").cast(pl.String).str.replace(r"\.?0+$", "")
    return make_findings(rows, inputs, rule=rule, day="today", message=pl.format(message, percent(share), least, numbers))


def _terms(share: str) -> tuple[Terms, Terms]:
    of = ESSENTIAL.column(share).of
    assert of is not None
    return of.above, of.below


def _of_level(parameter: str) -> pl.Expr:
    """The number that a list `level=percent` has for the level of the row (10⁻⁴); null where it has none."""
    text = pl.col(parameter).list.join("|")
    found = [pl.when(pl.col("level") == level).then(text.str.extract(rf"(?:^|\|){level}=([0-9.]+)")) for level in LEVELS]
    return pl.coalesce(found).cast(pl.Decimal(18, 4))


def _grown(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Institutions whose monitored drugs cost enough, and grew by more than the limit."""
    for parameter in ("monitored_growth_limit", "monitored_growth_floor"):
        rows = inputs.with_policy(rows, parameter, "today")
    now, before = (pl.col(c).cast(pl.Int128) for c in ("monitored_fen", "monitored_fen_before"))
    is_grown = (now - before) * _MILLION > pl.col("monitored_growth_limit").to_physical() * before
    is_much = now * (_MILLION // 100) >= pl.col("monitored_growth_floor").to_physical()
    rows = rows.filter((before > 0) & is_grown.fill_null(False) & is_much)
    rows = rows.with_columns(amount_fen=pl.col("monitored_fen") - pl.col("monitored_fen_before"))
    message = pl.format(
        "本年重点监控药品采购 {} 元，上年同期 {} 元（按统计截止日的目录），增幅 {}，超过上限",
        yuan("monitored_fen"),
        yuan("monitored_fen_before"),
        percent("monitored_growth"),
    )
    return make_findings(rows, inputs, rule=GROWTH_HIGH, day="today", message=message)


def _surges(rows: pl.LazyFrame | pl.DataFrame, watched: pl.LazyFrame | pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Generics whose recent quantity reaches the multiple of the usual one; compared as whole numbers, before any is rounded."""
    key = ["institution_code", "generic_code"]
    exact = watched.lazy().select(pl.col(key).cast(pl.String), recent="recent_units", usual="usual_units")
    own = rows.lazy().join(exact, on=key).with_columns(today=pl.lit(inputs.as_of)).collect()
    own = inputs.with_policy(own, "surge_ratio", "today")
    reached = pl.col("recent") * QUARTERS * _MILLION >= pl.col("surge_ratio").to_physical() * pl.col("usual")
    own = own.filter(reached.fill_null(False)).with_columns(
        subject_key=pl.concat_str(key, separator="|"), amount_fen="recent_fen", quantity="recent_units"
    )
    message = pl.format(
        "线索：通用名 {} 近90天采购 {}（最小单位，{} 元），此前360天平均每90天 {}；可能是季节性用药、收治病种或床位变化、备货、"
        "替代短缺品种所致，请核对处方与库存",
        "generic_code",
        quantity("recent_units"),
        yuan("recent_fen"),
        quantity("usual_units"),
    )
    return make_findings(own, inputs, rule=SURGE, day="today", message=message)
