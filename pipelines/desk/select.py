"""Which rejected rows are meant: by the beginning of their numbers, or by what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipelines.errors import UsageError


@dataclass(frozen=True)
class Wanted:
    """Rejected rows by dataset, institution (its code, in the key or in a cell), code of a reason, part of the
    file's path, least age in days, and state (`all` for any). What is empty does not matter.
    """

    dataset: str = ""
    institution: str = ""
    reason: str = ""
    file: str = ""
    age: int = 0
    state: str = "open"


def select_records(register: pl.DataFrame, wanted: Wanted, today: date) -> pl.DataFrame:
    """The rows of the register that match; the age runs from the as_of of the run that met a row first."""
    found = register
    if wanted.dataset:
        found = found.filter(dataset=wanted.dataset)
    if wanted.state != "all":
        found = found.filter(state=wanted.state)
    if wanted.institution:
        in_key = pl.format("|{}|", "natural_key").str.contains(f"|{wanted.institution}|", literal=True)
        found = found.filter(in_key | pl.col("raw_json").str.contains(f'"{wanted.institution}"', literal=True))
    if wanted.reason:
        codes = pl.col("reasons").list.eval(pl.element().struct.field("code"))
        found = found.filter(codes.list.contains(wanted.reason))
    if wanted.file:
        found = found.filter(pl.col("source_path").str.contains(wanted.file, literal=True))
    if wanted.age:
        found = found.filter(pl.col("first_seen_run") < first_run_after(today, wanted.age))
    return found


def first_run_after(today: date, age: int) -> str:
    """What every run id sorts before whose as_of lies at least `age` days before `today`: ids begin with it."""
    return f"{today - timedelta(days=age - 1):%Y%m%d}"


def find_records(register: pl.DataFrame, numbers: Sequence[str]) -> pl.DataFrame:
    """The records whose 退回编号 begin so; UsageError for a beginning that no record has, or several."""
    wanted = pl.Series("record_id", numbers, dtype=pl.String).str.strip_chars().str.to_lowercase().unique()
    whole = wanted.filter(wanted.is_in(register["record_id"].implode()))
    found = whole.to_list()
    for number in wanted.filter(~wanted.is_in(whole.implode())).sort():
        met = register.filter(pl.col("record_id").str.starts_with(number))["record_id"]
        if met.len() != 1:
            raise UsageError(f"退回编号“{number}”对应 {met.len()} 条记录；请用 vbp rejects list 查到的编号（可只写开头几位）")
        found.append(met.item())
    return register.filter(pl.col("record_id").is_in(found))
