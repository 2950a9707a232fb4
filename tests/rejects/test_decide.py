"""Discard and retry, and what all decisions have in common."""

from datetime import date

import polars as pl
import pytest

from pipelines.desk import decide as deciding
from pipelines.desk.decide import decide
from pipelines.desk.select import Wanted, select_records
from pipelines.errors import UsageError
from pipelines.lake.batches import last_batch
from pipelines.rejects import corrections
from pipelines.rejects.decisions import all_decisions, pending_decisions
from pipelines.settle.settle import settle
from pipelines.validate import rows as checking
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


@pytest.mark.parametrize(
    ("kind", "by", "until", "note"),
    [("waive", "张三", None, "已核实"), ("waive", "", UNTIL, "已核实"), ("discard", "张三", None, " ")],
)
def test_decision_names_who_why_and_until_when(kind, by, until, note, house):
    payments(house, "a.csv", ZERO)
    with pytest.raises(UsageError, match="必须写明"):
        decide(house.settings, kind, [house.number("P1")], by, until, note)


def test_number_may_be_short_but_not_ambiguous(house):
    payments(house, "a.csv", ZERO, {"payment_id": "P2", "amount": "0"})
    for number, met in (("", 2), ("zz", 0)):
        with pytest.raises(UsageError, match=f"对应 {met} 条"):
            decide(house.settings, "retry", [number])
    assert decide(house.settings, "discard", [house.number("P1")[:8]], "张三", None, "重复").states == {"discarded": 1}


def test_discarded_row_stays_discarded_when_it_is_sent_again(house):
    payments(house, "a.csv", BAD)
    house.decide("discard", "P1")
    payments(house, "b.csv", BAD, {"payment_id": "P2"})
    row = house.register().row(0, named=True)
    assert (row["state"], row["note"], row["source_path"]) == ("discarded", "已核实", "payments/b.csv")
    assert last_batch(house.home).files[0]["rows_rejected"] == 1
    assert house.decide("retry", "P1").records.is_empty()
    with pytest.raises(UsageError, match="已作废"):
        decide(house.settings, "waive", [house.number("P1")], "张三", UNTIL, "已核实")


def test_discarded_row_waits_no_more(house):
    house.land("returns/a.csv", {"delivery_id": "D9"})
    house.night()
    house.decide("discard", "R1")
    house.land("deliveries/b.csv", {"delivery_id": "D9"})
    house.night()
    assert (house.keys("returns"), house.states()) == ([], [("R1", "discarded")])


def test_retried_row_that_still_fails_keeps_its_first_run(house):
    payments(house, "a.csv", BAD)
    first = house.register().row(0, named=True)
    house.decide("retry", "P1")
    row = house.register().row(0, named=True)
    assert (row["state"], row["first_seen_run"], row["last_seen_run"]) == ("open", first["first_seen_run"], "decision-000001")
    assert row["reasons"] == first["reasons"]


def test_retried_row_is_accepted_once_the_code_reads_it_and_keeps_its_place(house, monkeypatch):
    read = checking.read_cells

    def refuse(text, column):
        return read(pl.Series(["?"] * text.len()) if column.name == "amount_fen" else text, column)

    with monkeypatch.context() as patch:
        patch.setattr(checking, "read_cells", refuse)
        payments(house, "a.csv", {"payment_id": "P2"}, {})
    assert house.states() == [("1", "open"), ("1", "open")]
    assert house.decide("retry", "P1").states == {"resolved": 1}
    assert house.states() == [("1", "resolved"), ("1", "open")]
    assert house.records("payments").select("payment_id", "_line").rows() == [("P1", 3)]


def _misread(column, amount):
    """A reader that cannot read this amount yet."""
    read = checking.read_cells

    def refuse(text, c):
        return read(text.str.replace_all(f"^{amount}$", "?") if c.name == column else text, c)

    return refuse


def test_retried_line_keeps_the_number_it_had_in_its_document(house, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(checking, "read_cells", _misread("amount_fen", "20"))
        payments(house, "a.csv", *({"line_no": "", "amount": a} for a in ("10", "20", "30")))
    before = house.records("payments").select("line_no", "amount_fen").rows()
    assert house.decide("retry", "P1").states == {"resolved": 1}
    after = house.records("payments").select("line_no", "amount_fen").rows()
    assert (len(before), len(after), sorted(a for _, a in after)) == (2, 3, [1000, 2000, 3000])
    assert set(before) < set(after)


def test_retried_row_that_turns_out_to_repeat_another_is_done_with(house, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(checking, "read_cells", _misread("amount_fen", "66"))
        payments(house, "a.csv", {"amount": "66", "line_no": ""}, {"line_no": "", "amount": "66.00"})
    assert (len(amounts(house)), house.states()[0][1]) == (1, "open")
    assert house.decide("retry", "P1").states == {"resolved": 1}
    assert amounts(house) == [6600]


def test_retried_row_gets_the_reasons_of_today_and_may_wait_on(house, monkeypatch):
    def refuse(text, dataset):
        good, _, repeats = checking.check_rows(text, dataset)
        return good.clear(), _spoil(good, dataset), repeats

    with monkeypatch.context() as patch:
        patch.setattr(corrections, "check_rows", refuse)
        house.land("returns/a.csv", {"delivery_id": "D9"})
        house.night()
    assert house.reasons() == ["spoilt", "unknown_reference"]
    house.decide("retry", "R1")
    assert house.reasons() == ["unknown_reference"]
    house.land("deliveries/b.csv", {"delivery_id": "D9"})
    house.night()
    assert (house.keys("returns"), house.states()) == (["R1"], [("R1", "resolved")])


def _spoil(good, dataset):
    reason = {"code": "spoilt", "column": "", "value": None, "message_zh": "试验"}
    texts = [pl.lit(None, pl.String).alias(f"text:{c.name}") for c in dataset.columns]
    others = [pl.lit(None, pl.String).alias(c) for c in ("_raw", "_problem", "_extra")]
    reasons = pl.Series("_reasons", [[reason]] * good.height, dtype=pl.List(pl.Struct(checking.REASON)))
    return good.with_columns(*texts, *others, reasons)


def test_killed_between_decision_and_batch_the_next_night_applies_it(house, monkeypatch):
    payments(house, "a.csv", ZERO)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(deciding, "settle", _interrupt)
        decide(house.settings, "waive", [house.number("P1")], "张三", UNTIL, "已核实")
    assert (house.states(), len(pending_decisions(house.home))) == ([("1", "open")], 1)
    payments(house, "b.csv", {"payment_id": "P2"})
    assert (amounts(house), house.states(), pending_decisions(house.home)) == ([0, 6600], [("1", "waived")], [])
    number = last_batch(house.home).number
    house.night()
    assert last_batch(house.home).number == number


def _interrupt(*_, **__):
    raise KeyboardInterrupt


def test_dry_run_keeps_nothing(house):
    payments(house, "a.csv", ZERO)
    before, digest = last_batch(house.home), house.digest()
    outcome = deciding.dry_run(house.settings, "waive", [house.number("P1")], "张三", UNTIL, "已核实")
    assert outcome.states == {"waived": 1}
    assert (last_batch(house.home), house.digest(), house.states()) == (before, digest, [("1", "open")])
    assert pending_decisions(house.home) == []


def test_retried_row_whose_key_had_a_later_version_is_superseded(house, monkeypatch):
    read = checking.read_cells

    def refuse(text, column):
        return read(pl.Series(["1E+20"] * text.len()) if column.name == "payment_id" else text, column)

    with monkeypatch.context() as patch:
        patch.setattr(checking, "read_cells", refuse)
        payments(house, "a.csv", {})
    payments(house, "b.csv", {"amount": "7"})
    assert house.states() == [("1", "open")]
    assert house.decide("retry", "P1").states == {"superseded": 1}
    assert amounts(house) == [700]


def test_new_files_and_decisions_may_meet_in_one_night(house, monkeypatch):
    payments(house, "a.csv", BAD, {"payment_id": "P2", "amount": "0"})
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(deciding, "settle", _interrupt)
        decide(house.settings, "waive", [house.number("P2")], "张三", UNTIL, "已核实")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(deciding, "settle", _interrupt)
        decide(house.settings, "retry", [house.number("P1"), house.number("P2")])
    payments(house, "b.csv", {}, {"payment_id": "P2", "amount": "0"})
    assert (amounts(house), house.states()) == ([6600, 0], [("1", "resolved"), ("1", "waived")])


def test_wanted_records(house):
    payments(house, "甲/a.csv", BAD, {"payment_id": "P2", "amount": "0"})
    house.land("returns/乙/a.csv", {"delivery_id": "D9"})
    house.night()
    register = house.register().with_columns(
        first_seen_run=pl.when(pl.col("dataset") == "returns").then(pl.lit("20210101-x")).otherwise(pl.lit("20210108-x"))
    )

    def found(**wanted):
        rows = select_records(register, Wanted(**wanted), date(2021, 1, 10))
        return rows.sort("dataset", "natural_key")["natural_key"].str.split("|").list.get(1).to_list()

    assert found() == found(institution=HOSPITAL) == ["P1", "P2", "R1"]
    assert found(dataset="payments") == found(file="甲") == ["P1", "P2"]
    assert found(reason="not_equal_to") == ["P2"]
    assert found(age=9) == found(reason="unknown_reference") == ["R1"]
    assert found(age=10) == found(state="waived") == found(institution=HOSPITAL[:-1]) == []
    assert found(age=2) == found(state="all") == ["P1", "P2", "R1"]


@pytest.mark.parametrize(("kind", "until"), [("waive", UNTIL), ("discard", None), ("retry", None)])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_decision_made_again_after_a_kill_is_the_same_decision(kind, until, moment, house, monkeypatch):
    payments(house, "a.csv", ZERO)
    told = (house.settings, kind, [house.number("P1")], "张三", until, "已核实")
    with monkeypatch.context() as patch:

        def killed(*given, **more):
            if moment == "after":
                settle(*given, **more)
            raise KeyboardInterrupt

        patch.setattr(deciding, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            decide(*told)
    decide(*told)
    if kind != "retry" or moment == "before":  # a row that still fails may be tried as often as one likes
        assert [d.number for d in all_decisions(house.home)] == [1]
    assert pending_decisions(house.home) == []
    batch = last_batch(house.home).number
    if kind != "retry":
        again = decide(*told)
        assert (again.earlier.number, again.decision, again.batch) == (1, None, None)
        assert last_batch(house.home).number == batch
