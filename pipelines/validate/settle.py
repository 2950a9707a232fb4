"""Settle a night: which rows of the new files, and which that waited, become accepted records."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.ingest.discover import LandingFile
from pipelines.ingest.take_in import TakenIn
from pipelines.lake import batches
from pipelines.lake.batches import Batch
from pipelines.lake.current import current
from pipelines.lake.tables import PLACE, scan, write_batch
from pipelines.rejects.register import REGISTER, natural_key, new_records, read_register, update_register
from pipelines.validate.references import REASONS, named_keys, unknown_references
from pipelines.validate.rows import check_rows
from schemas.records import RECORDS, Dataset

_WAITING = {**PLACE, "record_id": pl.String()}


def settle(
    home: Path,
    run_id: str,
    files: list[tuple[LandingFile, TakenIn]],
    text_of: Callable[[LandingFile], Path],
    progress: Callable[[str], None] = lambda _: None,
) -> Batch:
    """Validate the files taken in, accept what is good and commit both as one batch; return the batch that
    now stands last.

    `files` are in the order of upserts; `text_of` says where the text of each is. Rows rejected earlier for
    nothing but an unknown reference are looked at again and keep the place of their file. Until the manifest
    is written nothing counts; done again after a kill, the same batch results. Asserts rows_read = accepted +
    rejected + duplicate for every file.
    """
    before = batches.last_batch(home)
    if not files:
        return before
    night = _Night(home, run_id, before, progress)
    numbered = list(
        enumerate(
            files, start=max((f["seq"] for b in batches.committed(home) for f in b.files), default=0) + 1
        )
    )
    records: list[dict[str, Any]] = []
    for dataset in RECORDS.values():
        own = [(seq, file, taken) for seq, (file, taken) in numbered if file.dataset == dataset.name]
        records += night.settle_dataset(dataset, own, text_of)
    return night.commit(records)


class _Night:
    """What the datasets of one night hand on to each other: what is known, accepted and rejected so far.

    Rows go through part by part (a file is a part), each in a Parquet file of the batch's folder until the
    dataset is committed to its table: memory follows the largest file, not the night.
    """

    def __init__(self, home: Path, run_id: str, before: Batch, progress: Callable[[str], None]) -> None:
        self.home, self.run_id, self.before, self.progress = home, run_id, before, progress
        self.number = before.number + 1
        self.folder = batches.folder(home, self.number)
        self.versions = dict(before.versions)
        self.rejected: list[pl.DataFrame] = [pl.DataFrame(schema=_without_change())]
        self.accepted: dict[str, list[Path]] = {}
        self.changes = {"accepted": 0, "late": 0, "withdrawn": 0, "replaced": 0}
        shutil.rmtree(self.folder, ignore_errors=True)  # what an interrupted night left
        self.register = read_register(home, before.number)

    def settle_dataset(
        self,
        dataset: Dataset,
        files: list[tuple[int, LandingFile, TakenIn]],
        text_of: Callable[[LandingFile], Path],
    ) -> list[dict[str, Any]]:
        """Settle one dataset and return the ledger entry of each of its files."""
        known = self._known_keys(dataset, [text_of(file) for _, file, _ in files])
        accepted = _Accepted()
        unknown = [pl.DataFrame(schema={**dataset.schema(), **_WAITING, "_reasons": REASONS})]
        whole = dataset.name in dataset.targets  # what one of its files names may stand in another
        held = [self._waiting(dataset)]
        if not whole:
            unknown.append(self._accept(held.pop(), 0, dataset, known, accepted))
        broken: dict[int, pl.DataFrame] = {}
        entries = []
        for seq, file, taken in files:
            good, bad, repeats = check_rows(pl.read_parquet(text_of(file)), dataset)
            place = pl.lit(seq, pl.Int64).alias("_file")
            good = good.with_columns(place, record_id=pl.lit(None, pl.String))
            if whole:
                held.append(good.select(held[0].columns))
            else:
                unknown.append(self._accept(good, seq, dataset, known, accepted))
            broken[seq] = bad.with_columns(place)
            entries.append({"seq": seq, "rows_duplicate": repeats, **_entry(file, taken)})
            self.progress(
                f"校验 {file.path}：读取 {taken.rows_read} 行，问题 {bad.height} 行，重复 {repeats} 行"
            )
        if whole:
            unknown.append(self._accept(pl.concat(held), 0, dataset, known, accepted))
        self._put_into_table(dataset, accepted.parts)
        if whole:
            known[dataset.name] = self._current_keys(dataset)
        refused_rows = pl.concat(unknown)
        again = refused_rows.filter(pl.col("record_id").is_not_null())
        self._meet_again(again, dataset)
        waiting = [again]
        for (seq, file, taken), entry in zip(files, entries, strict=True):
            own = refused_rows.filter(pl.col("record_id").is_null() & (pl.col("_file") == seq)).drop(
                "record_id"
            )
            refused = pl.concat([_with_references(broken[seq], dataset, known), own], how="diagonal")
            if not refused.is_empty():
                text = pl.read_parquet(text_of(file))
                records = new_records(refused, text, dataset, taken.headers, file.path, self.run_id)
                self.rejected.append(records)
                ids = records.select("record_id", "_file", _sheet="sheet", _line="line_no")
                waiting.append(own.join(ids, on=list(PLACE), how="left"))
            entry |= {"rows_accepted": accepted.rows.get(seq, 0), "rows_rejected": refused.height}
            if taken.rows_read != entry["rows_accepted"] + refused.height + entry["rows_duplicate"]:
                raise AssertionError(f"{file.path}: rows do not add up: {entry}")
        self._keep_waiting(pl.concat(waiting, how="diagonal"), dataset)
        return entries

    def commit(self, entries: list[dict[str, Any]]) -> Batch:
        """Write the register of rejected rows, then the manifest."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = pl.concat(self.rejected)
        keys = pl.concat([self.register.filter(state="open"), new], how="diagonal").select(
            "dataset", "natural_key"
        )
        accepted = [pl.DataFrame(schema=_ACCEPTED)]
        for name, parts in self.accepted.items():
            met = keys.filter(dataset=name).unique()
            if not met.is_empty():
                rows = pl.scan_parquet(parts).select(
                    pl.lit(name).alias("dataset"), natural_key(RECORDS[name]).alias("natural_key"), "_file",
                    pl.col("record_id").is_not_null().alias("is_late"),
                )  # fmt: skip
                accepted.append(rows.join(met.lazy(), on=["dataset", "natural_key"], how="semi").collect())
        register = update_register(self.register, new, pl.concat(accepted), self.number, self.run_id)
        register.sort("dataset", "record_id").write_parquet(self.folder / "rejected.parquet")
        shutil.rmtree(self.folder / "parts", ignore_errors=True)
        batch = Batch(self.number, self.run_id, entries, self.versions, self.changes)
        batches.commit(self.home, batch)
        return batch

    def _write_part(self, dataset: Dataset, seq: int, rows: pl.DataFrame) -> Path:
        path = self.folder / "parts" / dataset.name / f"{seq:09d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.select(*dataset.schema(), *_WAITING).write_parquet(path, compression="lz4")
        return path

    def _waiting(self, dataset: Dataset) -> pl.DataFrame:
        path = batches.folder(self.home, self.before.number) / "waiting" / f"{dataset.name}.parquet"
        if not path.exists():
            return pl.DataFrame(schema={**dataset.schema(), **_WAITING})
        still_open = self.register.filter(state="open", dataset=dataset.name).select("record_id")
        return pl.read_parquet(path).join(still_open, on="record_id", how="semi")

    def _meet_again(self, rows: pl.DataFrame, dataset: Dataset) -> None:
        """Rows that still wait keep their record and get the reasons of today."""
        if not rows.is_empty():
            met = self.register.filter(dataset=dataset.name).join(
                rows.select("record_id", "_reasons").unique("record_id"), on="record_id"
            )
            met = met.with_columns(reasons="_reasons", last_seen_run=pl.lit(self.run_id))
            self.rejected.append(met.select(*_without_change()))

    def _keep_waiting(self, rows: pl.DataFrame, dataset: Dataset) -> None:
        """Rows whose only fault is an unknown reference wait, typed, for the night on which it arrives."""
        if not rows.is_empty():
            path = self.folder / "waiting" / f"{dataset.name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = rows.select(*dataset.schema(), *_WAITING).sort("_file").unique("record_id", keep="last")
            rows.write_parquet(path)

    def _accept(
        self,
        rows: pl.DataFrame,
        seq: int,
        dataset: Dataset,
        known: Mapping[str, pl.DataFrame],
        accepted: _Accepted,
    ) -> pl.DataFrame:
        """Write the rows whose references are known as a part; return the others with their reasons."""
        if dataset.name in dataset.targets:
            reasons = self._check_own_references(rows, dataset, known)
        else:
            reasons = unknown_references(rows, dataset, known)
        rows = rows.select(*dataset.schema(), *_WAITING, reasons.alias("_reasons"))
        unknown = rows.clear()
        if reasons.null_count() < rows.height:
            unknown = rows.filter(pl.col("_reasons").is_not_null())
            rows = rows.filter(pl.col("_reasons").is_null())
        if rows.height:
            accepted.parts.append(self._write_part(dataset, seq, rows))
            accepted.rows |= dict(
                rows.filter(pl.col("record_id").is_null()).group_by("_file").len().iter_rows()
            )
            self.changes["accepted"] += rows.height
            self.changes["late"] += rows["record_id"].count()
            self.changes["withdrawn"] += int(rows["is_withdrawn"].sum())
        return unknown

    def _put_into_table(self, dataset: Dataset, parts: list[Path]) -> None:
        if not parts:
            return
        key, base = list(dataset.key), self.versions.get(dataset.name)
        if base is not None:
            new = pl.scan_parquet(parts).select(key)
            # the keys of the night are held in memory, those of the lake pass by
            met = self._versions(dataset).select(key).join(new, on=key, how="semi").unique()
            self.changes["replaced"] += new.join(met, on=key, how="semi").select(pl.len()).collect().item()
        self.versions[dataset.name] = write_batch(self.home, dataset, parts, self.number, base)
        self.accepted[dataset.name] = parts

    def _check_own_references(
        self, rows: pl.DataFrame, dataset: Dataset, known: Mapping[str, pl.DataFrame]
    ) -> pl.Series:
        """A dataset that refers to itself: what is refused takes with it what refers to it, until nothing
        more falls.
        """
        earlier = self._versions(dataset)
        accepted = rows
        while True:
            own = pl.concat([earlier, accepted.lazy().select(*dataset.schema(), *PLACE)])
            keys = current(own, dataset).select(dataset.key).collect()
            reasons = unknown_references(rows, dataset, {**known, dataset.name: keys})
            standing = rows.filter(reasons.is_null())
            if standing.height == accepted.height:
                return reasons
            accepted = standing

    def _known_keys(self, dataset: Dataset, texts: list[Path]) -> dict[str, pl.DataFrame]:
        """Of each dataset referred to the keys that stand, as far as the rows of tonight name them."""
        named = named_keys(self._waiting(dataset), texts, dataset)
        return {
            target: self._current_keys(RECORDS[target], keys)
            for target, keys in named.items()
            if target != dataset.name
        }

    def _current_keys(self, dataset: Dataset, named: pl.DataFrame | None = None) -> pl.DataFrame:
        versions, key = self._versions(dataset).select(*dataset.key, "_file", "is_withdrawn"), dataset.key
        if named is not None:
            versions = versions.join(named.lazy(), on=list(key), how="semi").collect().lazy()
        return current(versions, dataset).select(key).collect()

    def _versions(self, dataset: Dataset) -> pl.LazyFrame:
        return scan(self.home, dataset, self.versions.get(dataset.name), self.number)


@dataclass
class _Accepted:
    """The parts of a dataset whose references are known, and how many new rows of each file are in them."""

    parts: list[Path] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)


def _with_references(bad: pl.DataFrame, dataset: Dataset, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A row that is broken already gets its unknown references as further reasons."""
    if bad.is_empty():
        return bad
    bad = bad.with_columns(_more=unknown_references(bad, dataset, known))
    both = pl.when(pl.col("_more").is_null()).then("_reasons").otherwise(
        pl.col("_reasons").list.concat("_more")
    )  # fmt: skip
    return bad.with_columns(_reasons=both).drop("_more")


_ACCEPTED = {"dataset": pl.String(), "natural_key": pl.String(), "_file": pl.Int64(), "is_late": pl.Boolean()}


def _without_change() -> dict[str, pl.DataType]:
    return {name: dtype for name, dtype in REGISTER.items() if name != "changed_in"}


def _entry(file: LandingFile, taken: TakenIn) -> dict[str, Any]:
    read = asdict(taken)
    return {
        "dataset": file.dataset, "path": file.path, "sha256": file.sha256, "bytes": file.bytes,
        **{k: read[k] for k in ("encoding", "rows_read", "unknown_columns", "headers", "remarks")},
    }  # fmt: skip
