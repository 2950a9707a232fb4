"""Run from a source folder that holds the trial indicator: a published year, judged; prints what came out as JSON."""

import json
import sys
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from benchmarks.bench import STEPS
from pipelines.database.open import open_database
from pipelines.oversight.accountability.items import list_items
from pipelines.oversight.assessment.assess import assess_year
from pipelines.oversight.assessment.show import describe, export_assessment, show_assessment
from pipelines.oversight.sampling.frame import read_frame
from pipelines.past.past_run import find_run
from pipelines.policy.policies import load_policies
from tests.oversight.accountability.year import AS_OF, PRIVATE, H, publish_year

TABLES = ("agreed_volume_completion", "payment_timeliness", "payment_unallocated", "two_invoice_compliance")


def main(folder: Path) -> None:
    """Judge the year below `folder` by the policy rows in `folder / policies`."""
    home, overlay = publish_year(folder), folder / "policies"
    engine = open_database(f"sqlite:///{home.folder / 'compliance.db'}")
    with engine.connect() as connection:
        run = find_run(connection, home, overlay, as_of=AS_OF)
        items = list_items(connection, run, load_policies(overlay), "")
    year = assess_year(engine, home, overlay, 2020, at=datetime.fromisoformat("2021-01-08T10:00:00+08:00"))
    show_assessment(year)
    export_assessment(folder / "scores.xlsx", year, 2020)
    with engine.begin() as connection:  # the trial's table alone speaks of the private hospital
        for name in TABLES:
            connection.execute(sa.text(f"DELETE FROM {name}_versions WHERE institution_code = :code"), {"code": PRIVATE})
        frame = read_frame(connection, run, "", "jurisdiction")
    found = {
        "items": [i for i in items if i["rule_code"].startswith("swift")],
        "score": next(row for row in year.rows if row["institution_code"] == H),
        "told": describe(year, 2020),
        "frame": frame,
        "steps": STEPS,
    }
    print(json.dumps(found, default=str))


main(Path(sys.argv[1]))
