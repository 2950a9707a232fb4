"""Sources of rows: the new files of a night, and files of the archive that are looked at again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.ingest.discover import LandingFile
from pipelines.ingest.take_in import TakenIn, take_in
from pipelines.lake.batches import committed
from pipelines.rejects.corrections import Examined, examine
from pipelines.rejects.register import REGISTER, natural_key, new_records
from pipelines.rejects.waivers import is_waivable
from pipelines.validate.rows import PLACE
from schemas.records import Dataset

_ACCEPTED = {"_sheet": pl.String(), "_line": pl.Int64(), "record_id": pl.String()}


@dataclass(frozen=True)
class Source:
    """A file as text, with its place in the order of upserts.

    `records`: of a file looked at again the records concerned (`record_id`, `_sheet`, `_line`), whose rows alone
    count; None of a new file.
    """

    seq: int
    file: LandingFile
    taken: TakenIn
    text: Path
    records: pl.DataFrame | None = None


@dataclass(frozen=True)
class Judged:
    """What is to be said of the rows of a source before anyone asks for their references.

    `rows`: typed columns, `_file`, `_sheet`, `_line`, `record_id` (the record that the row is or corrects), rows
    accepted under a waiver among them; `bad`: as `Examined.bad` with `_file`, waived rows among them; `waived`:
    the places of those and their records; `records`: the register's entries of waived rows sent again.
    """

    rows: pl.DataFrame
    bad: pl.DataFrame
    repeats: int
    twins: pl.DataFrame
    waived: pl.DataFrame
    records: pl.DataFrame


def look_again(
    home: Path, dataset: Dataset, records: pl.DataFrame, folder: Path, progress: Callable[[str], None]
) -> list[Source]:
    """Take in the archived files in which `records` (rows of the register) stand, in the order of upserts.

    The text goes below `folder`. A file that can no longer be read is told, and its records stay as they are.
    """
    entries = {f["seq"]: f for b in committed(home) for f in b.files}
    found = []
    for (seq,), rows in sorted(records.group_by("_file"), key=lambda part: part[0]):
        entry, text = entries[seq], folder / f"{seq:09d}.parquet"
        file = LandingFile(dataset.name, entry["path"], entry["sha256"], entry["bytes"], "new")
        taken = take_in(file, Path(), home / "archive", text)
        if taken.refused:
            progress(f"重新校验 {file.path}：文件已不能读取，其拒收记录保持不变（{taken.message}）")
            continue
        progress(f"重新校验 {file.path}：{rows.height} 条拒收记录")
        places = rows.select("record_id", _sheet="sheet", _line="line_no")
        found.append(Source(entry["seq"], file, taken, text, places))
    return found


def judge_source(
    source: Source,
    dataset: Dataset,
    register: pl.DataFrame,
    versions: pl.LazyFrame,
    waivers: pl.DataFrame,
    run_id: str,
) -> Judged:
    """Check the rows of a source with the code of every night; rows under a waiver pass as they are."""
    text = pl.read_parquet(source.text)
    if source.records is None:
        examined = examine(text, dataset, register, versions)
    else:
        examined = examine(
            _name_records(text, source.records, dataset, register), dataset, register, versions
        )
        examined = _keep_records(examined, source.records)
    place = pl.lit(source.seq, pl.Int64).alias("_file")
    bad = examined.bad.with_columns(place)
    entries = _recognize(bad, source, text, dataset, waivers, run_id)
    waived = entries.select("record_id", _sheet="sheet", _line="line_no").select(*_ACCEPTED)
    schema = list(dataset.schema())
    rows = examined.good.with_columns(place).select(*schema, "_file", *PLACE, record_id="_number")
    if not waived.is_empty():
        passed = bad.join(waived, on=PLACE).select(rows.columns)
        rows = pl.concat([rows, passed])
    return Judged(rows, bad, examined.repeats, examined.twins, waived, entries)


def _name_records(
    text: pl.DataFrame, records: pl.DataFrame, dataset: Dataset, register: pl.DataFrame
) -> pl.DataFrame:
    """Let each row name the record that it is: read otherwise than the first time, it must not be given the
    rank of a line that was accepted. A number that is wrong stays wrong.
    """
    known = pl.col("_number").is_in(register.filter(dataset=dataset.name)["record_id"].implode())
    named = text.join(records, on=PLACE, how="left", maintain_order="left")
    is_free = pl.col("_number").is_null() | known
    return named.with_columns(
        _number=pl.when(is_free).then(pl.coalesce("record_id", "_number")).otherwise("_number")
    ).drop("record_id")


def _keep_records(examined: Examined, records: pl.DataFrame) -> Examined:
    """Only the rows of the records concerned, each under the number of its record."""
    good, bad = (
        rows.drop("_number").join(records.rename({"record_id": "_number"}), on=PLACE, how="inner")
        for rows in (examined.good, examined.bad)
    )
    return Examined(good, bad, 0, examined.twins.clear())


def _recognize(
    bad: pl.DataFrame,
    source: Source,
    text: pl.DataFrame,
    dataset: Dataset,
    waivers: pl.DataFrame,
    run_id: str,
) -> pl.DataFrame:
    """The rows that a waiver covers, as entries of the register; known by their number, or by key and content."""
    own = waivers.filter(dataset=dataset.name)
    none = pl.DataFrame(schema={c: t for c, t in REGISTER.items() if c != "changed_in"})
    if own.is_empty() or bad.is_empty():
        return none
    is_known = natural_key(dataset).is_in(own["natural_key"].implode())
    suspects = bad.filter(is_waivable("_reasons", dataset) & is_known)
    if suspects.is_empty():
        return none
    if source.records is None:
        suspects = suspects.with_columns(_number=pl.lit(None, pl.String))
    entries = new_records(suspects, text, dataset, source.taken.headers, source.file.path, run_id)
    return entries.join(own, on="record_id", how="semi")
