"""Draw a sample of a published date and keep it: frame, seed, method, result."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.seals import reseal
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.oversight.sampling.draw import METHOD, Drawn, digest_frame, digest_lines, draw
from pipelines.oversight.sampling.frame import read_frame
from pipelines.oversight.sealed import number_of, seal_rows
from pipelines.past.past_run import PastRun, find_run
from pipelines.store.store import Store
from schemas.reports.audit_samples import STRATA

Record = dict[str, Any]

_SAMPLES, _MEMBERS = METADATA.tables["audit_samples"], METADATA.tables["audit_sample_members"]
_IDENTITY = (
    "as_of",
    "run_id",
    "jurisdiction_code",
    "stratum_by",
    "seed",
    "size",
    "frame_digest",
    "inspectors_digest",
    "inspectors_each",
)


@dataclass(frozen=True)
class Sample:
    """A sample as in `audit_samples` (`head`) and `audit_sample_members` (`members`, the whole frame); whether it is new."""

    head: Record
    members: Sequence[Record]
    is_new: bool


def draw_sample(
    engine: sa.Engine,
    home: Store,
    overlay: Path | None,
    *,
    size: int,
    by: str,
    at: datetime,
    as_of: date | None = None,
    prefix: str = "",
    stratum_by: str = "none",
    seed: str = "",
    inspectors: Sequence[str] = (),
    each: int = 0,
) -> Sample:
    """Draw `size` institutions from the published figures of a date (the last one unless `as_of` is given).

    Without a seed one is drawn from the machine's random source. The same seed, run and choices are the same sample, which
    is kept once. UsageError for a size, a seed or a stratum that cannot be.
    """
    if stratum_by not in STRATA:
        raise UsageError(f"分层“{stratum_by}”应为 {'、'.join(STRATA)} 之一")
    if not by.strip():
        raise UsageError("必须写明 --by，记入抽查记录")
    source = "given" if seed else "drawn"
    seed = seed or os.urandom(16).hex()
    with at_one_moment(engine) as connection:
        run = find_run(connection, home, overlay, as_of=as_of)
        found = read_frame(connection, run, prefix, stratum_by)
    frame = {code: stratum for code, (_, stratum) in found.items()}
    drawn = draw(frame, size, seed, inspectors, each if inspectors else 0)
    head: Record = {
        "as_of": run.as_of,
        "run_id": run.run_id,
        "jurisdiction_code": prefix,
        "stratum_by": stratum_by,
        "seed": seed,
        "seed_source": source,
        "method": METHOD,
        "population": len(frame),
        "size": size,
        "frame_digest": digest_frame(frame),
        "inspectors_digest": digest_lines(inspectors) if inspectors else None,
        "inspectors_each": each if inspectors else None,
        "drawn_at": at.isoformat(),
        "drawn_by": by,
    }
    head["sample_id"] = number_of(run.as_of.isoformat(), seal_rows([head], _IDENTITY))
    names = _read_names(run)
    members = [_make_member(d, head["sample_id"], names.get(d.code), found[d.code][0]) for d in drawn]
    same = sa.select(_SAMPLES).where(_SAMPLES.c.sample_id == head["sample_id"])
    with engine.begin() as connection:
        kept = connection.execute(same).mappings().one_or_none()
        if kept is None:
            connection.execute(sa.insert(_SAMPLES), [head])
            connection.execute(sa.insert(_MEMBERS), members)
            own = {"sample_id": head["sample_id"]}
            reseal(connection, "sample", head["sample_id"], audit_samples=own, audit_sample_members=own)
    return Sample(head if kept is None else dict(kept), members, kept is None)


def _make_member(drawn: Drawn, sample_id: str, name: str | None, division: str) -> Record:
    return {
        "sample_id": sample_id,
        "institution_code": drawn.code,
        "institution_name": name,
        "jurisdiction_code": division,
        "stratum": drawn.stratum,
        "order_hash": drawn.order_hash,
        "draw_no": drawn.draw_no,
        "inspectors": ",".join(drawn.inspectors) or None,
    }


def read_inspectors(path: Path) -> list[str]:
    """The inspectors of a list: one a line, the first cell of it; empty lines and those with # do not count.

    They are staff or certificate numbers: a published sample holds no personal data. UsageError where the file cannot
    be read, says anything else, or lists somebody twice.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"检查人员名单 {path} 无法读取；请存为 UTF-8 文本，每行一个工号或执法证号") from error
    numbers = [line.split(",")[0].strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if named := [number for number in numbers if not re.fullmatch(r"[A-Za-z0-9-]+", number)]:
        raise UsageError(f"检查人员名单 {path} 中的“{named[0]}”不是编号；抽查结果会公开，请写工号或执法证号，不写姓名")
    if repeated := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise UsageError(f"检查人员名单 {path} 中 {'、'.join(repeated)} 出现不止一次；请删去重复的行")
    return numbers


def _read_names(run: PastRun) -> dict[str, str]:
    rows = run.versions("institutions").select("institution_code", "name", "_file").sort("_file")
    last = rows.filter(pl.col("name").is_not_null()).unique("institution_code", keep="last", maintain_order=True)
    return dict(last.select("institution_code", "name").collect().iter_rows())
