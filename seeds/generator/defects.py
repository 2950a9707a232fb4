"""Bad rows: spoilt copies of good ones under a key of their own, so that no good row needs them."""

import numpy as np
import polars as pl

from seeds.generator.invoice_numbers import SPOILT, spell_invoice_keys
from seeds.generator.spelling import spell_ids

SHARE = 0.005
_RUINED_NUMBER = "2.6332E+19"
_NO_SUCH_PRODUCT, _NO_SUCH_INSTITUTION, _NO_SUCH_LOT = "XA99ZZA999A001010199999", "H99999999999", "GJ-2030-99"
_DEFECTS = {
    "deliveries": (
        ("ordered_on", "2020-13-45"),
        ("unit_price", "12.34567"),
        ("product_code", _NO_SUCH_PRODUCT),
        ("invoice_no", _RUINED_NUMBER),
        ("delivery_id", None),
        ("received_quantity", "-5"),
    ),
    "invoices": (
        ("issued_on", "2020-02-30"),
        ("amount", "105.555"),
        ("product_code", _NO_SUCH_PRODUCT),
        ("invoice_no", _RUINED_NUMBER),
        ("invoice_no", None),
        ("quantity", "十盒"),
    ),
    "payments": (
        ("paid_on", "2020/6/31"),
        ("amount", "105.555"),
        ("institution_code", _NO_SUCH_INSTITUTION),
        ("invoice_no", _RUINED_NUMBER),
        ("payment_id", None),
        ("amount", "0.00"),
    ),
    "commitments": (
        ("agreed_quantity", "约八千片"),
        ("period_end", "2019-06-30"),
        ("lot_code", _NO_SUCH_LOT),
        ("institution_code", _NO_SUCH_INSTITUTION),
        ("direction", "差不多"),
        ("agreed_quantity", None),
    ),
    "commitment_adjustments": (
        ("commitment_id", "XY-9999"),
        ("effective_on", "2020-06-31"),
        ("delta_quantity", "减半"),
        ("reason", None),
    ),
    "prepayments": (
        ("paid_on", "2020-02-30"),
        ("amount", "105.555"),
        ("lot_code", _NO_SUCH_LOT),
        ("institution_code", _NO_SUCH_INSTITUTION),
        ("agency_code", None),
        ("amount", "0.00"),
    ),
    "catalogue_entries": (
        ("valid_to", "2016-12-31"),
        ("list", "常用药品"),
        ("document_no", None),
        ("valid_from", "2020-02-30"),
    ),
    "reference_prices": (("valid_to", "2019-05-31"), ("price", "12.34567"), ("kind", "零售价"), ("price", "0")),
    "misconduct": (("kind", "说不清"), ("decided_on", "2020-02-30"), ("amount", "105.555"), ("decided_by", None)),
    "surplus_bases": (("fund_pay_ratio", "70"), ("lot_code", "NO-SUCH"), ("period_end", "2019-01-01"), ("price_before", None)),
    "evaluations": (
        ("result", "良好"),
        ("score", "105"),
        ("institution_code", _NO_SUCH_INSTITUTION),
        ("decided_on", "2020-02-30"),
    ),
    "usages": (
        ("product_code", _NO_SUCH_PRODUCT),
        ("used_on", "2020-13-01"),
        ("quantity", "0"),
        ("amount", "12.345"),
        ("institution_code", _NO_SUCH_INSTITUTION),
        ("settlement", "待定"),
    ),
    "trace_scans": (
        ("product_code", _NO_SUCH_PRODUCT),
        ("scanned_on", "2020-06-31"),
        ("trace_code", None),
        ("event", "丢失"),
        ("packs_per_code", "0"),
        ("institution_code", _NO_SUCH_INSTITUTION),
    ),
}
_NOBODY_JUDGED = "2018"  # a year without evaluations but bad ones
_KEYS = {
    "deliveries": ("delivery_id", "PSX"),
    "payments": ("payment_id", "FKX"),
    "commitments": ("commitment_id", "XYX"),
    "commitment_adjustments": ("adjustment_id", "TZX"),
    "prepayments": ("prepayment_id", "YFX"),
    "catalogue_entries": ("code", "MLX"),
    "reference_prices": ("product_code", "JGX"),
    "misconduct": ("case_no", "AJX"),
    "surplus_bases": ("item_code", "JYX"),
    "usages": ("usage_id", "FYX"),
    "trace_scans": ("scan_id", "SMX"),
}


def add_bad_rows(
    rng: np.random.Generator, dataset: str, block: int, good: pl.DataFrame, count: int | None = None
) -> pl.DataFrame:
    """`good` followed by `count` bad rows (default one for two hundred); the defects of the dataset take turns."""
    count = round(len(good) * SHARE) if count is None else count
    bad = good[np.sort(rng.choice(len(good), count, replace=False))]
    bad = _rename_keys(dataset, block, bad)
    turn = pl.Series(np.arange(count) % len(_DEFECTS[dataset]))
    for number, (column, value) in enumerate(_DEFECTS[dataset]):
        spoilt = pl.when(turn == number).then(pl.lit(value, pl.String)).otherwise(pl.col(column))
        bad = bad.with_columns(spoilt.alias(column))
    return pl.concat([good, bad])


def _rename_keys(dataset: str, block: int, rows: pl.DataFrame) -> pl.DataFrame:
    serials = np.arange(len(rows))
    if dataset == "invoices":
        electronic = rows["invoice_code"].is_null().to_numpy()
        code, number = spell_invoice_keys(SPOILT, block, serials, electronic)
        return rows.with_columns(invoice_code=code, invoice_no=number)
    if dataset == "evaluations":
        return rows.with_columns(year=pl.lit(_NOBODY_JUDGED))
    column, prefix = _KEYS[dataset]
    return rows.with_columns(spell_ids(f"{prefix}{block:05d}", serials, 8).alias(column))
