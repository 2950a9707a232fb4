"""The random worlds hold what they promise: all verdicts and statuses, unique keys, files that read back."""

import csv
import random
from collections import Counter
from functools import cache

import pytest

from .agreed_volume import agreed_volume
from .payment import payment
from .rows import COLUMNS
from .two_invoice import COMPLIANT, two_invoice
from .worlds import CHINESE_HEADERS, random_world, write_landing

SEEDS = range(201)
KEYS = {
    "institutions": 1,
    "enterprises": 1,
    "agencies": 1,
    "deemed_manufacturers": ("enterprise_code", "manufacturer_code", "product_code", "valid_from"),
    "products": 1,
    "lots": 1,
    "selections": ("lot_code", "item_code", "product_code", "valid_from"),
    "commitments": 1,
    "commitment_adjustments": 1,
    "substitutes": 3,
    "deliveries": 2,
    "returns": 2,
    "invoices": 3,
    "payments": 3,
    "prepayments": 2,
    "excuses": 1,
    "blacklist": 2,
    "catalogue_entries": 4,
    "reference_prices": 4,
    "misconduct": 2,
    "surplus_bases": 4,
    "evaluations": 3,
    "usages": 2,
    "trace_scans": 2,
}


@cache
def worlds() -> list[tuple]:
    return [random_world(seed) for seed in SEEDS]


@cache
def figures() -> list[dict[str, list[dict]]]:
    tables = []
    for records, as_of in worlds():
        tables.append(agreed_volume(records, as_of) | payment(records, as_of) | two_invoice(records, as_of))
    return tables


def column(table: str, name: str) -> list:
    return [row[name] for tables in figures() for row in tables[table]]


def test_every_verdict_occurs():
    unverifiable = ["no_batch", "oversold", "upstream_after_sale", "batch_mismatch", "missing_upstream"]
    assert set(column("two_invoice_line", "verdict")) == {*COMPLIANT, *unverifiable, "exempt", "too_many_invoices"}
    assert set(column("two_invoice_line", "hops")) >= {None, 0, 1, 2, 3}


def test_every_status_occurs():
    statuses = "cancelled not_started completed excused failed on_track behind seriously_behind"
    assert set(column("agreed_volume_completion", "status")) == set(statuses.split(" "))


def test_every_age_and_both_outcomes_of_payment_occur():
    for name in ("0_30", "31_60", "61_90", "91_180", "over_180"):
        assert any(column("payment_timeliness", f"overdue_{name}_fen"))
    for name in ("on_time_fen", "late_paid_fen", "not_due_fen", "excused_fen", "paid_over_60_fen"):
        assert any(column("payment_timeliness", name))
    assert any(column("payment_unallocated", "unallocated_fen"))


def test_sums_of_payment_hold():
    for tables in figures():
        for r in tables["payment_timeliness"]:
            assert r["matured_fen"] == r["on_time_fen"] + r["late_paid_fen"] + r["overdue_fen"]
            bands = ("0_30", "31_60", "61_90", "91_180", "over_180")
            assert r["overdue_fen"] == sum(r[f"overdue_{band}_fen"] for band in bands)
            assert r["paid_fen"] == r["paid_within_30_fen"] + r["paid_31_60_fen"] + r["paid_over_60_fen"]


@pytest.mark.parametrize("dataset", COLUMNS)
def test_no_two_rows_share_a_key(dataset):
    key = KEYS[dataset]
    names = COLUMNS[dataset][:key] if isinstance(key, int) else key
    for seed, (records, _) in zip(SEEDS, worlds(), strict=True):
        counts = Counter(tuple(row[name] for name in names) for row in records[dataset])
        assert max(counts.values(), default=1) == 1, (seed, counts.most_common(1))


def test_a_seed_is_a_world():
    assert random_world(7) == random_world(7)
    assert random_world(7) != random_world(8)


def test_figures_do_not_depend_on_row_order():
    records, as_of = random_world(3)
    turned = {dataset: rows[::-1] for dataset, rows in records.items()}
    for compute in (agreed_volume, payment, two_invoice):
        assert _sorted(compute(turned, as_of)) == _sorted(compute(records, as_of))


def _sorted(tables: dict[str, list[dict]]) -> dict[str, list[str]]:
    return {name: sorted(repr(sorted(row.items())) for row in rows) for name, rows in tables.items()}


@pytest.mark.parametrize("dialect", ["canonical", "chinese", "mixed"])
def test_landing_holds_every_row_once(tmp_path, dialect):
    records, _ = random_world(1)
    write_landing(records, tmp_path, random.Random(1), split=3, shuffle=True, dialect=dialect)
    for dataset, rows in records.items():
        count = 0
        for path in (tmp_path / dataset).rglob("*.csv"):
            text = path.read_bytes()
            encoding = "gb18030" if _is_not_utf8(text) else "utf-8-sig"
            count += len(list(csv.DictReader(text.decode(encoding).splitlines())))
        assert count == len(rows), dataset


def _is_not_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def test_chinese_headers_name_known_columns_apart():
    for dataset, headers in CHINESE_HEADERS.items():
        assert set(headers) <= set(COLUMNS[dataset])
        assert len(set(headers.values())) == len(headers)
