"""A world in which every number is as large as validation lets it be: nothing fails, and every sum is right to the fen."""

from datetime import date
from decimal import Decimal

import pytest

from pipelines.indicators import all_indicators
from schemas.records.model import MOST_FACTOR, MOST_PACKS, MOST_PRICE, MOST_UNITS, MOST_UNITS_PER_PACK, MOST_YUAN
from tests.indicators.records import run_indicator

ROWS = 1000
START, PAID_ON, AS_OF = date(2020, 1, 1), date(2044, 12, 31), date(2045, 1, 1)
YUAN, LINE = Decimal(MOST_YUAN), 10**9
HOUSE, DEALER, MAKER = "H33028200001", "E1", "M1"


def world():
    """A thousand receipts and payments of the largest amount, for agreements as large and as long as can be."""
    received = {
        "institution_code": HOUSE,
        "distributor_code": DEALER,
        "channel": "platform",
        "ordered_on": START,
        "product_code": "P",
        "accepted_on": START,
        "invoice_no": "10000001",
    }
    agreed = {
        "lot_code": "L",
        "institution_code": HOUSE,
        "target": "quantity",
        "direction": "floor",
        "unit": "pack",
        "period_start": START,
        "period_end": date(9999, 12, 31),
    }
    line = {
        "seller_code": DEALER,
        "buyer_code": HOUSE,
        "issued_on": START,
        "product_code": "P",
        "invoice_no": "10000001",
        "status": "normal",
        "quantity": MOST_PACKS,
        "amount": YUAN,
    }
    red = line | {"invoice_no": "10000002", "quantity": -MOST_PACKS, "amount": -YUAN, "red_of_invoice_no": "10000001"}
    return {
        "institutions": [{"institution_code": HOUSE, "name": "甲", "jurisdiction_code": "330282", "ownership": "public"}],
        "enterprises": [{"enterprise_code": code, "name": code} for code in (DEALER, MAKER)],
        "products": [
            {
                "product_code": code,
                "kind": "drug",
                "generic_code": code,
                "generic_name": code,
                "min_unit": "片",
                "units_per_pack": MOST_UNITS_PER_PACK,
                "manufacturer_code": MAKER,
                "listing_price": MOST_PRICE,
            }
            for code in ("P", "Q")
        ],
        "lots": [{"lot_code": "L", "name": "批", "program": "national", "category": "drug", "document_no": "文"}],
        "selections": [
            {
                "lot_code": "L",
                "item_code": code,
                "product_code": code,
                "selected_price": MOST_PRICE,
                "conversion_factor": MOST_FACTOR,
                "valid_from": START,
            }
            for code in ("P", "Q")
        ],
        "commitments": [
            agreed | {"commitment_id": "MOST", "item_code": "P", "product_code": "P", "agreed_quantity": MOST_UNITS},
            # a pack is worth a thousandth of the selected price: 10¹⁰ yuan to the fen
            agreed | {"commitment_id": "WORTH", "item_code": "Q", "product_code": "Q", "agreed_quantity": 10**6},
        ],
        "commitment_adjustments": [
            {"adjustment_id": f"J{n}", "commitment_id": "MOST", "effective_on": START, "delta_quantity": MOST_UNITS}
            for n in range(ROWS)
        ],
        "excuses": [
            {
                "excuse_id": f"X{n}",
                "kind": "volume",
                "institution_code": HOUSE,
                "commitment_id": "MOST",
                "quantity": MOST_UNITS,
                "valid_from": START,
                "reason_code": "r",
                "approved_by": "a",
                "document_no": "d",
            }
            for n in range(ROWS)
        ],
        "deliveries": [
            *(
                received
                | {
                    "delivery_id": f"D{n}",
                    "order_line_id": f"D{n}",
                    "ordered_quantity": MOST_PACKS,
                    "received_quantity": MOST_PACKS,
                    "unit_price": YUAN / MOST_PACKS,
                }
                for n in range(ROWS)
            ),
            received
            | {
                "delivery_id": "BACK",
                "order_line_id": "B",
                "ordered_quantity": 1000,
                "received_quantity": 1000,
                "unit_price": MOST_PRICE,
            },
        ],
        "returns": [
            {
                "institution_code": HOUSE,
                "return_id": f"R{n}",
                "delivery_id": "BACK",
                "returned_quantity": MOST_PACKS,
                "returned_on": START,
                "status": "confirmed",
            }
            for n in range(ROWS)
        ],
        "invoices": [
            *(line | {"line_no": LINE - n} for n in range(ROWS)),
            *(
                line | {"line_no": LINE - n, "invoice_no": "10000003", "seller_code": MAKER, "buyer_code": DEALER}
                for n in range(ROWS)
            ),
            *(red | {"line_no": LINE - n} for n in range(10)),
            *(red | {"line_no": -LINE + n, "product_code": "Q"} for n in range(10)),
        ],
        "payments": [
            *(
                {
                    "institution_code": HOUSE,
                    "payment_id": f"Z{n}",
                    "line_no": LINE,
                    "payee_code": DEALER,
                    "paid_on": PAID_ON,
                    "amount": YUAN,
                    "channel": "hospital",
                }
                for n in range(ROWS)
            ),
            {
                "institution_code": HOUSE,
                "payment_id": "OVER",
                "line_no": -LINE,
                "payee_code": DEALER,
                "paid_on": PAID_ON,
                "amount": -YUAN,
                "channel": "hospital",
                "reverses_payment_id": "NONE",
            },
        ],
    }


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return {
        code: run_indicator(indicator, world(), AS_OF, tmp_path_factory.mktemp(code))
        for code, indicator in all_indicators().items()
    }


def test_commitments_beyond_any_amount_keep_their_quantities_and_have_no_fen(answers):
    rows = {row["commitment_id"]: row for row in answers["agreed_volume"]["agreed_volume_completion"].to_dicts()}
    most, worth = rows["MOST"], rows["WORTH"]
    agreed = MOST_UNITS * MOST_UNITS_PER_PACK + ROWS * MOST_UNITS
    pack = MOST_UNITS_PER_PACK * MOST_FACTOR
    received, returned = (ROWS * MOST_PACKS + 1000) * pack, ROWS * MOST_PACKS * pack
    assert (most["agreed_quantity"], most["received_quantity"]) == (agreed, received)
    assert (most["returned_quantity"], most["net_quantity"]) == (returned, received - returned)
    assert most["excused_quantity"] == ROWS * MOST_UNITS
    whole, passed = (date(9999, 12, 31) - START).days + 1, (AS_OF - START).days + 1
    net = received - returned
    assert most["gap"] == (net * whole - agreed * passed) / (agreed * whole)
    assert (most["status"], worth["status"]) == ("seriously_behind", "seriously_behind")
    levels = {(r["level"], r["code"]): r for r in answers["agreed_volume"]["agreed_volume_rollup"].to_dicts()}
    assert levels["all", "all"]["agreed_fen"] == 100 * MOST_YUAN
    assert levels["item", "L/P"]["agreed_fen"] == 0 and levels["item", "L/P"]["agreed_quantity"] == agreed


def test_payments_are_right_to_the_fen_and_to_the_fen_day(answers):
    rows = answers["payment"]["payment_timeliness"].filter(due_rule="applicable")
    (row,) = rows.to_dicts()
    fen = ROWS * 100 * MOST_YUAN
    assert (row["matured_fen"], row["late_paid_fen"], row["paid_fen"]) == (fen, fen, fen)
    assert row["paid_fen_days"] == fen * (PAID_ON - START).days
    assert row["overdue_fen"] == 0


def test_invoices_are_right_to_the_fen(answers):
    (row,) = answers["two_invoice"]["two_invoice_compliance"].to_dicts()
    assert row["scope_fen"] == row["unverifiable_fen"] == (ROWS - 10) * 100 * MOST_YUAN


def test_a_commitment_in_packs_of_a_product_that_was_taken_out_is_left_out(tmp_path):
    without = world() | {"products": [row for row in world()["products"] if row["product_code"] == "Q"]}
    answer = run_indicator(all_indicators()["agreed_volume"], without, AS_OF, tmp_path)
    assert answer["agreed_volume_completion"]["commitment_id"].to_list() == ["WORTH"]
