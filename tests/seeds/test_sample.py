"""The sample landing zone: reproducible, complete, varied, and its README points at its dirt."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stdnum.cn import uscc

from schemas.records import RECORDS
from seeds.sample_maker.dirt import KINDS
from seeds.sample_maker.sample import SAMPLE, Sample, make_sample
from seeds.sample_maker.world.parties import AGENCY_TABLE, ENTERPRISE_TABLE, INSTITUTION_TABLE, INVALID_USCC


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sample]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, make_sample(folder)


def read_all(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def encodings(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.csv"):
        data = path.read_bytes()
        if data.startswith(b"\xef\xbb\xbf"):
            yield "utf-8 with BOM"
        elif data.isascii():
            yield "ascii"
        else:
            try:
                data.decode("utf-8")
                yield "utf-8"
            except UnicodeDecodeError:
                data.decode("gb18030")
                yield "gb18030"


def test_sample_is_rewritten_byte_for_byte(made):
    again, kept = read_all(made[0]), read_all(SAMPLE)
    assert sorted(again) == sorted(kept)
    assert [name for name in kept if kept[name] != again[name]] == []


def test_every_dataset_is_present():
    assert {p.name for p in SAMPLE.iterdir() if p.is_dir()} == set(RECORDS)


def test_every_encoding_and_format_is_present():
    assert {"utf-8", "utf-8 with BOM", "gb18030"} <= set(encodings(SAMPLE))
    assert {".csv", ".xlsx", ".parquet"} <= {p.suffix for p in SAMPLE.rglob("*")}


def test_every_kind_of_dirt_occurs(made):
    assert {d.kind for d in made[1].dirt} == set(KINDS)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readme_names_every_dirty_line(made, readme):
    text = (SAMPLE / readme).read_text(encoding="utf-8")
    missing = [d for d in made[1].dirt if f"| `{d.path}` | {d.sheet} | {d.line or ''} |" not in text]
    assert missing == []


def test_a_named_line_is_the_dirty_one(made):
    place = next(d for d in made[1].dirt if d.kind == "impossible_date" and d.path.endswith("H1.csv"))
    line = (SAMPLE / place.path).read_text(encoding="utf-8").splitlines()[place.line - 1]
    assert "2020-02-30" in line


def test_invented_companies_have_valid_check_characters_but_one():
    codes = [r[0] for r in ENTERPRISE_TABLE.values()] + [r[2] for r in INSTITUTION_TABLE.values() if r[2]]
    assert [c for c in codes if not uscc.is_valid(c)] == ["F-SAMPLE-0001"]
    assert not uscc.is_valid(INVALID_USCC)


def test_nothing_real_is_named():
    names = [r[1] for r in (ENTERPRISE_TABLE | INSTITUTION_TABLE).values()] + [name for name, _ in AGENCY_TABLE.values()]
    assert [n for n in names if "示例" not in n] == []
