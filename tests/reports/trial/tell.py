"""Run from a source folder that holds the trial indicator: two nights, and what bulletin, explain, alarm and questions tell."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import fastexcel

from pipelines.alarms.compose import compose
from pipelines.alarms.night import read_night
from pipelines.database.open import open_database
from pipelines.reports.bulletin import make_bulletin
from pipelines.reports.explain import explain_figure, explain_finding, explain_line
from pipelines.reports.explain.as_json import figure_as_json, source_as_json
from pipelines.serve.questions import ask_everything
from pipelines.settings import Settings
from tests.reports.explained_nights import AS_OF, H, Night, delivery

KEY = (H, "2020-01")


def main(folder: Path) -> None:
    """The second night brings a correction of what the first published."""
    night = Night(folder / "night")
    night.run(
        deliveries=[
            delivery("SOON", "2020-01-31"),
            delivery("LATE", "2020-02-01"),
            delivery("ALSO", "2020-01-10"),
            delivery("GIFT", "2020-01-11", more="yes,"),
        ]
    )
    run_id = night.run("b.csv", deliveries=[delivery("ALSO", "2020-02-10")])
    engine = open_database(f"sqlite:///{night.home / 'compliance.db'}")
    with engine.connect() as connection:
        told = read_night(connection, run_id)  # of many tables an alarm names a few, so it is asked of this one
        message = compose(replace(told, restated=[r for r in told.restated if r[1] == "swift_acceptance_month"]))
        (finding,) = connection.exec_driver_sql(
            "SELECT finding_id FROM findings WHERE rule_code = 'swift_acceptance_slow' AND state = 'open'"
        ).scalars()
        asked = {q.name: q.sql for q in ask_everything() if "swift" in q.name}
        parameters = {"as_of": "", "jurisdiction": ""}
        answers = {name: len(connection.exec_driver_sql(sql, parameters).all()) for name, sql in asked.items()}
    settings = Settings(home=night.home, chromium=Path("/nonexistent"))
    made = make_bulletin(settings, AS_OF, lambda _: None)
    book = fastexcel.read_excel(str(made.workbook))
    sheets = {name: book.load_sheet(name, header_row=None, dtypes="string").to_polars().rows() for name in book.sheet_names}
    found = {
        "sheets": {name: sheets[name] for name in ("摘要", "验收及时情况", "验收及时情况·按医疗机构", "指标口径")},
        "contents": made.pages.read().decode(),
        "summary": made.place.at("summary.html").read().decode(),
        "figure": figure_as_json(explain_figure(engine, settings.home, None, "swift_acceptance_month", KEY)),
        "finding": figure_as_json(explain_finding(engine, settings.home, None, finding[:12])),
        "line": source_as_json(explain_line(engine, settings.home, None, "deliveries/b.csv", 2)),
        "gift": source_as_json(explain_line(engine, settings.home, None, "deliveries/a.csv", 5)),
        "alarm": message.body,
        "answers": answers,
    }
    print(json.dumps(found, ensure_ascii=False, default=str))


main(Path(sys.argv[1]))
