"""A small home in which everything has happened that can be published: what was changed in it since must be found."""

from datetime import date, datetime

from pipelines.database.open import open_database
from pipelines.desk.decide import decide
from pipelines.oversight.accountability.lists import draft_list
from pipelines.oversight.accountability.objections import object_to
from pipelines.oversight.assessment.assess import assess_year
from pipelines.oversight.sampling.sample import draw_sample
from pipelines.oversight.tasks.act import act
from pipelines.rejects.register import read_register
from pipelines.reports.bulletin import make_bulletin
from pipelines.settings import Settings
from tests.reports.explained_nights import AS_OF, Night, delivery

NEXT = date(2021, 1, 31)
EXTENDED = date(2021, 6, 30)
_AT = datetime.fromisoformat("2021-02-01T09:00:00+08:00")


def publish_everything(folder, url=""):
    """Three nights (a finding is cured, a figure restated, a row rejected and discarded), a bulletin that freezes, a list
    with an objection, an assessment, a sample, tasks extended. Returns the nights and their run ids.
    """
    night = Night(folder)

    late = delivery("LATE", "2020-12-20", packs=20)
    first = night.run(deliveries=[delivery("D", "2020-02-01"), delivery("BAD", "2020-02-30")])
    again = night.run("b.csv", deliveries=[late])
    settings = Settings(home=night.home, chromium=night.home / "none") if not url else None
    settings = settings or Settings(home=night.home, database=url, chromium=night.home / "none")
    engine = open_database(settings.database_url)
    make_bulletin(settings, AS_OF, lambda _: None, is_quarter=True)
    drafted = draft_list(engine, settings.home, None, by="张三", at=_AT, as_of=AS_OF)
    with engine.connect() as connection:
        query = "SELECT item_id FROM accountability_items WHERE part = 'named' ORDER BY item_no LIMIT 1"
        item = connection.exec_driver_sql(query).scalar_one()
    object_to(engine, item, by="一院", note="已付", received_on=_AT.date(), at=_AT, list_id=drafted.list_id)
    assess_year(engine, settings.home, None, 2020, at=_AT)
    draw_sample(engine, settings.home, None, size=1, by="张三", at=_AT, as_of=AS_OF, seed="7")
    with engine.connect() as connection:
        findings = connection.exec_driver_sql("SELECT finding_id FROM tasks WHERE state = 'open' ORDER BY 1").scalars().all()
    for finding in findings:
        act(engine, finding, "extend", by="王五", note="分期", new_due_on=EXTENDED)
    engine.dispose()
    [record] = read_register(settings.home, 1)["record_id"]
    decide(settings, "discard", [record], by="张三", note="作废")
    last = night.run("c.csv", as_of=NEXT, deliveries=[delivery("MORE", "2020-12-30", packs=990)])
    return night, (first, again, last)
