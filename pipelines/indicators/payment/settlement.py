"""Settlement: which payment paid which payable, in two passes (rulebook §5)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.order import in_order, look_up
from pipelines.indicators.payment.allocation import allocate, allocate_shared
from pipelines.indicators.payment.payables import INVOICE, PARTY
from pipelines.lines.payments import lessened, made, taken_back

_ELECTRONIC = 20  # digits of a number that needs no code


def payments_made(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Payment lines to as_of, lessened by the reversals dated by then (in line order), and what reversals
    took back in excess (with the first of the invoices that the reversals name).

    `pay`, the row, numbers the lines in payment order: paid_on, payment_id, line_no, institution. The codes
    and numbers by which payments meet payables are categorical.
    """
    reversed_, paid = pl.collect_all([taken_back(inputs), made(inputs).drop("channel")])
    paid, excess = lessened(in_order(paid, ["paid_on", "payment_id", "line_no", "institution_code"]), reversed_)
    return paid.with_row_index("pay"), excess


def with_codes(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """Payments that give the number of a paper invoice and left out its code get the code, if the number is of
    exactly one invoice that their institution (or a branch of it) owes to their payee.

    In and out: `payments_made`. A number that names a payable as it is, without a code, stays as it is.
    """
    number, payer = INVOICE[1], ["institution_code", "payee_code", INVOICE[1]]
    is_paper = pl.col(number).cast(pl.String).str.len_chars() < _ELECTRONIC
    bare = payments.filter((pl.col("invoice_code") == "") & is_paper).select("pay", *payer)
    if bare.is_empty():
        return payments
    owed = payables.join(bare.select(number).unique(), on=number, how="semi")
    houses = pl.concat(
        owed.select(pl.col(house).alias("institution_code"), *INVOICE, payee_code="distributor_code").drop_nulls()
        for house in ("institution_code", "parent_institution_code")
    ).unique()
    exact = houses.filter(pl.col("invoice_code") == "")
    bare = bare.join(exact, on=["institution_code", number], how="anti")
    one = (
        houses.filter(pl.col("invoice_code") != "")
        .group_by(payer)
        .agg(code=pl.col("invoice_code").first(), codes=pl.col("invoice_code").n_unique())
        .filter(pl.col("codes") == 1)
    )
    found = bare.join(one, on=payer).select("pay", "code")
    codes = look_up(payments.select("pay", "invoice_code"), found, ["pay"])
    return payments.with_columns(codes.select(pl.coalesce("code", "invoice_code").alias("invoice_code")))


def settle(payments: pl.DataFrame, payables: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Which payment met which payable: `due`, `pay`, `amount` in fen, `pass_no`, in the order of due and pay;
    and what is left of each payment.

    First to the payables of the named invoice, whoever the payee; then what is left, by institution and
    supplier.
    """
    first = settle_by_invoice(payments, payables)
    rest = payments.with_columns(amount=left_of(payments, first, "pay"))
    second = settle_by_supplier(
        rest.rename({"payee_code": "distributor_code"}), payables.with_columns(amount=left_of(payables, first, "due"))
    )
    passes = [first.with_columns(pass_no=pl.lit(1, pl.Int8)), second.with_columns(pass_no=pl.lit(2, pl.Int8))]
    pair = pl.col("due").cast(pl.Int64) * 2**32 + pl.col("pay").cast(pl.Int64)
    return pl.concat(passes).sort(pair, maintain_order=True), left_of(rest, second, "pay")


def settle_by_supplier(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """The second pass: which rest of a payment met which rest of a payable of the same institution and supplier."""
    has_rest = pl.col("amount") > 0
    return allocate(*_group(payments.filter(has_rest), payables.filter(has_rest), PARTY))


def left_of(rows: pl.DataFrame, allocations: pl.DataFrame, side: str) -> pl.Series:
    """What the allocations leave of each row's `amount`; `side` (`pay` or `due`) numbers the rows."""
    used = allocations.group_by(side).agg(pl.col("amount").sum())
    met = pl.zeros(rows.height, dtype=pl.Int64, eager=True).scatter(used[side], used["amount"])
    return rows["amount"] - met


def _group(payments: pl.DataFrame, payables: pl.DataFrame, by: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the groups (`group`) that payments have in common with payables; rows of no such group fall out.

    `by` is categorical; two columns at a time become one whole number, which is joined three times as fast.
    """
    paid, due = payments["pay", "amount"], payables["due", "amount"]
    keys = [rows.select(pl.col(by).to_physical().cast(pl.Int64)) for rows in (payments, payables)]
    numbers = [rows[by[0]] for rows in keys]
    for name in by[1:]:
        numbers = _number([n * 2**32 + rows[name] for n, rows in zip(numbers, keys, strict=True)])
    grouped = [rows.with_columns(group=n).drop_nulls("group") for rows, n in zip((paid, due), numbers, strict=True)]
    return grouped[0].select("group", "pay", "amount"), grouped[1].select("group", "due", "amount")


def _number(pair: list[pl.Series]) -> list[pl.Series]:
    """Whole numbers of payments and of payables as numbers from 0; null where payments have none such."""
    numbers = pair[0].unique().drop_nulls().alias("number").to_frame().with_row_index("at")
    return [look_up(values.alias("number").to_frame(), numbers, ["number"])["at"].cast(pl.Int64) for values in pair]


def settle_by_invoice(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """The first pass: payments that name an invoice go to its payables of the payer, or of institutions whose parent the
    payer is.

    An invoice that no head institution pays for a branch is settled by each institution for itself.
    """
    named, owed = (
        rows.select(order, "amount", *INVOICE, "institution_code", *more).filter(pl.col("invoice_no").is_not_null())
        for rows, order, more in ((payments, "pay", []), (payables, "due", ["parent_institution_code"]))
    )
    heads = owed["parent_institution_code"].drop_nulls().unique()
    for_branches = (
        owed.filter(pl.col("parent_institution_code").is_not_null())
        .join(
            named.filter(pl.col("institution_code").is_in(heads.implode())),
            left_on=[*INVOICE, "parent_institution_code"],
            right_on=[*INVOICE, "institution_code"],
            how="semi",
        )
        .select(INVOICE)
        .unique()
    )
    by = ["institution_code", *INVOICE]  # few pairs of the first two
    if for_branches.is_empty():
        return allocate(*_group(named, owed, by))
    alone = [rows.join(for_branches, on=INVOICE, how="anti") for rows in (named, owed)]
    family = [rows.join(for_branches, on=INVOICE, how="semi") for rows in (named, owed)]
    return pl.concat([allocate(*_group(alone[0], alone[1], by)), _allocate_in_family(family[0], family[1])])


def _allocate_in_family(named: pl.DataFrame, owed: pl.DataFrame) -> pl.DataFrame:
    """Invoices that a head institution pays for a branch: payers that reach the same payables form a group;
    where their reach overlaps in part, the invoice is walked.
    """
    payers = named.select(*INVOICE, payer_code="institution_code").unique().with_row_index("payer")
    holders = owed.select(*INVOICE, "institution_code", "parent_institution_code").unique().with_row_index("holder")
    links = pl.concat(
        payers.join(holders.drop_nulls(code), left_on=[*INVOICE, "payer_code"], right_on=[*INVOICE, code]).select(
            *INVOICE, "payer", "holder"
        )
        for code in ("institution_code", "parent_institution_code")
    ).unique()
    named = named.join(payers, left_on=[*INVOICE, "institution_code"], right_on=[*INVOICE, "payer_code"])
    owed = owed.join(holders.drop("parent_institution_code"), on=[*INVOICE, "institution_code"])
    reach = (
        links.sort("holder")
        .group_by("payer")
        .agg(pl.col("holder"), pl.first(*INVOICE))
        .with_columns(group=pl.col("holder").list.first())
    )
    shared = (
        reach.explode("holder")
        .join(reach.select("payer", reach="holder"), on="payer")
        .group_by("holder")
        .agg(pl.col("reach").n_unique().alias("n"), pl.first(*INVOICE))
        .filter(pl.col("n") > 1)
        .select(INVOICE)
        .unique()
    )
    plain_reach = reach.join(shared, on=INVOICE, how="anti")
    groups = plain_reach.explode("holder").select("holder", "group").unique()
    plain = allocate(
        named.join(plain_reach.select("payer", "group"), on="payer").select("group", "pay", "amount"),
        owed.join(groups, on="holder").select("group", "due", "amount"),
    )
    if shared.is_empty():
        return plain
    walked = allocate_shared(
        named.join(shared, on=INVOICE, how="semi"),
        owed.join(shared, on=INVOICE, how="semi"),
        links.join(shared, on=INVOICE, how="semi"),
    )
    return pl.concat([plain, walked])
