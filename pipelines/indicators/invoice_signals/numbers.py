"""What the invoices of a number say beside receipts and payments that name it: three of the signals (obligations §29).

Whatever names a number is one unit: its lines, the red ones that take something off them, the deliveries and payments that name
it. Few invoices can give a signal at all; they are found in whole numbers over all records, and only they are looked at closely.
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Frames, Inputs, Link, Stage
from pipelines.engine.kept import as_text
from pipelines.indicators.invoice_signals import payees, reused, short
from pipelines.indicators.invoice_signals.said import INVOICE
from pipelines.indicators.payment.by_invoice import LINKS as OF_PAYMENT
from pipelines.indicators.two_invoice.lines import READ, net_lines
from pipelines.indicators.two_invoice.scope import with_buyers
from pipelines.lines.families import families_of

_UNIT = ("invoice_no",)
_PARTIES = ("seller_code", "buyer_code")
_AT_ONCE = 4_000_000  # lines


def sold_under(invoices: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The net lines (rulebook §6) of some invoices (`invoice_code`, `invoice_no`) in their order.

    Out: as `net_lines`, in text; `institution_code` of a buyer that is one, and `party_code`: the head of its family
    (`head_code`), else the buyer's own code.
    """
    lines = net_lines(_netted(invoices, inputs), inputs.as_of)[0]
    own = as_text(with_buyers(lines, inputs)).join(invoices.lazy(), on=INVOICE, how="semi")
    heads = inputs.once(families_of).lazy()
    found = own.join(heads, on="institution_code", how="left").sort("line")
    return found.with_columns(party_code=pl.coalesce("head_code", "buyer_code")).collect()


def _netted(invoices: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    """The records of some invoices, and those that say what is left of them: reds, and of a red that names a number without its
    code all invoices of the number, since it is taken off them in their order.
    """
    named = _reds(inputs).join(invoices.lazy().select("invoice_no").unique(), on="invoice_no", how="semi").collect()
    pairs = pl.concat([invoices.select(INVOICE), named.select(invoice_code="red_code", invoice_no="red_no")]).unique()
    all_of = named.filter(pl.col("invoice_code") == "").select("invoice_no").unique()
    own, more = (inputs.only_where("invoices", only).scan("invoices").select(READ) for only in (pairs, all_of))
    return pl.concat([own, more.join(pairs.lazy(), on=INVOICE, how="anti")]).collect(engine="streaming").lazy()


def invoices_to_look_at(inputs: Inputs) -> pl.DataFrame:
    """The invoices (`invoice_code`, `invoice_no`) that can give a signal: of several sellers or buyers, paid to someone who is no
    seller, or with less of a product on them than was received. Reds are not taken off here: what they are about is looked at
    whatever it says. Where there are many lines, a share of the numbers at a time.
    """
    shares = max(1, -(-inputs.scan("invoices").select(pl.len()).collect().item() // _AT_ONCE))
    return pl.concat([_look_at(inputs, pl.col("invoice_no").hash() % shares == share) for share in range(shares)])


def _look_at(inputs: Inputs, is_own: pl.Expr) -> pl.DataFrame:
    issued = (pl.col("status") == "normal") & (pl.col("issued_on") <= inputs.as_of)
    is_blue = pl.col("red_of_invoice_no").is_null() & (pl.col("quantity") > 0) & (pl.col("amount_fen") >= 0)
    codes = pl.col(*_PARTIES).cast(pl.Categorical).to_physical()
    lines = (
        inputs.scan("invoices")
        .filter(is_own, issued & is_blue)
        .select(*INVOICE, pl.col("product_code").cast(pl.Categorical), codes, packs=scaled("quantity").cast(pl.Int64))
    )
    ends = [(pl.col(c).min().alias(f"{c}_first"), pl.col(c).max().alias(f"{c}_last")) for c in _PARTIES]
    products = lines.group_by(*INVOICE, "product_code").agg(pl.col("packs").sum(), *(e for end in ends for e in end))
    sold = products.collect(engine="streaming").lazy()
    first, last = (pl.col(f"^.*_{end}$") for end in ("first", "last"))
    invoices = sold.group_by(INVOICE).agg(first.min(), last.max()).collect(engine="streaming").lazy()
    is_several = pl.any_horizontal(pl.col(f"{c}_first") != pl.col(f"{c}_last") for c in _PARTIES)
    name = (pl.col("invoice_code").fill_null(""), pl.col("invoice_no"))
    is_named = pl.col("invoice_no").is_not_null() & is_own
    payee = pl.col("payee_code").cast(pl.Categorical).to_physical()
    paid = inputs.scan("payments").filter(is_named, payees.counts(inputs)).select(*name, payee)
    received = (
        inputs.scan("deliveries")
        .filter(is_named, pl.col("accepted_on") <= inputs.as_of, ~pl.col("is_gift"))
        .select(*name, pl.col("product_code").cast(pl.Categorical), received=scaled("received_quantity").cast(pl.Int64))
        .group_by(*INVOICE, "product_code")
        .agg(pl.col("received").sum())
        .join(invoices, on=INVOICE, how="semi")
    )
    red = _reds(inputs).select(INVOICE).unique()
    found = (
        invoices.filter(is_several),
        paid.join(invoices, on=INVOICE).filter(pl.col("payee_code") != pl.col("seller_code_first")),
        received.join(sold, on=[*INVOICE, "product_code"], how="left").filter(
            pl.col("received") > pl.col("packs").fill_null(0)
        ),
        received.join(red, on=INVOICE, how="semi"),
        received.join(red.filter(pl.col("invoice_code") == ""), on="invoice_no", how="semi"),
    )
    return pl.concat(rows.select(INVOICE) for rows in found).unique().collect(engine="streaming")


def _reds(inputs: Inputs) -> pl.LazyFrame:
    """`red_code`, `red_no`: invoices that take something off others, and these: `invoice_code` ("" where it names none),
    `invoice_no`.
    """
    red = inputs.scan("invoices").filter(pl.col("red_of_invoice_no").is_not_null())
    code = pl.col("red_of_invoice_code").fill_null("")
    return red.select(red_code="invoice_code", red_no="invoice_no", invoice_code=code, invoice_no="red_of_invoice_no").unique()


def _ties(inputs: Inputs) -> pl.DataFrame:
    return _reds(inputs).select("red_no", "invoice_no").unique().collect()


def evidence(inputs: Inputs) -> Frames:
    """`reused`, `payees`, `short`: a row per signal; `invoiced`: the net lines of all invoices that were looked at. What is not
    needed whole is read once, since it is looked at many times.
    """
    inputs = inputs.with_frames({name: inputs.scan(name).collect() for name in inputs.only})
    lines = sold_under(invoices_to_look_at(inputs), inputs)
    return {
        reused.SIGNAL: reused.find(lines),
        payees.SIGNAL: payees.find(lines, inputs),
        short.SIGNAL: short.find(lines, inputs),
        "invoiced": lines,
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """The signals as they are: a row each."""
    return {module.SIGNAL: evidence[module.SIGNAL].lazy().collect() for module in (reused, payees, short)}


_OF_NUMBER = pl.col("invoice_no").is_not_null()
NUMBERS = Stage(
    unit=_UNIT,
    yields=(reused.SIGNAL, payees.SIGNAL, short.SIGNAL),
    evidence=evidence,
    sums=sums,
    share=0.1,  # the records of so many numbers are held at once
    links={
        "invoices": (Link(day="issued_on"), Link({"red_no": "invoice_no"}, to=_ties, day="issued_on")),
        "deliveries": OF_PAYMENT["deliveries"],
        "returns": OF_PAYMENT["returns"],
        "payments": OF_PAYMENT["payments"],
        "excuses": Link(day="valid_from", where=(pl.col("kind") == "payment") & _OF_NUMBER),
    },
)
