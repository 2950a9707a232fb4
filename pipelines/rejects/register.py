"""The register of rejected rows: what was refused, why, where it stood, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.lake import batches
from pipelines.lake.tables import PLACE
from pipelines.rejects.line_numbers import read_contents
from pipelines.store.store import Store
from pipelines.validate.references import WAITS
from pipelines.validate.rows import REASON
from schemas.records import Dataset

"""The one reason that goes away by itself: a row that has no other waits for its reference."""

REGISTER: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "record_id": pl.String(),
    "natural_key": pl.String(),
    "key_is_whole": pl.Boolean(),
    "_file": pl.Int64(),
    "source_path": pl.String(),
    "sheet": pl.String(),
    "line_no": pl.Int64(),
    "raw_json": pl.String(),
    "content_id": pl.String(),
    "reasons": pl.List(pl.Struct(REASON)),
    "first_seen_run": pl.String(),
    "last_seen_run": pl.String(),
    "state": pl.String(),
    "resolved_run": pl.String(),
    "decided_by": pl.String(),
    "decided_until": pl.Date(),
    "note": pl.String(),
    "changed_in": pl.Int64(),
}


REJECTED = "rejected.parquet"
"""What a batch keeps the register under."""


@dataclass(frozen=True)
class Origin:
    """A file as its sender knows it: the path in the landing zone; sheet → column → header as it was written."""

    path: str
    headers: Mapping[str, Mapping[str, str]]


def read_register(home: Store, batch: int) -> pl.DataFrame:
    """The register as it stood after a batch, empty where the batch left none; columns of REGISTER."""
    kept = batches.objects_of_batch(home, batch).at(REJECTED)
    rows = [kept.scan().collect()] if kept.exists else []
    # an earlier version wrote no column content_id
    return pl.concat([pl.DataFrame(schema=REGISTER), *rows], how="diagonal")


def natural_key(dataset: Dataset) -> pl.Expr:
    """The natural key as one text, its parts joined by `|`."""
    return pl.concat_str([pl.col(k).cast(pl.String).fill_null("") for k in dataset.key], separator="|")


def new_records(
    rows: pl.DataFrame, text: pl.DataFrame, dataset: Dataset, origins: Mapping[int, Origin], register: pl.DataFrame, run_id: str
) -> pl.DataFrame:
    """Register rows of some files as open.

    `rows`: typed columns, `_file`, `_sheet`, `_line`, `_reasons`, `_number` (the record that the row goes on
    with, or null); `text`: those rows at least as `name_columns` gave them, and `_file`; `origins`: `_file` → the
    file. Out: the columns of REGISTER without `changed_in`. The number of a new record (`record_id`) is the
    SHA-256 of dataset, key and cells. The same bad row sent again, in whatever shape, is the same record: of the
    `register`, the one with these cells, else the one whose values are read alike (`content_id`).
    """
    place = list(PLACE)
    raw = _with_raw_json(text.join(rows.select(place), on=place, how="semi"), origins)
    content = pl.coalesce("_raw", pl.struct(list(dataset.schema())).struct.json_encode())
    raw = raw.select(*place, "raw_json", content.alias("_content"), *(pl.col(k).alias(f"raw:{k}") for k in dataset.key))
    found = rows.join(raw, on=place, how="left").with_columns(
        natural_key=pl.concat_str(
            [pl.coalesce(pl.col(k).cast(pl.String), f"raw:{k}", pl.lit("")).str.strip_chars() for k in dataset.key],
            separator="|",
        ),
        key_is_whole=pl.all_horizontal(pl.col(k).is_not_null() for k in dataset.key),
    )
    found = found.join(content_ids(text, rows, dataset), on=place, how="left")
    own = register.filter(dataset=dataset.name)
    known = set(own["record_id"])
    alike = dict(own.sort("changed_in").drop_nulls("content_id").select("content_id", "record_id").iter_rows())
    ids = []
    for number, key, content, content_id in found.select("_number", "natural_key", "_content", "content_id").iter_rows():
        exact = _digest(dataset.name, key, content)
        ids.append(number or (exact if exact in known else alike.get(content_id, exact)))
    return found.select(
        pl.lit(dataset.name).alias("dataset"),
        pl.Series("record_id", ids, dtype=pl.String),
        "natural_key",
        "key_is_whole",
        "_file",
        pl.col("_file")
        .replace_strict({file: origin.path for file, origin in origins.items()}, return_dtype=pl.String)
        .alias("source_path"),
        pl.col("_sheet").alias("sheet"),
        pl.col("_line").alias("line_no"),
        "raw_json",
        "content_id",
        pl.col("_reasons").alias("reasons"),
        pl.lit(run_id).alias("first_seen_run"),
        pl.lit(run_id).alias("last_seen_run"),
        pl.lit("open").alias("state"),
        *(pl.lit(None, REGISTER[c]).alias(c) for c in ("resolved_run", "decided_by", "decided_until", "note")),
    )


def content_ids(text: pl.DataFrame, places: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """What the rows at `places` say, however it is written: PLACE and `content_id`, a SHA-256 of the values as they are
    read, or of the line where it could not be split.
    """
    place = list(PLACE)
    rows = text.join(places.select(place).unique(), on=place, how="semi")
    values = pl.struct([c.name for c in dataset.columns]).struct.json_encode()
    contents = read_contents(rows, dataset).select(*place, _values=values)
    written = pl.coalesce(rows["_raw"], contents["_values"])
    ids = [_digest(dataset.name, content) for content in pl.select(written).to_series()]
    return contents.select(place).with_columns(content_id=pl.Series(ids, dtype=pl.String))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def update_register(
    register: pl.DataFrame, new: pl.DataFrame, accepted: pl.DataFrame, waived: pl.DataFrame, batch: int, run_id: str
) -> pl.DataFrame:
    """The register after a batch.

    `register` is the one before, `new` the records that this batch met (those that wait on included). `accepted`
    is what it accepted: dataset, natural_key, `_file`, `record_id` (the record that the row was or corrects, else
    null), `is_outdone` (a later version of it stands already). `waived` are the records whose rows it accepted
    as they are: dataset, record_id, decided_by, decided_until, note.

    A record met again keeps its first run, and one that was waived or discarded its state. `resolved`: its row
    was accepted late, or a corrected row came in under its number or its key. `superseded`: a later version
    stands and there was nothing to correct in it but its reference.
    """
    number = pl.lit(batch, pl.Int64)
    new = _carry_on(register, new).with_columns(changed_in=number)
    records = pl.concat(
        [
            register.join(new, on=_ID, how="anti").with_columns(_is_new=pl.lit(False)),
            new.select(*REGISTER).with_columns(_is_new=pl.lit(True)),
        ]
    )
    records = records.update(waived.with_columns(state=pl.lit("waived"), changed_in=number), on=_ID, include_nulls=True)
    by_key = accepted.group_by("dataset", "natural_key").agg(key_file=pl.col("_file").max())
    by_number = (
        accepted.filter(pl.col("record_id").is_not_null())
        .join(waived, on=_ID, how="anti")
        .group_by(_ID)
        .agg(number_file=pl.col("_file").max(), is_outdone=pl.col("is_outdone").all())
    )
    joined = records.join(by_key, on=["dataset", "natural_key"], how="left").join(by_number, on=_ID, how="left")
    live = pl.col("state").is_in(["open", "waived"])
    overtaken = (live & pl.col("key_is_whole") & (pl.col("key_file") > pl.col("_file"))).fill_null(False)
    came = (pl.col("number_file") > pl.col("_file")) | ((pl.col("number_file") == pl.col("_file")) & ~pl.col("_is_new"))
    closed = overtaken | (live & came).fill_null(False)
    only_waits = pl.col("reasons").list.eval(pl.element().struct.field("code") == WAITS).list.all()
    superseded = (overtaken & only_waits) | pl.col("is_outdone").fill_null(False)
    outcome = pl.when(superseded).then(pl.lit("superseded")).otherwise(pl.lit("resolved"))
    return joined.with_columns(
        state=pl.when(closed).then(outcome).otherwise("state"),
        resolved_run=pl.when(closed).then(pl.lit(run_id)).otherwise("resolved_run"),
        changed_in=pl.when(closed).then(number).otherwise("changed_in"),
    ).select(*REGISTER)


_ID = ["dataset", "record_id"]
_DECIDED = ("decided_by", "decided_until", "note")


def _carry_on(register: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """The records of a batch, each once, with what was known and decided of it before."""
    before = register.select(*_ID, "first_seen_run", *_DECIDED, was="state")
    met = new.sort("_file", "line_no").unique(_ID, keep="last").join(before, on=_ID, how="left", suffix=":before")
    stands = pl.col("was").is_in(["open", "waived", "discarded"]).fill_null(False)
    return met.with_columns(
        first_seen_run=pl.coalesce("first_seen_run:before", "first_seen_run"),
        state=pl.when(stands).then("was").otherwise(pl.lit("open")),
        **{c: pl.when(stands).then(f"{c}:before") for c in _DECIDED},
    )


def _with_raw_json(rows: pl.DataFrame, origins: Mapping[int, Origin]) -> pl.DataFrame:
    """Rows as they stood in their files (`raw_json`): the sender's headers, the text of every cell; of a ragged line,
    the line.
    """
    headers: dict[tuple[tuple[str, str], ...], int] = {}
    sheets = [
        (file, sheet, headers.setdefault(tuple(named.items()), len(headers)))
        for file, origin in origins.items()
        for sheet, named in origin.headers.items()
    ]
    header_of = pl.DataFrame(sheets, {"_file": PLACE["_file"], "_sheet": PLACE["_sheet"], "_header": pl.Int64}, orient="row")
    alike = rows.join(header_of, on=["_file", "_sheet"], how="left").group_by("_header")
    named = list(headers)
    return pl.concat([part.with_columns(raw_json=_raw_json(dict(named[h]))) for (h,), part in alike])


def _raw_json(headers: Mapping[str, str]) -> pl.Expr:
    whole = pl.col("_extra")
    if headers:
        known = pl.struct(pl.col(c).alias(name) for c, name in headers.items()).struct.json_encode()
        both = known.str.strip_suffix("}") + "," + pl.col("_extra").str.strip_prefix("{")
        whole = pl.coalesce(both, known)
    line = pl.struct(pl.col("_raw").alias("整行")).struct.json_encode()
    return pl.when(pl.col("_raw").is_null()).then(whole).otherwise(line)
