"""Rows of the parties concerned that never stood, or stand no more: rejected, replaced or withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from pipelines.engine.explained_rows import line_of
from pipelines.engine.explanation import PLACE, Line
from pipelines.past.past_run import PastRun
from pipelines.rejects.register import read_register
from pipelines.rejects.tell_state import tell_state
from pipelines.reports.explain.sources import SentFile
from schemas.records import RECORDS

Concerned = Sequence[tuple[str, Mapping[str, frozenset[str]]]]
Scan = Callable[[str], pl.LazyFrame]


def not_standing(
    run: PastRun, concerned: Concerned, files: Mapping[int, SentFile], known: frozenset[tuple[int, str, int]], scan: Scan
) -> list[Line]:
    """The rows that `concerned` describes and that no indicator saw, each with why; those at `known` places left out.

    `scan` gives the records that stand.
    """
    found = []
    for dataset, codes in concerned:
        # First those: what a waiver that is over leaves at the place of its row is no record that anybody sent.
        found += _rejected(run, dataset, codes)
        found += _fallen(run, dataset, codes, files, scan(dataset))
    seen = set(known)
    lines = []
    for line in found:
        if line.place not in seen:
            seen.add(line.place)
            lines.append(line)
    return lines


def fate_of(version: Mapping[str, object], last: Mapping[str, object], files: Mapping[int, SentFile]) -> str:
    """Why an accepted version of a record does not stand, given the last version of its key."""
    place = f"{files[int(str(last['_file']))].path} 第 {last['_line']} 行"
    if version["is_withdrawn"]:
        return "撤回记录，本身不含数字（报送单位撤回；或豁免已到期；或同一退回编号后来另有更正，以最后一次为准）"
    if last["is_withdrawn"]:
        return f"记录已由 {place} 撤回"
    if last["_file"] != version["_file"]:
        return f"已被 {place} 的同一记录取代"
    return "所引用的医疗机构、产品、批次、协议或收货已被撤回，本行随之失效"


def _fallen(
    run: PastRun, dataset: str, codes: Mapping[str, frozenset[str]], files: Mapping[int, SentFile], standing: pl.LazyFrame
) -> list[Line]:
    """Accepted versions that are not the standing one of their key."""
    key = list(RECORDS[dataset].key)
    versions = run.versions(dataset)
    conditions = [pl.col(column).is_in(sorted(values)) for column, values in codes.items()]
    keys = versions.filter(conditions).select(key).unique().collect().lazy()
    rows = versions.join(keys, on=key, how="semi").collect().sort("_file")
    last = rows.unique(key, keep="last", maintain_order=True)
    by_key = {tuple(r[k] for k in key): r for r in last.to_dicts()}
    places = standing.select(PLACE).collect()
    fallen = rows.filter(conditions).join(places, on=PLACE, how="anti", maintain_order="left")
    return [
        line_of(dataset, row, "旧版本", {}, (fate_of(row, by_key[tuple(row[k] for k in key)], files),))
        for row in fallen.to_dicts()
    ]


def _rejected(run: PastRun, dataset: str, codes: Mapping[str, frozenset[str]]) -> list[Line]:
    """Rejected rows that name the parties, as the register stood after the run's batch."""
    register = read_register(run.home, run.batch.number).filter(
        pl.col("dataset") == dataset, pl.col("state").is_in(["open", "discarded"])
    )
    text = pl.concat_str(pl.lit("|"), pl.col("natural_key"), pl.lit("|"), pl.col("raw_json").fill_null(""))
    for values in codes.values():
        wanted = [mark for v in sorted(values) for mark in (f'"{v}"', f"|{v}|", f",{v},")]
        register = register.filter(text.str.contains_any(wanted) if wanted else pl.lit(False))
    found = []
    for row in register.to_dicts():
        why = "；".join(reason["message_zh"] for reason in row["reasons"])
        facts = {"退回编号": row["record_id"][:12]}
        place = (row["_file"], row["sheet"] or "", row["line_no"])
        key = {"主键": row["natural_key"]}
        told = f"被拒收（{tell_state(row['state'], row['decided_until'])}）：{why}"
        found.append(Line(dataset, *place, key, "被拒收", facts, (told,)))
    return found
