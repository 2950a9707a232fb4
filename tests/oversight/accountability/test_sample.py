"""A sample of a published date: its frame, its strata, what is kept of it."""

import datetime as dt
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from pipelines.errors import UsageError
from pipelines.oversight.sampling.frame import read_frame
from pipelines.oversight.sampling.sample import draw_sample
from tests.oversight.accountability.year import AS_OF, PRIVATE, H
from tests.reports.mornings import Mornings

AT = dt.datetime.fromisoformat("2021-01-08T10:00:00+08:00")


def sample(engine, home, **options):
    return draw_sample(engine, home, None, **{"size": 1, "by": "张三", "at": AT, "seed": "S"} | options)


def test_it_is_kept_once_with_its_whole_frame(engine, home):
    first = sample(engine, home, inspectors=["甲", "乙"], each=1)
    again = sample(engine, home, inspectors=["乙", "甲"], each=1, by="李四", at=AT + dt.timedelta(days=1))
    assert (first.is_new, again.is_new) == (True, False)
    assert (again.head, again.members) == (first.head, first.members)
    with engine.connect() as connection:
        where = {"id": first.head["sample_id"]}
        query = "SELECT institution_code, institution_name, draw_no, inspectors FROM audit_sample_members WHERE sample_id = :id"
        kept = connection.execute(sa.text(query), where).all()
    assert {row[0]: row[1] for row in kept} == {H: "一院", PRIVATE: "民营医院"}
    assert [row[2] for row in kept if row[2]] == [1]
    assert [row[3] in ("甲", "乙") for row in kept if row[2]] == [True]


def test_a_seed_is_drawn_and_recorded_where_none_is_given(engine, home):
    one, two = sample(engine, home, seed=""), sample(engine, home, seed="")
    assert (one.head["seed_source"], len(one.head["seed"])) == ("drawn", 32)
    assert one.head["seed"] != two.head["seed"]
    again = sample(engine, home, seed=one.head["seed"])
    assert (again.head["sample_id"], again.is_new, again.head["seed_source"]) == (one.head["sample_id"], False, "drawn")


def test_another_size_stratum_or_division_is_another_sample(engine, home):
    samples = [sample(engine, home, **o) for o in ({}, {"size": 2}, {"stratum_by": "finding"}, {"prefix": "3302"})]
    assert len({s.head["sample_id"] for s in samples}) == 4


def test_what_cannot_be_drawn(engine, home):
    with pytest.raises(UsageError, match="应为 none、jurisdiction、finding 之一"):
        sample(engine, home, stratum_by="level")
    with pytest.raises(UsageError, match="总体数 0"):
        sample(engine, home, prefix="99")
    with pytest.raises(UsageError, match="--by"):
        sample(engine, home, by="")


@pytest.mark.parametrize(
    ("stratum_by", "expected"),
    [
        ("none", {"A": "", "B": "", "C": ""}),
        ("jurisdiction", {"A": "330282", "B": "330282", "C": "371500"}),
        ("finding", {"A": "violation", "B": "no_finding", "C": "warning"}),
    ],
)
def test_strata(migrated_database_url, tmp_path, stratum_by, expected):
    night = Mornings(tmp_path, migrated_database_url)
    night.run("R", AS_OF)
    place = {"A": "330282", "B": "330282", "C": "371500"}
    for table, code in (
        ("agreed_volume_completion", "A"),
        ("payment_timeliness", "A"),
        ("payment_timeliness", "B"),
        ("two_invoice_compliance", "C"),
    ):
        night.figure(table, AS_OF, institution_code=code, jurisdiction_code=place[code])
    for number, (code, severity, state) in enumerate(
        [("A", "warning", "open"), ("A", "violation", "open"), ("B", "violation", "cured"), ("C", "warning", "open")]
    ):
        night.figure("findings", AS_OF, finding_id=str(number), institution_code=code, severity=severity, state=state)
    with night.engine.connect() as connection:
        run = SimpleNamespace(as_of=AS_OF)
        found = read_frame(connection, run, "", stratum_by)
        assert set(read_frame(connection, run, "37", stratum_by)) == {"C"}
    night.engine.dispose()
    assert {code: stratum for code, (_, stratum) in found.items()} == expected
    assert {code: division for code, (division, _) in found.items()} == place
