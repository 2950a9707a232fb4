"""What a night is built on: the figures that stand, and whether they can be carried on."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from pipelines.database.made import made_by, made_now
from pipelines.database.standing import Publication, standing
from pipelines.engine.compute import Standing
from pipelines.engine.kept_sums import Sums
from pipelines.indicators import all_indicators
from pipelines.policy.policies import Policies
from pipelines.store.runs import Run, code_version, read_json, write_json

_FILE = "base.json"


def note_base(run: Run, engine: sa.Engine, policies: Policies) -> bool:
    """Write down which publication stands for the run's date, and return whether its sums can be carried on.

    They can while the run that published them has its files, and was computed by this code and these policy rows.
    """
    with engine.connect() as connection:
        base = standing(connection, run.as_of)
    carried = base is not None and _can_be_carried(run, base, policies)
    content = {"as_of": base.as_of.isoformat(), "run_id": base.run_id} if base else None
    write_json(run.file(_FILE), {"base": content, "carried": carried})
    return carried


def read_base(run: Run) -> Publication | None:
    """The publication that stood for the run's date when it took its records."""
    base = read_json(run.file(_FILE))["base"]
    return Publication(date.fromisoformat(base["as_of"]), base["run_id"]) if base else None


def standing_night(run: Run) -> Standing | None:
    """The night whose sums this one carries on; None where it begins anew."""
    base = read_base(run)
    if base is None or not read_json(run.file(_FILE))["carried"]:
        return None
    return Standing(run.home / "runs" / base.run_id, base.as_of)


def _can_be_carried(run: Run, base: Publication, policies: Policies) -> bool:
    folder = run.home / "runs" / base.run_id
    files = [folder / name for name in ("facts.json", "tallies.json", "records/base.json")]
    if base.run_id == run.run_id or not all(path.exists() for path in files):
        return False
    if not all(Sums(folder, i).exist() for i in all_indicators().values()):
        return False
    facts = read_json(folder / "facts.json")
    same = (facts["code_version"], facts["policy_digest"]) == (code_version(), policies.digest)
    return same and made_by(folder) == made_now()
