"""Invoices that receipts and payments name: numbers that lost their leading zeros on the way through a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.store.store import Object, scan_objects
from pipelines.validate.cells import read_cells
from pipelines.validate.rows import REASON
from schemas.records import Dataset

LOST_ZEROS = "lost_zeros"
ON_FILE = "invoices on file"
SOURCES = {"deliveries": {"invoices": "seller_code"}, "payments": {"invoices": "seller_code", "deliveries": "distributor_code"}}
"""Dataset that names invoices → where they are on file, and the column there that says who issued them."""
_ISSUER = {"deliveries": "distributor_code", "payments": "payee_code"}
_NAME = ["invoice_code", "invoice_no"]
FOUND = {**dict.fromkeys(_NAME, pl.String()), "issuer_code": pl.String(), "institution_code": pl.String()}
"""An invoice on file; the institution is null where only an invoice line tells of it."""


def is_short() -> pl.Expr:
    """True where code or number has fewer digits than invoices have (8; with a code of 10 or 12)."""
    code, number = (pl.col(c).fill_null("") for c in _NAME)
    digits = number.str.contains(r"^[0-9]+$") & code.str.contains(r"^[0-9]*$")
    code_is_short = code.str.len_chars().is_between(1, 9) | (code.str.len_chars() == 11)
    return digits & (code_is_short | (number.str.len_chars() < 8))


def _is_whole() -> pl.Expr:
    """True where code and number of a row, still text, are plainly as long as invoices have them; most rows are."""
    code, number = (pl.col(c).fill_null("") for c in _NAME)
    return number.str.contains(r"^[0-9]{8,}$") & ((code == "") | code.str.contains(r"^(?:[0-9]{10}|[0-9]{12,})$"))


def short_numbers(waiting: pl.DataFrame, texts: Sequence[Object], dataset: Dataset) -> pl.Series:
    """The numbers, as they are and with zeros before them, of rows that may have lost some: of those that wait, and
    those of files still text (Parquet as `take_in` wrote it).
    """
    found = [waiting.select(_NAME)]
    if texts:
        cells = scan_objects(texts).select(_NAME).filter(~_is_whole()).unique().collect(engine="streaming")
        columns = {c.name: c for c in dataset.columns if c.name in _NAME}
        found.append(pl.DataFrame([read_cells(cells[n], columns[n])[0].alias(n) for n in _NAME]))
    short = pl.concat(found).filter(is_short())["invoice_no"]
    return pl.concat([short, short.str.zfill(8)]).unique()


def lost_zeros(rows: pl.DataFrame, dataset: Dataset, on_file: pl.DataFrame) -> pl.Series:
    """For each row the reason that its invoice is on file once zeros are put before code or number, else null.

    `on_file`: columns of FOUND. A row that names an invoice on file as it is has lost nothing. A code that was
    left out is no code: there the number must be of one invoice of that institution and issuer.
    """
    stands = ~pl.col("is_withdrawn").fill_null(False)
    short = rows.with_row_index("_i").filter(is_short() & stands)
    if short.is_empty() or on_file.is_empty():
        return pl.repeat(None, rows.height, dtype=pl.Struct(REASON), eager=True)
    place = ["institution_code", "issuer_code"]
    short = short.select("_i", *_NAME, "institution_code", issuer_code=_ISSUER[dataset.name])
    short = short.with_columns(pl.col("invoice_code").fill_null(""))
    code, number = (pl.col(c) for c in _NAME)
    padded = pl.concat_list(number, number.str.zfill(8))
    full = short.with_columns(_code=pl.concat_list(code, code.str.zfill(10), code.str.zfill(12)), _no=padded)
    full = full.filter(code != "").explode("_code").explode("_no")
    named = full.join(on_file.select(_NAME).unique(), left_on=["_code", "_no"], right_on=_NAME)
    bare = short.filter(code == "").with_columns(_no=padded).explode("_no")
    others = on_file.select(pl.all().name.prefix("_"))
    bare = bare.join(others, left_on=["_no", "issuer_code"], right_on=["_invoice_no", "_issuer_code"])
    bare = bare.filter((pl.col("_institution_code") == pl.col("institution_code")) | pl.col("_institution_code").is_null())
    one = bare.filter(pl.col("_invoice_code").n_unique().over("_i") == 1).rename({"_invoice_code": "_code"})
    met = pl.concat(found.select("_i", *_NAME, *place, "_code", "_no") for found in (named, one)).unique()
    as_it_is = (pl.col("_no") == number) & ((pl.col("_code") == code) | (code == ""))
    met = met.filter(~as_it_is.any().over("_i"))
    invoice = pl.concat_str("_code", "_no", separator="-").str.strip_chars_start("-")
    reasons = met.group_by("_i").agg(pl.col(_NAME).first(), invoice.unique().sort().str.join("、").alias("_told"))
    reason = pl.struct(
        code=pl.lit(LOST_ZEROS),
        column=pl.lit("invoice_code、invoice_no"),
        value=pl.concat_str(_NAME, separator="|"),
        message_zh=pl.format(_MESSAGE, "_told"),
        schema=REASON,
    ).alias("_reason")
    every = pl.select(_i=pl.int_range(rows.height, dtype=pl.get_index_type()))
    return every.join(reasons.select("_i", reason), on="_i", how="left", maintain_order="left")["_reason"]


_MESSAGE = "发票代码、发票号码：前面的零丢失了，补零后就是已接收的发票 {}；请把两列设为文本格式，按此填写后重新报送"
