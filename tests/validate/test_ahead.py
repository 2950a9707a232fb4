"""Rows that were judged by themselves are settled as they are; what the home came to since makes that void."""

from datetime import date

import pytest

from pipelines.rejects import rejections, sources
from pipelines.rejects.decisions import write_decision
from pipelines.settle import settle as settling
from tests.lake.house import House
from tests.validate.test_interrupted import land_second_night, outcome

AS_OF = date(2020, 12, 31)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A house before its second night: rows to accept, to reject, and a key that a withdrawal takes."""
    house = House(tmp_path_factory.mktemp("prepared"))
    land_second_night(house)
    house.land("deliveries/c.csv", {"delivery_id": "D10"}, {"delivery_id": "STRAY", "product_code": "P?"})
    return house


def second_night(prepared, folder, monkeypatch, *, as_of=None, meanwhile=lambda house: None):
    """What came of it, and how many groups were judged while it was settled."""
    monkeypatch.setattr(sources, "GROUP_ROWS", 1)
    house, judged, settle = House(folder, as_of=as_of), [], settling.settle
    house.begin_as(prepared)

    def settle_and_count(*given, **more):
        meanwhile(house)
        with monkeypatch.context() as patch:
            judge = rejections.judge_sources
            patch.setattr(rejections, "judge_sources", lambda *asked: judged.append(asked[1].name) or judge(*asked))
            return settle(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr("tests.lake.house.settle", settle_and_count)
        house.night()
    return outcome(house), judged


def test_what_was_judged_is_not_judged_again_and_comes_to_the_same(prepared, tmp_path, monkeypatch):
    at_once, there = second_night(prepared, tmp_path / "once", monkeypatch)
    ahead, again = second_night(prepared, tmp_path / "ahead", monkeypatch, as_of=AS_OF)
    assert ahead == at_once
    assert sorted(there) == ["deliveries", "deliveries", "lots", "payments", "products"] and again == []


def test_a_decision_in_between_has_all_of_them_judged_again(prepared, tmp_path, monkeypatch):
    def decide(house):
        waits = house.register()["record_id"].to_list()
        write_decision(house.home, "discard", waits, by="张三", until=None, note="已核实", at="2021-01-01T00:00:00+08:00")

    at_once, _ = second_night(prepared, tmp_path / "once", monkeypatch, meanwhile=decide)
    ahead, again = second_night(prepared, tmp_path / "ahead", monkeypatch, as_of=AS_OF, meanwhile=decide)
    assert ahead == at_once and len(again) == 5


def test_a_group_that_was_half_written_is_judged_again(prepared, tmp_path, monkeypatch):
    def tear(house):
        [marker] = house.folder.glob("run2/judged/*/payments/*/files.json")
        marker.unlink()

    at_once, _ = second_night(prepared, tmp_path / "once", monkeypatch)
    assert second_night(prepared, tmp_path / "torn", monkeypatch, as_of=AS_OF, meanwhile=tear) == (at_once, ["payments"])
