"""Rows of a file among themselves: repeats, conflicts, numbers of lines, withdrawals."""

import pytest

from pipelines.validate.rows import check_rows
from schemas.records import RECORDS
from tests.validate.good import GOOD, HOSPITAL, judge, text_frame


def check(dataset, *changes):
    text = text_frame(dataset, *(GOOD[dataset] | dict(c) for c in changes))
    good, bad, repeats = check_rows(text, RECORDS[dataset])
    return good, bad, repeats.height


@pytest.mark.parametrize("dataset", RECORDS)
def test_where_nothing_is_wrong_the_bad_rows_are_none_of_the_same_kind(dataset):
    key = next(c for c in RECORDS[dataset].columns if c.key and c.required and c.default is None)
    good, some = check(dataset, {}), check(dataset, {key.canonical or key.name: None})
    assert (good[0].height, some[1].height) == (1, 1)
    assert good[1].schema == some[1].schema and good[0].schema == some[0].schema


def test_identical_repeats_count_as_repeats_also_across_sheets():
    good, bad, repeats = check("payments", {}, {"_sheet": "二"}, {"payment_id": "P2"})
    assert (good.height, bad.height, repeats) == (2, 0, 1)
    assert good["_line"].to_list() == [2, 4]


def test_files_checked_together_repeat_and_contradict_themselves_alone():
    rows = [
        {"_file": 1},
        {"_file": 1},
        {"_file": 1, "payment_id": "P2"},
        {"_file": 2},
        {"_file": 2, "payment_id": "P2", "amount": "7"},
    ]
    good, bad, repeats = check("payments", *rows)
    assert (good["_file"].to_list(), bad.height, repeats) == ([1, 1, 2, 2], 0, 1)


def test_of_repeats_the_one_of_the_first_sheet_stands_by_name_where_lines_were_numbered():
    sheets = [{"_file": file, "line_no": no, "_sheet": s} for file, no in ((1, ""), (2, "1")) for s in "二一"]
    assert check("payments", *sheets)[0].select("_file", "_sheet").rows() == [(1, "一"), (2, "二")]


def test_the_same_value_spelled_otherwise_is_a_repeat():
    assert check("payments", {"amount": "1,066"}, {"amount": "￥1066.00", "paid_on": "2020/6/1"})[2] == 1


def test_repeated_bad_rows_count_once():
    good, bad, repeats = check("payments", {"amount": "x"}, {"amount": "x"}, {"amount": "y"})
    assert (good.height, bad.height, repeats) == (0, 2, 1)


def test_one_key_with_two_contents_rejects_all_its_rows():
    reasons = judge("payments", {}, {"amount": "67"}, {"amount": "x"}, {"payment_id": "P2"})
    key = "conflicting_key:institution_code、payment_id、line_no"
    assert reasons == [[key], [key], ["bad_number:amount_fen", key], []]


def test_conflict_across_sheets():
    assert all(judge("lots", {"_sheet": "一"}, {"_sheet": "二", "name": "别名"}))


def test_rows_without_key_do_not_conflict():
    assert judge("payments", {"payment_id": ""}, {"payment_id": "", "amount": "67"}) == [["missing_value:payment_id"]] * 2


def test_empty_part_of_a_key_is_a_value():
    assert [len(r) for r in judge("invoices", {}, {"seller_code": "E2"}, {"invoice_code": "1234567890"})] == [1, 1, 0]


LINES = [{"payment_id": "P1", "amount": a, "line_no": ""} for a in ("30", "10", "20.00", "20")]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_line_numbers_are_ranks_of_content(order):
    good, _, repeats = check("payments", *(LINES[i] for i in order), {"payment_id": "P2", "line_no": ""})
    numbered = {(i, a): n for i, a, n in good.select("payment_id", "amount_fen", "line_no").iter_rows()}
    assert numbered == {("P1", 1000): 1, ("P1", 2000): 2, ("P1", 3000): 3, ("P2", 6600): 1}
    assert repeats == 1


def test_document_with_some_line_numbers_must_have_them_all():
    reasons = judge("payments", {"line_no": ""}, {"line_no": "2"}, {"payment_id": "P2", "line_no": ""})
    assert reasons == [["missing_value:line_no"], [], []]


def test_lines_of_an_unnamed_document_miss_their_document_only():
    assert judge("payments", {"payment_id": "", "line_no": ""}) == [["missing_value:payment_id"]]


def test_bad_lines_take_their_rank_too():
    good, bad, _ = check("payments", {"line_no": "", "amount": "10"}, {"line_no": "", "paid_on": "昨天"})
    assert sorted([*good["line_no"], *bad["line_no"]]) == [1, 2]


@pytest.mark.parametrize("dataset", RECORDS)
def test_withdrawal_needs_its_key_only(dataset):
    kept = {c.name: GOOD[dataset].get(c.name, "") for c in RECORDS[dataset].columns if c.key}
    row = dict.fromkeys(GOOD[dataset], "") | kept | {"is_withdrawn": "是"}
    assert judge(dataset, row) == [[]]


def test_withdrawal_needs_its_whole_key():
    row = {"institution_code": HOSPITAL, "payment_id": "", "is_withdrawn": "1"}
    assert judge("payments", row) == [["missing_value:payment_id"]]
    assert judge("lots", {"is_withdrawn": "也许"}) == [["bad_flag:is_withdrawn"]]


def test_withdrawal_keeps_no_rule():
    assert judge("commitments", {"product_code": "", "period_end": "2019-01-01", "is_withdrawn": "Y"}) == [[]]
