"""Receipts and payments that name an invoice which cannot be matched: no receipt, or no invoice line, speaks of it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines.lake.changed import changed_sides, have_one_base
from pipelines.lake.scan_records import parts_of, scan_records
from pipelines.lake.tables import PLACE
from pipelines.store.store import Store

_ROWS, _COUNTS = "unmatched_invoices.parquet", "named_invoices.json"
_NAME = ["invoice_code", "invoice_no"]
_ELECTRONIC = 20  # digits of a number that needs no code
_OF = {"payments": ("payee_code", "deliveries"), "deliveries": ("distributor_code", "invoices")}
_FOUND = {"dataset": pl.String(), **PLACE, **dict.fromkeys(_NAME, pl.String())}


def unmatched_invoices(records: Store, base: Store | None = None) -> tuple[pl.DataFrame, dict[str, int]]:
    """The records of a run that name an invoice which cannot be matched: `dataset`, `_file`, `_sheet`, `_line`,
    `invoice_code`, `invoice_no`; and of each dataset how many name one.

    A payment is matched by a receipt of its institution, or of a branch, that names the invoice; a receipt by a
    line of `invoices`. Where the code of a paper invoice was left out, the number must be of exactly one that the payee
    issued. Both stay with the records; where the `base` run has its own, only numbers that changed are looked at.
    """
    carried = base is not None and base.has(_COUNTS) and have_one_base(base, records)
    if carried and base is not None and not any(len(s) for s in changed_sides(base, records, "institutions")):
        found, counts = _carry(base, records)
    else:
        found = pl.concat([pl.DataFrame(schema=_FOUND), *(rows for name in _OF for rows in _find(records, name))])
        counts = {name: _count(scan_records(records, name), name) for name in _OF}
    records.write(_ROWS, found)
    records.put_json(_COUNTS, counts)
    return found, counts


def _carry(then: Store, now: Store) -> tuple[pl.DataFrame, dict[str, int]]:
    kept, counts, found = then.scan(_ROWS).collect(), then.read_json(_COUNTS), []
    for name, (_, source) in _OF.items():
        was, stands = changed_sides(then, now, name)
        counts[name] += _count(stands.lazy(), name) - _count(was.lazy(), name)
        sides = [was, stands, *changed_sides(then, now, source)]
        numbers = pl.concat(side.select("invoice_no") for side in sides).unique().drop_nulls()
        found.append(kept.filter(dataset=name).join(numbers, on="invoice_no", how="anti"))
        found += _find(now, name, numbers) if len(numbers) else []
    return pl.concat(found), counts


def _named(rows: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The rows that name an invoice; what takes a payment back is matched by the payment."""
    named = rows.filter(pl.col("invoice_no").is_not_null())
    return named.filter(pl.col("amount_fen") > 0) if name == "payments" else named


def _count(rows: pl.LazyFrame, name: str) -> int:
    return int(_named(rows, name).select(pl.len()).collect().item())


def _find(records: Store, name: str, only: pl.DataFrame | None = None) -> Iterator[pl.DataFrame]:
    """The records of a dataset that cannot be matched, part by part, of these numbers if some are given."""
    for part in (*parts_of(records, name),) or (None,):
        yield _find_in(records, name, part, only)


def _find_in(records: Store, name: str, part: int | None, only: pl.DataFrame | None) -> pl.DataFrame:
    issuer, source = _OF[name]
    code = pl.col("invoice_code").fill_null("")
    rows = (
        _named(scan_records(records, name, part, only=only), name)
        .select(*PLACE, code, "invoice_no", "institution_code", issuer_code=issuer)
        .collect()
    )
    numbers = rows.select("invoice_no").unique()
    house = ["institution_code"] if source == "deliveries" else []
    if house:  # a part holds a head institution with its branches
        receipts = scan_records(records, source, part, only=numbers)
        heads = scan_records(records, "institutions").select("institution_code", "parent_institution_code")
        names = receipts.select("institution_code", code, "invoice_no", issuer_code="distributor_code")
        of_heads = (
            names.join(heads.drop_nulls(), on="institution_code")
            .with_columns(institution_code="parent_institution_code")
            .select("institution_code", *_NAME, "issuer_code")
        )
        names = pl.concat([names, of_heads])
    else:
        names = scan_records(records, source, only=numbers).select(code, "invoice_no", issuer_code="seller_code")
    on_file = names.unique().collect()
    rows = rows.join(on_file, on=[*house, *_NAME], how="anti")
    one = (
        on_file.group_by(*house, "invoice_no", "issuer_code")
        .agg(codes=pl.col("invoice_code").n_unique())
        .filter(pl.col("codes") == 1)
    )
    is_bare = (pl.col("invoice_code") == "") & (pl.col("invoice_no").str.len_chars() < _ELECTRONIC)
    met = rows.filter(is_bare).join(one, on=[*house, "invoice_no", "issuer_code"], how="semi")
    left = rows.join(met, on=list(PLACE), how="anti")
    return left.select(pl.lit(name).alias("dataset"), *PLACE, *_NAME)
