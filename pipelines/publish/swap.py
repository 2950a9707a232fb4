"""The swap: a staged run becomes the published one of its date, in one transaction that writes what changed."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipelines.database.lease import Fence, unfenced
from pipelines.database.ledger import LedgerError, begin, finish, held_nothing, record_failure, refuse_published, status_of
from pipelines.database.made import Made
from pipelines.database.slices_written import seal_written
from pipelines.database.standing import Publication, published_after
from pipelines.database.tables import LEDGERS, METADATA, staging_of
from pipelines.database.versions import figures_staged, replace_slice
from pipelines.publish.changes import UNEXPLAINED, Causes
from pipelines.publish.follow import follow
from pipelines.publish.frozen import explain_frozen, is_frozen, lock_publication, refuse_closed
from pipelines.publish.names import publish_names
from pipelines.publish.restate import count_restated, restate
from pipelines.publish.restate_frozen import restate_frozen
from pipelines.publish.stage import check_staged, empty_staging
from pipelines.publish.tasks.actions import lock_actions
from pipelines.publish.tasks.keep import keep_tasks
from pipelines.publish.tasks.ledger import write_later_ledgers, write_ledger
from pipelines.publish.tasks.terms import NOTHING_DUE, Terms
from pipelines.publish.upsert import upsert
from pipelines.store.store import Object, Store
from schemas.reports import REPORTS

__all__ = ["LedgerError", "begin", "hold", "publish", "record_failure"]

_PUBLICATIONS = METADATA.tables["publications"]


def _no_terms(_run_id: str) -> Terms | None:
    return None


def _on_nothing(_connection: sa.Connection) -> Mapping[str, str]:
    return {}


def publish(
    engine: sa.Engine,
    run: Mapping[str, Any],
    rejected: Object | None,
    check_results: Sequence[Mapping[str, Any]],
    causes: Causes = UNEXPLAINED,
    *,
    names: Store | None = None,
    made_then: Made | None = None,
    terms: Callable[[str], Terms | None] = _no_terms,
    rests_on: Callable[[sa.Connection], Mapping[str, str]] = _on_nothing,
    fence: Fence = unfenced,
) -> int:
    """Publish what is staged for `run`, and leave nothing staged; return the number of cells it restates.

    `run` holds the columns of `runs`. `rejected` is an object with all columns of rejected_records;
    `check_results` are rows without run_id; `causes` says why the figures of a published date change; `names`
    are the objects with what `publish_names` takes, and take copies of what is sealed; `made_then` is what the run made
    whose figures are changed, if not all that is made today; `terms` are those of the findings of this run or of one that
    stands for a later date, None where they are not known any more; `rests_on` names the run's files for its seal; `fence`
    proves that the run still holds its lease. Of a frozen date the figures stand, only restatements are written, and the
    run's note says so. Where a date showed nothing, as no record had been accepted, nothing is restated. Publishing a
    published run again changes nothing. Raises LedgerError when staging holds another run, or when its figures are
    relative to others than those that stand by now, and LeaseError when another run is at work;
    any error leaves the last figures standing.
    """
    run_id, as_of = run["run_id"], run["as_of"]
    with engine.begin() as connection:
        fence(connection)
        if status_of(connection, run_id) == "published":
            return count_restated(connection, run_id, as_of)
        base = check_staged(connection, run_id, as_of)
        refuse_closed(connection, as_of)
        restated, stands_for_good = 0, False
        if base is not None and base.as_of == as_of:
            lock_publication(connection, as_of)
            if stands_for_good := is_frozen(connection, as_of):
                restated = restate_frozen(connection, run_id, base, causes, made_then)
                run = _add_note(run, explain_frozen(base, restated))
            elif not held_nothing(connection, base.run_id):
                restated = restate(connection, run_id, as_of, base.run_id, causes, made_then)
        if not stands_for_good:
            _replace_figures(connection, Publication(as_of, run_id))
            if later := _follow(connection, run_id, as_of, terms):
                run = _add_note(run, f"自 {later} 起的发布日，问题的首次发现日、整改期限或消除记录随之更新，数字不变")
        _write_ledgers(connection, run_id, rejected, check_results)
        if names is not None:
            publish_names(connection, names)
        empty_staging(connection)  # SQLite reads what it removes: the next night is not to pay for this one
        publications = [] if stands_for_good else [Publication(as_of, run_id)._asdict()]
        finish(connection, run, "published", publications, _say_written(connection, run_id, names, rests_on))
    return restated


def _follow(connection: sa.Connection, run_id: str, as_of: dt.date, terms: Callable[[str], Terms | None]) -> dt.date | None:
    """Bring what rests on the figures of a date to what they are now: findings of later dates, tasks, and their ledgers;
    return the first date whose findings changed.
    """
    own = terms(run_id) or NOTHING_DUE
    lock_actions(connection)
    later = follow(connection, as_of, terms)
    keep_tasks(connection, own)
    write_ledger(connection, as_of, run_id, own)
    write_later_ledgers(connection, as_of, later is not None, terms, own)
    return later


def hold(
    engine: sa.Engine,
    run: Mapping[str, Any],
    rejected: Object | None,
    check_results: Sequence[Mapping[str, Any]],
    *,
    copies: Store | None = None,
    rests_on: Callable[[sa.Connection], Mapping[str, str]] = _on_nothing,
    fence: Fence = unfenced,
) -> None:
    """Enter a run that a gate held: files, checks and rejected rows are written, the figures stay.

    `copies` takes copies of what is sealed; `rests_on` names the run's files for its seal; `fence` as in `publish`.
    """
    with engine.begin() as connection:
        fence(connection)
        refuse_published(connection, run["run_id"])
        check_staged(connection, run["run_id"], run["as_of"])
        _write_ledgers(connection, run["run_id"], rejected, check_results)
        finish(connection, run, "held", digests=_say_written(connection, run["run_id"], copies, rests_on))


def _say_written(
    connection: sa.Connection, run_id: str, copies: Store | None, rests_on: Callable[[sa.Connection], Mapping[str, str]]
) -> dict[str, Any]:
    said = seal_written(connection, run_id, copies)
    return said | {"files": dict(rests_on(connection))}


def _add_note(run: Mapping[str, Any], note: str) -> Mapping[str, Any]:
    return {**run, "note": "；".join(filter(None, (run.get("note"), note)))}


def _replace_figures(connection: sa.Connection, publication: Publication) -> None:
    until = published_after(connection, publication.as_of)
    for name in figures_staged(connection):
        replace_slice(connection, name, publication.as_of, until)
    connection.execute(sa.delete(_PUBLICATIONS).where(_PUBLICATIONS.c.as_of == publication.as_of))
    connection.execute(sa.insert(_PUBLICATIONS), [publication._asdict()])


def _copy_staged(connection: sa.Connection, name: str) -> None:
    staged = staging_of(name)
    connection.execute(sa.insert(METADATA.tables[name]).from_select(list(staged.columns.keys()), sa.select(staged)))


def _write_ledgers(
    connection: sa.Connection, run_id: str, rejected: Object | None, check_results: Iterable[Mapping[str, Any]]
) -> None:
    for name in LEDGERS:
        ledger = METADATA.tables[name]
        connection.execute(sa.delete(ledger).where(ledger.c.run_id == run_id))
        _copy_staged(connection, name)
    if rows := [{**row, "run_id": run_id} for row in check_results]:
        connection.execute(sa.insert(METADATA.tables["check_results"]), rows)
    if rejected is not None:
        table = METADATA.tables["rejected_records"]
        # A row that stands keeps the run that met it first.
        upsert(connection, table, rejected, REPORTS[table.name].key, kept=("first_seen_run",))
