"""Whatever was written in UTF-8 or GB18030 reads as it was written."""

import random

import pytest

from pipelines.ingest.encoding import decode

BOTH = pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
COMMON = [c for row in range(0xB0, 0xD7) for c in bytes(b for cell in range(0xA1, 0xFF) for b in (row, cell)).decode("gb2312")]


def wrongly_read(texts, encoding):
    return [t for t in texts if decode(t.encode(encoding)) != (t, encoding)]


@BOTH
def test_one_chinese_cell_is_enough(encoding):
    terms = "药品 医药公司 销售公司 医药 药 品 片剂 是 否 盒 支 瓶 张三 陆鹿 合计 国家 正常 配送 支架 退货"
    assert wrongly_read([f"code,name\n9133,{term},G1\n" for term in terms.split()], encoding) == []


@BOTH
def test_random_names(encoding):
    draw = random.Random(20200405)
    names = ["".join(draw.choices(COMMON, k=draw.randint(3, 6))) for _ in range(500)]
    assert wrongly_read([f"code,name\n9133,{name}1,G1\n" for name in names], encoding) == []


@BOTH
def test_rare_characters_among_common_ones(encoding):
    assert wrongly_read(["名称\n张喆（镕堃）\n李㛃\n𠮷田\n", "药品\n铊\u3000㎎ⅡΩ℃①—“注”\n"], encoding) == []


@pytest.mark.parametrize(
    "cell", ["5µg", "α", "TNF-β", "37°C", "3×4", "±5", "¥66", "Nestlé", "Ångström", "Müller", "a\u00a0b", "™", "m²"]
)
def test_symbols_and_latin_words_alone_are_utf8(cell):
    assert wrongly_read([f"code,name\n9133,{cell},G1\n"], "utf-8") == []


@BOTH
def test_latin_among_chinese(encoding):
    assert wrongly_read(["药品,规格\n阿托伐他汀钙片,5μg×7±1α°\n"], encoding) == []


@BOTH
@pytest.mark.parametrize("end", ["2,药品\n", "2,医药公司1"])
def test_chinese_that_begins_late(end, encoding):
    assert wrongly_read(["code,name\n" + "1,abcdefgh\n" * 60_000 + end], encoding) == []


@BOTH
def test_chinese_without_any_separator(encoding):
    assert wrongly_read(["医药公司药品" * 40_000], encoding) == []


@BOTH
@pytest.mark.parametrize("lost", range(1, 9))
def test_a_text_cut_within_a_character(lost, encoding):
    text, found = decode("code,name\n1,药品医药公司".encode(encoding)[:-lost])
    assert (text[:13], found) == ("code,name\n1,药", encoding)


@pytest.mark.parametrize("marks", [1, 2])
@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "utf-8-sig"), ("utf-16-le", "utf-16"), ("utf-32-le", "utf-32")])
def test_marks_are_no_text(encoding, name, marks):
    assert decode(("\ufeff" * marks + "名称,é\n").encode(encoding)) == ("名称,é\n", name)


def test_mark_before_gb18030_proves_nothing():
    assert decode(b"\xef\xbb\xbf" + "名称\n医药公司\n".encode("gb18030")) == ("名称\n医药公司\n", "gb18030")


@pytest.mark.parametrize("text", ["code,name\n1,2\n", "编码,名称\n1,医药公司\n"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding, text):
    assert wrongly_read([text], encoding) == []


@BOTH
def test_nuls_behind_a_text_are_no_utf16(encoding):
    text = "code,name\n1,医药公司\n" + "\0" * 4096
    assert decode(text.encode(encoding)) == (text, encoding)
