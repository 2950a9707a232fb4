"""The dossier of a run: written whole, read back as it was, refused where it is none."""

import json
from datetime import date

import pytest

from pipelines.errors import DamagedError
from pipelines.store import keys
from pipelines.store.dossier import Accepted, Base, Dossier, LandingFile, note, read_dossier, write_dossier
from pipelines.store.local import Local
from pipelines.store.store import packed
from tests.packed import alter

FILE = LandingFile("deliveries", "a.csv", "0" * 64, 12, "failed", "无法识别")


@pytest.fixture
def store(tmp_path):
    begun = Dossier(run_id="R", as_of=date(2020, 12, 31), started_at="now", settle_seconds=0, landing="..")
    store = Local(tmp_path / "R")
    write_dossier(store, begun)
    return store


def test_what_steps_note_stands_beside_what_stood(store):
    note(store, files=[FILE])
    noted = note(store, accepted=Accepted(batch=3, versions={"lots": 1}), base=Base(as_of="2020-11-30", run_id="Q"))
    assert read_dossier(store) == noted
    assert (noted.files, noted.accepted.batch, noted.base.as_of) == ((FILE,), 3, date(2020, 11, 30))


def test_what_is_no_part_of_a_dossier_is_not_written(store):
    stood = read_dossier(store)
    with pytest.raises(ValueError, match="surplus"):
        note(store, surplus=1)
    assert read_dossier(store) == stood


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "版本 2 由更新的程序写成"),
        ({"as_of": "soon"}, "不是运行清单：as_of"),
        ({"surplus": 1}, "不是运行清单：surplus"),
    ],
)
def test_a_dossier_that_this_program_does_not_know_is_refused(change, said, store):
    alter(store.folder / keys.DOSSIER, lambda text: json.dumps(json.loads(text) | change))
    with pytest.raises(DamagedError, match=said):
        read_dossier(store)


@pytest.mark.parametrize("content", ["", "{", "null", "[]"])
def test_a_damaged_dossier_is_named(content, store):
    (store.folder / keys.DOSSIER).write_bytes(packed(content.encode()))
    with pytest.raises(DamagedError, match=r"R/dossier\.json\.gz"):
        read_dossier(store)
