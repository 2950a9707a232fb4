"""Trace codes scanned as packs came, went and came back: every pack, some, none; and codes seen at two places. All invented.

A code has twenty characters here, as printed codes have; nothing demands it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from seeds.sample_maker.world.parties import INSTITUTION
from seeds.sample_maker.world.products import PRODUCT

Row = dict[str, Any]
CASE = 10

# institution, product, which of its deliveries (in order of acceptance), packs that no code is scanned of
RECEIVED_TABLE = [
    ("C1", "RABI1", 0, 0),
    ("C1", "RABI1", 1, 12),  # some packs without a code
    ("C1", "RABI1", 2, 0),
    ("C3", "RABI1", 0, 5),
    ("C3", "ENTE28", -1, 60),  # selected
    ("L1", "RABI1", 0, 0),
    ("B1", "XIAO10", 0, 0),  # traced beyond what is asked
]
# code, product, batch, (institution, event, day, delivery) …: what becomes of single codes
REUSED, ANSWERED, HEAD_AND_BRANCH, SENT_BACK, TWICE, ELSEWHERE = (f"8450017000000{n:06d}7" for n in range(101, 107))
_Scan = tuple[str, str, date, str]
CODE_TABLE: list[tuple[str, str, tuple[_Scan, ...], str, str]] = [
    (
        REUSED,
        "RABI1",
        (
            ("C1", "received", date(2020, 4, 20), ""),
            ("C1", "dispensed", date(2020, 5, 6), ""),
            ("C1", "dispensed", date(2020, 5, 6), ""),
            ("C1", "taken_back", date(2020, 5, 8), ""),
            ("C3", "received", date(2020, 7, 21), ""),
            ("C3", "dispensed", date(2020, 8, 5), ""),
        ),
        "received and dispensed by two families",
        "两家先后入库并发药：重复出现",
    ),
    (
        ANSWERED,
        "SIMV20",
        (
            ("C1", "received", date(2020, 6, 18), ""),
            ("C1", "dispensed", date(2020, 7, 2), ""),
            ("C1", "taken_back", date(2020, 7, 9), ""),
            ("PV", "dispensed", date(2020, 11, 3), ""),
        ),
        "taken back before another dispensed it: nothing",
        "退回后另一家发药：不是线索",
    ),
    (
        HEAD_AND_BRANCH,
        "XIAO10",
        (
            ("C3", "received", date(2020, 3, 18), ""),
            ("C3", "dispensed", date(2020, 3, 20), ""),
            ("B1", "dispensed", date(2020, 4, 22), ""),
        ),
        "head and branch: nothing",
        "总院与分院：不是线索",
    ),
    (
        SENT_BACK,
        "ANGO1",
        (
            ("C1", "received", date(2020, 9, 22), "PS-REDFULL-01"),
            ("L1", "received", date(2020, 11, 18), ""),
            ("L1", "dispensed", date(2020, 11, 25), ""),
        ),
        "its first delivery went back and was sold again: nothing",
        "首家整批退货后再售：不是线索",
    ),
    (
        TWICE,
        "SILD5",
        (("PV", "received", date(2020, 5, 20), ""), ("PH", "received", date(2020, 8, 14), "")),
        "received by two, dispensed by none",
        "两家先后入库，均未发药",
    ),
    (
        ELSEWHERE,
        "XIAO10",
        (
            ("B1", "received", date(2020, 4, 21), ""),
            ("B1", "dispensed", date(2020, 5, 11), ""),
            ("L3", "dispensed", date(2020, 9, 28), ""),
        ),
        "dispensed in Cixi and in Liaocheng",
        "慈溪、聊城两地先后发药：重复出现",
    ),
]


def make_trace_scans(deliveries: list[Row]) -> list[Row]:
    """Rows of trace_scans by canonical column name."""
    rows = [row for number, plan in enumerate(RECEIVED_TABLE, 1) for row in _receive(number, deliveries, *plan)]
    for code, product, scans, *_ in CODE_TABLE:
        rows += [_write(who, code, event, on, product, "", delivery, 1) for who, event, on, delivery in scans]
    serials: dict[str, int] = {}
    for row in rows:
        serial = serials[row["institution_code"]] = serials.get(row["institution_code"], 0) + 1
        row["scan_id"] = f"SM{serial:05d}"
    return rows


def _receive(number: int, deliveries: list[Row], institution: str, product: str, which: int, missing: int) -> Iterator[Row]:
    """Case codes of ten packs and single ones of a delivery; the first code is scanned twice, one pack is dispensed at once."""
    mine = (INSTITUTION[institution], PRODUCT[product])
    found = [row for row in deliveries if (row["institution_code"], row["product_code"]) == mine and row["accepted_on"]]
    delivery = sorted(found, key=lambda row: (row["accepted_on"], row["delivery_id"]))[which]
    cases, singles = divmod(delivery["received_quantity"] - missing, CASE)
    on, batch = delivery["accepted_on"], delivery["batch_no"]
    packs = [CASE] * cases + [1] * singles
    for serial, each in [(1, packs[0]), *enumerate(packs, 1)]:
        code = f"81{number:05d}{serial:012d}3"
        yield _write(institution, code, "received", on, product, batch, delivery["delivery_id"], each)
    if singles:
        code = f"81{number:05d}{len(packs):012d}3"
        yield _write(institution, code, "dispensed", on, product, batch, "", 1)


def _write(who: str, code: str, event: str, on: date, product: str, batch: str, delivery: str, packs: int) -> Row:
    return {
        "institution_code": INSTITUTION[who],
        "scan_id": "",
        "trace_code": code,
        "event": event,
        "scanned_on": on,
        "product_code": PRODUCT[product],
        "batch_no": batch,
        "delivery_id": delivery,
        "packs_per_code": packs,
    }
