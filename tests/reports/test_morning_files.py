"""Morning pages as files: what they load, when they go, and the index over them."""

import re

import pytest

from pipelines.errors import UsageError
from pipelines.reports import morning
from pipelines.store.local import Local
from tests.reports.mornings import MONDAY, TUESDAY, WEDNESDAY, cells


def test_pages_ask_for_nothing_from_outside(mornings):
    mornings.run("MON", MONDAY)
    mornings.page("MON")
    for path in (mornings.home / "site").rglob("*.html"):
        page = re.sub(r' xmlns(:\w+)?="[^"]*"', "", path.read_text(encoding="utf-8"))
        assert not re.search(r"https?:|src=|@import|url\(", page), path


def test_written_again_a_page_is_the_same(mornings):
    mornings.run("MON", MONDAY)
    mornings.reject("r", "MON", "payments/s/a.csv")
    first = mornings.page("MON")
    assert mornings.page("MON") == first


def test_old_pages_are_removed_and_the_index_says_so(mornings):
    stranger = mornings.home / "site" / "morning" / "notes"
    stranger.mkdir(parents=True)
    (mornings.home / "returns" / "2020-06-01").mkdir(parents=True)
    for name, day in (("MON", MONDAY), ("TUE", TUESDAY), ("WED", WEDNESDAY)):
        mornings.run(name, day)
        mornings.returned(name)
        mornings.page(name, keep_runs=2)
    assert {path.name for path in (mornings.home / "returns").iterdir()} == {"TUE", "WED", "2020-06-01"}
    site = mornings.home / "site" / "morning"
    assert sorted(path.name for path in site.iterdir()) == ["TUE", "WED", "index.html", "notes"]
    runs = [row[2] for row in cells((site / "index.html").read_text(encoding="utf-8"), "runs")[1:]]
    assert runs == ["WED", "TUE", "MON 页面已过保留期"]


def test_the_index_has_every_run_with_its_rate(mornings):
    mornings.run("MON", MONDAY, rows_read=1000, rows_rejected=25)
    mornings.run("TUE", TUESDAY, "failed")
    page = morning.write_index(mornings.engine, Local(mornings.home)).read().decode()
    assert cells(page, "runs")[1:] == [
        ["2020-06-02", "失败", "TUE 无页面", "2020-06-03 02:00:00", "0:01:23", "—", "—", "—"],
        ["2020-06-01", "已发布", "MON 无页面", "2020-06-02 02:00:00", "0:01:23", "1,000", "25", "2.50%"],
    ]


def test_an_index_over_no_runs_is_written(mornings):
    assert cells(morning.write_index(mornings.engine, Local(mornings.home)).read().decode(), "runs")[1:] == []


def test_a_run_the_ledger_does_not_know_is_refused(mornings):
    with pytest.raises(UsageError, match="没有运行 NOBODY"):
        mornings.page("NOBODY")
