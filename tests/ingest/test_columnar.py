"""Parquet files: typed columns as the text that the parser reads."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.take_in import read_sheets
from schemas.records import RECORDS
from tests.ingest.files import read_parquet
from tests.validate.good import judge

DELIVERY = {
    "institution_code": "H1",
    "delivery_id": "D1",
    "order_line_id": "O1",
    "distributor_code": "E1",
    "product_code": "P1",
}
UTC = datetime(2020, 4, 5, 17, 30, tzinfo=ZoneInfo("UTC"))
NEW_YORK = datetime(2020, 4, 5, 11, 30, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("value", "text", "day"),
    [
        (date(2020, 4, 5), "2020-04-05", date(2020, 4, 5)),
        (datetime(2020, 4, 5, 23, 59), "2020-04-05 23:59:00", date(2020, 4, 5)),
        (UTC, "2020-04-05 17:30:00+00:00", date(2020, 4, 6)),
        (NEW_YORK, "2020-04-05 11:30:00-04:00", date(2020, 4, 5)),
        (20200405, "20200405", date(2020, 4, 5)),
    ],
)
def test_days(value, text, day, tmp_path):
    frame = pl.DataFrame({**DELIVERY, "ordered_quantity": 1, "unit_price": 1, "ordered_on": [value]})
    assert read_parquet(tmp_path, frame, "deliveries")[0]["ordered_on"] == text
    assert parsed("ordered_on", text) == day


@pytest.mark.parametrize(
    ("value", "number"),
    [(1.5, "1.5000"), (100000.0, "100000.0000"), (7, "7.0000"), (Decimal("1.250000"), "1.2500"), (0.1 + 0.2, None)],
)
def test_numbers(value, number, tmp_path):
    frame = pl.DataFrame({**DELIVERY, "ordered_quantity": [value], "unit_price": 1, "ordered_on": "2020-04-05"})
    text = read_parquet(tmp_path, frame, "deliveries")[0]["ordered_quantity"]
    assert parsed("ordered_quantity", text) == (number and Decimal(number))


@pytest.mark.parametrize("value", [True, False])
def test_flags(value, tmp_path):
    frame = pl.DataFrame({**DELIVERY, "ordered_quantity": 1, "unit_price": 1, "ordered_on": "2020-04-05", "is_gift": [value]})
    assert parsed("is_gift", read_parquet(tmp_path, frame, "deliveries")[0]["is_gift"]) is value


def test_categories_nulls_and_rows(tmp_path):
    names = pl.Series("name", ["甲", None], dtype=pl.Categorical)
    frame = pl.DataFrame({"lot_code": ["L1", "L2"], "program": "国家", "category": "药品", "document_no": None}).with_columns(
        names
    )
    rows = read_parquet(tmp_path, frame)
    assert [(r["_line"], r.get("name")) for r in rows] == [(1, "甲"), (2, None)]


def test_code_that_became_a_float_is_ruined():
    assert judge("payments", {"invoice_no": "12345678.0"}) == [["ruined_number:invoice_no"]]


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1 no parquet PAR1"])
def test_broken_file_is_refused(data, tmp_path):
    (tmp_path / "a.parquet").write_bytes(data)
    with pytest.raises(FileRefusedError, match=r"a\.parquet.*不是可读取"):
        read_sheets(tmp_path / "a.parquet", RECORDS["lots"])


def test_file_without_known_columns_is_refused(tmp_path):
    with pytest.raises(FileRefusedError, match="没有任何可识别的列"):
        read_parquet(tmp_path, pl.DataFrame({"a": 1}))


def parsed(name, text):
    from pipelines.validate.cells import read_column

    column = next(c for c in RECORDS["deliveries"].columns if c.name == name)
    return read_column(pl.Series([text]), column)[1][0]
