"""The correction workbooks of a night: for every sender whose rows wait, written anew only where something changed."""

import fastexcel
import pytest

from pipelines.desk import nightly_returns
from pipelines.desk.export import as_file_name
from pipelines.desk.nightly_returns import keep_returns, read_returns
from pipelines.lake.batches import last_batch
from tests.rejects.desk import mend

BAD = {"unit_price": "x"}


@pytest.fixture
def night(house):
    """A night: land, settle, keep the workbooks; their contents by sender."""
    house.land_masters()

    def run(run_id, **landed):
        for sender, rows in landed.items():
            house.land(f"deliveries/{sender}/{run_id}.csv", *rows)
        house.night()
        keep_returns(house.home, run_id, last_batch(house.home).number)
        return {r.sender: r for r in read_returns(house.home, run_id)}

    return run


def bad(*keys, **cells):
    return [BAD | cells | {"delivery_id": key} for key in keys]


def place(house, run_id, returned):
    return house.home.folder / "returns" / run_id / returned.path


def sheets(path):
    reader = fastexcel.read_excel(path)
    load = {n: reader.load_sheet(n, header_row=None, skip_rows=0, dtypes="string") for n in reader.sheet_names}
    return {name: [list(row) for row in sheet.to_polars().rows()] for name, sheet in load.items()}


def test_every_sender_with_rows_that_wait_gets_one_in_the_place_of_its_dataset(house, night):
    found = night("R1", 甲=bad("A1", "A2"), 乙=bad("A3"), 丙=[{"delivery_id": "GOOD"}])
    assert {s: (r.path, r.waiting, r.listed) for s, r in found.items()} == {
        "甲": ("deliveries/甲.xlsx", 2, 2),
        "乙": ("deliveries/乙.xlsx", 1, 1),
    }


def test_nothing_new_is_the_same_file_and_what_changed_is_written_anew(house, night):
    first = night("R1", 甲=bad("A1"), 乙=bad("A2"))
    second = night("R2", 乙=bad("A2", ordered_on="昨天"))
    same, other = (place(house, "R1", first[s]).samefile(place(house, "R2", second[s])) for s in ("甲", "乙"))
    assert same and not other
    assert second["乙"].waiting == 2


def test_what_is_resolved_or_discarded_is_returned_no_more(house, night):
    night("R1", 甲=bad("A1"), 乙=bad("A2"))
    house.decide("discard", "A2")
    assert night("R2", 甲=[{"delivery_id": "A1"}]) == {}


def test_mended_and_sent_back_it_resolves_its_rows(house, night):
    found = night("R1", 甲=bad("A1"))
    house.send_back("deliveries", mend(sheets(place(house, "R1", found["甲"])), unit_price="6.60"))
    assert house.states() == [("A1", "resolved")]


def test_who_has_too_many_gets_the_latest_and_is_told(house, night, monkeypatch):
    monkeypatch.setattr(nightly_returns, "LISTED", 2)
    night("R1", 甲=bad("OLD"))
    found = night("R2", 甲=bad("NEW1", "NEW2"))
    assert (found["甲"].waiting, found["甲"].listed) == (3, 2)
    cover, (_, *rows) = sheets(place(house, "R2", found["甲"])).values()
    assert "共 3 行，本表只列最近报送的 2 行，其余另行退回" in cover[0][0]
    assert {row[2] for row in rows} == {"NEW1", "NEW2"}


def test_a_night_writes_so_much_and_the_next_the_rest(house, night, monkeypatch):
    monkeypatch.setattr(nightly_returns, "WRITTEN", 3)
    assert set(night("R1", 甲=bad("A1", "A2"), 乙=bad("A3", "A4", "A5"), 丙=bad("A6"))) == {"甲", "丙"}
    assert set(night("R2")) == {"甲", "乙", "丙"}


def test_senders_whose_names_make_the_same_file_name_do_not_overwrite_each_other(house, night):
    house.land("deliveries/甲/一/a.csv", *bad("A1"))
    found = night("R1", 甲_一=bad("A2"))
    assert sorted(r.path for r in found.values()) == ["deliveries/甲_一.xlsx", "deliveries/甲_一_1.xlsx"]
    again = night("R2")
    assert [sheets(place(house, "R2", again[s]))[list(sheets(place(house, "R2", again[s])))[1]][1][2] for s in found] == [
        "A1" if s == "甲/一" else "A2" for s in found
    ]


def test_kept_again_it_is_the_same(house, night):
    first = night("R1", 甲=bad("A1"))
    inode = place(house, "R1", first["甲"]).stat().st_ino
    keep_returns(house.home, "R1", last_batch(house.home).number)
    again = {r.sender: r for r in read_returns(house.home, "R1")}
    assert again == first and place(house, "R1", again["甲"]).stat().st_ino == inode
    assert [p.name for p in (house.home.folder / "returns").iterdir()] == ["R1"]


def test_made_again_it_has_what_still_waits_and_nothing_else(house, night):
    first = night("R1", 甲=bad("A1"), 乙=bad("A2"))
    house.decide("discard", "A2")
    keep_returns(house.home, "R1", last_batch(house.home).number)
    assert read_returns(house.home, "R1") == [first["甲"]]
    assert [p.name for p in (house.home.folder / "returns" / "R1").rglob("*.xlsx")] == ["甲.xlsx"]


def test_a_run_without_workbooks_has_none(house):
    assert read_returns(house.home, "R1") == []


def test_folders_of_any_length_give_names_that_a_disk_takes(tmp_path):
    """Two folders that differ at their ends only keep workbooks of their own."""
    names = [as_file_name("/".join(["医共体" * 20] * 9) + end) for end in ("甲", "乙")]
    assert names[0] != names[1] and names[0].startswith("医共体医共体")
    for name in names:
        (tmp_path / f"{name}_10.xlsx.part").touch()
    assert as_file_name("慈溪/人民 医院\n\x1b") == "慈溪_人民_医院"
