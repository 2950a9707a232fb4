"""The ledgers chained by hashes: runs, with those that others speak of but the ledger does not know, and acts on tasks."""

from __future__ import annotations

import sqlalchemy as sa

from pipelines.database.ledger import check_chain
from pipelines.database.open import at_one_moment
from pipelines.database.tables import METADATA
from pipelines.errors import DamagedError
from pipelines.lake.batches import committed
from pipelines.publish.tasks.actions import check_actions
from pipelines.rejects.decisions import decision_of
from pipelines.store import keys
from pipelines.store.dossier import has_dossier, read_dossier
from pipelines.store.runs import objects_of, runs_of
from pipelines.store.store import Store


def verify_chain(engine: sa.Engine, home: Store) -> list[str]:
    """One Chinese line for each row of the run ledger, and each act on a task, that was altered, slipped in or is missing; none
    where both are whole.

    The chain finds rows altered, or taken out of its middle or put into it. A row taken off its end is found by what it
    left: a publication, files, checks, a batch of the lake, the figures in its dossier; one put there by what it lacks.
    Batches that a decision on rejected rows wrote are no run's: their decision must be there.
    """
    runs = METADATA.tables["runs"]
    with at_one_moment(engine) as connection:
        known = dict(connection.execute(sa.select(runs.c.run_id, runs.c.status)).all())
        traces: dict[str, list[str]] = {}
        for table, words in (
            ("publications", "有已发布的数字"),
            ("source_files", "有接收文件记录"),
            ("check_results", "有检查结果"),
        ):
            column = METADATA.tables[table].c.run_id
            for run_id in connection.execute(sa.select(column).distinct()).scalars():
                traces.setdefault(run_id, []).append(words)
    undecided = []
    for batch in committed(home):
        if (decision := decision_of(batch.run_id)) is None:
            traces.setdefault(batch.run_id, []).append(f"数据湖第 {batch.number} 批由它写入")
        elif not home.has(keys.decision(decision)):
            undecided.append(
                f"数据湖第 {batch.number} 批由处理决定 {decision:06d} 写入，但 decisions/{decision:06d}.json 不存在：决定被删除"
            )
    for run_id in runs_of(home):
        if _is_computed(objects_of(home, run_id)):
            traces.setdefault(run_id, []).append("有计算结果文件夹")
    missing = [
        f"运行 {run_id} 不在运行台账中，但{'，'.join(words)}：台账行被删除"
        for run_id, words in sorted(traces.items())
        if run_id not in known
    ]
    checked = {run_id for run_id, words in traces.items() if "有检查结果" in words}
    invented = [
        f"运行 {run_id} 在运行台账中是 {status}，却没有任何检查结果：台账行可能是插入的"
        for run_id, status in sorted(known.items())
        if status in ("published", "held") and run_id not in checked
    ]
    with at_one_moment(engine) as connection:
        acts = check_actions(connection)
    return [*check_chain(engine), *missing, *invented, *undecided, *acts]


def _is_computed(store: Store) -> bool:
    """Whether a run came to figures; of one whose dossier is damaged nobody can say that it did not."""
    try:
        return has_dossier(store) and read_dossier(store).figures is not None
    except DamagedError:
        return True
