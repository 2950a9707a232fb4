"""Sources of rows: the new files of a night, and files of the archive that are looked at again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipelines.ingest.take_in import TakenIn, read_in
from pipelines.lake.batches import committed
from pipelines.lake.tables import PLACE
from pipelines.rejects.corrections import Examined, complete_numbers, examine, leave_untouched
from pipelines.rejects.register import REGISTER, Origin, natural_key, new_records
from pipelines.rejects.waivers import is_waivable
from pipelines.store.dossier import LandingFile
from pipelines.store.store import Object, Store, scan_objects
from schemas.records import Dataset

GROUP_ROWS = 200_000
"""So many rows at most are judged at once, unless one file has more: what a group costs beyond its rows is the same
for a hundred files as for one.
"""


@dataclass(frozen=True)
class Source:
    """A file as text, with its place in the order of upserts.

    `records`: of a file looked at again the records concerned (`record_id` and PLACE), whose rows alone count;
    None of a new file.
    """

    seq: int
    file: LandingFile
    taken: TakenIn
    text: Object
    records: pl.DataFrame | None = None

    @property
    def origin(self) -> Origin:
        """The file as its sender knows it."""
        return Origin(self.file.path, self.taken.headers)


@dataclass(frozen=True)
class Judged:
    """What is to be said of the rows of a group of sources before anyone asks for their references.

    `rows`: typed columns, `_file`, `_sheet`, `_line`, `record_id` (the record that the row is or corrects), rows
    accepted under a waiver among them; `bad`: as `Examined.bad`, waived rows among them; `repeats`: the `_file` of
    each; `waived`: the places of waived rows and their records; `records`: the register's entries of waived rows
    sent again; `text`: the rows as text, as many as are still needed.
    """

    text: pl.DataFrame
    rows: pl.DataFrame
    bad: pl.DataFrame
    repeats: pl.DataFrame
    twins: pl.DataFrame
    waived: pl.DataFrame
    records: pl.DataFrame

    def keep_refused(self, unknown: pl.DataFrame) -> Judged:
        """The same once its rows are accepted but for those `unknown`: without rows, with the text of what is refused."""
        places = pl.concat([self.bad.select(*PLACE), unknown.select(*PLACE)])
        text = self.text.join(places, on=list(PLACE), how="semi")
        return replace(self, rows=self.rows.clear(), text=let_go(text), bad=let_go(self.bad))


def let_go(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows with their text copied: a few rows of a file would hold on to the text of all of it."""
    return pl.DataFrame(rows.to_arrow(), schema=rows.schema)


def group_sources(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """The sources in their order, in groups of GROUP_ROWS rows; a file looked at again is a group of its own."""
    group: list[Source] = []
    rows = 0
    for source in sources:
        rows += source.taken.rows_read
        if group and (rows > GROUP_ROWS or group[0].records is not None):
            yield group
            group, rows = [], source.taken.rows_read
        group.append(source)
    if group:
        yield group


def look_again(
    home: Store, kept: Store, dataset: Dataset, records: pl.DataFrame, scratch: Store, progress: Callable[[str], None]
) -> list[Source]:
    """Read again the files of the archive `kept` in which `records` (rows of the register) stand, in the order of upserts.

    The text goes into `scratch`. A file that can no longer be read is told, and its records stay as they are.
    """
    entries = {f["seq"]: f for b in committed(home) for f in b.files}
    found = []
    for (seq,), rows in sorted(records.group_by("_file"), key=lambda part: part[0]):
        entry, text = entries[seq], scratch.at(f"{dataset.name}/{seq:09d}.parquet")
        file = LandingFile(dataset.name, entry["path"], entry["sha256"], entry["bytes"], "new")
        taken = read_in(file, kept, text)
        if taken.refused:
            progress(f"重新校验 {file.path}：文件已不能读取，其拒收记录保持不变（{taken.message}）")
            continue
        progress(f"重新校验 {file.path}：{rows.height} 条拒收记录")
        places = rows.select("record_id", "_file", _sheet="sheet", _line="line_no")
        found.append(Source(entry["seq"], file, taken, text, places))
    return found


def judge_sources(
    group: Sequence[Source],
    dataset: Dataset,
    register: pl.DataFrame,
    versions: pl.LazyFrame,
    waivers: pl.DataFrame,
    run_id: str,
) -> Judged:
    """Check the rows of sources with the code of every night; rows under a waiver pass as they are.

    Every file is judged by itself, whichever others stand in its group.
    """
    records = group[0].records
    if records is not None:  # a row that was accepted once has no record yet
        new = records.join(register, on="record_id", how="anti").select(
            "record_id", dataset=pl.lit(dataset.name), state=pl.lit("open")
        )
        register = pl.concat([register, new], how="diagonal")
    text = read_text(group, dataset, register)
    if records is None:
        examined = leave_untouched(examine(text, dataset, register, versions), text, dataset, register)
    else:
        examined = examine(_name_records(text, records, dataset, register), dataset, register, versions)
        examined = _keep_records(examined, records)
    entries = _recognize(examined.bad, group, text, dataset, waivers, register, run_id)
    waived = entries.select("record_id", "_file", _sheet="sheet", _line="line_no")
    rows = examined.good.select(*dataset.schema(), *PLACE, record_id="_number")
    if not waived.is_empty():
        passed = examined.bad.join(waived, on=list(PLACE)).select(rows.columns)
        rows = pl.concat([rows, passed])
    return Judged(text, rows, examined.bad, examined.repeats, examined.twins, waived, entries)


def read_text(group: Sequence[Source], dataset: Dataset, register: pl.DataFrame) -> pl.DataFrame:
    """The rows of a group as text: the columns of `name_columns` and `_file`, with numbers as `complete_numbers` has them."""
    text = scan_objects([source.text for source in group]).collect()
    files = (pl.repeat(s.seq, s.taken.rows_read, dtype=pl.Int64(), eager=True) for s in group)
    return complete_numbers(text.with_columns(pl.concat(files).alias("_file")), dataset, register)


def _name_records(text: pl.DataFrame, records: pl.DataFrame, dataset: Dataset, register: pl.DataFrame) -> pl.DataFrame:
    """Let each row name the record that it is: read otherwise than the first time, it must not be given the
    rank of a line that was accepted. A number that is wrong stays wrong.
    """
    known = pl.col("_number").is_in(register.filter(dataset=dataset.name)["record_id"].implode())
    named = text.join(records, on=list(PLACE), how="left", maintain_order="left")
    is_free = pl.col("_number").is_null() | known
    return named.with_columns(_number=pl.when(is_free).then(pl.coalesce("record_id", "_number")).otherwise("_number")).drop(
        "record_id"
    )


def _keep_records(examined: Examined, records: pl.DataFrame) -> Examined:
    """Only the rows of the records concerned, each under the number of its record."""
    good, bad = (
        rows.drop("_number").join(records.rename({"record_id": "_number"}), on=list(PLACE), how="inner")
        for rows in (examined.good, examined.bad)
    )
    return Examined(good, bad, examined.repeats.clear(), examined.twins.clear())


def _recognize(
    bad: pl.DataFrame,
    group: Sequence[Source],
    text: pl.DataFrame,
    dataset: Dataset,
    waivers: pl.DataFrame,
    register: pl.DataFrame,
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
    if group[0].records is None:
        suspects = suspects.with_columns(_number=pl.lit(None, pl.String))
    entries = new_records(suspects, text, dataset, {s.seq: s.origin for s in group}, register, run_id)
    return entries.join(own, on="record_id", how="semi")
