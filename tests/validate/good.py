"""A good row of every dataset, as a sender writes it; the rows refer to each other."""

import csv
import io
from collections.abc import Mapping

import polars as pl

from pipelines.validate.rows import check_rows
from schemas.records import RECORDS

HOSPITAL, PRODUCT, OTHER_PRODUCT = "H33028200001", "XA01AAA001A001010100001", "XA02BBB002B002020200002"

GOOD: dict[str, dict[str, str]] = {
    "institutions": {
        "institution_code": HOSPITAL,
        "name": "甲医院",
        "jurisdiction_code": "330282",
        "ownership": "公立",
        "is_remote": "否",
    },
    "enterprises": {"enterprise_code": "E1", "name": "甲公司"},
    "agencies": {"agency_code": "A1", "name": "甲医保中心", "jurisdiction_code": "330282"},
    "products": {
        "product_code": PRODUCT,
        "kind": "药品",
        "generic_name": "某片",
        "min_unit": "片",
        "units_per_pack": "28",
        "manufacturer_code": "M1",
        "listing_price": "9.5",
    },
    "lots": {"lot_code": "L1", "name": "第一批", "program": "国家", "category": "药品", "document_no": "文〔2020〕1号"},
    "deemed_manufacturers": {
        "enterprise_code": "E1",
        "manufacturer_code": "M1",
        "basis": "进口总代理",
        "valid_from": "2020-01-01",
    },
    "selections": {
        "lot_code": "L1",
        "item_code": "I1",
        "product_code": PRODUCT,
        "selected_price": "6.60",
        "conversion_factor": "1",
        "valid_from": "2020-01-01",
    },
    "substitutes": {"lot_code": "L1", "item_code": "I1", "product_code": PRODUCT},
    "commitments": {
        "commitment_id": "C1",
        "lot_code": "L1",
        "item_code": "I1",
        "institution_code": HOSPITAL,
        "product_code": PRODUCT,
        "agreed_quantity": "100000",
        "unit": "盒",
        "period_start": "2020-04-20",
        "period_end": "2021-04-19",
    },
    "commitment_adjustments": {
        "adjustment_id": "J1",
        "commitment_id": "C1",
        "effective_on": "2020-09-01",
        "delta_quantity": "-5",
        "reason": "撤网",
        "document_no": "文〔2020〕2号",
    },
    "deliveries": {
        "institution_code": HOSPITAL,
        "delivery_id": "D1",
        "order_line_id": "O1",
        "distributor_code": "E1",
        "product_code": PRODUCT,
        "ordered_quantity": "10",
        "shipped_quantity": "10",
        "received_quantity": "10",
        "unit_price": "6.6",
        "ordered_on": "2020-05-01",
        "accepted_on": "2020-05-08",
        "trace_codes_count": "3",
        "charge_price": "7",
    },
    "returns": {
        "institution_code": HOSPITAL,
        "return_id": "R1",
        "delivery_id": "D1",
        "returned_quantity": "1",
        "returned_on": "2020-06-01",
    },
    "invoices": {
        "invoice_code": "",
        "invoice_no": "12345678",
        "line_no": "1",
        "seller_code": "E1",
        "buyer_code": HOSPITAL,
        "issued_on": "2020-05-08",
        "product_code": PRODUCT,
        "quantity": "10",
        "amount": "66.00",
    },
    "payments": {
        "institution_code": HOSPITAL,
        "payment_id": "P1",
        "line_no": "1",
        "payee_code": "E1",
        "paid_on": "2020-06-01",
        "amount": "66.00",
    },
    "prepayments": {
        "agency_code": "A1",
        "prepayment_id": "Y1",
        "institution_code": HOSPITAL,
        "lot_code": "L1",
        "period_start": "2020-04-20",
        "amount": "1000",
    },
    "excuses": {
        "excuse_id": "X1",
        "kind": "采购量",
        "institution_code": HOSPITAL,
        "commitment_id": "C1",
        "quantity": "5",
        "valid_from": "2020-06-01",
        "reason_code": "短缺",
        "approved_by": "张三",
        "document_no": "文〔2020〕3号",
    },
    "blacklist": {"enterprise_code": "E9", "listed_on": "2020-01-01", "document_no": "文〔2020〕4号"},
    "catalogue_entries": {"list": "基本药物", "code": PRODUCT, "valid_from": "2020-01-01", "document_no": "文〔2020〕5号"},
    "reference_prices": {"kind": "挂网价", "product_code": PRODUCT, "valid_from": "2020-01-01", "price": "6.60"},
    "misconduct": {
        "case_no": "C1",
        "enterprise_code": "E9",
        "kind": "商业贿赂",
        "decided_on": "2020-06-01",
        "decided_by": "省医保局",
        "document_no": "文〔2020〕6号",
    },
    "surplus_bases": {
        "institution_code": HOSPITAL,
        "lot_code": "L1",
        "item_code": "I1",
        "period_start": "2020-01-01",
        "period_end": "2020-12-31",
        "base_quantity": "100000",
        "price_before": "2.10",
        "fund_pay_ratio": "0.7",
        "insured_share": "0.9",
    },
    "evaluations": {
        "institution_code": HOSPITAL,
        "kind": "结余留用",
        "year": "2020",
        "result": "合格",
        "decided_on": "2021-03-01",
        "document_no": "文〔2021〕7号",
    },
    "usages": {
        "institution_code": HOSPITAL,
        "usage_id": "U1",
        "product_code": PRODUCT,
        "used_on": "2020-06-01",
        "quantity": "28",
        "amount": "7.00",
    },
    "trace_scans": {
        "institution_code": HOSPITAL,
        "scan_id": "S1",
        "trace_code": "81234567890123456789",
        "event": "入库",
        "scanned_on": "2020-05-08",
        "product_code": PRODUCT,
    },
}

Row = Mapping[str, str | None]


def csv_text(dataset: str, *changes: Row) -> str:
    """A csv file: the good row of the dataset once for every mapping of what is different in it."""
    rows = [GOOD[dataset] | dict(change) for change in changes or ({},)]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(h for row in rows for h in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def text_frame(dataset: str, *rows: Row) -> pl.DataFrame:
    """Rows of one sheet as ingest hands them on; line 2 is the first."""
    columns = RECORDS[dataset].columns
    return pl.DataFrame(
        [
            {c.name: row.get(c.canonical or c.name) for c in columns}
            | {
                "_file": row.get("_file", 1),
                "_sheet": row.get("_sheet", ""),
                "_line": line,
                "_raw": None,
                "_problem": None,
                "_extra": None,
            }
            for line, row in enumerate(rows, start=2)
        ],
        schema=dict.fromkeys([c.name for c in columns], pl.String)
        | {
            "_file": pl.Int64,
            "_sheet": pl.String,
            "_line": pl.Int64,
            "_raw": pl.String,
            "_problem": pl.String,
            "_extra": pl.String,
        },
    )


def judge(dataset: str, *changes: Row) -> list[list[str]]:
    """For each change of the good row the reasons against it as `code:column`."""
    rows = [GOOD[dataset] | dict(change) for change in changes]
    good, bad, repeats = check_rows(text_frame(dataset, *rows), RECORDS[dataset])
    assert good.height + bad.height + repeats.height == len(rows)
    found = {
        line: [f"{r['code']}:{r['column']}" for r in reasons] for line, reasons in bad.select("_line", "_reasons").iter_rows()
    }
    return [found.get(line, []) for line in range(2, len(rows) + 2)]
