"""The manufacturers: one in twenty is foreign, some sell through a company deemed the manufacturer."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.market.credit_codes import make_credit_codes
from seeds.generator.spelling import Ints, tabulate

MAKERS = 150
_DIVISIONS = np.array([110115, 310115, 320115, 330106, 370102, 440112, 510107, 610104])


@dataclass(frozen=True)
class Makers:
    """`codes` of the manufacturers, the codes of who writes their first invoice, the datasets that say so."""

    codes: list[str]
    first_sellers: list[str]
    frames: dict[str, pl.DataFrame]


def make_makers() -> Makers:
    """150 manufacturers with enterprises, deemed_manufacturers and blacklist as text frames."""
    serials: Ints = np.arange(MAKERS, dtype=np.int64)
    codes = make_credit_codes("91", _DIVISIONS[serials % len(_DIVISIONS)], serials)
    sellers = make_credit_codes("91", _DIVISIONS[(serials + 3) % len(_DIVISIONS)], MAKERS + serials)
    enterprises, deemed, first_sellers = [], [], []
    for i in range(MAKERS):
        is_foreign, has_sales_company = i % 20 == 7, i % 12 == 1
        if is_foreign:
            codes[i] = f"FOREIGN-{i:04d}"
        enterprises.append((codes[i], f"{'境外' if is_foreign else ''}第{i + 1:03d}制药有限公司", None))
        deemed_here = is_foreign or has_sales_company
        first_sellers.append(sellers[i] if deemed_here else codes[i])
        if deemed_here:
            basis = "sole_import_agent" if is_foreign else "group_sales_company"
            enterprises.append((sellers[i], f"第{i + 1:03d}药业销售有限公司", None))
            deemed.append((sellers[i], codes[i], basis, None, "2019-01-01", None))
    listed = [
        (codes[i], "2020-06-01", "2020-12-01" if i % 2 else None, "严重", "商业贿赂", f"黑名单〔2020〕{i}号")
        for i in (40, 41, 42)
    ]
    return Makers(
        codes,
        first_sellers,
        {
            "enterprises": tabulate(enterprises, "enterprise_code name group_code"),
            "deemed_manufacturers": tabulate(
                deemed, "enterprise_code manufacturer_code basis product_code valid_from valid_to"
            ),
            "blacklist": tabulate(listed, "enterprise_code listed_on delisted_on grade reason document_no"),
        },
    )


def deem_twice(makers: Makers) -> pl.DataFrame:
    """Rows of `deemed_manufacturers`: a second sales company for a manufacturer, that of another; it sells none of its drugs."""
    own = [i for i, seller in enumerate(makers.first_sellers) if seller != makers.codes[i] and i % 12 == 1]
    second, manufacturer = makers.first_sellers[own[1]], makers.codes[own[0]]
    rows = [(second, manufacturer, "group_sales_company", None, "2020-06-01", None)]
    return tabulate(rows, "enterprise_code manufacturer_code basis product_code valid_from valid_to")
