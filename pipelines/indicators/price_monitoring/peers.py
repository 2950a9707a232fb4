"""What the public institutions of a province paid for the same product in the same month (obligations §25)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of, round_half_up, scaled
from pipelines.engine.finding import make_findings, percent, quantity, yuan
from pipelines.engine.indicator import Frames, Inputs
from pipelines.indicators.price_monitoring.declaration import ABOVE_PEERS
from pipelines.indicators.price_monitoring.lines import OF_PROVINCE
from pipelines.lines.lines import as_units
from schemas.policies import DECIMAL_PLACES

_ROW = ["province", "product_code", "month"]
_MILLION = 10**DECIMAL_PLACES


def price_peers(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A row per province, product and month in which a public institution bought it, emergencies left out."""
    month = [*OF_PROVINCE, "month"]
    makers = sums["makers"].lazy().group_by(month).agg(manufacturers=pl.len().cast(pl.Int64))
    makers = makers.with_columns(pl.col(OF_PROVINCE).cast(pl.Categorical))
    return (
        _compared(sums)
        .join(makers, on=month)
        .join(_limits(inputs, "peer_limit").lazy(), on="province")
        .with_columns(
            pl.col("province", "product_code").cast(pl.String),
            pl.col("month").dt.strftime("%Y-%m"),
            packs=quotient_of("packs", pl.lit(10**4)),
            policy_id="peer_limit_policy_id",
        )
        .collect()
    )


def _compared(sums: Frames) -> pl.LazyFrame:
    """Of each row the number of institutions, packs (10⁻⁴) and fen of all, lowest, median and highest price in yuan, and the
    median as a quotient of whole numbers: `above` / (2 × `below`), in fen for 10⁻⁴ packs.

    Prices are put in order as whole numbers of 10⁻²⁴, so fine that two that differ are told apart.
    """
    fen, packs = pl.col("value_fen"), pl.col("packs")
    order = fen.cast(pl.Int128) * 10**24 // packs
    middle = {"low": (pl.len() - 1) // 2, "high": pl.len() // 2}
    chosen = {f"{of}_{name}": pl.col(name).get(at) for of, at in middle.items() for name in ("value_fen", "packs")}
    key = [*OF_PROVINCE, "month", "product_code"]
    rows = (
        sums["peers"]
        .lazy()
        .with_columns(pl.col(*OF_PROVINCE, "product_code").cast(pl.Categorical), price=quotient_of(fen * 100, packs))
        .sort(order)
        .group_by(key)
        .agg(
            fen.sum(),
            packs.sum(),
            institutions=pl.len().cast(pl.Int64),
            lowest_price=pl.col("price").first(),
            highest_price=pl.col("price").last(),
            middle_price=pl.col("price").get(middle["low"]),
            **chosen,
        )
    )
    low_fen, low_packs, high_fen, high_packs = (pl.col(name).cast(pl.Int128) for name in chosen)
    rows = rows.with_columns(above=low_fen * high_packs + high_fen * low_packs, below=low_packs * high_packs)
    is_odd = pl.col("institutions") % 2 == 1
    exact = pl.when(is_odd).then(0).otherwise(50 * pl.col("above"))
    mean = quotient_of(exact, "below")
    return rows.with_columns(median_price=pl.when(is_odd).then("middle_price").otherwise(mean))


def _limits(inputs: Inputs, *parameters: str) -> pl.DataFrame:
    """What is in force on as_of in every province: `province` (categorical), each of the parameters and its policy row."""
    provinces = inputs.scan("institutions").select(province=pl.col("jurisdiction_code").str.head(2)).unique().collect()
    rows = provinces.with_columns(jurisdiction_code=pl.col("province") + "0000", today=pl.lit(inputs.as_of))
    for parameter in parameters:
        rows = inputs.with_policy(rows, parameter, "today")
    return rows.drop("jurisdiction_code", "today").with_columns(pl.col("province").cast(pl.Categorical))


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A signal for each institution and month whose mean price lies above the median of enough institutions by more than the
    limit, and none of whose lines was of a selected product.
    """
    limits = _limits(inputs, "peers_min", "peer_limit").filter(pl.col("peer_limit").is_not_null())
    limited = {
        name: sums[name].lazy().filter(pl.col("province").is_in(limits["province"].cast(pl.String).implode()))
        for name in ("peers", "makers")
    }
    codes = pl.col(*OF_PROVINCE, "product_code").cast(pl.Categorical)
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    packs_of = inputs.scan("products").select(pl.col("product_code").cast(pl.Categorical), pack=scaled("units_per_pack"))
    fen, packs, above, below = (pl.col(name).cast(pl.Int128) for name in ("value_fen", "packs", "above", "below"))
    own, least = 2 * fen * below, above * packs
    rate = pl.col("peer_limit").to_physical().cast(pl.Int128)
    excess = least // _MILLION * rate + least % _MILLION * rate // _MILLION  # what stays behind a whole number tells nothing
    rows = (
        limited["peers"]
        .with_columns(codes)
        .filter(pl.col("selected") == 0)
        .join(_compared(limited).select(*_ROW, "institutions", "median_price", "above", "below"), on=_ROW)
        .join(limits.lazy(), on="province")
        .filter(pl.col("institutions") >= pl.col("peers_min"), own > least + excess)
        .join(packs_of, on="product_code")
        .join(places, on="institution_code")
        .with_columns(units=packs * pl.col("pack"))
        .with_columns(
            event_on=pl.col("month").dt.month_end(),
            month=pl.col("month").dt.strftime("%Y-%m"),
            amount_fen=round_half_up(own - least, 2 * below),
            quantity=as_units("units"),
            price=quotient_of(fen * 100, "packs"),
            beyond=quotient_of(own - least, least),
        )
        .with_columns(subject_key=pl.concat_str(ABOVE_PEERS.subject.key, separator="|"))
        .collect()
    )
    message = pl.format(
        "线索：{} 采购产品 {} 均价 {} 元，同省 {} 家公立机构的中位均价 {} 元，高出 {}（界限 {}），差额合计 {} 元。"
        "可能的正常原因：采购量小、配送偏远、当月供应不同批次或挂网价不同；请核对订单、挂网价和议价记录",
        *("month", "product_code", quantity("price"), "institutions", quantity("median_price")),
        *(percent("beyond"), percent("peer_limit"), yuan("amount_fen")),
    )
    return make_findings(rows, inputs, rule=ABOVE_PEERS, day="event_on", message=message)
