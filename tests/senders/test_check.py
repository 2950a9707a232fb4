"""A check: which dataset a file is of, what is looked up where, the workbook that is mended before anything was sent."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.senders.check import check_files
from pipelines.store.local import Local
from tests.ingest.files import write_xlsx
from tests.rejects.desk import UNTIL, mend, read_book
from tests.validate.good import GOOD, HOSPITAL, PRODUCT, csv_text

BAD = {"delivery_id": "BAD", "unit_price": "x"}


def write(path: Path, dataset: str, *changes: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(csv_text(dataset, *changes), encoding="utf-8")
    return path


@pytest.mark.parametrize("dataset", sorted(GOOD))
def test_headers_tell_the_dataset(tmp_path, dataset):
    (file,) = check_files([write(tmp_path / "export.csv", dataset)]).files
    assert (file.dataset, file.because, file.status, file.rows_accepted) == (dataset, "按表头识别", "accepted", 1)


def test_dataset_given_and_folder(tmp_path):
    given = write(tmp_path / "export.csv", "lots")
    folder = write(tmp_path / "lots" / "enterprises" / "export.csv", "lots")
    files = check_files([given], "lots").files + check_files([folder]).files
    assert [f.because for f in files] == ["由 --dataset 指定", "所在目录名为 lots"]
    (wrong,) = check_files([given], "payments").files
    assert wrong.status == "failed" and str(given) in wrong.message


@pytest.mark.parametrize(
    ("sheets", "told"),
    [
        ({"一": [["备注", "说明"], ["甲", "乙"]]}, "没有一个数据集的必填列"),
        ({d: [list(GOOD[d]), list(GOOD[d].values())] for d in ("lots", "payments")}, "lots（采购批次）、payments（付款明细）"),
    ],
    ids=["UNKNOWN", "TWO"],
)
def test_headers_that_do_not_tell(tmp_path, sheets, told):
    write_xlsx(tmp_path / "book.xlsx", **sheets)
    with pytest.raises(UsageError, match=told) as error:
        check_files([tmp_path / "book.xlsx"])
    assert "--dataset" in str(error.value)


def test_what_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="找不到文件"):
        check_files([tmp_path / "none.csv"])
    with pytest.raises(UsageError, match="没有数据集“delivery”"):
        check_files([write(tmp_path / "x.csv", "lots")], "delivery")
    with pytest.raises(UsageError, match="--home"):
        check_files([tmp_path / "x.csv"], "lots", Local(tmp_path / "nowhere"))


def test_without_a_home_references_are_told_and_trusted(tmp_path):
    files = [write(tmp_path / "d.csv", "deliveries", {}, {"delivery_id": "D2"}), write(tmp_path / "r.csv", "returns")]
    checked = check_files(files)
    assert checked.is_good and not checked.has_home
    assert checked.missing.select("dataset", "column", "value", "rows").rows() == [
        ("deliveries", "institution_code", HOSPITAL, 2),
        ("deliveries", "product_code", PRODUCT, 2),
        ("returns", "institution_code", HOSPITAL, 1),
    ]


def test_without_a_home_a_number_is_left_aside(house):
    house.land_masters()
    house.land("deliveries/bad.csv", BAD)
    house.night()
    house.send_back("deliveries", mend(house.export(dataset="deliveries"), unit_price="6.6"))
    checked = check_files([house.landing / "deliveries" / "退回.xlsx"])
    assert checked.is_good and checked.unchecked_numbers == 1


def test_files_of_one_name_and_what_is_not_read(tmp_path):
    files = [write(tmp_path / place / "x.csv", "lots") for place in "ab"]
    shutil.copy(files[0], tmp_path / "x.csv.part")
    checked = check_files([*files, tmp_path / "x.csv.part"], "lots")
    found = {Path(f.file).parent.name: f.status for f in checked.files}
    assert found == {"a": "accepted", "b": "skipped", tmp_path.name: "waiting"} and not checked.is_good


def test_workbook_of_a_check_is_sent_in_place_of_the_file(house):
    house.land_masters()
    house.night()
    file = write(house.folder / "sent" / "配送.csv", "deliveries", BAD, BAD | {"delivery_id": "BAD2"}, {"delivery_id": "D5"})
    checked = check_files([file], home=house.home, to=house.folder / "to")
    assert checked.workbooks == (house.folder / "to" / "deliveries" / "配送.xlsx",)
    sheets = read_book(checked.workbooks[0])
    assert not any(row[0] for row in sheets["配送收货明细1"][1:])  # a number that nobody has yet would be asked for in vain
    house.send_back("deliveries", mend(sheets, unit_price="6.6"))
    assert house.checked.is_good
    assert house.keys("deliveries") == ["BAD", "BAD2", "D1"]


def test_row_that_two_files_have_is_told_of_both(tmp_path):
    files = [write(tmp_path / name, "deliveries", BAD, {"delivery_id": name}) for name in ("a.csv", "b.csv")]
    assert check_files(files).rejected["file"].to_list() == [str(f) for f in files]


def test_waiver_that_is_over_lets_nothing_in_and_bears_no_reference(house):
    house.land_masters()
    house.land("deliveries/bad.csv", waived := {"delivery_id": "W", "ordered_quantity": "-1"})
    house.night()
    house.waive("W")
    again, back = (
        write(house.folder / "d.csv", "deliveries", waived, {"delivery_id": "D8"}),
        write(house.folder / "r.csv", "returns", {"delivery_id": "W"}),
    )
    for day, rejected in ((UNTIL, []), (UNTIL + timedelta(days=1), ["greater_than_or_equal_to", "unknown_reference"])):
        rows = check_files([again, back], home=house.home, as_of=day).rejected["reasons"].to_list()
        assert [reasons[0]["code"] for reasons in rows] == rejected


def test_workbook_keeps_the_numbers_of_records_that_were_sent(house):
    house.land_masters()
    house.land("deliveries/bad.csv", BAD)
    house.night()
    file = write(house.folder / "again.csv", "deliveries", BAD, BAD | {"delivery_id": "NEW"})
    (book,) = check_files([file], home=house.home, to=house.folder / "to").workbooks
    rows = {row[2]: row[0] or None for row in read_book(book)["配送收货明细1"][1:]}
    assert rows == {"BAD": house.number("BAD"), "NEW": None}
