"""The two yardsticks: DuckDB answering hand-written SQL over the run's records, and merely reading them.

A query stands in `benchmarks/sql/<table>.sql`, written from the text of the rules alone: an independent reading. It finds
views named as the datasets, `calendar` and `policies`, the variable `as_of`, the macro `policy_of(parameter,
jurisdiction, day)`: `policy_id` and `value` (a list of texts, of one where it is no list) of the row that holds, or null;
the function `as_text`; and what `words*.sql` say of words that several sections share.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import Path

from pipelines.indicators import all_indicators
from pipelines.lake.parts import AXES
from pipelines.lake.scan_records import scan_records
from pipelines.store.local import Local
from schemas.records import RECORDS

INDICATORS = all_indicators()
SQL = Path(__file__).with_name("sql")
"""Queries by the report table that they answer."""

ASKED = {table: code for code, indicator in INDICATORS.items() for table in indicator.tables if (SQL / f"{table}.sql").exists()}
"""The report tables that DuckDB gives too, each with its indicator."""

_POLICY_OF = """CREATE MACRO policy_of(asked, place, day) AS (
    SELECT arg_max({'policy_id': policy_id, 'value': value}, (length(jurisdiction), valid_from))
    FROM policies
    WHERE parameter = asked AND starts_with(place, jurisdiction)
        AND day BETWEEN valid_from AND coalesce(valid_to, DATE '9999-12-31')
)"""


def columns_of(indicator: str) -> dict[str, list[str]]:
    """The columns an indicator cannot do without, of the large datasets that it reads: those that its queries name, all of
    them where it has none. What else it reads is small.
    """
    text = "\n".join(_read_query(table) for table, code in ASKED.items() if code == indicator)
    named = _list_names(text)
    return {
        dataset: [name for name in RECORDS[dataset].schema() if not text or name in named]
        for dataset in INDICATORS[indicator].reads
        if dataset in AXES
    }


def ask_duckdb(table: str, records: Path, as_of: date, given: Path, target: Path, threads: int = 2) -> None:
    """Let DuckDB compute the report table from the records, all parts of them, and write it to `target`.

    `given` is the folder that `write_given` filled. `target` is a Parquet file; its folder is made. A query may read other
    report tables, as their queries give them; that of `findings` says what the rules that it speaks of raise.
    """
    import duckdb

    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {threads}")
        connection.execute(f"SET temp_directory = '{target.parent / 'spill'}'")
        for name in ("calendar", "policies"):
            connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{given / name}.parquet')")
        connection.execute(_POLICY_OF)
        for dataset in RECORDS:
            whole = records / f"{dataset}.parquet"
            files = whole if whole.exists() else records / dataset / "part-???.parquet"
            connection.execute(f"CREATE VIEW {dataset} AS FROM read_parquet('{files}')")
        connection.execute(f"SET VARIABLE as_of = DATE '{as_of}'")
        connection.create_function("as_text", _as_text, ["VARCHAR"], "VARCHAR")
        connection.execute(_read_words())
        query = _read_query(table)
        for other in ASKED.keys() & set(re.findall(r"(?:FROM|JOIN) (\w+)", query)):
            connection.execute(f"CREATE VIEW {other} AS\n{_read_query(other)}")
        connection.execute(f"COPY (\n{query}\n) TO '{target}' (FORMAT parquet, COMPRESSION lz4)")


def scan_floor(indicator: str, records: Path) -> int:
    """Read the columns the indicator needs into memory and do nothing with them; return the rows read."""
    rows = 0
    for dataset, columns in columns_of(indicator).items():
        rows += scan_records(Local(records), dataset).select(columns).collect().height
    return rows


def write_given(folder: Path) -> None:
    """Write what queries find beside the records: `calendar.parquet`, every day from 2015 to 2030 and the working day it
    rolls to, and `policies.parquet`, our policy rows with their values as lists of texts.
    """
    import polars as pl

    from pipelines.policy.calendar import working_days
    from pipelines.policy.policies import load_policies

    folder.mkdir(parents=True, exist_ok=True)
    working_days(date(2015, 1, 1), date(2030, 12, 31)).write_parquet(folder / "calendar.parquet")
    pl.DataFrame(
        [
            (row.id, row.parameter, row.jurisdiction, row.valid_from, row.valid_to, _list_texts(row.value))
            for row in load_policies().rows
        ],
        {
            **dict.fromkeys(("policy_id", "parameter", "jurisdiction"), pl.String),
            **dict.fromkeys(("valid_from", "valid_to"), pl.Date),
            "value": pl.List(pl.String),
        },
        orient="row",
    ).write_parquet(folder / "policies.parquet")


def _list_texts(value: bool | int | str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _read_query(table: str) -> str:
    return (SQL / f"{table}.sql").read_text(encoding="utf-8")


def _read_words() -> str:
    return "\n".join(_read_query(name) for name in ("words", "words_of_payables", "words_of_commitments"))


def _list_names(query: str) -> set[str]:
    """The names in a query, and those in the words that it names, one by the other."""
    words = {re.split(r"\W+", part)[0]: part for part in re.split(r"CREATE (?:VIEW|MACRO) ", _read_words())[1:]}
    names: set[str] = set()
    unread = [query]
    while unread:
        found = set(re.findall(r"\w+", re.sub(r"--.*", "", unread.pop()))) - names
        names |= found
        unread += [words[name] for name in found & words.keys()]
    return names


def _as_text(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
