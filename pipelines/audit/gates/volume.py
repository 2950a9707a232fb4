"""The gate `volume.<dataset>`: about as many rows come as in the last four weeks."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from statistics import median_low

import sqlalchemy as sa

from pipelines.audit.expectations import Check, quote
from pipelines.audit.gates.limits import AuditLimits, Waived, write_share
from pipelines.database.tables import METADATA, staging_of

_RUNS, _FILES, _STAGED = METADATA.tables["runs"], METADATA.tables["source_files"], staging_of("source_files")
_PUBLICATIONS = METADATA.tables["publications"]
_DAYS = 28


def compare_volume(connection: sa.Connection, as_of: dt.date, limits: AuditLimits) -> list[Check | Waived]:
    """Passes when the rows read are at least `volume_low` and at most `volume_high` times the usual number.

    Usual is the median of the dates published in the 28 days before that read rows of the dataset: unlike a
    mean it does not remember the first load. A night that follows nights not published may bring as many
    times more. What the date's published runs read counts with what a re-run reads. Skipped with fewer than
    `history_runs` such dates, where fewer than `volume_min_rows` rows are usual, and where nothing was
    read, which `arrivals` judges.
    """
    tonight = sa.select(_STAGED.c.dataset, sa.func.sum(_STAGED.c.rows_read)).group_by(_STAGED.c.dataset)
    history = _read_history(connection, as_of)
    own = connection.execute(sa.select(_RUNS.c.run_id).where(_RUNS.c.status == "published", _RUNS.c.as_of == as_of))
    own_ids = sorted(own.scalars())
    nights = _count_nights(connection, as_of)
    gates: list[Check | Waived] = []
    for dataset, read in connection.execute(tonight.order_by(_STAGED.c.dataset)):
        counts = history.get(dataset, [])
        if reason := _waive(int(read or 0), counts, limits):
            gates.append(Waived(f"volume.{dataset}", dataset, reason))
            continue
        rows = int(read) + _count_read(connection, dataset, own_ids)
        gates.append(_compare(dataset, rows, own_ids, counts, nights, limits))
    return gates


def _waive(read: int, counts: Sequence[int], limits: AuditLimits) -> str:
    if read == 0:
        return "本次没有读取数据，缺报与否见 arrival"
    if len(counts) < limits.history_runs:
        return f"近 {_DAYS} 天只有 {len(counts)} 个发布日读取过，不足 {limits.history_runs} 个，无从比较"
    if (usual := median_low(counts)) < limits.volume_min_rows:
        return f"平常每次读取 {usual} 行，不足 {limits.volume_min_rows} 行，不比较"
    return ""


def _compare(dataset: str, rows: int, own_ids: Sequence[str], counts: Sequence[int], nights: int, limits: AuditLimits) -> Check:
    usual = median_low(counts)
    least, most = usual * limits.volume_low, usual * limits.volume_high * nights
    read = f"SELECT rows_read FROM staging_source_files WHERE dataset = {quote(dataset)}"
    if own_ids:
        listed = ", ".join(quote(run_id) for run_id in own_ids)
        read += f" UNION ALL SELECT rows_read FROM source_files WHERE run_id IN ({listed}) AND dataset = {quote(dataset)}"
    failing = (
        f"SELECT rows_read, {usual} AS usual FROM (SELECT SUM(rows_read) AS rows_read FROM ({read}) AS files) AS s"
        f" WHERE rows_read * {least.denominator} < {least.numerator}"
        f" OR rows_read * {most.denominator} > {most.numerator}"
    )
    message_zh = _explain(rows, usual, len(counts), nights, limits)
    return Check(f"volume.{dataset}", dataset, "source_files", failing, message_zh, "SELECT 1")


def _explain(rows: int, usual: int, dates: int, nights: int, limits: AuditLimits) -> str:
    compared = f"近 {_DAYS} 天 {dates} 个发布日的中位数 {usual} 行"
    if rows < usual * limits.volume_low:
        fault = f"不到{compared}的 {write_share(limits.volume_low)}，可能只报了一部分；请与报送单位核对，补报后重新运行"
    else:
        several = f"（本次含 {nights} 次的量）" if nights > 1 else ""
        fault = f"超过{compared}的 {float(limits.volume_high):g} 倍{several}，可能重复报送或口径有变；请与报送单位核对"
    return f"本次读取 {rows} 行，{fault}；核实无误的放行"


def _read_history(connection: sa.Connection, as_of: dt.date) -> dict[str, list[int]]:
    """Per dataset the rows read at each date published before, where there were any."""
    rows = sa.func.sum(_FILES.c.rows_read)
    query = (
        sa.select(_FILES.c.dataset, rows)
        .join_from(_RUNS, _FILES, _FILES.c.run_id == _RUNS.c.run_id)
        .where(_RUNS.c.status == "published", _RUNS.c.as_of < as_of)
        .where(_RUNS.c.as_of >= as_of - dt.timedelta(days=_DAYS), _FILES.c.rows_read > 0)
        .group_by(_FILES.c.dataset, _RUNS.c.as_of)
    )
    history: dict[str, list[int]] = {}
    for dataset, count in connection.execute(query):
        history.setdefault(dataset, []).append(int(count))
    return history


def _count_read(connection: sa.Connection, dataset: str, run_ids: Sequence[str]) -> int:
    rows = sa.func.coalesce(sa.func.sum(_FILES.c.rows_read), 0)
    found = sa.select(rows).where(_FILES.c.run_id.in_(run_ids), _FILES.c.dataset == dataset)
    return int(connection.execute(found).scalar_one())


def _count_nights(connection: sa.Connection, as_of: dt.date) -> int:
    """How many usual steps (the shortest between published dates) lie between the date published before and this one."""
    since = as_of - dt.timedelta(days=_DAYS)
    query = sa.select(_PUBLICATIONS.c.as_of).where(_PUBLICATIONS.c.as_of >= since, _PUBLICATIONS.c.as_of < as_of)
    days: list[dt.date] = sorted(connection.execute(query).scalars())
    if len(days) < 2:
        return 1
    usual: dt.timedelta = min(later - earlier for earlier, later in pairwise(days))
    return max(1, (as_of - days[-1]) // usual)
