"""A row speaks of one invoice: its cell holds one code, or one number."""

import polars as pl

_SEVERAL = r"[0-9]{5,}[\s、,;/\\|+&和及]+[0-9]{2,}|[0-9]{8,}\s*[-~—至到]+\s*[0-9]{2,}"
ONE_INVOICE = "一格里不止一个号码；请每张发票填一行，代码、号码、数量和金额各填各的（代码与号码写在一起的，请分开填到两列）"


def names_one_invoice() -> pl.Expr:
    """True where neither the code nor the number of the invoice is a list or a range of them."""
    return ~pl.any_horizontal(pl.col("invoice_code", "invoice_no").str.contains(_SEVERAL).fill_null(False))
