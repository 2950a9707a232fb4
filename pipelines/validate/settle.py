"""Settle a night: which rows of the new files, and which that waited or were decided on, become accepted records."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.ingest.discover import LandingFile
from pipelines.ingest.take_in import TakenIn
from pipelines.lake import batches
from pipelines.lake.batches import Batch
from pipelines.lake.current import current
from pipelines.lake.tables import PLACE, scan, write_batch
from pipelines.rejects.decisions import Decision, pending_decisions
from pipelines.rejects.rejections import WAITING, Rejections
from pipelines.rejects.sources import Judged, Source, look_again
from pipelines.rejects.take_out import take_out, withdraw
from pipelines.validate.references import REASONS, named_keys, unknown_references
from schemas.records import RECORDS, Dataset


def settle(
    home: Path,
    run_id: str,
    files: list[tuple[LandingFile, TakenIn]],
    text_of: Callable[[LandingFile], Path],
    progress: Callable[[str], None] = lambda _: None,
    *,
    as_of: date | None = None,
) -> Batch:
    """Validate the files taken in, apply what was decided on rejected rows, accept what is good and commit it
    all as one batch; return the batch that now stands last.

    `files` are in the order of upserts; `text_of` says where the text of each is. Rows rejected earlier for
    nothing but an unknown reference are looked at again, as are those that a decision names; they keep the
    place of their file. Waivers that ran out before `as_of` end; without a date none does. Until the manifest
    is written nothing counts; done again after a kill, the same batch results. Asserts rows_read = accepted +
    rejected + duplicate for every file.
    """
    night = _Night(home, run_id, pending_decisions(home), as_of, progress)
    if not files and not night.rejections.is_changed:
        return night.before
    return night.commit(night.settle(files, text_of))


def foresee(home: Path, run_id: str, decision: Decision) -> pl.DataFrame:
    """The register of rejected rows as it would be if this decision were applied now, with those that wait.

    It is the night itself, ended before its manifest, so that nothing of it counts.
    """
    night = _Night(home, run_id, [*pending_decisions(home), decision], None, lambda _: None)
    night.settle([], lambda file: Path(file.path))
    register = night.rejections.close(night.accepted)
    shutil.rmtree(night.folder, ignore_errors=True)
    return register


class _Night:
    """What the datasets of one night hand on to each other: what is known, accepted and rejected so far.

    Rows go through part by part (a file is a part), each in a Parquet file of the batch's folder until the
    dataset is committed to its table: memory follows the largest file, not the night.
    """

    def __init__(
        self,
        home: Path,
        run_id: str,
        decisions: Sequence[Decision],
        as_of: date | None,
        progress: Callable[[str], None],
    ) -> None:
        self.home, self.run_id, self.progress = home, run_id, progress
        self.before = batches.last_batch(home)
        self.number = self.before.number + 1
        self.first = max((f["seq"] for b in batches.committed(home) for f in b.files), default=0) + 1
        self.folder = batches.folder(home, self.number)
        self.versions = dict(self.before.versions)
        self.accepted: dict[str, list[Path]] = {}
        self.has_taken_out = False
        self.changes = {"accepted": 0, "late": 0, "withdrawn": 0, "replaced": 0}
        self.rejections = Rejections(home, run_id, self.before.number, decisions, as_of)

    def settle(
        self, files: list[tuple[LandingFile, TakenIn]], text_of: Callable[[LandingFile], Path]
    ) -> list[dict[str, Any]]:
        """Settle every dataset; return the ledger entries of the files."""
        shutil.rmtree(self.folder, ignore_errors=True)  # what an interrupted night left
        numbered = [
            Source(seq, file, taken, text_of(file))
            for seq, (file, taken) in enumerate(files, start=self.first)
        ]
        entries: list[dict[str, Any]] = []
        for dataset in RECORDS.values():
            entries += self.settle_dataset(dataset, [s for s in numbered if s.file.dataset == dataset.name])
        return entries

    def settle_dataset(self, dataset: Dataset, files: list[Source]) -> list[dict[str, Any]]:
        """Settle one dataset and return the ledger entry of each of its files."""
        asked = self.rejections.asked(dataset)
        old = look_again(self.home, dataset, asked, self.folder / "again" / dataset.name, self.progress)
        sources, waiting = [*old, *files], self.rejections.waiting(dataset)
        known = self._known_keys(dataset, waiting, [s.text for s in sources])
        gone = self._take_out(dataset)
        accepted = _Accepted()
        unknown = [pl.DataFrame(schema={**dataset.schema(), **WAITING, "_reasons": REASONS})]
        whole = dataset.name in dataset.targets  # what one of its files names may stand in another
        held = [waiting]
        if not whole:
            unknown.append(self._accept(held.pop(), "waiting", dataset, known, accepted))
        judged: list[Judged] = []
        for source in sources:
            found = self.rejections.judge(source, dataset, self._versions(dataset))
            if source.records is not None:
                found = replace(found, rows=self._leave_out_repeats(found.rows, dataset))
            if whole:
                held.append(found.rows.select(held[0].columns))
            else:
                unknown.append(self._accept(found.rows, f"{source.seq:09d}", dataset, known, accepted))
            judged.append(replace(found, rows=found.rows.clear()))
            if source.records is None:
                self.progress(
                    f"校验 {source.file.path}：读取 {source.taken.rows_read} 行，"
                    f"问题 {found.bad.height - found.waived.height} 行，重复 {found.repeats} 行"
                )
        if whole:
            unknown.append(self._accept(pl.concat(held), "all", dataset, known, accepted))
        self._put_into_table(dataset, accepted.parts, gone, asked)
        if whole:
            known[dataset.name] = self._current_keys(dataset)
        refused_rows = pl.concat(unknown)
        waited = refused_rows.join(waiting, on=[*PLACE, "record_id"], how="semi")
        self.rejections.meet_again(waited, dataset)
        still_waiting, entries = [waited], []
        for source, found in zip(sources, judged, strict=True):
            own = refused_rows.filter(pl.col("_file") == source.seq)
            if source.records is not None:
                own = own.join(source.records, on="record_id", how="semi")
            waits, refused = self.rejections.refuse(source, found, own, dataset, known)
            still_waiting.append(waits)
            if source.records is None:
                entries.append(_entry(source, accepted.rows.get(source.seq, 0), refused, found.repeats))
        self._keep_waiting(pl.concat(still_waiting, how="diagonal"), dataset)
        return entries

    def commit(self, entries: list[dict[str, Any]]) -> Batch:
        """Write the register of rejected rows and what goes with it, then the manifest."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rejections.write(self.folder, self.accepted)
        for name in ("parts", "again"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        if self.has_taken_out:  # a kept snapshot sees what came since, not what went
            (self.home / "records" / "base.json").unlink(missing_ok=True)
        batch = Batch(self.number, self.run_id, entries, self.versions, self.changes)
        batches.commit(self.home, batch)
        return batch

    def _write_part(self, dataset: Dataset, name: str, rows: pl.DataFrame) -> Path:
        path = self.folder / "parts" / dataset.name / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.select(*dataset.schema(), *WAITING).write_parquet(path, compression="lz4")
        return path

    def _keep_waiting(self, rows: pl.DataFrame, dataset: Dataset) -> None:
        """Rows whose only fault is an unknown reference wait, typed, for the night on which it arrives."""
        if not rows.is_empty():
            path = self.folder / "waiting" / f"{dataset.name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = rows.select(*dataset.schema(), *WAITING).sort("_file").unique("record_id", keep="last")
            rows.write_parquet(path)

    def _accept(
        self,
        rows: pl.DataFrame,
        name: str,
        dataset: Dataset,
        known: Mapping[str, pl.DataFrame],
        accepted: _Accepted,
    ) -> pl.DataFrame:
        """Write the rows whose references are known as a part; return the others with their reasons."""
        if dataset.name in dataset.targets:
            reasons = self._check_own_references(rows, dataset, known)
        else:
            reasons = unknown_references(rows, dataset, known)
        rows = rows.select(*dataset.schema(), *WAITING, reasons.alias("_reasons"))
        unknown = rows.clear()
        if reasons.null_count() < rows.height:
            unknown = rows.filter(pl.col("_reasons").is_not_null())
            rows = rows.filter(pl.col("_reasons").is_null())
        if rows.height:
            accepted.parts.append(self._write_part(dataset, name, rows))
            counts = dict(rows.group_by("_file").len().iter_rows())
            accepted.rows |= {seq: count for seq, count in counts.items() if seq >= self.first}
            self.changes["accepted"] += rows.height
            self.changes["late"] += sum(count for seq, count in counts.items() if seq < self.first)
            self.changes["withdrawn"] += int(rows["is_withdrawn"].sum())
        return unknown

    def _take_out(self, dataset: Dataset) -> pl.DataFrame:
        """Take out of the lake what stood there under a waiver that is over, and what came of it where the row
        is now asked for again; return the rows.
        """
        places = self.rejections.places_over(dataset)
        gone, version = take_out(self.home, dataset, places, self.versions.get(dataset.name), self.number)
        if version is not None:
            self.versions[dataset.name] = version
        return gone

    def _put_into_table(
        self, dataset: Dataset, parts: list[Path], gone: pl.DataFrame, asked: pl.DataFrame
    ) -> None:
        key = list(dataset.key)
        if not gone.is_empty():
            self.has_taken_out = True
            left = [self._versions(dataset), *map(pl.scan_parquet, parts)]
            lost = withdraw(gone, pl.concat([rows.select(key) for rows in left]).collect(), dataset)
            if not lost.is_empty():
                self.changes["withdrawn"] += lost.height
                none = pl.lit(None, pl.String).alias("record_id")
                parts.append(self._write_part(dataset, "withdrawn", lost.with_columns(none)))
        if not parts:
            return
        base = self.versions.get(dataset.name)
        if base is not None:
            new = pl.scan_parquet(parts).select(key)
            # the keys of the night are held in memory, those of the lake pass by
            met = self._versions(dataset).select(key).join(new, on=key, how="semi").unique()
            self.changes["replaced"] += new.join(met, on=key, how="semi").select(pl.len()).collect().item()
        if not asked.is_empty():
            self.rejections.outdone += self._find_outdone(dataset, parts, asked)
        self.versions[dataset.name] = write_batch(self.home, dataset, parts, self.number, base)
        self.accepted[dataset.name] = parts

    def _leave_out_repeats(self, rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        """Rows looked at again without those that their file turns out to hold twice: one was accepted then,
        and within a file a key stands once. Their records are done with.
        """
        at = [*dataset.key, "_file"]
        known = self._versions(dataset).select(at).join(rows.lazy().select(at), on=at, how="semi").collect()
        repeats = rows.join(known, on=at, how="semi")
        self.rejections.done_with(repeats, dataset)
        return rows.join(known, on=at, how="anti", maintain_order="left")

    def _find_outdone(self, dataset: Dataset, parts: list[Path], asked: pl.DataFrame) -> list[str]:
        """Of the records asked for again those of whose key the lake holds a later version."""
        key = list(dataset.key)
        late = (
            pl.scan_parquet(parts)
            .join(asked.lazy(), on="record_id", how="semi")
            .select(*key, "record_id", "_file")
        )
        later = self._versions(dataset).select(*key, _later="_file").join(late, on=key)
        found = later.filter(pl.col("_later") > pl.col("_file")).select("record_id").unique().collect()
        return found.to_series().to_list()

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

    def _known_keys(
        self, dataset: Dataset, waiting: pl.DataFrame, texts: list[Path]
    ) -> dict[str, pl.DataFrame]:
        """Of each dataset referred to the keys that stand, as far as the rows of tonight name them."""
        named = named_keys(waiting, texts, dataset)
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


def _entry(source: Source, accepted: int, refused: int, repeats: int) -> dict[str, Any]:
    file, read = source.file, asdict(source.taken)
    if source.taken.rows_read != accepted + refused + repeats:
        raise AssertionError(
            f"{file.path}: rows do not add up: {read['rows_read']} read, {accepted} accepted, {refused} rejected, "
            f"{repeats} repeated"
        )
    return {
        "seq": source.seq, "rows_duplicate": repeats,
        "dataset": file.dataset, "path": file.path, "sha256": file.sha256, "bytes": file.bytes,
        **{k: read[k] for k in ("encoding", "rows_read", "unknown_columns", "headers", "remarks")},
        "rows_accepted": accepted, "rows_rejected": refused,
    }  # fmt: skip
