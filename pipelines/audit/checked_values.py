"""How often values occur that records are accepted with and that deserve a warning: odd codes, companies, agencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl
from stdnum.cn import uscc

from pipelines.lake.changed import changed_sides, have_one_base
from pipelines.lake.scan_records import parts_of, scan_records
from pipelines.store.store import Store
from schemas.records import RECORDS, Column, Dataset
from schemas.records.products import NATIONAL

_FILE = "checked_values.parquet"
_COUNTS = {"check": pl.String(), "value": pl.String(), "rows": pl.Int64()}
_COMPANIES = {
    "deliveries": ["distributor_code"],
    "payments": ["payee_code"],
    "invoices": ["seller_code", "buyer_code"],
    "products": ["manufacturer_code", "mah_code"],
}
_AGENCIES = {"commitments": ["agency_code"], "prepayments": ["agency_code"]}


@dataclass(frozen=True)
class ValueCheck:
    """A column whose values are looked at: for their form, or for companies or agencies that no register has."""

    kind: Literal["format", "unknown_company", "unknown_agency"]
    dataset: Dataset
    column: str

    @property
    def name(self) -> str:
        """The check's name."""
        return f"{self.kind}:{self.dataset.name}:{self.column}"

    @property
    def title(self) -> str:
        """What the column is called in Chinese."""
        return self._declared.title

    @property
    def form(self) -> str:
        """How a value is to be written: a pattern, or `uscc`."""
        form = self._declared.warn
        return NATIONAL if form == "product_code" else form

    @property
    def _declared(self) -> Column:
        return next(c for c in self.dataset.columns if c.name == self.column)


def value_checks() -> list[ValueCheck]:
    """All of them, in the order in which they are told."""
    forms = [ValueCheck("format", d, c.name) for d in RECORDS.values() for c in d.columns if c.warn]
    companies = [ValueCheck("unknown_company", RECORDS[d], c) for d, cs in _COMPANIES.items() for c in cs]
    return [*forms, *companies, *(ValueCheck("unknown_agency", RECORDS[d], c) for d, cs in _AGENCIES.items() for c in cs)]


def count_values(records: Store, base: Store | None = None) -> pl.DataFrame:
    """Count the records of a run that have a value in a column that is looked at: columns `check`, `value`, `rows`.

    Without a `value`: all of them. With one, of forms the odd ones, of companies and agencies each. The counts stay with the
    records; where those of the `base` run have theirs, what changed since is taken off and added.
    """
    if base is not None and have_one_base(base, records) and base.has(_FILE):
        counts = _carry(base.scan(_FILE).collect(), base, records)
    else:
        counts = _add_up(
            count
            for dataset in _datasets()
            for part in (*parts_of(records, dataset.name),) or (None,)
            for count in _count(scan_records(records, dataset.name, part), dataset)
        )
    records.write(_FILE, counts)
    return counts


def _carry(counts: pl.DataFrame, then: Store, now: Store) -> pl.DataFrame:
    found = [counts]
    for dataset in _datasets():
        was, stands = changed_sides(then, now, dataset.name)
        found += [gone.with_columns(-pl.col("rows")) for gone in _count(was.lazy(), dataset)]
        found += _count(stands.lazy(), dataset)
    return _add_up(found)


def _datasets() -> list[Dataset]:
    return list({c.dataset.name: c.dataset for c in value_checks()}.values())


def _count(rows: pl.LazyFrame, dataset: Dataset) -> Iterator[pl.DataFrame]:
    """One pass over the rows, which reads only the columns that are looked at."""
    checks = [c for c in value_checks() if c.dataset == dataset]
    values = rows.select({c.column for c in checks}).collect()
    for check in checks:
        column = values[check.column].alias("value").drop_nulls()
        named = _find_odd(column, check.form) if check.kind == "format" else column
        counts = named.value_counts(name="rows")
        every = pl.DataFrame({"value": None, "rows": len(column)})
        yield from (_shape(c, check) for c in (counts, every))


def _find_odd(values: pl.Series, form: str) -> pl.Series:
    if form != "uscc":
        return values.filter(~values.str.contains(form))
    odd = [v for v in values.unique() if not uscc.is_valid(v)]
    return values.filter(values.is_in(pl.Series(odd, dtype=pl.String).implode()))


def _shape(counts: pl.DataFrame, check: ValueCheck) -> pl.DataFrame:
    named = counts.with_columns(check=pl.lit(check.name))
    return named.select(pl.col(c).cast(t) for c, t in _COUNTS.items())


def _add_up(counts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    every = pl.concat([pl.DataFrame(schema=_COUNTS), *counts])
    whole = every.group_by("check", "value").agg(pl.col("rows").sum())
    return whole.filter(pl.col("rows") != 0).sort("check", "value")
