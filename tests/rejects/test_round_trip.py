"""The correction workbook: written, mended, taken in again as it is."""

import re
import zipfile
from collections import Counter

import pytest

from pipelines.desk.export import export_returns
from pipelines.desk.remedies import REMEDIES
from pipelines.desk.select import Wanted
from pipelines.lake.batches import last_batch
from pipelines.rejects import corrections
from pipelines.validate.cells import UNREADABLE
from schemas.records import RECORDS
from tests.rejects.desk import UNTIL, mend
from tests.validate.good import HOSPITAL

HEADER = "付款金额,备注,付款单号,行号,医疗机构编码,收款企业编码,付款日期\n"
LINE = {"amount": "66.00", "note": "", "id": "P1", "no": "1", "place": HOSPITAL, "payee": "E1", "day": "2020-06-01"}


@pytest.fixture(autouse=True)
def _masters(house, masters):
    house.begin_as(masters)


def send(house, *changes, name="甲/a.csv"):
    path = house.landing / "payments" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "".join(",".join((LINE | change).values()) + "\n" for change in changes))
    house.night()


def records(house):
    return house.register().select("record_id", "state", "first_seen_run").sort("record_id").rows()


def test_rows_stand_under_the_headers_of_their_sender_as_they_were_sent(house):
    send(house, {}, {"amount": "1.0x", "note": "=cmd|' /C calc'!A0", "id": "P2"})
    sheets = house.export()
    assert list(sheets) == ["说明", f"{RECORDS['payments'].title}1"]
    header, row = list(sheets.values())[1]
    assert header == ["退回编号", *HEADER.strip().split(","), "问题", "如何改正"]
    assert row[:4] == [house.number("P2"), "1.0x", "=cmd|' /C calc'!A0", "P2"]
    assert "付款金额" in row[-2] and "1.0x" in row[-2] and row[-1] == REMEDIES["bad_number"]
    assert "共 1 行" in sheets["说明"][0][0]


def test_a_cell_is_never_a_formula_and_the_failing_one_is_coloured_and_commented(house):
    send(house, {"amount": "+1+1", "note": "=1+1", "payee": "@SUM(A1)"})
    house.export()
    with zipfile.ZipFile(next((house.folder / "out").rglob("*.xlsx"))) as book:
        page = book.read("xl/worksheets/sheet2.xml").decode()
        comments = book.read("xl/comments1.xml").decode()
    assert "<f>" not in page and 't="str"' not in page
    assert 'ref="B2"' in comments and "付款金额" in comments and comments.count("<comment ") == 1


@pytest.mark.parametrize(
    ("wrong", "mended"),
    [
        ({"id": "WRONG", "amount": "x"}, {"付款单号": "P1", "付款金额": "66.00"}),
        ({"id": ""}, {"付款单号": "P1"}),
        ({"no": "a"}, {"行号": "1"}),
        ({"day": "2020-02-30"}, {"付款日期": "2020-06-01"}),
        ({"amount": "=66"}, {"付款金额": "66"}),
        ({"place": "H9"}, {"医疗机构编码": HOSPITAL}),
    ],
    ids=["key wrong", "key missing", "key unreadable", "date unreadable", "formula", "unreferenced"],
)
def test_a_mended_row_resolves_its_record(wrong, mended, house):
    send(house, wrong)
    house.send_back("payments", mend(house.export(), **mended))
    entry = last_batch(house.home).files[0]
    assert (entry["rows_accepted"], entry["unknown_columns"], entry["remarks"]) == (1, ["备注"], [])
    assert [state for _, state, _ in records(house)] == ["resolved"]
    assert house.records("payments").select("payment_id", "amount_fen").rows() == [("P1", 6600)]


def test_ragged_line_is_returned_whole_and_filled_in_by_its_sender(house):
    path = house.landing / "payments" / "a.csv"
    path.parent.mkdir()
    path.write_text(HEADER + "66.00,P1,短\n")
    house.night()
    sheets = house.export()
    header, row = list(sheets.values())[1]
    assert (header[-3:], row[-3], set(row[1:-3])) == (["整行", "问题", "如何改正"], "66.00,P1,短", {None})
    house.send_back("payments", sheets, "untouched.xlsx")
    assert (last_batch(house.home).files[0]["rows_read"], house.states()[0][1]) == (0, "open")
    cells = dict(zip(HEADER.strip().split(","), LINE.values(), strict=True))
    house.send_back("payments", mend(sheets, **cells))
    assert (house.keys("payments"), house.states()[0][1]) == (["1"], "resolved")


def test_a_row_that_fails_again_keeps_its_record_and_gets_the_reasons_of_today(house):
    send(house, {"amount": "x", "id": "WRONG"})
    ((number, _, first),) = records(house)
    house.send_back("payments", mend(house.export(), 付款金额="66", 付款单号="P1", 付款日期="昨天"))
    assert (records(house), house.reasons()) == ([(number, "open", first)], ["bad_date"])
    house.send_back("payments", mend(house.export(), 付款日期="2020-06-01"), "again.xlsx")
    assert (records(house), house.keys("payments")) == ([(number, "resolved", first)], ["1"])


def test_a_workbook_sent_back_as_it_was_changes_nothing_but_the_last_run(house):
    send(house, {"amount": "x"})
    before = records(house)
    house.send_back("payments", house.export())
    assert records(house) == before


def test_a_mended_row_may_wait_for_its_reference(house):
    send(house, {"id": "WRONG", "amount": "x"})
    ((number, _, first),) = records(house)
    house.send_back("payments", mend(house.export(), 付款单号="P1", 付款金额="66", 医疗机构编码="H33028200009"))
    assert (records(house), house.reasons()) == ([(number, "open", first)], ["unknown_reference"])
    house.land("institutions/b.csv", {"institution_code": "H33028200009"})
    house.night()
    assert records(house) == [(number, "resolved", first)]


def test_two_records_mended_into_one_row_are_both_resolved(house):
    send(house, {"id": ""}, {"id": "", "amount": "7"})
    house.send_back("payments", mend(house.export(), 付款单号="P1", 付款金额="66"))
    assert [state for _, state, _ in records(house)] == ["resolved", "resolved"]
    assert last_batch(house.home).files[0]["rows_duplicate"] == 1


def test_a_record_mended_into_two_rows_is_resolved_when_both_are_good(house):
    send(house, {"amount": "x"})
    ((number, _, _),) = records(house)
    sheets = house.export()
    name, (header, row) = list(sheets.items())[1]
    half = [[number, "33", None, p, *row[4:]] for p in ("P1", "P2")]
    house.send_back("payments", {name: [header, half[0], [*half[1][:4], "1", "H9", *half[1][6:]]]})
    assert [state for n, state, _ in records(house) if n == number] == ["open"]
    house.send_back("payments", {name: [header, *half]}, "again.xlsx")
    assert {state for n, state, _ in records(house) if n == number} == {"resolved"}
    assert house.records("payments")["amount_fen"].to_list() == [3300, 3300]


UNNUMBERED = "医疗机构编码,付款单号,收款企业编码,付款日期,付款金额\n"


def send_unnumbered(house, *lines, name="a.csv"):
    path = house.landing / "payments" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(UNNUMBERED + "".join(f"{HOSPITAL},{p},E1,2020-06-01,{amount}\n" for p, amount in lines))
    house.night()


def lines(house):
    return house.records("payments").select("payment_id", "line_no", "amount_fen").rows()


def test_a_mended_line_of_a_document_without_line_numbers_takes_its_own_place(house):
    send_unnumbered(house, ("P1", "10"), ("P1", "x"), ("P1", "30"))
    (bad,) = {1, 2, 3} - {number for _, number, _ in lines(house)}
    house.send_back("payments", mend(house.export(), 付款金额="20"))
    assert sorted(amount for *_, amount in lines(house)) == [1000, 2000, 3000]
    assert ("P1", bad, 2000) in lines(house)


@pytest.mark.parametrize("wrong", ["", "WRONG"])
def test_a_line_that_moves_to_another_document_takes_the_next_place_there(wrong, house):
    send_unnumbered(house, ("P1", "10"), ("P1", "30"))
    send_unnumbered(house, (wrong, "x"), (wrong, "y"), name="b.csv")
    house.send_back("payments", mend(house.export(), 付款单号="P1", 付款金额="20", 付款日期="2020-07-01"))
    assert lines(house) == [("P1", 1, 1000), ("P1", 2, 3000), ("P1", 3, 2000)]
    assert {state for _, state, _ in records(house)} == {"resolved"}


def test_a_mended_line_sent_twice_is_one_line_and_a_new_mending_must_say_which(house):
    send_unnumbered(house, ("P1", "10"), ("P1", "x"))
    sheets = house.export()
    house.send_back("payments", mend(sheets, 付款金额="20"))
    before = lines(house)
    house.send_back("payments", mend(sheets, 付款金额="20.00"), "again.xlsx")
    assert (lines(house), [state for _, state, _ in records(house)]) == (before, ["resolved"])
    house.send_back("payments", mend(sheets, 付款金额="21"), "other.xlsx")
    assert (lines(house), house.reasons()) == (before, ["missing_value"])


def test_a_mended_line_does_not_overwrite_what_its_document_became(house):
    send_unnumbered(house, ("P1", "10"), ("P1", "x"))
    sheets = house.export()
    send_unnumbered(house, ("P1", "10"), ("P1", "5"), name="b.csv")
    house.send_back("payments", mend(sheets, 付款金额="5"))
    assert sorted(amount for *_, amount in lines(house)) == [500, 1000]


def test_a_number_without_record_is_refused(house):
    send(house, {"amount": "x"})
    house.send_back("payments", mend(house.export(), 退回编号="abc", 付款金额="66"))
    assert (house.reasons(), house.records("payments").height) == (["bad_number", "unknown_number"], 0)


def test_a_mended_row_of_a_resolved_record_is_a_row_like_any_other(house):
    send(house, {"amount": "x"})
    sheets = house.export()
    house.send_back("payments", mend(sheets, 付款金额="66"))
    before = records(house)
    house.send_back("payments", mend(sheets, 付款金额="67"), "later.xlsx")
    assert (records(house), house.records("payments")["amount_fen"].to_list()) == (before, [6700])


def test_a_failing_row_does_not_take_over_a_record_that_was_discarded(house):
    send(house, {"amount": "x"})
    sheets = house.export()
    house.decide("discard", "P1")
    house.send_back("payments", mend(sheets, 付款日期="昨天"))
    assert sorted(state for _, state, _ in records(house)) == ["discarded", "open"]


def test_a_column_of_that_name_without_numbers_is_the_senders_own(house):
    path = house.landing / "payments" / "a.csv"
    path.parent.mkdir()
    path.write_text(HEADER.replace("备注", "问题") + ",".join(LINE.values()) + "\n")
    house.night()
    assert last_batch(house.home).files[0]["unknown_columns"] == ["问题"]


def test_what_is_wanted_is_exported_by_sender(house):
    send(house, {"amount": "x"}, {"id": "P2", "day": "?"}, name="甲/a.csv")
    send(house, {"amount": "y", "place": "H9", "id": "P3"}, name="乙/a.csv")

    def written(**wanted):
        paths = export_returns(house.settings, Wanted(**wanted), until=UNTIL, folder=house.folder / "w")
        return [p.relative_to(house.folder / "w").as_posix() for p in paths]

    assert written() == ["payments/乙.xlsx", "payments/甲.xlsx"]
    assert written(institution="H9") == ["payments/H9.xlsx"]
    assert written(reason="bad_date") == written(file="甲/") == ["payments/甲.xlsx"]
    assert written(institution="H") == written(dataset="lots") == written(state="waived") == []


def test_every_reason_has_its_remedy():
    codes = {rule.name for d in RECORDS.values() for rule in d.rules if rule.name != "isin"}
    codes |= {code for code, _ in UNREADABLE.values()}
    codes |= {
        "unreadable_line",
        "unclear_cell",
        "missing_value",
        "conflicting_key",
        "unknown_reference",
        "unknown_number",
        "lost_zeros",
    }
    assert codes == set(REMEDIES)


def test_a_workbook_prints_on_one_page_width_and_long_numbers_fit_their_columns(house):
    send(house, {"amount": "12345678901234.567", "payee": "91330200MA9XXXX28M" + "0" * 6})
    house.export()
    with zipfile.ZipFile(next((house.folder / "out").rglob("*.xlsx"))) as book:
        pages = [book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2)]
    for page in pages:
        assert '<pageSetUpPr fitToPage="1"/>' in page and 'orientation="landscape"' in page
        assert re.search(r'<pageSetup [^>]*paperSize="9"[^>]*fitToHeight="0"', page)
    widths = {
        column: float(width)
        for first, last, width in re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', pages[1])
        for column in range(int(first), int(last) + 1)
    }
    columns = ["退回编号", *HEADER.strip().split(",")]
    assert widths[columns.index("付款金额") + 1] > len("12345678901234.567")
    assert widths[columns.index("收款企业编码") + 1] > len("91330200MA9XXXX28M") + 6
    assert 10 <= widths[columns.index("行号") + 1] < 12


def test_a_shortened_number_of_several_records_is_refused_and_says_of_how_many(house, monkeypatch):
    monkeypatch.setattr(corrections, "_SHORTEST", 1)  # of 17 records two begin alike
    send(house, *({"amount": "x", "id": f"P{n}"} for n in range(17)))
    numbers = house.register()["record_id"].to_list()
    digit, many = next((d, n) for d, n in Counter(number[0] for number in numbers).items() if n > 1)
    sheets = mend(house.export(), 退回编号=digit, 付款金额="5.00", 付款单号="NEW")
    name = list(sheets)[1]
    house.send_back("payments", {name: sheets[name][:2]})
    [told] = [r["message_zh"] for row in house.register()["reasons"] for r in row if r["code"] == "unknown_number"]
    assert f"退回编号“{digit}”只写了开头几位，与 {many} 条拒收记录相符；请多写几位或填写完整编号" in told
    assert house.keys("payments") == []
