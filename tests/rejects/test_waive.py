"""Waivers: accepted as it is, by whom, until when; and what stands when the day has passed."""

from datetime import date

import pytest

from pipelines.desk.decide import decide
from pipelines.errors import UsageError
from pipelines.lake.batches import last_batch
from pipelines.lake.lay_out import lay_out
from pipelines.lake.scan_records import scan_records
from pipelines.rejects.decisions import pending_decisions
from pipelines.settle import settle as settling
from pipelines.store.local import Local
from tests.lake.house import digest_at
from tests.rejects.desk import UNTIL
from tests.validate.good import HOSPITAL

ZERO, BAD = {"amount": "0"}, {"amount": "x"}
IN_TIME, LATE = UNTIL, date(2021, 2, 1)


@pytest.fixture(autouse=True)
def _masters(house, masters):
    house.begin_as(masters)


def payments(house, path, *changes):
    house.land(f"payments/{path}", *changes)
    house.night()


def amounts(house):
    return house.records("payments")["amount_fen"].to_list()


def test_waived_row_is_accepted_as_it_is_with_who_until_when_and_why(house):
    payments(house, "a.csv", {"payment_id": "P2"}, ZERO)
    outcome = house.waive("P1")
    row = house.register().row(0, named=True)
    assert (amounts(house), outcome.states, row["state"]) == ([0, 6600], {"waived": 1}, "waived")
    assert (row["decided_by"], row["decided_until"], row["note"]) == ("张三", UNTIL, "已核实")


def test_waived_row_keeps_its_place_and_never_replaces_a_later_version(house):
    payments(house, "a.csv", ZERO)
    payments(house, "b.csv", BAD)
    older = house.register().filter(source_path="payments/a.csv")["record_id"].item()
    decide(house.settings, "waive", [older], "张三", UNTIL, "已核实")
    payments(house, "c.csv", {"amount": "7"})
    assert amounts(house) == [700]
    assert [state for _, state in house.states()] == ["resolved", "resolved"]
    house.day(LATE)
    assert amounts(house) == [700]


@pytest.mark.parametrize(
    "row",
    [BAD, {"payment_id": ""}, {"institution_code": "H9"}, {"amount": "0", "institution_code": "H9"}, {"amount": "-1"}],
    ids=["unreadable", "keyless", "unreferenced", "rule and unreferenced", "the formula rests on it"],
)
def test_what_cannot_be_waived(row, house):
    payments(house, "a.csv", row)
    before = last_batch(house.home)
    with pytest.raises(UsageError, match="不能豁免"):
        decide(house.settings, "waive", house.register()["record_id"].to_list(), "张三", UNTIL, "已核实")
    assert (last_batch(house.home), pending_decisions(house.home)) == (before, [])


def test_row_that_contradicts_another_is_not_waived(house):
    payments(house, "a.csv", ZERO, {})
    with pytest.raises(UsageError, match="同一主键"):
        decide(house.settings, "waive", house.register()["record_id"].to_list(), "张三", UNTIL, "已核实")


def test_waiver_holds_through_its_last_day_and_the_older_version_stands_again(house):
    payments(house, "a.csv")
    payments(house, "b.csv", ZERO)
    house.waive("P1")
    house.day(IN_TIME)
    assert (amounts(house), house.states()) == ([0], [("1", "waived")])
    house.day(LATE)
    row = house.register().row(0, named=True)
    assert (amounts(house), row["state"]) == ([6600], "open")
    assert "2021-01-31 到期" in row["note"] and "已核实" in row["note"]
    assert [r["code"] for r in row["reasons"]] == ["not_equal_to"]


def test_when_nothing_older_stands_the_key_and_what_refers_to_it_are_gone(house):
    house.land("deliveries/b.csv", {"delivery_id": "D2", "charge_price": "-1"})
    house.night()
    house.waive("D2")
    house.land("returns/a.csv", {"delivery_id": "D2"})
    house.night()
    assert house.keys("returns") == ["R1"]
    house.day(LATE)
    assert (house.keys("deliveries"), house.keys("returns")) == (["D1"], [])
    house.waive("D2", until=date(2021, 6, 30))
    assert (house.keys("deliveries"), house.keys("returns")) == (["D1", "D2"], ["R1"])
    house.day(LATE)
    assert house.keys("returns") == ["R1"]


def test_a_batch_is_read_as_it_was_before_a_waiver_ran_out(house):
    payments(house, "a.csv", ZERO)
    house.waive("P1")
    batch, before = last_batch(house.home), house.digest()
    house.day(LATE)
    assert digest_at(house.home, batch, house.folder / "then") == before != house.digest()


def test_what_is_carried_on_from_night_to_night_follows_a_waiver_that_ran_out(house):
    def laid_out():
        lay_out(house.home, last_batch(house.home), Local(house.folder / "laid"))
        return scan_records(Local(house.folder / "laid"), "payments").collect()["amount_fen"].to_list()

    payments(house, "a.csv")
    payments(house, "b.csv", ZERO)
    before = laid_out()
    house.waive("P1")
    assert (before, laid_out()) == ([6600], [0])
    house.day(LATE)
    assert laid_out() == [6600]


def test_waived_row_sent_again_is_accepted_again_and_goes_out_from_everywhere(house):
    payments(house, "a.csv")
    payments(house, "b.csv", ZERO)
    house.waive("P1")
    payments(house, "c.csv", ZERO, {"payment_id": "P2"})
    entry = last_batch(house.home).files[0]
    assert (entry["rows_accepted"], entry["rows_rejected"], house.states()) == (2, 0, [("1", "waived")])
    assert amounts(house) == [0, 6600]
    house.day(LATE)
    assert (amounts(house), house.states()) == ([6600, 6600], [("1", "open")])
    payments(house, "d.csv", ZERO, {"payment_id": "P3"})
    assert (amounts(house), house.states()) == ([6600, 6600, 6600], [("1", "open")])


def test_waived_row_sent_again_beside_a_contradiction_is_rejected_and_stays_waived(house):
    payments(house, "a.csv", ZERO)
    house.waive("P1")
    payments(house, "b.csv", ZERO, {})
    assert (amounts(house), house.states()) == ([0], [("1", "open"), ("1", "waived")])


def test_correction_of_a_waived_row_resolves_it(house):
    payments(house, "a.csv", ZERO)
    house.waive("P1")
    payments(house, "b.csv")
    house.day(LATE)
    assert (amounts(house), house.states()) == ([6600], [("1", "resolved")])


def test_waiver_may_be_given_another_day_and_the_same_one_changes_nothing(house):
    payments(house, "a.csv", ZERO)
    house.waive("P1")
    number = last_batch(house.home).number
    assert house.waive("P1").decision is None
    assert last_batch(house.home).number == number
    house.waive("P1", until=date(2021, 6, 30))
    house.day(LATE)
    assert house.states() == [("1", "waived")]


def test_killed_before_the_manifest_a_waiver_that_ran_out_ends_once(house, monkeypatch):
    payments(house, "a.csv")
    payments(house, "b.csv", ZERO)
    house.waive("P1")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(settling.batches, "commit", _interrupt)
        house.day(LATE)
    assert (amounts(house), house.states()) == ([0], [("1", "waived")])
    house.day(LATE)
    assert (amounts(house), house.states()) == ([6600], [("1", "open")])


def _interrupt(*_, **__):
    raise KeyboardInterrupt


def test_waived_row_sent_again_with_an_unknown_reference_is_rejected_with_all_its_reasons(house):
    house.land("payments/a.csv", ZERO)
    house.night()
    house.waive("P1")
    house.land("institutions/b.csv", {"is_withdrawn": "1"})
    house.night()
    payments(house, "b.csv", ZERO, {"payment_id": "P2"})
    row = house.register().filter(record_id=house.number("P1")).row(0, named=True)
    assert ([r["code"] for r in row["reasons"]], row["state"]) == (["not_equal_to", "unknown_reference"], "waived")
    house.day(LATE)
    house.land("institutions/c.csv", {"name": "重新报送"})
    house.night()
    assert amounts(house) == [6600]


def test_institution_waived_carries_its_branches_until_the_waiver_runs_out(house):
    head, branch = {"institution_code": "H2", "jurisdiction_code": "33"}, {"institution_code": "H3"}
    house.land("institutions/b.csv", head, branch | {"parent_institution_code": "H2"})
    house.night()
    assert house.reasons() == ["str_matches", "unknown_reference"]
    outcome = house.waive("H2")
    assert (outcome.states, house.keys("institutions")) == ({"waived": 1}, ["H2", "H3", HOSPITAL])
    assert house.states() == [("H2", "waived"), ("H3", "resolved")]
    house.day(LATE)
    assert house.keys("institutions") == [HOSPITAL]
