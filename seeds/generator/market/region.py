"""A region: the institutions of one block, a few large and a long tail, and their distributors."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.market.bystanders import make_bystanders
from seeds.generator.market.catalogue import Catalogue
from seeds.generator.market.credit_codes import make_credit_codes
from seeds.generator.spelling import Bools, Floats, Ints, choose_text, spell_flags

DIVISIONS = np.array(
    [330203, 330205, 330206, 330211, 330212, 330213, 330225, 330226, 330281, 330282, 371502, 371503, 371521, 371581]
)
MOST_SUPPLIERS = 12
_FEWEST_SUPPLIERS = 3
_DESIGNATED = 0.8  # of private hospitals and pharmacies
_OWNERSHIPS: list[str | None] = ["public", "private", "retail"]
_LEVELS: list[str | None] = ["tertiary", "secondary", "primary", "village", "retail"]
_GRADES: list[str | None] = ["人民医院", "中医医院", "社区卫生服务中心", "村卫生室", "药店"]
_SURNAMES: list[str | None] = list("王李张刘陈杨赵黄周吴")
_FIRST_DISTRIBUTOR = 1_000  # credit-code serials below belong to the manufacturers


@dataclass(frozen=True)
class Region:
    """Institutions and suppliers by their number within the block.

    `buyers` are the codes on their invoices, `payers` the institution that pays (itself or its head),
    `weights` their share of demand, `punctuality` the share they pay on time. `choices` holds twelve
    suppliers each, of which the first `breadth` are used. `groups` is the distribution group of a supplier,
    -1 none; the last supplier is a manufacturer that sells directly, a product of which is
    `direct_product`.
    """

    number: int
    codes: pl.Series
    buyers: pl.Series
    payers: Ints
    divisions: Ints
    weights: Floats
    punctuality: Floats
    is_fund_paid: Bools
    choices: Ints
    breadth: Ints
    suppliers: pl.Series
    groups: Ints
    direct_product: int
    frames: dict[str, pl.DataFrame]


def make_region(
    rng: np.random.Generator, number: int, first: int, size: int, distributors: int, catalogue: Catalogue
) -> Region:
    """Block `number` with `size` institutions, counted from `first` over all blocks, and its distributors."""
    own = rng.spawn(1)[0]  # of what came later
    rank: Ints = np.arange(size, dtype=np.int64)
    serial = first + rank
    division = DIVISIONS[serial % len(DIVISIONS)]
    ownership = np.where(rank < max(1, size // 10), 0, np.searchsorted([0.80, 0.94], rng.random(size)))
    level = np.where(ownership == 2, 4, np.searchsorted([0.03, 0.12, 0.70], rank / size, side="right"))
    head = _choose_heads(rng, rank, ownership, level, division)
    is_remote = (level == 3) & (rng.random(size) < 0.15)
    codes = pl.Series(
        [
            f"{'P' if o == 2 else 'H'}{d}{s // len(DIVISIONS) + 1:05d}"
            for o, d, s in zip(ownership, division, serial, strict=True)
        ]
    )
    uscc = _make_institution_usccs(division, serial, ownership, head)
    if size > 20:
        uscc[-1] = None  # a village clinic without a credit code: its invoices carry the institution code
    weights = 1 / (rank + 2) ** 0.9
    weights /= weights.sum()
    choices = _choose_suppliers(rng, size, distributors)
    breadth = _FEWEST_SUPPLIERS + (rng.random(size) ** (0.3 + rank / size * 2) * 10).astype(np.int64)
    names, groups, enterprises = _make_distributors(number, distributors)
    direct = number * 37 % len(catalogue.first_sellers)
    institutions = pl.DataFrame(
        {
            "institution_code": codes,
            "name": [f"第{s + 1}{_GRADES[v]}" for s, v in zip(serial, level, strict=True)],
            "uscc": pl.Series(uscc, dtype=pl.String),
            "jurisdiction_code": division.astype(str).tolist(),
            "ownership": choose_text(_OWNERSHIPS, ownership),
            "level": choose_text(_LEVELS, level),
            "is_remote": spell_flags(is_remote),
            "is_designated": spell_flags((ownership == 0) | (own.random(size) < _DESIGNATED)),
            "parent_institution_code": pl.Series([codes[int(h)] if h >= 0 else None for h in head], dtype=pl.String),
            "responsible_person": choose_text(_SURNAMES, serial % len(_SURNAMES)) + "院长",
        }
    )
    bystanders = make_bystanders(own, first, size, DIVISIONS)
    listed = pl.DataFrame(
        {
            "enterprise_code": [names[min(5, len(names) - 1)]],
            "listed_on": ["2020-07-01"],
            "grade": ["失信"],
            "reason": ["不能按时配送"],
            "document_no": [f"招采信用〔2020〕{number + 1}号"],
        }
    )
    uses_code = rng.random(size) < 0.2
    return Region(
        number=number,
        codes=codes,
        buyers=pl.Series([c if u is None or by_code else u for c, u, by_code in zip(codes, uscc, uses_code, strict=True)]),
        payers=np.where((head >= 0) & (rng.random(size) < 0.5), head, rank),
        divisions=division,
        weights=weights,
        punctuality=rng.beta(8, 1.8, size),
        is_fund_paid=rng.random(size) < 0.1,
        choices=choices,
        breadth=np.minimum(breadth, MOST_SUPPLIERS),
        suppliers=pl.Series([*names, catalogue.first_sellers[direct]]),
        groups=np.append(groups, -1),
        direct_product=direct,
        frames={
            "institutions": pl.concat([institutions, bystanders], how="diagonal"),
            "enterprises": enterprises,
            "blacklist": listed,
        },
    )


def _choose_heads(rng: np.random.Generator, rank: Ints, ownership: Ints, level: Ints, division: Ints) -> Ints:
    """Heads of small public institutions that are branches (-1: none): the largest nearby."""
    is_branch = (ownership == 0) & (level >= 2) & (rng.random(len(rank)) < 0.12)
    is_branch |= (ownership == 0) & (rank == np.argmax((ownership == 0) & (level >= 2)))
    is_branch[0] = False
    head = np.full(len(rank), -1, dtype=np.int64)
    for i in np.flatnonzero(is_branch):
        near = (division == division[i]) & (ownership == 0) & ~is_branch & (rank < i)
        head[i] = np.argmax(near) if near.any() else 0
    return head


def _make_institution_usccs(division: Ints, serial: Ints, ownership: Ints, head: Ints) -> list[str | None]:
    """A branch carries the code of its head."""
    by_kind = [make_credit_codes(kind, division, serial) for kind in ("12", "52", "91")]
    owner = np.where(head >= 0, head, np.arange(len(head)))
    return [by_kind[int(ownership[o])][int(o)] for o in owner]


def _choose_suppliers(rng: np.random.Generator, size: int, distributors: int) -> Ints:
    """Twelve different suppliers each, the large distributors more often, the direct manufacturer rarely."""
    weight = np.append(1 / np.arange(1, distributors + 1) ** 0.7, 0.1)
    race = rng.exponential(size=(size, distributors + 1)) / weight
    order: Ints = np.argsort(race, axis=1)[:, :MOST_SUPPLIERS]
    return order


def name_distributors(number: int, count: int) -> list[str]:
    """The codes of the first distributors of block `number`."""
    place: Ints = np.arange(count, dtype=np.int64)
    serials = _FIRST_DISTRIBUTOR + number * 1_000 + place
    return make_credit_codes("91", DIVISIONS[place % len(DIVISIONS)], serials)


def _make_distributors(number: int, count: int) -> tuple[list[str], Ints, pl.DataFrame]:
    """Two thirds belong to groups of three, as the wholesale chains do."""
    place: Ints = np.arange(count, dtype=np.int64)
    codes = name_distributors(number, count)
    groups = np.where(place < count * 2 // 3, place // 3, -1)
    enterprises = pl.DataFrame(
        {
            "enterprise_code": codes,
            "name": [f"第{number + 1}区{i + 1:03d}医药有限公司" for i in range(count)],
            "group_code": pl.Series([f"JT{number:04d}{g:02d}" if g >= 0 else None for g in groups], dtype=pl.String),
        }
    )
    return codes, groups, enterprises
