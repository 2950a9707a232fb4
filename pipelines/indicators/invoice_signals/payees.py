"""`payee_not_seller`: a hospital paid for an invoice someone who has nothing to do with it (obligations §29)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.finding import yuan
from pipelines.engine.indicator import Inputs
from pipelines.engine.kept import as_text
from pipelines.indicators.invoice_signals.said import CHECK, INVOICE, invoice, said
from pipelines.indicators.settlement_channels.makers import stands_for
from pipelines.lines.families import families_of
from pipelines.lines.payments import lessened, made, taken_back

SIGNAL = "payee_not_seller"
_PAYMENT = ["institution_code", "payment_id"]
_LINE = [*_PAYMENT, "line_no"]


def counts(inputs: Inputs) -> pl.Expr:
    """Whether a payment line can be one: by the hospital, by as_of, no reversal."""
    return (pl.col("channel") == "hospital") & (pl.col("paid_on") <= inputs.as_of) & (pl.col("amount_fen") > 0)


def find(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """In: net lines (`sold_under`) of the invoices that are looked at. Out: a row per payment line that names an invoice with a
    net line to the payer's family, whose payee is no seller under that number, not of the non-empty group of one, no
    manufacturer (§22) of a product on it, and which no payment excuse of anybody names: what was `paid_fen` less reversals, and
    the lowest `seller_code`.
    """
    paid = _paid_for(lines, inputs)
    of_payee = {"seller_code": "payee_code"}
    sellers = lines.select(*INVOICE, "seller_code").unique()
    groups = inputs.scan("enterprises").select("enterprise_code", "group_code").filter(pl.col("group_code") != "").collect()
    seller_groups = sellers.join(groups, left_on="seller_code", right_on="enterprise_code").select(*INVOICE, "group_code")
    paid_groups = paid.join(groups, left_on="payee_code", right_on="enterprise_code")
    of_group = paid_groups.join(seller_groups, on=[*INVOICE, "group_code"], how="semi")
    makers = lines.select(*INVOICE, "product_code").unique().join(inputs.once(stands_for), on="product_code")
    made_ = paid.join(makers, on=[*INVOICE, "payee_code"]).filter(pl.col("paid_on").is_between("since", "until"))
    lowest = sellers.group_by(INVOICE).agg(pl.col("seller_code").min())
    found = paid.join(sellers.rename(of_payee), on=[*INVOICE, "payee_code"], how="anti")
    for excluded in (of_group, made_):
        found = found.join(excluded.select(_LINE), on=_LINE, how="anti")
    found = found.join(_excused(inputs), on=INVOICE, how="anti").join(lowest, on=INVOICE)
    columns = (*_LINE, *INVOICE, "payee_code", "seller_code", "paid_on")
    return found.select(*columns, paid_fen="amount", rows=pl.lit(1, pl.Int64)).with_columns(pl.col("line_no").cast(pl.Int32))


def _paid_for(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Net payment lines of hospitals that name an invoice with a net line to their family; reversals lessen all lines of a
    payment in their order, so all of these are read.
    """
    invoices = lines.select(INVOICE).unique().lazy()
    named = inputs.scan("payments").filter(counts(inputs), pl.col("invoice_no").is_not_null())
    of_lines = named.with_columns(pl.col("invoice_code").fill_null("")).join(invoices, on=INVOICE, how="semi")
    payments = of_lines.select(_PAYMENT).unique().collect()
    back = taken_back(inputs).join(payments.lazy(), on=_PAYMENT, how="semi").collect()
    paid = as_text(lessened(made(inputs.only_where("payments", payments)).collect(), back)[0])
    heads = inputs.once(families_of)
    buyers = lines.select(*INVOICE, "head_code").drop_nulls().unique()
    found = paid.filter(counts(inputs), pl.col("invoice_no").is_not_null()).join(heads.lazy(), on="institution_code")
    return found.join(buyers.lazy(), on=[*INVOICE, "head_code"], how="semi").collect()


def _excused(inputs: Inputs) -> pl.DataFrame:
    """The invoices that an approved payment excuse names, whoever's it is and however long it holds."""
    excuses = inputs.scan("excuses").filter(pl.col("kind") == "payment", pl.col("valid_from") <= inputs.as_of)
    named = excuses.filter(pl.col("invoice_no").is_not_null())
    return named.select(pl.col("invoice_code").fill_null(""), "invoice_no").unique().collect()


def tell(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows as they are said."""
    message = pl.format(
        "付款 {} 第 {} 行于 {} 按发票 {} 付给 {} {} 元，收款方不是该发票的销方（{}），与销方不同集团，也不是票上产品的生产企业。"
        "可能的正常原因：委托收款、债权转让、付款时写错发票号；" + CHECK + "付款凭证和委托文件",
        "payment_id",
        "line_no",
        "paid_on",
        invoice(),
        "payee_code",
        yuan("paid_fen"),
        "seller_code",
    )
    return said(
        rows,
        SIGNAL,
        _LINE,
        message,
        day="paid_on",
        institution="institution_code",
        counterparty="payee_code",
        amount="paid_fen",
    )
