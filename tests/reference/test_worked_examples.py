"""Every worked example of rulebook §4, §5 and §6, against the slow reference."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from .agreed_volume import agreed_volume, round_half_up
from .calendar_days import due_before_rolling, roll_forward
from .payment import payment
from .rows import make_row, no_records
from .two_invoice import is_empty_batch, two_invoice

HOSPITAL = "H33028200001"
START, END = date(2020, 4, 20), date(2021, 4, 19)


def hospital(code: str = HOSPITAL, **values) -> dict:
    return make_row("institutions", **{"institution_code": code, "jurisdiction_code": "330282", "ownership": "public"} | values)


def product(code: str, units_per_pack: int = 1, **values) -> dict:
    return make_row(
        "products",
        **{"product_code": code, "kind": "drug", "units_per_pack": units_per_pack, "manufacturer_code": "M"} | values,
    )


def selection(product_code: str, price: str = "1", **values) -> dict:
    base = {"lot_code": "L", "item_code": "I", "product_code": product_code, "valid_from": START}
    return make_row("selections", **base | {"selected_price": Decimal(price)} | values)


def commitment(commitment_id: str, agreed: int, **values) -> dict:
    base = {"commitment_id": commitment_id, "lot_code": "L", "item_code": "I", "institution_code": HOSPITAL}
    period = {"period_start": START, "period_end": END}
    return make_row("commitments", **base | period | {"agreed_quantity": Decimal(agreed)} | values)


def delivery(delivery_id: str, product_code: str, received: int | None, accepted_on: date | None, **values):
    base = {"institution_code": HOSPITAL, "delivery_id": delivery_id, "distributor_code": "D"}
    goods = {
        "product_code": product_code,
        "received_quantity": None if received is None else Decimal(received),
        "unit_price": Decimal(1),
    }
    return make_row("deliveries", **base | goods | {"accepted_on": accepted_on} | values)


def returned(delivery_id: str, quantity: int, on: date) -> dict:
    return make_row(
        "returns",
        institution_code=HOSPITAL,
        return_id=f"R{delivery_id}",
        delivery_id=delivery_id,
        returned_quantity=Decimal(quantity),
        returned_on=on,
    )


def paid(payment_id: str, fen: int, on: date, invoice_no: str | None = None, **values) -> dict:
    base = {"institution_code": HOSPITAL, "payment_id": payment_id, "line_no": 1, "payee_code": "D"}
    money = {"paid_on": on, "amount": Decimal(fen) / 100, "invoice_no": invoice_no}
    return make_row("payments", **base | money | values)


def invoice(no: str, seller: str, buyer: str, quantity: int, price: int, on: date) -> dict:
    return make_row(
        "invoices",
        invoice_no=no,
        line_no=1,
        seller_code=seller,
        buyer_code=buyer,
        issued_on=on,
        product_code="X",
        batch_no="B1",
        quantity=Decimal(quantity),
        amount=Decimal(quantity * price),
    )


def completion_of(as_of: date, **datasets) -> dict:
    return agreed_volume({**no_records(), "institutions": [hospital()], **datasets}, as_of)


def test_completion_1_receipts_count_and_returns_lessen_them():
    (row,) = completion_of(
        date(2020, 10, 31),
        products=[product("P28", 28), product("P7", 7)],
        selections=[selection("P28"), selection("P7")],
        commitments=[commitment("C", 100_000)],
        deliveries=[
            delivery("D1", "P28", 1_800, date(2020, 6, 1)),
            delivery("D2", "P7", 1_000, date(2020, 7, 1)),
            delivery("ORDERED", "P28", None, None, ordered_quantity=Decimal(500)),
        ],
        returns=[returned("D1", 100, date(2020, 8, 1))],
    )["agreed_volume_completion"]
    assert (row["net_quantity"], row["strict_rate"], row["status"]) == (54_600, 0.546, "on_track")
    assert row["time_progress"] == 195 / 365
    assert row["gap"] == pytest.approx(0.011753, abs=1e-6)


def test_completion_2_capping_keeps_one_product_from_hiding_another():
    tables = completion_of(
        END,
        products=[product("A"), product("B")],
        selections=[selection("A"), selection("B")],
        commitments=[commitment("CA", 100, product_code="A"), commitment("CB", 100, product_code="B")],
        deliveries=[delivery("D1", "A", 200, START), delivery("D2", "B", 50, END)],
    )
    (item,) = [r for r in tables["agreed_volume_rollup"] if r["level"] == "item"]
    assert (item["execution_rate"], item["capped_rate"]) == (1.25, 0.75)
    assert (item["completed"], item["commitments"], item["completed_share"]) == (1, 2, 0.5)
    (everything,) = [r for r in tables["agreed_volume_rollup"] if r["level"] == "all"]
    assert (everything["agreed_fen"], everything["net_fen"], everything["capped_fen"]) == (20_000, 25_000, 15_000)


def test_completion_3_an_approved_shortage_is_excused():
    shortage = make_row(
        "excuses",
        excuse_id="E",
        kind="volume",
        institution_code=HOSPITAL,
        commitment_id="C",
        quantity=Decimal(2_400),
        valid_from=START,
    )
    (row,) = completion_of(
        date(2021, 5, 1),
        products=[product("A")],
        commitments=[commitment("C", 12_000, product_code="A")],
        deliveries=[delivery("D1", "A", 9_000, START)],
        excuses=[shortage],
    )["agreed_volume_completion"]
    assert (row["strict_rate"], row["excused_rate"], row["status"]) == (0.75, 0.9375, "failed")


def test_completion_4_a_replacement_counts_from_its_day_on():
    from_day = date(2020, 9, 13)  # 146 days after 2020-04-20
    replacement = make_row(
        "commitment_adjustments",
        adjustment_id="J",
        commitment_id="C",
        effective_on=from_day,
        delta_quantity=Decimal(0),
        replacement_product_code="B",
    )
    (row,) = completion_of(
        END,
        products=[product("A"), product("B")],
        commitments=[commitment("C", 10_000, product_code="A")],
        commitment_adjustments=[replacement],
        deliveries=[
            delivery("A1", "A", 3_500, date(2020, 7, 1)),
            delivery("BEFORE", "B", 900, date(2020, 9, 12)),
            delivery("B1", "B", 4_000, from_day),
        ],
    )["agreed_volume_completion"]
    assert (row["net_quantity"], row["strict_rate"], row["product_code"]) == (7_500, 0.75, "A")


FOUR_PAYABLES = {
    "products": [product("X")],
    "deliveries": [
        delivery("1", "X", 100, date(2020, 10, 5), invoice_no="00000001"),
        delivery("2", "X", 80, date(2020, 10, 20), invoice_no="00000002"),
        delivery("3", "X", 50, date(2020, 10, 12), invoice_no="00000003"),
        delivery("4", "X", 30, date(2020, 11, 15), invoice_no="00000004"),
    ],
    "returns": [returned("2", 20, date(2020, 11, 1))],
    "payments": [
        paid("P1", 6_000, date(2020, 11, 3), "00000001"),
        paid("P2", 4_000, date(2020, 12, 10), "00000001"),
        paid("P3", 6_000, date(2020, 11, 25), "00000002"),
        paid("P4", 5_000, date(2020, 10, 1), "00000003"),
    ],
}


def payment_sums(due_rule: str, as_of: date, **datasets) -> dict:
    tables = payment({**no_records(), "institutions": [hospital()], **datasets}, as_of)
    rows = [r for r in tables["payment_timeliness"] if r["due_rule"] == due_rule]
    columns = ("matured_fen", "on_time_fen", "matured_count", "on_time_count", "overdue_fen", "paid_fen")
    return {column: sum(r[column] for r in rows) for column in columns}


@pytest.mark.parametrize(
    ("due_rule", "on_time_fen", "percent", "on_time_count"), [("EONM", 17_000, 70.83, 2), ("D30", 11_000, 45.83, 1)]
)
def test_payment_four_payables(due_rule, on_time_fen, percent, on_time_count):
    sums = payment_sums(due_rule, date(2020, 12, 31), **FOUR_PAYABLES)
    assert (sums["matured_fen"], sums["on_time_fen"]) == (24_000, on_time_fen)
    assert round(100 * sums["on_time_fen"] / sums["matured_fen"], 2) == percent
    assert (sums["on_time_count"], sums["matured_count"]) == (on_time_count, 4)
    assert (sums["overdue_fen"], sums["paid_fen"]) == (3_000, 21_000)


def test_payment_two_passes_matter():
    tables = payment(
        {
            **no_records(),
            "institutions": [hospital()],
            "products": [product("X")],
            "deliveries": [
                delivery("A", "X", 10, date(2020, 9, 30), invoice_no="00000001"),
                delivery("B", "X", 30, date(2020, 10, 6)),
            ],
            "payments": [paid("P1", 3_000, date(2020, 10, 20)), paid("P2", 1_000, date(2020, 12, 1), "00000001")],
        },
        date(2020, 12, 31),
    )
    rows = {r["due_month"]: r for r in tables["payment_timeliness"] if r["due_rule"] == "D30"}
    assert (rows["2020-10"]["late_paid_fen"], rows["2020-10"]["on_time_fen"]) == (1_000, 0)
    assert (rows["2020-11"]["late_paid_fen"], rows["2020-11"]["on_time_fen"]) == (0, 3_000)
    assert tables["payment_unallocated"] == []


@pytest.mark.parametrize(
    ("accepted_on", "due_rule", "before_rolling", "due_on"),
    [
        (date(2020, 9, 3), "D30", date(2020, 10, 3), date(2020, 10, 9)),
        (date(2020, 1, 31), "EONM", date(2020, 2, 29), date(2020, 3, 2)),
        (date(2020, 1, 31), "D30", date(2020, 3, 1), date(2020, 3, 2)),
        (date(2020, 12, 15), "EONM", date(2021, 1, 31), date(2021, 2, 1)),
        (date(2020, 10, 5), "D30", date(2020, 11, 4), date(2020, 11, 4)),
        (date(2020, 10, 5), "EONM", date(2020, 11, 30), date(2020, 11, 30)),
        (date(2099, 1, 1), "D30", date(2099, 1, 31), date(2099, 2, 2)),  # unpublished year: weekends only
    ],
)
def test_payment_calendar_vectors(accepted_on, due_rule, before_rolling, due_on):
    assert due_before_rolling(due_rule, accepted_on) == before_rolling
    assert roll_forward(before_rolling) == due_on


def test_two_invoice_oversold_hits_the_latest_line():
    rows = two_invoice(
        {
            **no_records(),
            "institutions": [hospital(f"H3302820000{n}") for n in (1, 2, 3)],
            "products": [product("X")],
            "invoices": [
                invoice("00000001", "M", "D", 1_000, 10, date(2020, 3, 1)),
                invoice("00000002", "D", "H33028200001", 600, 11, date(2020, 3, 2)),
                invoice("00000003", "D", "H33028200002", 300, 11, date(2020, 3, 3)),
                invoice("00000004", "D", "H33028200003", 200, 11, date(2020, 3, 4)),
            ],
        },
        date(2020, 3, 31),
    )["two_invoice_line"]
    assert {r["institution_code"][-1]: r["verdict"] for r in rows} == {"1": "two_invoice", "2": "two_invoice", "3": "oversold"}
    assert {r["hops"] for r in rows} == {1}


@pytest.mark.parametrize("batch_no", [None, "", " 无 ", "－", "n/a", "Ｎ／Ａ", "—", "*"])
def test_placeholders_are_no_batch(batch_no):
    assert is_empty_batch(batch_no)
    assert not is_empty_batch("B1")


@pytest.mark.parametrize(("value", "whole"), [("1/2", 1), ("-1/2", -1), ("5/2", 3), ("149/100", 1)])
def test_half_goes_up(value, whole):
    assert round_half_up(Fraction(value)) == whole
