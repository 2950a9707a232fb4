"""What companies are blamed for: graded cases around the bounds of the grades, some repaired; listings that hold for a place."""

import numpy as np
import polars as pl

from seeds.generator.market.makers import Makers
from seeds.generator.market.region import name_distributors
from seeds.generator.spelling import LAST_DAY, NO_DAY, leave_out, spell_days, spell_fen, tabulate

CASES = 60
_KINDS = ("bribery", "bribery", "bribery", "tax", "tax", "price", "competition", "supply", "quality", "other")
_BOUNDS = {  # fen: 医保发〔2020〕34号, 裁量基准 2020
    "bribery": (1_000_000, 10_000_000, 30_000_000, 50_000_000, 200_000_000),
    "tax": (100_000_000, 1_000_000_000),
}
_ANY = (500_000, 20_000_000)
_GRADED_SINCE = 240  # 2020-08-28
_FIRST_DISTRIBUTORS = 14
_LISTED = (  # number of the maker, or of the distributor of the first region from 1,000 on; where, from, until
    (60, "33", "2020-03-01", "2020-09-01"),
    (61, "3302", "2020-05-15", None),
    (62, "3715", "2020-01-10", None),
    (63, "330282", "2018-09-01", None),  # two years have passed in the year
    (1_002, "3302", "2020-08-01", "2020-11-30"),
    (1_003, "3715", "2020-04-01", None),
    (1_006, "37", "2019-12-01", None),
)


def make_cases(rng: np.random.Generator, makers: Makers) -> pl.DataFrame:
    """The dataset `misconduct` as text, 60 cases; every sixth was decided before there were grades, a few after the year."""
    n = np.arange(CASES)
    companies = [*makers.codes, *name_distributors(0, _FIRST_DISTRIBUTORS)]
    kinds = [_KINDS[i % len(_KINDS)] for i in range(CASES)]
    beside = rng.choice([-1, 0, 1, 123_456], CASES)
    amounts = np.array([rng.choice(_BOUNDS.get(kind, _ANY)) for kind in kinds]) + beside
    shares = rng.choice([1.0, 0.5, 0.05], CASES)
    lacks, lacks_single = n % 9 == 7, n % 4 == 1
    days = np.where(n % 6 == 5, rng.integers(-500, _GRADED_SINCE, CASES), rng.integers(_GRADED_SINCE, LAST_DAY + 15, CASES))
    repaired = np.where(n % 5 == 3, days + rng.integers(30, 120, CASES), NO_DAY)
    return pl.DataFrame(
        {
            "case_no": [f"AJ2020-{i + 1:04d}" for i in range(CASES)],
            "enterprise_code": [companies[int(i)] for i in rng.choice(len(companies), CASES)],
            "kind": kinds,
            "amount": leave_out(spell_fen(amounts), lacks),
            "single_amount": leave_out(spell_fen((amounts * shares).astype(np.int64)), lacks_single),
            "decided_on": spell_days(days),
            "decided_by": [f"第{i % 5 + 1}省医药采购机构" for i in range(CASES)],
            "repaired_on": spell_days(repaired),
            "document_no": [f"评级〔2020〕{i + 1}号" for i in range(CASES)],
        }
    )


def make_local_listings(makers: Makers) -> pl.DataFrame:
    """Rows of `blacklist` that hold for a place, as text."""
    distributors = name_distributors(0, _FIRST_DISTRIBUTORS)
    rows = [
        (
            makers.codes[number] if number < 1_000 else distributors[number - 1_000],
            listed_on,
            delisted_on,
            "严重",
            "商业贿赂",
            f"黑名单〔{listed_on[:4]}〕{number}号",
            place,
        )
        for number, place, listed_on, delisted_on in _LISTED
    ]
    return tabulate(rows, "enterprise_code listed_on delisted_on grade reason document_no jurisdiction_code")
