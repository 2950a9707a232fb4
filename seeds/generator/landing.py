"""The whole landing zone, block by block: memory holds one block whatever the scale."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.errors import UsageError
from seeds.generator.agreements.limits import make_limits
from seeds.generator.agreements.volumes import make_volumes
from seeds.generator.defects import SHARE, add_bad_rows
from seeds.generator.excused import make_trade_excuses
from seeds.generator.files import write_part
from seeds.generator.first_invoices import make_first_invoices
from seeds.generator.hospital_invoices import make_hospital_invoices
from seeds.generator.market.agencies import make_agencies
from seeds.generator.market.catalogue import Catalogue, make_catalogue
from seeds.generator.market.makers import make_makers
from seeds.generator.market.region import DIVISIONS, make_region
from seeds.generator.market.rounds import Rounds, make_rounds
from seeds.generator.market.stock import make_stock
from seeds.generator.orders import make_orders
from seeds.generator.payments import make_payments
from seeds.generator.returned import make_returns

DELIVERIES, INSTITUTIONS, COMMITMENTS = 1_000_000, 3_000, 200_000  # at scale 1
_BLOCK = 100_000
_LARGE = ("deliveries", "invoices", "payments")
_AGREED = ("commitments", "commitment_adjustments", "prepayments")
_LIMITS = 0.03  # caps and bands by quantity, of the commitments


@dataclass(frozen=True)
class _Block:
    number: int
    deliveries: int
    first_institution: int
    institutions: int
    commitments: int


def generate(out: Path, scale: float, seed: int, *, progress: Callable[[str], None] | None = None) -> dict[str, int]:
    """Write an invented landing zone for the year 2020 to `out` and return the rows of each dataset.

    Scale 1 is 1 M deliveries, 1.3 M invoice lines, 0.6 M payments, 3,000 institutions that buy and 300 that do not,
    200,000 commitments and 6,000 caps and bands by quantity; products (1,000) and districts (14) stay the same at
    every scale. Equal scale and seed give equal bytes. Of the three large datasets every other block comes as CSV under
    Chinese headers, the rest as Parquet. One row in two hundred of these, of commitments, adjustments and prepayments is
    bad on purpose; all other rows satisfy the schemas and refer to rows that exist. Run it with `--as-of 2020-12-31`.
    `out` must be new or empty and `scale` positive, else UsageError.
    """
    if not 0 < scale < math.inf:
        raise UsageError(f"规模必须是大于 0 的数：{scale}；例如 --scale 0.01")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"输出目录不为空：{out}；请换一个目录，或先清空它")
    rng = np.random.default_rng([seed, 0])
    makers = make_makers()
    catalogue = make_catalogue(rng, makers)
    rounds = make_rounds(rng, catalogue)
    rows: Counter[str] = Counter()
    nation = {**makers.frames, "products": catalogue.frame, **rounds.frames, "agencies": make_agencies()}
    for dataset, frame in nation.items():
        rows[dataset] += write_part(out, dataset, "nation", frame)
    blocks = _plan_blocks(scale)
    for block in blocks:
        for dataset, frame in _make_block(block, seed, catalogue, rounds).items():
            layout = ("parquet" if block.number % 2 else "chinese") if dataset in _LARGE else "canonical"
            rows[dataset] += write_part(out, dataset, f"region-{block.number + 1:05d}", frame, layout=layout)
        if progress:
            progress(f"已生成 {block.number + 1}/{len(blocks)} 个区域，配送明细 {rows['deliveries']:,} 行")
    return dict(rows)


def _plan_blocks(scale: float) -> list[_Block]:
    """Equal blocks of about 100,000 deliveries, at least two so that both file formats occur."""
    deliveries = max(100, round(DELIVERIES * scale))
    institutions = max(len(DIVISIONS), round(INSTITUTIONS * scale))
    commitments = round(COMMITMENTS * scale)
    count = max(2, -(-deliveries // _BLOCK))
    return [
        _Block(
            number=i,
            deliveries=deliveries * (i + 1) // count - deliveries * i // count,
            first_institution=institutions * i // count,
            institutions=institutions * (i + 1) // count - institutions * i // count,
            commitments=commitments * (i + 1) // count - commitments * i // count,
        )
        for i in range(count)
    ]


def _make_block(block: _Block, seed: int, catalogue: Catalogue, rounds: Rounds) -> dict[str, pl.DataFrame]:
    """Every dataset of one region as text."""
    rng = np.random.default_rng([seed, 1, block.number])
    own = rng.spawn(1)[0]  # of what came later: zones of one seed keep the trade that they had
    bad = round(block.deliveries * SHARE)
    batches = max(block.deliveries // 5, 45)
    distributors = int(np.clip(batches // 24, 14, 60))
    region = make_region(rng, block.number, block.first_institution, block.institutions, distributors, catalogue)
    stock = make_stock(rng, batches, region, catalogue)
    orders = make_orders(rng, block.deliveries - bad, region, stock, catalogue)
    returned = make_returns(rng, region, orders)
    volumes = make_volumes(rng, block.commitments, region, stock, catalogue, rounds, orders)
    limits = make_limits(own, round(block.commitments * _LIMITS), region, stock, catalogue, orders)
    invoices = pl.concat(
        [
            make_first_invoices(rng, region, stock, catalogue, orders),
            make_hospital_invoices(rng, region, stock, catalogue, orders, returned),
        ]
    )
    payments = make_payments(rng, region, orders, returned)
    agreed = _join(volumes, limits, {"excuses": make_trade_excuses(rng, region, orders)})
    return {
        **region.frames,
        **agreed,
        **{name: add_bad_rows(own, name, block.number, agreed[name]) for name in _AGREED},
        "returns": returned.frame,
        "deliveries": add_bad_rows(rng, "deliveries", block.number, orders.frame, bad),
        "invoices": add_bad_rows(rng, "invoices", block.number, invoices),
        "payments": add_bad_rows(rng, "payments", block.number, payments),
    }


def _join(*parts: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The rows of each dataset in one frame."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: pl.concat([part[name] for part in parts if name in part], how="diagonal") for name in names}
