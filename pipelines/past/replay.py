"""Settle the archived files anew, batch by batch, in a scratch home: the lake as a past run read it, by present code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from pipelines.ingest.archive import archived
from pipelines.ingest.take_in import TakenIn, read_in
from pipelines.lake.batches import Batch, committed, last_batch
from pipelines.rejects.decisions import applied_by
from pipelines.settle.settle import settle
from pipelines.store import keys
from pipelines.store.dossier import LandingFile
from pipelines.store.store import Object, Store

Say = Callable[[str], None]
_COUNTS = {"rows_read": "读取", "rows_accepted": "接收", "rows_rejected": "拒收", "rows_duplicate": "重复"}


@dataclass(frozen=True)
class Replayed:
    """The last batch of the scratch home, and where settling went another way than then (Chinese)."""

    batch: Batch
    differences: tuple[str, ...]


def check_archive(home: Store, number: int | None = None, *, since: int = 0) -> list[str]:
    """One Chinese line for each archived file of the batches after `since` up to `number` (else all) that is gone or has
    other content.
    """
    faults = []
    batches = (b for b in committed(home) if since < b.number and (number is None or b.number <= number))
    for file in (f for b in batches for f in b.files):
        kept = archived_of(home, file)
        if not kept.exists:
            faults.append(f"存档文件缺失：{file['path']}（{kept.key}）")
        elif kept.sha256 != file["sha256"]:
            faults.append(f"存档文件被改动：{file['path']}（{kept.key} 的内容与其 SHA-256 不符）")
    return faults


def replay(home: Store, number: int, scratch: Store, days: Mapping[str, date], say: Say) -> Replayed:
    """Settle the batches 1 … `number` of `home` anew in `scratch`, which is empty.

    In: `days`, run id → as_of of every run. Decisions on rejected rows are put before the batch that applied them.
    The archive is only read.
    """
    archive = home.below(keys.ARCHIVE)
    differences: list[str] = []
    for batch in [b for b in committed(home) if b.number <= number]:
        say(f"重算数据湖第 {batch.number} 批（{len(batch.files)} 个文件）")
        _hand_decisions(home, batch, scratch)
        good, texts = _take_in_again(home, batch, scratch, differences)
        text_of = partial(_text_of, texts)
        settle(scratch, batch.run_id, good, text_of, as_of=days.get(batch.run_id), archive=archive)
        scratch.drop("text")
        again = last_batch(scratch)
        if again.number != batch.number:
            differences.append(f"第 {batch.number} 批：现行程序没有写入任何内容")
            return Replayed(again, tuple(differences))
        differences += _compare(batch, again)
    return Replayed(last_batch(scratch), tuple(differences))


def archived_of(home: Store, file: Mapping[str, str]) -> Object:
    """The copy of a file of a batch in the archive."""
    return home.at(f"{keys.ARCHIVE}/{archived(file['dataset'], file['sha256'], file['path'])}")


def _hand_decisions(home: Store, batch: Batch, scratch: Store) -> None:
    """The decisions that this batch applied, as they were set down; no others are pending in the scratch home."""
    for number in applied_by(home, batch.number):
        home.copy(keys.decision(number), keys.decision(number), scratch)


_Texts = dict[tuple[str, str, str], Object]


def _text_of(texts: _Texts, file: LandingFile) -> Object:
    return texts[file.dataset, file.path, file.sha256]


def _take_in_again(
    home: Store, batch: Batch, scratch: Store, differences: list[str]
) -> tuple[list[tuple[LandingFile, TakenIn]], _Texts]:
    good, texts = [], {}
    for entry in sorted(batch.files, key=lambda f: int(f["seq"])):
        file = LandingFile(entry["dataset"], entry["path"], entry["sha256"], entry["bytes"], "new")
        text = scratch.at(f"text/{entry['seq']:09d}.parquet")
        taken = read_in(file, home.below(keys.ARCHIVE), text)
        if taken.refused:
            differences.append(f"{file.path}：当时已接收，现行程序整份拒收（{taken.message}）")
            continue
        texts[file.dataset, file.path, file.sha256] = text
        good.append((file, taken))
    return good, texts


def _compare(then: Batch, now: Batch) -> list[str]:
    """Where the counts of a file are not what they were."""
    counted = {(f["dataset"], f["path"], f["sha256"]): f for f in now.files}
    found = []
    for file in then.files:
        again = counted.get((file["dataset"], file["path"], file["sha256"]))
        if again is not None and (changed := [c for c in _COUNTS if file[c] != again[c]]):
            words = "，".join(f"{_COUNTS[c]} {file[c]} → {again[c]}" for c in changed)
            found.append(f"{file['path']}（第 {then.number} 批）：{words}")
    return found
