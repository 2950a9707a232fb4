"""Settle a night: which rows of the new files, and which that waited or were decided on, become accepted records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from pipelines.errors import ConflictError
from pipelines.ingest.take_in import TakenIn
from pipelines.lake import batches
from pipelines.lake.batches import Batch
from pipelines.lake.laid_out import forget
from pipelines.lake.tables import PLACE
from pipelines.rejects.decisions import Decision, pending_decisions
from pipelines.rejects.rejections import WAITING, Rejections, waiting_of
from pipelines.rejects.sources import Judged, Source, group_sources, let_go, look_again
from pipelines.settle.acceptance import Acceptance
from pipelines.settle.ahead import Ahead
from pipelines.settle.lake_foreseen import LakeForeseen
from pipelines.settle.lake_tonight import LakeTonight
from pipelines.settle.recalled import find_recalled, note_recalled
from pipelines.store import keys
from pipelines.store.dossier import LandingFile
from pipelines.store.store import Object, Store
from pipelines.validate.references import REASONS
from schemas.records import RECORDS, Dataset


def settle(
    home: Store,
    run_id: str,
    files: list[tuple[LandingFile, TakenIn]],
    text_of: Callable[[LandingFile], Object],
    progress: Callable[[str], None] = lambda _: None,
    *,
    as_of: date | None = None,
    archive: Store | None = None,
    ahead: Store | None = None,
) -> Batch:
    """Validate the files taken in, apply what was decided on rejected rows, accept what is good and commit it
    all as one batch; return the batch that now stands last.

    `files` are in the order of upserts; `text_of` says where the text of each is. Rows rejected earlier for
    nothing but an unknown reference are looked at again, as are those that a decision names; they keep the
    place of their file. Waivers that ran out before `as_of` end; without a date none does. Until the manifest
    is written nothing counts; done again after a kill, the same batch results. `archive`: where files are looked at again,
    if it is not the home's. `ahead`: where `judge_ahead` left what it judged; what it did not is judged here. Asserts
    rows_read = accepted + rejected + duplicate for every file.
    """
    with home.scratch() as scratch:
        night = Night(home, run_id, pending_decisions(home), as_of, progress, scratch, archive=archive, ahead=ahead)
        if not files and not night.rejections.is_changed and not night.recalled:
            return night.before
        if any((f.dataset, f.sha256) in night.taken for f, _ in files):  # another worker took over
            raise ConflictError(f"数据湖第 {night.before.number} 批")
        batches.refuse_committed(home, night.number)
        night.kept.drop()  # what an interrupted night left
        return night.commit(night.settle(files, text_of))


def count_groups(files: list[tuple[LandingFile, TakenIn]], text_of: Callable[[LandingFile], Object]) -> dict[str, int]:
    """Dataset → into how many groups its new files are divided, each of which may be judged by itself."""
    numbered = _number(files, text_of, 1)
    return {name: sum(1 for _ in group_sources([s for s in numbered if s.file.dataset == name])) for name in RECORDS}


def judge_ahead(
    home: Store,
    run_id: str,
    files: list[tuple[LandingFile, TakenIn]],
    text_of: Callable[[LandingFile], Object],
    dataset: str,
    groups: range,
    ahead: Store,
    *,
    as_of: date,
) -> int:
    """Judge some groups of the new files of a dataset, given as for `settle`, and leave in `ahead` what it reads then; return
    how many rows they have. Nothing below `home` changes.
    """
    with home.scratch() as scratch:
        night = Night(home, run_id, pending_decisions(home), as_of, lambda _: None, scratch, LakeForeseen, ahead=ahead)
        return night.judge_ahead(RECORDS[dataset], _number(files, text_of, night.first), groups)


class Night:
    """What the datasets of one night hand on to each other: what is known, accepted and rejected so far.

    Rows go through part by part (a large file or some small ones), each an object in scratch
    until the dataset is committed to its table: memory follows the largest file, not the night.
    """

    def __init__(
        self,
        home: Store,
        run_id: str,
        decisions: Sequence[Decision],
        as_of: date | None,
        progress: Callable[[str], None],
        scratch: Store,
        make_lake: Callable[[Store, Batch, int], LakeTonight] = LakeTonight,
        archive: Store | None = None,
        ahead: Store | None = None,
    ) -> None:
        self.home, self.run_id, self.progress = home, run_id, progress
        stand = list(batches.committed(home))
        self.before = max(stand, key=lambda b: b.number, default=Batch(0, ""))
        self.number = self.before.number + 1
        taken = [f for b in stand for f in b.files]
        self.first = max((f["seq"] for f in taken), default=0) + 1
        self.taken = {(f["dataset"], f["sha256"]) for f in taken}
        self.kept, self.archive = batches.objects_of_batch(home, self.number), archive or home.below(keys.ARCHIVE)
        self.again, self.parts = scratch.below("again"), scratch.below("parts")
        self.waiting: dict[str, pl.DataFrame] = {}
        self.lake = make_lake(home, self.before, self.number)
        self.accepted: dict[str, list[Object]] = {}
        self.has_taken_out = False
        self.changes = {"accepted": 0, "late": 0, "withdrawn": 0, "replaced": 0}
        self.rejections = Rejections(home, run_id, self.before.number, decisions, as_of)
        self.recalled = find_recalled(self.lake)
        self.ahead = Ahead.of_state(ahead, self.before, decisions, as_of) if ahead else None

    def settle(
        self, files: list[tuple[LandingFile, TakenIn]], text_of: Callable[[LandingFile], Object]
    ) -> list[dict[str, Any]]:
        """Settle every dataset; return the ledger entries of the files."""
        numbered = _number(files, text_of, self.first)
        entries: list[dict[str, Any]] = []
        for dataset in RECORDS.values():
            entries += self.settle_dataset(dataset, [s for s in numbered if s.file.dataset == dataset.name])
        return entries

    def judge_ahead(self, dataset: Dataset, files: list[Source], groups: range) -> int:
        """Judge some groups of the new files of a dataset as `settle_dataset` would; return how many rows they have."""
        assert self.ahead is not None
        _, over = self._asked(dataset)
        self.lake.take_out(dataset, over)
        rows = 0
        for group in list(group_sources([s for s in files if s.file.dataset == dataset.name]))[groups.start : groups.stop]:
            self.ahead.put(group, dataset, self.rejections.judge(group, dataset, self.lake.scan(dataset)))
            rows += sum(source.taken.rows_read for source in group)
        return rows

    def settle_dataset(self, dataset: Dataset, files: list[Source]) -> list[dict[str, Any]]:
        """Settle one dataset and return the ledger entry of each of its files."""
        asked, over = self._asked(dataset)
        waiting = self.rejections.waiting(dataset)
        if not files and asked.is_empty() and waiting.is_empty() and over.is_empty():
            return []
        old = look_again(self.home, self.archive, dataset, asked, self.again, self.progress)
        groups = list(group_sources([*old, *files]))
        known = self.lake.known_keys(dataset, waiting, [s.text for s in (*old, *files)])
        gone = self.lake.take_out(dataset, over)
        accepted = Acceptance(self.lake, dataset, self.parts, self.first, self.changes)
        unknown = [pl.DataFrame(schema={**dataset.schema(), **WAITING, "_reasons": REASONS})]
        whole = dataset.name in dataset.targets  # what one of its files names may stand in another
        held = [waiting]
        if not whole:
            unknown.append(accepted.accept(held.pop(), "waiting", known))
        judged: list[Judged] = []
        for group in groups:
            found = self._judge(group, dataset)
            if whole:
                held.append(found.rows.select(held[0].columns))
            else:
                unknown.append(let_go(accepted.accept(found.rows, f"{group[0].seq:09d}", known)))
                found = found.keep_refused(unknown[-1])
            judged.append(found)
        if whole:
            unknown.append(accepted.accept(pl.concat(held), "all", known))
        self.rejections.outdone += accepted.put_into_table(gone, asked)
        self.has_taken_out |= not gone.is_empty()
        self.rejections.done_with(accepted.of_records, dataset)
        self.has_taken_out |= accepted.take_back(self.rejections.replaced(dataset, accepted.of_records))
        if accepted.parts:
            self.accepted[dataset.name] = accepted.parts
        if whole:
            known.setdefault(dataset.name, self.lake.current_keys(dataset))
        refused_rows = pl.concat(unknown)
        waited = refused_rows.join(waiting, on=[*PLACE, "record_id"], how="semi")
        self.rejections.meet_again(waited, dataset)
        still_waiting, entries = [waited], []
        for group, found in zip(groups, judged, strict=True):
            own = refused_rows.filter(pl.col("_file").is_in([source.seq for source in group]))
            if group[0].records is not None:
                own = own.join(group[0].records, on="record_id", how="semi")
            waits, refused = self.rejections.refuse(group, found, own, dataset, known)
            still_waiting.append(waits)
            repeats = _count(found.repeats)
            entries += [
                _entry(s, *(counts.get(s.seq, 0) for counts in (accepted.rows, refused, repeats)))
                for s in group
                if s.records is None
            ]
        self._keep_waiting(pl.concat(still_waiting, how="diagonal"), dataset)
        return entries

    def commit(self, entries: list[dict[str, Any]]) -> Batch:
        """Write the register of rejected rows and what goes with it, then the manifest."""
        batches.refuse_committed(self.home, self.number)
        for dataset, rows in self.waiting.items():
            self.kept.write(waiting_of(RECORDS[dataset]), rows)
        self.rejections.write(self.kept, self.accepted)
        if self.has_taken_out:  # a kept snapshot sees what came since, not what went
            forget(self.home)
        batch = Batch(self.number, self.run_id, entries, self.lake.versions, self.changes)
        batches.commit(self.home, batch)
        note_recalled(self.lake)
        return batch

    def _asked(self, dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The records that are looked at again, and the places that are taken out of the table before."""
        asked, over = self.rejections.asked(dataset), self.rejections.places_over(dataset)
        if (recalled := self.recalled.get(dataset.name)) is not None:
            asked = pl.concat([asked, recalled], how="diagonal")
            over = pl.concat([over, recalled.select("_file", _sheet="sheet", _line="line_no")])
        return asked, over

    def _judge(self, group: Sequence[Source], dataset: Dataset) -> Judged:
        """Judge the rows of some sources, and tell of new files. Looked at again, a file may turn out to hold a row
        twice: one was accepted then, and within a file a key stands once; the records of such rows are done with.
        """
        is_new = group[0].records is None
        ahead = (
            self.ahead.find(group, dataset, partial(self.rejections.read_text, group, dataset))
            if self.ahead and is_new
            else None
        )
        found = ahead or self.rejections.judge(group, dataset, self.lake.scan(dataset))
        if is_new:
            bad, waived, repeats = (_count(rows) for rows in (found.bad, found.waived, found.repeats))
            for s in group:
                self.progress(
                    f"校验 {s.file.path}：读取 {s.taken.rows_read} 行，"
                    f"问题 {bad.get(s.seq, 0) - waived.get(s.seq, 0)} 行，重复 {repeats.get(s.seq, 0)} 行"
                )
            return found
        at, known = [*dataset.key, "_file"], self.lake.find_repeats(found.rows, dataset)
        self.rejections.done_with(found.rows.join(known, on=at, how="semi"), dataset)
        return replace(found, rows=found.rows.join(known, on=at, how="anti", maintain_order="left"))

    def _keep_waiting(self, rows: pl.DataFrame, dataset: Dataset) -> None:
        """Rows whose only fault is an unknown reference wait, typed, for the night on which it arrives."""
        if not rows.is_empty():
            rows = rows.select(*dataset.schema(), *WAITING).sort("_file").unique("record_id", keep="last")
            self.waiting[dataset.name] = rows


def _number(files: list[tuple[LandingFile, TakenIn]], text_of: Callable[[LandingFile], Object], first: int) -> list[Source]:
    return [Source(seq, file, taken, text_of(file)) for seq, (file, taken) in enumerate(files, start=first)]


def _count(rows: pl.DataFrame) -> dict[int, int]:
    """`_file` → how many of the rows are of that file."""
    return dict(rows.group_by("_file").len().iter_rows())


def _entry(source: Source, accepted: int, refused: int, repeats: int) -> dict[str, Any]:
    file, read = source.file, asdict(source.taken)
    if source.taken.rows_read != accepted + refused + repeats:
        raise AssertionError(
            f"{file.path}: rows do not add up: {read['rows_read']} read, {accepted} accepted, {refused} rejected, "
            f"{repeats} repeated"
        )
    return {
        "seq": source.seq,
        "rows_duplicate": repeats,
        "dataset": file.dataset,
        "path": file.path,
        "sha256": file.sha256,
        "bytes": file.bytes,
        **{k: read[k] for k in ("encoding", "rows_read", "unknown_columns", "headers", "remarks")},
        "rows_accepted": accepted,
        "rows_rejected": refused,
    }
