"""What institutions are judged by: bases of surplus of what they agreed, and evaluations by year."""

import numpy as np
import polars as pl

from seeds.generator.market.region import Region
from seeds.generator.spelling import LAST_DAY, Floats, choose_text, leave_out, spell_days, spell_prices

_BASED, _SETTLED = 0.3, 0.8  # of the agreements: with a base; of these, over before the last day
_OVER = "2020-11-30"
_PASSED, _SCORED = 0.85, 0.9
_EVALUATED = (("rational_use", 2019, 0.5), ("rational_use", 2020, 0.4), ("surplus", 2020, 0.7))


def make_bases(rng: np.random.Generator, commitments: pl.DataFrame) -> pl.DataFrame:
    """The dataset `surplus_bases` as text: one for a third of what was agreed by quantity, at least."""
    agreed = commitments.filter(pl.col("target") == "quantity", pl.col("direction") == "floor").unique(
        ["institution_code", "lot_code", "item_code", "period_start"], keep="first", maintain_order=True
    )
    chosen = agreed.filter(pl.Series(rng.random(len(agreed)) < _BASED, dtype=pl.Boolean))
    count = len(chosen)
    quantities = chosen["agreed_quantity"].cast(pl.Int64).to_numpy() * rng.uniform(0.7, 1.4, count)
    ratios = rng.choice([0.5, 0.55, 0.625, 0.7, 0.75], count)
    before = np.minimum(1, ratios + rng.choice([-0.05, 0, 0.1], count))
    return chosen.select(
        "institution_code",
        "lot_code",
        "item_code",
        "period_start",
        pl.when(pl.Series(rng.random(count) < _SETTLED, dtype=pl.Boolean))
        .then(pl.lit(_OVER))
        .otherwise("period_end")
        .alias("period_end"),
        spell_prices((quantities * 10_000).astype(np.int64) // 100 * 100).alias("base_quantity"),
        spell_prices((rng.lognormal(0, 1, count) * 10_000 + 1).astype(np.int64)).alias("price_before"),
        _spell_shares(ratios).alias("fund_pay_ratio"),
        leave_out(_spell_shares(before), rng.random(count) < 0.5).alias("fund_pay_ratio_before"),
        _spell_shares(rng.uniform(0.6, 1, count)).alias("insured_share"),
    )


def make_evaluations(rng: np.random.Generator, region: Region) -> pl.DataFrame:
    """The dataset `evaluations` as text: of many institutions, some decided after the last day."""
    frames = []
    for kind, year, share in _EVALUATED:
        codes = region.codes.filter(pl.Series(rng.random(len(region.codes)) < share, dtype=pl.Boolean))
        count = len(codes)
        passes = rng.random(count) < _PASSED
        scores = np.where(passes, rng.uniform(60, 100, count), rng.uniform(30, 60, count)) * 10
        decided = rng.integers(LAST_DAY - 40, LAST_DAY + 20, count) - (0 if year == 2020 else LAST_DAY)
        frames.append(
            pl.DataFrame(
                {
                    "institution_code": codes,
                    "kind": pl.repeat(kind, count, eager=True),
                    "year": pl.repeat(str(year), count, eager=True),
                    "result": choose_text(["fail", "pass"], passes.astype(np.int64)),
                    "score": leave_out(spell_prices(scores.astype(np.int64) * 1_000), rng.random(count) > _SCORED),
                    "decided_on": spell_days(decided),
                    "document_no": pl.repeat(f"考核〔{year}〕1号", count, eager=True),
                }
            )
        )
    return pl.concat(frames)


def _spell_shares(shares: Floats) -> pl.Series:
    return spell_prices((shares * 10_000).round().astype(np.int64))
