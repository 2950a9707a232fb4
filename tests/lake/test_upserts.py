"""Files as batches of upserts: which version of a record stands."""

import shutil

from tests.lake.house import digest_at
from tests.validate.good import HOSPITAL, OTHER_PRODUCT


def lots(house, **names):
    for path, name in names.items():
        house.land(f"lots/{path}.csv", {"name": name})
    house.night()


def standing(house):
    return house.records("lots")["name"].to_list()


def test_later_night_wins_whatever_the_path(house):
    lots(house, z="FIRST")
    lots(house, a="SECOND")
    assert standing(house) == ["SECOND"]


def test_later_path_wins_within_a_night(house):
    lots(house, b="LATER", a="EARLIER")
    assert standing(house) == ["LATER"]


def test_an_upsert_replaces_the_whole_row(house):
    house.land("institutions/a.csv", {"responsible_person": "张三", "level": "三级"})
    house.night()
    house.land("institutions/b.csv", {"level": "二级"})
    house.night()
    assert house.records("institutions").select("responsible_person", "level").rows() == [(None, "secondary")]


def test_same_content_is_skipped_under_any_name(house):
    lots(house, a="FIRST")
    lots(house, b="SECOND")
    shutil.copy(house.landing / "lots" / "a.csv", house.landing / "lots" / "c.csv")
    number = house.night().number
    assert (standing(house), number) == (["SECOND"], 2)


def test_rejected_newer_version_leaves_the_older_standing(house):
    lots(house, a="GOOD")
    house.land("lots/b.csv", {"name": "BAD", "category": "?"})
    house.night()
    assert (standing(house), house.states()) == (["GOOD"], [("L1", "open")])


def test_withdrawn_record_is_gone_until_it_is_sent_again(house):
    lots(house, a="FIRST")
    house.land("lots/b.csv", {"is_withdrawn": "是"})
    batch = house.night()
    assert (standing(house), batch.changes["withdrawn"], batch.changes["replaced"]) == ([], 1, 1)
    lots(house, c="AGAIN")
    assert standing(house) == ["AGAIN"]


def test_withdrawal_of_the_unknown_is_no_error(house):
    house.land("lots/a.csv", {"is_withdrawn": "1"})
    house.night()
    assert (standing(house), house.states()) == ([], [])


def test_records_know_where_they_stood(house):
    house.land("lots/a.csv", {"lot_code": "L1"}, {"lot_code": "L2"})
    files = {f["seq"]: f["path"] for f in house.night().files}
    places = house.records("lots").select("lot_code", "_file", "_sheet", "_line").rows()
    assert [(code, files[file], sheet, line) for code, file, sheet, line in places] == [
        ("L1", "lots/a.csv", "", 2),
        ("L2", "lots/a.csv", "", 3),
    ]


def test_a_batch_is_read_as_it_was(house):
    lots(house, a="FIRST")
    first, before = house.night(), house.digest()
    lots(house, b="SECOND")
    assert digest_at(house.home, first, house.folder / "then") == before != house.digest()


def test_orphans_of_a_withdrawal_leave_and_come_back(house):
    house.land_masters()
    house.land("returns/a.csv")
    house.land("payments/a.csv")
    house.night()
    house.land("institutions/b.csv", {"is_withdrawn": "1"})
    house.night()
    assert [house.keys(d) for d in ("commitments", "deliveries", "returns", "payments")] == [[]] * 4
    assert house.keys("products") != []
    house.land("institutions/c.csv", {"name": "重新报送"})
    house.night()
    assert [len(house.keys(d)) for d in ("commitments", "deliveries", "returns", "payments")] == [1] * 4


def test_branch_of_a_withdrawn_head_leaves_too(house):
    branch, ward, other = "H33028200002", "H33028200003", "H33028200004"
    pairs = [(HOSPITAL, ""), (branch, HOSPITAL), (ward, branch), (other, "")]
    rows = [{"institution_code": code, "parent_institution_code": head} for code, head in pairs]
    house.land("institutions/a.csv", *rows)
    house.night()
    house.land("institutions/b.csv", {"is_withdrawn": "1"})
    house.night()
    assert house.keys("institutions") == [other]


def test_withdrawal_that_names_something_withdrawn_still_counts(house):
    house.land_masters()
    house.night()
    house.land("products/b.csv", {"product_code": OTHER_PRODUCT})
    house.land("deliveries/b.csv", {"product_code": OTHER_PRODUCT, "is_withdrawn": "1"})
    house.night()
    house.land("products/c.csv", {"product_code": OTHER_PRODUCT, "is_withdrawn": "1"})
    house.night()
    assert house.keys("deliveries") == []
