"""A night that found nothing to read is held, its files are named, and what is published after it restates nothing."""

from datetime import date

import pytest

from pipelines.database.open import open_database
from pipelines.night.run import release, run_night
from pipelines.settings import Settings
from tests.reports.explained_nights import MASTER, delivery, send

pytestmark = pytest.mark.thorough

AS_OF = date(2020, 12, 31)


def night(folder, settle_seconds=0):
    settings = Settings(home=folder / "home", landing=folder / "landing", settle_seconds=settle_seconds)
    said = []
    status, run_id = run_night(settings, AS_OF, said.append)
    return settings, status, run_id, said


def read(settings, query):
    engine = open_database(settings.database_url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.exec_driver_sql(query)]
    engine.dispose()
    return rows


def failed(settings, run_id):
    return read(settings, f"SELECT check_id FROM check_results WHERE run_id = '{run_id}' AND status = 'failed' ORDER BY 1")


def test_from_nothing_to_a_night_of_records(tmp_path):
    for dataset, rows in MASTER.items():
        send(tmp_path / "landing", dataset, *rows)
    send(tmp_path / "landing", "deliveries", delivery("D1", "2020-10-05"))
    settings, status, first, said = night(tmp_path, settle_seconds=3600)
    assert (status, failed(settings, first)) == ("held", [("intake.ever",), ("intake.waiting",)])
    waiting = read(
        settings, f"SELECT path, rows_read, sha256 FROM source_files WHERE run_id = '{first}' AND status = 'waiting'"
    )
    assert ("deliveries/a.csv", 0, "") in waiting and len(waiting) == len(MASTER) + 1
    assert any("留待下次" in line and "deliveries/a.csv" in line for line in said)
    page = (settings.home.folder / "site" / "morning" / first / "index.html").read_text("utf-8")
    assert "留待下次" in page and "deliveries/a.csv" in page
    release(settings, first, "甲", "空白也要", lambda _: None)

    settings, status, _, _ = night(tmp_path)
    assert (status, read(settings, "SELECT COUNT(*) FROM restatements")) == ("published", [(0,)])
    assert read(settings, "SELECT COUNT(*) FROM agreed_volume_completion") > [(0,)]

    send(tmp_path / "landing", "deliveries", delivery("D2", "2020-11-05"), name="b.csv.part")
    (tmp_path / "landing" / "deliveries" / ".DS_Store").write_bytes(b"desk")
    settings, status, third, _ = night(tmp_path)
    assert (status, failed(settings, third)) == ("held", [("intake.waiting",)])
    (tmp_path / "landing" / "deliveries" / "b.csv.part").unlink()
    assert night(tmp_path)[1] == "published"
    assert read(settings, "SELECT COUNT(*) FROM restatements") == [(0,)]
