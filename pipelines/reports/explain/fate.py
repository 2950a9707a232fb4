"""What became of a line of a file that was sent: accepted, replaced, rejected, a repeat, or no data at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.engine.explanation import Record
from pipelines.errors import UsageError
from pipelines.ingest.sheet import name_columns
from pipelines.ingest.take_in import read_sheets
from pipelines.past.past_run import PastRun
from pipelines.rejects.register import read_register
from pipelines.rejects.tell_state import tell_state
from pipelines.reports.explain.not_standing import fate_of
from pipelines.reports.explain.sources import SentFile, sent_files
from schemas.records import RECORDS


def find_file(run: PastRun, path: str) -> tuple[SentFile, str]:
    """The last file sent under the path by the time of the run; several contents may have come under one name."""
    same = [f for f in sent_files(run.batches()).values() if f.path == path]
    if not same:
        raise UsageError(
            f"截至运行 {run.run_id}，没有接收过文件 {path}；请写相对于数据目录的路径（见 source_files 表），"
            "整份拒收的文件没有行可以解释"
        )
    file = max(same, key=lambda f: f.seq)
    others = "、".join(f.sha256[:12] for f in same if f is not file)
    return (file, f"同一路径曾报送过不同内容（{others}），这里解释最后一份 {file.sha256[:12]}" if others else "")


def find_fate(run: PastRun, file: SentFile, sheet: str, line: int) -> tuple[Record | None, str, list[str]]:
    """The accepted record of the line if there is one, its state, and why it does not stand."""
    here = (pl.col("_file") == file.seq) & (pl.col("_sheet") == sheet) & (pl.col("_line") == line)
    versions, key = run.versions(file.dataset), list(RECORDS[file.dataset].key)
    rows = versions.filter(here).collect()
    register = read_register(run.home, run.batch.number).filter(
        pl.col("dataset") == file.dataset,
        pl.col("_file") == file.seq,
        pl.col("line_no") == line,
        pl.col("sheet").fill_null("") == sheet,
    )
    # What a waiver that is over leaves at the place of its row is no record that anybody sent.
    if not rows.is_empty() and register.filter(state="open").is_empty():
        record = rows.to_dicts()[0]
        of_key = versions.join(rows.select(key).lazy(), on=key, how="semi").collect()
        last = of_key.sort("_file").to_dicts()[-1]
        if record["is_withdrawn"] or last["_file"] != record["_file"]:
            return record, "replaced", [fate_of(record, last, sent_files(run.batches()))]
        waived = register.filter(state="waived").to_dicts()
        return record, "accepted", [_tell_record(row) for row in waived]
    if not register.is_empty():
        row = register.to_dicts()[0]
        reasons = [f"{r['message_zh']}（{r['value']}）" if r["value"] else r["message_zh"] for r in row["reasons"]]
        return None, "rejected", [_tell_record(row), *reasons]
    return _find_twin(run, file, sheet, line)


def _tell_record(row: Mapping[str, Any]) -> str:
    return f"退回编号 {row['record_id'][:12]}，{tell_state(row['state'], row['decided_until'])}"


def _find_twin(run: PastRun, file: SentFile, sheet: str, line: int) -> tuple[None, str, list[str]]:
    """A line that was neither accepted nor rejected repeats another one, or is no data (total, repeated header)."""
    dataset = RECORDS[file.dataset]
    with run.home.local(file.archived) as path:
        sheets, _, _ = read_sheets(path, dataset)
    rows = pl.concat([name_columns(s, dataset) for s in sheets])
    own = rows.filter((pl.col("_sheet") == sheet) & (pl.col("_line") == line))
    if own.is_empty():
        return None, "no_data", ["合计行、重复表头等，不是数据行"]
    columns = [c.name for c in dataset.columns]
    same = rows.join(own.select(columns), on=columns, how="semi", nulls_equal=True)
    others = [
        f"{s} 第 {n} 行" if s else f"第 {n} 行" for s, n in same.select("_sheet", "_line").rows() if (s, n) != (sheet, line)
    ]
    repeated = f"与本文件{'、'.join(others)}完全相同" if others else "与本文件另一行（读取后）内容相同"
    return None, "duplicate", [f"{repeated}，只计一次"]
