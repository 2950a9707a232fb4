"""Settle the archived files anew, batch by batch, in a scratch home: the lake as a past run read it, by present code."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.ingest.hashes import digest_file
from pipelines.ingest.take_in import TakenIn, take_in
from pipelines.lake.batches import Batch, committed, folder, last_batch
from pipelines.settle.settle import settle
from pipelines.store.dossier import LandingFile
from pipelines.store.durable import read_json

Say = Callable[[str], None]
_COUNTS = {"rows_read": "读取", "rows_accepted": "接收", "rows_rejected": "拒收", "rows_duplicate": "重复"}


@dataclass(frozen=True)
class Replayed:
    """The last batch of the scratch home, and where settling went another way than then (Chinese)."""

    batch: Batch
    differences: tuple[str, ...]


def check_archive(home: Path, number: int | None = None, *, since: int = 0) -> list[str]:
    """One Chinese line for each archived file of the batches after `since` up to `number` (else all) that is gone or has
    other content.
    """
    faults = []
    batches = (b for b in committed(home) if since < b.number and (number is None or b.number <= number))
    for file in (f for b in batches for f in b.files):
        path = archived(home, file)
        if not path.exists():
            faults.append(f"存档文件缺失：{file['path']}（{path.relative_to(home)}）")
            continue
        if digest_file(path) != file["sha256"]:
            faults.append(f"存档文件被改动：{file['path']}（{path.relative_to(home)} 的内容与其 SHA-256 不符）")
    return faults


def replay(home: Path, number: int, scratch: Path, days: Mapping[str, date], say: Say) -> Replayed:
    """Settle the batches 1 … `number` of `home` anew below `scratch`, which is empty.

    In: `days`, run id → as_of of every run. Decisions on rejected rows are put before the batch that applied them.
    The archive is only read.
    """
    (scratch / "archive").symlink_to(home / "archive", target_is_directory=True)
    differences: list[str] = []
    for batch in [b for b in committed(home) if b.number <= number]:
        say(f"重算数据湖第 {batch.number} 批（{len(batch.files)} 个文件）")
        _hand_decisions(home, batch, scratch)
        good, texts = _take_in_again(home, batch, scratch, differences)
        settle(scratch, batch.run_id, good, lambda f, t=texts: t[f.dataset, f.path, f.sha256], as_of=days.get(batch.run_id))  # type: ignore[misc]
        shutil.rmtree(scratch / "text", ignore_errors=True)
        again = last_batch(scratch)
        if again.number != batch.number:
            differences.append(f"第 {batch.number} 批：现行程序没有写入任何内容")
            return Replayed(again, tuple(differences))
        differences += _compare(batch, again)
    return Replayed(last_batch(scratch), tuple(differences))


def archived(home: Path, file: Mapping[str, object]) -> Path:
    """Where a file of a batch is kept."""
    suffix = Path(str(file["path"])).suffix.lower()
    return home / "archive" / str(file["dataset"]) / f"{file['sha256']}{suffix}"


def _hand_decisions(home: Path, batch: Batch, scratch: Path) -> None:
    """The decisions that this batch applied, as they were set down; no others are pending in the scratch home."""
    applied = folder(home, batch.number) / "decisions.json"
    for number in read_json(applied) if applied.exists() else []:
        name = f"{number:06d}.json"
        (scratch / "decisions").mkdir(exist_ok=True)
        shutil.copyfile(home / "decisions" / name, scratch / "decisions" / name)


def _take_in_again(
    home: Path, batch: Batch, scratch: Path, differences: list[str]
) -> tuple[list[tuple[LandingFile, TakenIn]], dict[tuple[str, str, str], Path]]:
    good, texts = [], {}
    for entry in sorted(batch.files, key=lambda f: int(f["seq"])):
        file = LandingFile(entry["dataset"], entry["path"], entry["sha256"], entry["bytes"], "new")
        text = scratch / "text" / f"{entry['seq']:09d}.parquet"
        taken = take_in(file, home, scratch / "archive", text)
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
