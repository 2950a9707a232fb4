"""What was uploaded is followed: into a night, to the page of entry, to the explanation of a line, and into the seals."""

import json

import pytest

from pipelines.database.open import open_database
from pipelines.database.seals import read_seals
from pipelines.store.local import Local
from pipelines.verify.files import check_files
from pipelines.verify.report import Report
from tests.reports.explained_nights import HEADS, Night, delivery
from tests.reports.mornings import MONDAY, TUESDAY, Mornings
from tests.web.visitor import Visitor


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory):
    """A night over one uploaded file with a good and a bad row, and what waits since."""
    night = Night(tmp_path_factory.mktemp("followed"))
    visitor = Visitor(night.home, night.landing)
    rows = [HEADS["deliveries"], delivery("GOOD", "2020-02-01"), delivery("BAD", "2020-02-30")]
    path = visitor.send("发货.csv", "\n".join(rows).encode()).json()["path"]
    run_id = night.run()
    visitor.who = "lisi"
    visitor.send("later.csv")
    return night, visitor, path, run_id


def test_the_page_says_what_became_of_each(taken_in):
    _, visitor, _, run_id = taken_in
    page = visitor.get("/").text
    assert [part.partition('"')[0] for part in page.split('data-state="')[1:]] == ["waiting", "accepted"]
    accepted = page[page.index('data-state="accepted"') :]
    assert "zhangsan" in accepted and "1 / 2" in accepted and run_id in accepted
    assert "lisi" in page[: page.index('data-state="accepted"')]


def test_an_explained_line_names_who_sent_its_file(taken_in):
    night, _, path, _ = taken_in
    notes = night.line(path, 2).notes
    assert any("由 zhangsan 于" in note and "发货.csv" in note for note in notes)


def test_the_record_is_sealed(taken_in):
    night, _, _, _ = taken_in

    def look():
        engine, report = open_database(f"sqlite:///{night.home / 'compliance.db'}"), Report()
        with engine.connect() as connection:
            check_files(connection, Local(night.home), read_seals(connection), report)
        engine.dispose()
        return report

    first, later = sorted((night.home / "uploads").iterdir())
    assert look().faults == []
    assert any(f"uploads/{later.name}" in note for note in look().notes)
    before = first.read_bytes()
    first.write_text(json.dumps(json.loads(before) | {"by": "nobody"}), encoding="utf-8")
    assert look().faults == [f"文件被改动：uploads/{first.name} 的内容与封存时的 SHA-256 不符"]
    first.unlink()
    assert look().faults == [f"文件缺失：uploads/{first.name}（封存时存在）"]
    first.write_bytes(before)


def test_a_database_that_is_gone_is_said_and_the_rest_is_shown(taken_in):
    night, *_ = taken_in
    lost = Visitor(night.home, night.landing, database=f"sqlite:///{night.home / 'none.db'}")
    page = lost.get("/")
    assert page.status_code == 200
    assert 'id="problem"' in page.text and "none.db" in page.text
    assert not (night.home / "none.db").exists()
    assert 'data-state="waiting"' in page.text


def test_what_took_it_in_is_told_and_not_what_met_it_again(migrated_database_url, tmp_path):
    """On both databases: a content is `skipped` in every later night that finds the file."""
    mornings = Mornings(tmp_path / "home", migrated_database_url)
    (tmp_path / "landing" / "deliveries").mkdir(parents=True)
    visitor = Visitor(mornings.home, tmp_path / "landing", database=migrated_database_url)
    sent = {name: visitor.send(f"{name}.csv", name.encode()).json() for name in ("taken", "refused", "waits")}
    for run_id, day, status in (("R1", MONDAY, "accepted"), ("R2", TUESDAY, "skipped")):
        mornings.run(run_id, day)
        file = {"run_id": run_id, "dataset": "deliveries", "rows_read": 1200}
        mornings.add("source_files", **file, path="a", sha256=sent["taken"]["sha256"], status=status, rows_accepted=1150)
        mornings.add("source_files", **file, path="b", sha256=sent["refused"]["sha256"], status="failed")
        mornings.add("source_files", **file, path="c", sha256="0" * 64, status="accepted")
    mornings.engine.dispose()
    page = visitor.get("/").text
    assert 'id="problem"' not in page
    waits, refused, taken = page.split('data-state="')[1:]
    assert waits.startswith("waiting") and refused.startswith("failed") and taken.startswith("accepted")
    assert "1,150 / 1,200" in taken and "R1" in taken and "R2" not in taken and "R2" in refused
