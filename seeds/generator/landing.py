"""The whole landing zone, block by block: memory holds one block whatever the scale."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.errors import UsageError
from seeds.generator.agreements.judged import make_bases, make_evaluations
from seeds.generator.agreements.limits import make_limits
from seeds.generator.agreements.volumes import make_volumes
from seeds.generator.beside.scans import SCANS, make_scans
from seeds.generator.beside.usages import USAGES, make_usages
from seeds.generator.charges import charge_more
from seeds.generator.defects import SHARE, add_bad_rows
from seeds.generator.excused import make_trade_excuses
from seeds.generator.files import write_part
from seeds.generator.first_invoices import make_first_invoices
from seeds.generator.hospital_invoices import make_hospital_invoices
from seeds.generator.market.agencies import make_agencies
from seeds.generator.market.cases import make_cases, make_local_listings
from seeds.generator.market.catalogue import Catalogue, make_catalogue
from seeds.generator.market.lists import make_lists
from seeds.generator.market.makers import Makers, deem_twice, make_makers
from seeds.generator.market.prices import make_prices
from seeds.generator.market.region import DIVISIONS, Region, make_region
from seeds.generator.market.rounds import Rounds, make_rounds
from seeds.generator.market.stock import Stock, make_stock
from seeds.generator.odd_invoices import make_odd_invoices
from seeds.generator.orders import Orders, make_orders
from seeds.generator.payments import make_payments
from seeds.generator.returned import Returned, make_returns

DELIVERIES, INSTITUTIONS, COMMITMENTS = 1_000_000, 3_000, 200_000  # at scale 1
BESIDE = frozenset({"trace", "usages"})
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


def generate(
    out: Path, scale: float, seed: int, *, beside: Collection[str] = (), progress: Callable[[str], None] | None = None
) -> dict[str, int]:
    """Write an invented landing zone for the year 2020 to `out` and return the rows of each dataset.

    Scale 1 is 1 M deliveries, 1.3 M invoice lines, 0.6 M payments, 3,000 institutions that buy and 300 that do not,
    200,000 commitments and 6,000 caps and bands by quantity; products (1,000) and districts (14) stay the same at
    every scale. Equal scale and seed give equal bytes. Of the three large datasets every other block comes as CSV under
    Chinese headers, the rest as Parquet. One row in two hundred of these, of commitments, adjustments, prepayments,
    catalogue entries, reference prices, bases of surplus and evaluations is bad on purpose, and two cases of misconduct; all
    other rows satisfy the schemas and refer to rows that exist. Run it with `--as-of 2020-12-31`.
    `beside` names what comes with them, at scale 1 5 M `usages` and 20 M scans of `trace`; all other files stay as they are
    without. `out` must be new or empty, `scale` positive and `beside` known, else UsageError.
    """
    if not set(beside) <= BESIDE:
        raise UsageError(f"不认识 {'、'.join(sorted(set(beside) - BESIDE))}；可以另外生成的是 {'、'.join(sorted(BESIDE))}")
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
    for dataset, frame in (nation | _make_later(seed, makers, catalogue)).items():
        rows[dataset] += write_part(out, dataset, "nation", frame)
    rows["blacklist"] += write_part(out, "blacklist", "places", make_local_listings(makers))
    rows["deemed_manufacturers"] += write_part(out, "deemed_manufacturers", "second", deem_twice(makers))
    blocks = _plan_blocks(scale)
    for block in blocks:
        frames, records = _make_block(block, seed, catalogue, rounds, beside)
        layout = "parquet" if block.number % 2 else "chinese"
        name = f"region-{block.number + 1:05d}"
        for dataset, frame in frames.items():
            rows[dataset] += write_part(out, dataset, name, frame, layout=layout if dataset in _LARGE else "canonical")
        for (dataset, part), frame in records:
            rows[dataset] += write_part(out, dataset, f"{name}-{part:03d}", frame, layout=layout)
        if progress:
            progress(f"已生成 {block.number + 1}/{len(blocks)} 个区域，配送明细 {rows['deliveries']:,} 行")
    return dict(rows)


def _make_later(seed: int, makers: Makers, catalogue: Catalogue) -> dict[str, pl.DataFrame]:
    """What came later, each with dice of its own: zones of one seed keep the trade that they had."""
    lists, prices, cases = (np.random.default_rng([seed, number]) for number in (2, 5, 6))
    return {
        "catalogue_entries": add_bad_rows(lists, "catalogue_entries", 0, make_lists(lists, catalogue)),
        "reference_prices": add_bad_rows(prices, "reference_prices", 0, make_prices(prices, catalogue)),
        "misconduct": add_bad_rows(cases, "misconduct", 0, make_cases(cases, makers), count=2),
    }


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


def _make_block(
    block: _Block, seed: int, catalogue: Catalogue, rounds: Rounds, beside: Collection[str]
) -> tuple[dict[str, pl.DataFrame], Iterator[tuple[tuple[str, int], pl.DataFrame]]]:
    """Every dataset of one region as text; then what comes beside them, piece by piece."""
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
    charged = charge_more(np.random.default_rng([seed, 7, block.number]), orders)
    judged = np.random.default_rng([seed, 8, block.number])
    frames = {
        **region.frames,
        **agreed,
        **{name: add_bad_rows(own, name, block.number, agreed[name]) for name in _AGREED},
        "surplus_bases": add_bad_rows(judged, "surplus_bases", block.number, make_bases(judged, agreed["commitments"])),
        "evaluations": add_bad_rows(judged, "evaluations", block.number, make_evaluations(judged, region)),
        "returns": returned.frame,
        "deliveries": add_bad_rows(rng, "deliveries", block.number, charged, bad),
        "invoices": add_bad_rows(rng, "invoices", block.number, invoices),
        "payments": add_bad_rows(rng, "payments", block.number, payments),
    }
    odd = make_odd_invoices(np.random.default_rng([seed, 21, block.number]), region, stock, catalogue, orders)
    records = _make_beside(block, seed, beside, region, stock, catalogue, orders, returned)
    return frames, chain([(("invoices", 1), odd)], records)


def _make_beside(
    block: _Block,
    seed: int,
    beside: Collection[str],
    region: Region,
    stock: Stock,
    catalogue: Catalogue,
    orders: Orders,
    returned: Returned,
) -> Iterator[tuple[tuple[str, int], pl.DataFrame]]:
    """Usages and trace scans of a region, as far as they are asked for, with their bad rows."""
    if "usages" in beside:
        rng = np.random.default_rng([seed, 3, block.number])
        usages = make_usages(rng, USAGES * block.deliveries, region, stock, catalogue, orders)
        yield ("usages", 1), add_bad_rows(rng, "usages", block.number, usages)
    if "trace" in beside:
        rng = np.random.default_rng([seed, 4, block.number])
        parts = make_scans(rng, SCANS * block.deliveries, region, stock, catalogue, orders, returned)
        for number, part in enumerate(parts, 1):
            yield ("trace_scans", number), add_bad_rows(rng, "trace_scans", 100 * block.number + number, part)


def _join(*parts: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The rows of each dataset in one frame."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: pl.concat([part[name] for part in parts if name in part], how="diagonal") for name in names}
