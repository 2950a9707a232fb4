"""How prices move: the series of the lowest price of each order day (obligations §25)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of, scaled
from pipelines.engine.finding import make_findings, percent, quantity
from pipelines.engine.indicator import Frames, Inputs
from pipelines.indicators.price_monitoring.declaration import OFTEN, RISE
from pipelines.indicators.price_monitoring.lines import OF_PROVINCE, SERIES, SHORT
from pipelines.indicators.price_monitoring.tables import MOVEMENTS
from pipelines.lines.listed import with_lists
from schemas.policies import DECIMAL_PLACES
from schemas.rule import Rule

_PRICES = ("first_price", "last_price", "lowest_price", "highest_price")
_TWICE = 2 * 10**DECIMAL_PLACES


def price_movements(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A row per institution, supplier and product whose series changes in the window."""
    makers = (
        sums["makers_of_year"]
        .lazy()
        .group_by(OF_PROVINCE)
        .agg(manufacturers=pl.len().cast(pl.Int64))
        .with_columns(pl.col(OF_PROVINCE).cast(pl.Categorical))
    )
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", today=pl.lit(inputs.as_of)).collect()
    limits = inputs.with_policy(places, "price_rise_limit", "today")
    limits = limits.select(
        pl.col("institution_code").cast(pl.Categorical), "jurisdiction_code", policy_id="price_rise_limit_policy_id"
    )
    rows = (
        with_lists(_moved(sums["series"].lazy()), inputs, *SHORT, day=inputs.as_of)
        .join(makers, on=OF_PROVINCE, how="left")
        .join(limits.lazy(), on="institution_code")
        .with_columns(
            pl.col("manufacturers").fill_null(0),
            *(quotient_of(name, pl.lit(10**4)).alias(name) for name in _PRICES),
            is_listed=pl.any_horizontal(f"is_{name}" for name in SHORT),
        )
    )
    return rows.with_columns(pl.col(SERIES).cast(pl.String)).collect()


def _moved(series: pl.LazyFrame) -> pl.LazyFrame:
    """Of each series with a change: `lines`, `changes`, first, last, lowest and highest price (10⁻⁴ yuan), greatest `rise` and
    `fall`, and the greatest rise in whole 2 × 10⁻⁶ (`rise_twice`): a limit has six places, and half of it is told apart by these.

    A quotient of whole numbers is rounded once, and rounding keeps their order: the greatest of what was rounded is the
    greatest, rounded. Of days with the same price there is nothing to find out: they are left aside first.
    """
    series = series.with_columns(pl.col(*OF_PROVINCE, *SERIES).cast(pl.Categorical), price=scaled("unit_price").cast(pl.Int64))
    price, key = pl.col("price"), [*SERIES, *OF_PROVINCE]
    differs = series.group_by(SERIES).agg(lines=pl.col("rows").sum(), differs=price.min() < price.max()).filter("differs")
    days = series.join(differs, on=SERIES).group_by(*key, "lines", "ordered_on").agg(price.min()).sort(*SERIES, "ordered_on")
    above_0 = pl.when(price > 0).then(price)
    least, most = above_0.cum_min(), above_0.cum_max()
    before = days.group_by(*key, "lines", maintain_order=True).agg(
        "price", is_change=price != price.shift(), least=least.forward_fill().shift(), most=most.forward_fill().shift()
    )
    pairs = before.explode("price", "is_change", "least", "most")
    up, down = price - pl.col("least"), pl.col("most") - price
    return (
        pairs.with_columns(
            rise=quotient_of(up, "least"),
            fall=quotient_of(down, "most"),
            rise_twice=up.cast(pl.Int128) * _TWICE // pl.col("least"),
        )
        .group_by(*key, "lines", maintain_order=True)
        .agg(
            pl.col("is_change").sum().cast(pl.Int64).alias("changes"),
            first_price=price.first(),
            last_price=price.last(),
            lowest_price=price.min(),
            highest_price=price.max(),
            **{name: pl.col(name).max().fill_null(0).clip(lower_bound=0) for name in ("rise", "fall", "rise_twice")},
        )
        .filter(pl.col("changes") > 0)
    )


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> list[pl.DataFrame]:
    """A signal for each series that changed as often as the trigger, or rose as much."""
    rows = reports[MOVEMENTS.name].lazy().collect().with_columns(today=pl.lit(inputs.as_of))
    for parameter in ("price_changes_max", "price_rise_limit"):
        rows = inputs.with_policy(rows, parameter, "today")
    rows = rows.with_columns(subject_key=pl.concat_str(SERIES, separator="|"), counterparty_code="distributor_code")
    often = rows.filter(pl.col("changes") >= pl.col("price_changes_max"))
    limited = rows.filter(pl.col("price_rise_limit").is_not_null())
    exact = _moved(sums["series"].lazy().join(limited.lazy().select(SERIES), on=SERIES, how="semi"))
    exact = exact.select(pl.col(SERIES).cast(pl.String), "rise_twice")
    limit, twice = pl.col("price_rise_limit").to_physical().cast(pl.Int128), pl.col("rise_twice")
    of_one = (pl.col("manufacturers") == 1) & (twice >= limit)
    risen = limited.lazy().join(exact, on=SERIES).filter((twice >= 2 * limit) | of_one)
    return [
        _signal(
            often,
            inputs,
            OFTEN,
            "价格变动 {} 次（采购 {} 行，最低 {} 元，最高 {} 元），达到 {} 次",
            *("changes", "lines", quantity("lowest_price"), quantity("highest_price"), "price_changes_max"),
        ),
        _signal(
            risen.collect(),
            inputs,
            RISE,
            "价格最大涨幅 {}（最低 {} 元，最高 {} 元，同通用名生产企业 {} 家），界限 {}；独家生产的按一半",
            *(
                percent("rise"),
                quantity("lowest_price"),
                quantity("highest_price"),
                "manufacturers",
                percent("price_rise_limit"),
            ),
        ),
    ]


def _signal(rows: pl.DataFrame, inputs: Inputs, rule: Rule, said: str, *numbers: str | pl.Expr) -> pl.DataFrame:
    """The signals of a rule, each with what may be the harmless reason and where to look."""
    message = pl.format(
        f"线索：配送企业 {{}} 供应的产品 {{}} 在观察期内{said}。"
        "可能的正常原因：换批次集采、挂网价调整、原料涨价、短缺药品；请核对挂网价和中选价、订单与供应企业的说明，必要时函询、约谈",
        *("distributor_code", "product_code"),
        *numbers,
    )
    return make_findings(rows, inputs, rule=rule, day="today", message=message)
