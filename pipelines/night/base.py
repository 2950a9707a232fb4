"""What a night is built on: the figures that stand, and which indicators' sums can be carried on."""

from __future__ import annotations

import sqlalchemy as sa

from pipelines.database.standing import Publication, standing
from pipelines.engine.compute import BaseRun
from pipelines.engine.kept_sums import Sums
from pipelines.indicators import all_indicators
from pipelines.lake.laid_out import records_of
from pipelines.night.fingerprint import fingerprint
from pipelines.policy.policies import Policies
from pipelines.store import keys
from pipelines.store.dossier import Accepted, Base, has_dossier, note, read_dossier
from pipelines.store.runs import Run, code_version


def note_base(run: Run, engine: sa.Engine, policies: Policies, accepted: Accepted) -> list[str]:
    """Write down the lake as the run reads it and which publication stands for its date, unless that was done; return the
    codes of the indicators whose sums can be carried on: those that the run which published it has, computed by the code and
    the policy rows of now.
    """
    with engine.connect() as connection:
        base = standing(connection, run.as_of)
    carried = _find_carried(run, base, policies) if base else []
    if run.dossier.accepted is None:  # else a later step may have been done on what was written down
        based = Base(as_of=base.as_of, run_id=base.run_id) if base else None
        note(run.store, accepted=accepted, base=based, carried=carried)
    return read_carried(run)


def read_base(run: Run) -> Publication | None:
    """The publication that stood for the run's date when it took its records."""
    base = run.dossier.base
    return Publication(base.as_of, base.run_id) if base else None


def read_carried(run: Run) -> list[str]:
    """The codes of the indicators whose sums this night carries on."""
    return list(run.dossier.carried)


def base_run(run: Run, code: str) -> BaseRun | None:
    """The run whose sums of an indicator this night carries on; None where it computes all."""
    base = read_base(run)
    if base is None or code not in read_carried(run):
        return None
    return BaseRun(run.beside(base.run_id), base.as_of)


def base_run_of_records(run: Run) -> BaseRun | None:
    """The run whose counts over all records this night carries on: of the same program; None where there is none."""
    base = read_base(run)
    if base is None or not read_carried(run):
        return None
    store = run.beside(base.run_id)
    then = read_dossier(store).figures
    return BaseRun(store, base.as_of) if then and then.code_version == code_version() else None


def _find_carried(run: Run, base: Publication, policies: Policies) -> list[str]:
    store = run.beside(base.run_id)
    if base.run_id == run.run_id or not has_dossier(store) or not records_of(store).has(keys.BASE):
        return []
    then = read_dossier(store).figures
    if then is None or not then.tallies:
        return []
    return [
        code
        for code, indicator in all_indicators().items()
        if Sums.standing(store, indicator) and then.fingerprints.get(code) == fingerprint(indicator, policies, base.as_of)
    ]
