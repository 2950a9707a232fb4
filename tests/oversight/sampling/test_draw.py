"""The same seed and frame give the same sample, whatever their order; anyone can draw it with sha256sum."""

import random

import pytest

from pipelines.errors import UsageError
from pipelines.oversight.sampling.draw import allocate, digest_frame, draw
from pipelines.oversight.sampling.sample import read_inspectors

FRAME = {f"H{n:02d}": "" for n in range(20)}


def drawn(*arguments, **options):
    return [d.code for d in sorted(draw(*arguments, **options), key=lambda d: d.draw_no or 0) if d.draw_no]


def test_places_are_those_of_sha256sum():
    found = {d.code: d.order_hash for d in draw({"H33028200101": ""}, 1, "S1")}
    # printf '%s' 'S1|H33028200101' | sha256sum
    assert found == {"H33028200101": "817608ff2042e52f28cd6b845ddb1c5f868f131f0377e172f7cda591bd56f346"}


def test_the_frame_has_the_digest_of_its_sorted_lines():
    # printf 'A|x\nB|y\n' | sha256sum
    digest = "ea71a446b8501d9be0aa7f2f514e0d11493ff82ce54aa7866398ef5c82deb27c"
    assert digest_frame({"B": "y", "A": "x"}) == digest


def test_the_order_of_the_frame_has_no_say():
    shuffled = random.Random(1).sample(sorted(FRAME.items()), len(FRAME))
    assert draw(dict(shuffled), 5, "seed") == draw(FRAME, 5, "seed")


def test_the_smallest_places_are_drawn_and_numbered():
    members = draw(FRAME, 5, "seed")
    by_place = sorted(members, key=lambda d: d.order_hash)
    assert [d.draw_no for d in by_place] == [1, 2, 3, 4, 5, *[None] * 15]
    assert [d.code for d in members] == sorted(FRAME)


def test_another_seed_is_another_sample_and_a_larger_one_holds_the_smaller():
    assert drawn(FRAME, 5, "one") != drawn(FRAME, 5, "two")
    assert drawn(FRAME, 8, "one")[:5] == drawn(FRAME, 5, "one")


@pytest.mark.parametrize(
    ("strata", "size", "quota"),
    [
        ({"a": 5, "b": 5}, 4, {"a": 2, "b": 2}),
        ({"a": 6, "b": 3, "c": 1}, 5, {"a": 3, "b": 2, "c": 0}),  # 3, 1.5, 0.5: a tie of remainders goes by name
        ({"b": 1, "a": 1, "c": 1}, 2, {"a": 1, "b": 1, "c": 0}),
        ({"a": 7, "b": 3}, 10, {"a": 7, "b": 3}),
    ],
)
def test_a_sample_is_shared_out_in_proportion(strata, size, quota):
    assert allocate(strata, size) == quota


def test_each_stratum_gets_its_share():
    frame = {code: "few" if code < "H04" else "many" for code in FRAME}
    strata = [d.stratum for d in draw(frame, 5, "seed") if d.draw_no]
    assert (strata.count("few"), strata.count("many")) == (1, 4)


def test_inspectors_are_drawn_for_each_and_their_order_has_no_say():
    people = ["甲", "乙", "丙", "丁"]
    found = [d.inspectors for d in draw(FRAME, 10, "seed", people, 2) if d.draw_no]
    assert all(len(set(pair)) == 2 for pair in found) and len(set(found)) > 1
    assert found == [d.inspectors for d in draw(FRAME, 10, "seed", people[::-1], 2) if d.draw_no]
    assert {d.inspectors for d in draw(FRAME, 10, "seed", people, 2) if not d.draw_no} == {()}


@pytest.mark.parametrize("size", [0, 21])
def test_not_more_than_there_are(size):
    with pytest.raises(UsageError, match="1 至总体数 20"):
        draw(FRAME, size, "seed")


def test_not_more_inspectors_than_there_are():
    with pytest.raises(UsageError, match="每家需要 2 名检查人员，名单上只有 1 名"):
        draw(FRAME, 1, "seed", ["甲"], 2)


def test_a_separator_in_a_name_is_refused():
    with pytest.raises(UsageError, match="含有分隔符"):
        draw({"H|1": ""}, 1, "seed")


def test_a_list_of_inspectors(tmp_path):
    path = tmp_path / "inspectors.txt"
    path.write_text("\ufeff# 执法人员\nA-01,一科\n\n A-02 \n", encoding="utf-8")
    assert read_inspectors(path) == ["A-01", "A-02"]
    path.write_text("A-01\nA-01,二科\n", encoding="utf-8")
    with pytest.raises(UsageError, match="A-01 出现不止一次"):
        read_inspectors(path)
    path.write_text("甲\n", encoding="utf-8")
    with pytest.raises(UsageError, match="不写姓名"):
        read_inspectors(path)
    path.write_bytes("甲".encode("gb18030"))
    with pytest.raises(UsageError, match="UTF-8"):
        read_inspectors(path)
