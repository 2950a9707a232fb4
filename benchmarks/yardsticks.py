"""The two yardsticks: DuckDB answering hand-written SQL over the run's records, and merely reading them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

_SQL = Path(__file__).with_name("sql")
_DELIVERY = ["institution_code", "delivery_id"]
_INVOICE = ["invoice_code", "invoice_no"]

COLUMNS: dict[str, dict[str, list[str]]] = {
    "agreed_volume": {
        "deliveries": [*_DELIVERY, "product_code", "accepted_on", "received_quantity", "is_gift", "channel"],
        "returns": [*_DELIVERY, "returned_quantity", "returned_on", "status"],
        "commitments": [
            "commitment_id", "lot_code", "item_code", "institution_code", "product_code", "target", "direction",
            "agreed_quantity", "unit", "period_start", "period_end",
        ],
        "selections": ["lot_code", "item_code", "product_code", "conversion_factor", "valid_from", "valid_to"],
    },
    "payment": {
        "deliveries": [
            *_DELIVERY, *_INVOICE, "distributor_code", "product_code", "accepted_on", "received_quantity",
            "unit_price", "is_gift",
        ],
        "returns": [*_DELIVERY, "returned_quantity", "returned_on", "status"],
        "payments": [
            "institution_code", "payment_id", "line_no", "payee_code", "paid_on", "amount_fen",
            "reverses_payment_id", *_INVOICE,
        ],
    },
    "two_invoice": {
        "invoices": [
            *_INVOICE, "line_no", "seller_code", "buyer_code", "issued_on", "product_code", "batch_no", "quantity",
            "amount_fen", "red_of_invoice_code", "red_of_invoice_no", "status",
        ],
    },
}  # fmt: skip
"""The columns an indicator cannot do without, of its large datasets; what else it reads is small."""


def ask_duckdb(
    indicator: str, records: Path, as_of: date, calendar: Path, target: Path, threads: int = 2
) -> None:
    """Let DuckDB compute the indicator's report from the records, all parts of them, and write it to `target`.

    `calendar` is what `write_calendar` wrote. The SQL stands in `benchmarks/sql/<indicator>.sql` and follows
    the national default policy rows. `target` is a Parquet file; its folder is made.
    """
    import duckdb

    from schemas.records import RECORDS

    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {threads}")
        connection.execute(f"SET temp_directory = '{target.parent / 'spill'}'")
        connection.execute(f"CREATE VIEW calendar AS FROM read_parquet('{calendar}')")
        for dataset in RECORDS:
            whole = records / f"{dataset}.parquet"
            files = whole if whole.exists() else records / dataset / "part-???.parquet"
            connection.execute(f"CREATE VIEW {dataset} AS FROM read_parquet('{files}')")
        connection.execute(f"SET VARIABLE as_of = DATE '{as_of}'")
        query = (_SQL / f"{indicator}.sql").read_text(encoding="utf-8")
        connection.execute(f"COPY (\n{query}\n) TO '{target}' (FORMAT parquet, COMPRESSION lz4)")


def scan_floor(indicator: str, records: Path) -> int:
    """Read the columns the indicator needs into memory and do nothing with them; return the rows read."""
    from pipelines.lake.scan_records import scan_records

    rows = 0
    for dataset, columns in COLUMNS[indicator].items():
        rows += scan_records(records, dataset).select(columns).collect().height
    return rows


def write_calendar(target: Path) -> None:
    """Write `calendar.parquet`: every day from 2015 to 2030 and the working day it rolls to."""
    from pipelines.policy.calendar import working_days

    working_days(date(2015, 1, 1), date(2030, 12, 31)).write_parquet(target)
