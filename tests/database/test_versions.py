"""Versions: each published date shows its own figures, and a night writes only what it changes."""

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from pipelines.database.ledger import LedgerError
from pipelines.database.open import open_database
from pipelines.database.tables import FIGURES
from pipelines.publish import swap
from pipelines.publish.stage import stage
from pipelines.publish.swap import begin, publish
from tests.random_worlds import worlds

D1, D2, D3, D4, D5 = (dt.date(2020, 10, day) for day in (1, 2, 3, 4, 5))
SHOWN = "SELECT as_of, run_id, institution_code, unallocated_fen FROM payment_unallocated ORDER BY 1, 3"
VERSIONS = "SELECT institution_code, unallocated_fen, valid_from, valid_to FROM payment_unallocated_versions ORDER BY 1, 3"
STILL = "9999-12-31"


def cash(**fen):
    return [{"institution_code": code, "unallocated_fen": value} for code, value in fen.items()]


def run(nights, run_id, as_of, **fen):
    return nights.run(run_id, as_of, payment_unallocated=cash(**fen))


def shown(nights):
    """What each date shows: {date: {institution: fen}}."""
    dates = {as_of: {} for (as_of,) in nights.read("SELECT as_of FROM publications")}
    for as_of, _, code, fen in nights.read(SHOWN):
        dates[as_of][code] = fen
    return dates


def test_a_night_on_nothing(nights):
    run(nights, "R1", D1, A=1)
    assert nights.read(SHOWN) == [("2020-10-01", "R1", "A", 1)]
    assert nights.read(VERSIONS) == [("A", 1, "2020-10-01", STILL)]


def test_an_equal_night_writes_no_version_and_both_dates_show(nights):
    run(nights, "R1", D1, A=1, B=2)
    run(nights, "R2", D2, A=1, B=2)
    assert nights.read("SELECT COUNT(*) FROM staging_payment_unallocated") == [(0,)]
    assert nights.read(VERSIONS) == [("A", 1, "2020-10-01", STILL), ("B", 2, "2020-10-01", STILL)]
    assert [row[:2] for row in nights.read(SHOWN)] == [("2020-10-01", "R1")] * 2 + [("2020-10-02", "R2")] * 2


def test_a_changed_a_new_and_a_gone_row(nights):
    run(nights, "R1", D1, CHANGED=1, GONE=2, SAME=3)
    run(nights, "R2", D2, CHANGED=9, NEW=4, SAME=3)
    assert nights.read(VERSIONS) == [
        ("CHANGED", 1, "2020-10-01", "2020-10-02"),
        ("CHANGED", 9, "2020-10-02", STILL),
        ("GONE", 2, "2020-10-01", "2020-10-02"),
        ("NEW", 4, "2020-10-02", STILL),
        ("SAME", 3, "2020-10-01", STILL),
    ]


def test_a_date_published_again_shows_the_new_run_alone(nights):
    run(nights, "R1", D1, A=1, B=1)
    run(nights, "R2", D2, A=2, B=1)
    assert run(nights, "R3", D2, A=3, B=1) == 1
    assert shown(nights) == {"2020-10-01": {"A": 1, "B": 1}, "2020-10-02": {"A": 3, "B": 1}}
    assert nights.read("SELECT COUNT(*) FROM payment_unallocated_versions") == [(3,)]


def test_a_date_put_in_between_changes_neither_neighbour(nights):
    run(nights, "R1", D1, A=1, B=1)
    run(nights, "R3", D3, A=1, B=3)
    assert run(nights, "R2", D2, A=2, C=2) == 0
    assert shown(nights) == {"2020-10-01": {"A": 1, "B": 1}, "2020-10-02": {"A": 2, "C": 2}, "2020-10-03": {"A": 1, "B": 3}}


def test_a_date_before_all_others_leaves_them_alone(nights):
    run(nights, "R2", D2, A=2)
    run(nights, "R1", D1, A=1, B=1)
    assert shown(nights) == {"2020-10-01": {"A": 1, "B": 1}, "2020-10-02": {"A": 2}}


def test_an_early_date_published_again_leaves_the_later_ones(nights):
    run(nights, "R1", D1, A=1, GONE=1)
    run(nights, "R2", D2, A=1, GONE=1)
    run(nights, "R3", D3, A=3, GONE=1)
    run(nights, "R4", D1, A=4, NEW=4)
    assert shown(nights) == {
        "2020-10-01": {"A": 4, "NEW": 4},
        "2020-10-02": {"A": 1, "GONE": 1},
        "2020-10-03": {"A": 3, "GONE": 1},
    }


def test_a_night_without_any_figure_is_published_too(nights):
    run(nights, "R1", D1, A=1)
    run(nights, "R2", D2)
    assert shown(nights) == {"2020-10-01": {"A": 1}, "2020-10-02": {}}
    assert nights.read("SELECT as_of, run_id FROM publications ORDER BY 1") == [("2020-10-01", "R1"), ("2020-10-02", "R2")]


def test_changes_of_figures_that_no_longer_stand_are_not_staged(nights):
    run(nights, "R1", D1, A=1)
    store = nights.write(D3, payment_unallocated=cash(A=3))
    before = {key: (store.folder / key).read_bytes() for key in store.list()}
    run(nights, "R2", D2, A=2)
    for key, content in before.items():
        store.put(key, content)
    with pytest.raises(LedgerError, match="其间另有发布，请重新运行"):
        stage(nights.engine, "R3", D3, nights.base, store)


def test_staged_changes_of_figures_that_no_longer_stand_are_not_published(nights):
    run(nights, "R1", D1, A=1)
    nights.stage("R3", D3, payment_unallocated=cash(A=3))
    with nights.engine.begin() as connection:
        connection.execute(sa.text("UPDATE publications SET run_id = 'R1b'"))
    with pytest.raises(LedgerError, match="其间另有发布，请重新运行"):
        publish(nights.engine, nights.row("R3", D3), None, [])


def test_a_fault_between_two_tables_leaves_the_last_figures(nights, monkeypatch):
    run(nights, "R1", D1, A=1)
    before = nights.read(VERSIONS)
    begin(nights.engine, nights.row("R2", D2))
    lines = [{"invoice_code": "", "invoice_no": "1", "line_no": 1, "net_fen": 1}]
    moved = {"payment_unallocated": cash(A=2), "two_invoice_line": lines}
    nights.stage("R2", D2, **moved)
    written = swap.replace_slice

    def fail(connection, name, *dates):
        if name == max(moved, key=FIGURES.index):
            raise ConnectionError("the database is gone")
        written(connection, name, *dates)

    with monkeypatch.context() as patch, pytest.raises(ConnectionError):
        patch.setattr(swap, "replace_slice", fail)
        publish(nights.engine, nights.row("R2", D2), None, [])
    assert nights.read(VERSIONS) == before
    assert shown(nights) == {"2020-10-01": {"A": 1}}
    publish(nights.engine, nights.row("R2", D2), None, [])
    assert shown(nights) == {"2020-10-01": {"A": 1}, "2020-10-02": {"A": 2}}


# Random nights against a model that keeps, per date, all that the date shows.

MODELLED = {
    "payment_unallocated": ("institution_code", "distributor_code", "unallocated_fen"),
    "two_invoice_line": ("invoice_code", "invoice_no", "line_no", "net_fen", "net_quantity", "batch_no"),
    "findings": ("finding_id", "amount_fen", "first_seen", "due_on", "state"),
}


def random_tables(chance):
    pairs = {(f"H{chance.randrange(3)}", f"D{chance.randrange(2)}"): chance.randrange(2) for _ in range(5)}
    lines = {("", str(chance.randrange(3)), chance.randrange(2)): chance.randrange(2) for _ in range(4)}
    ids = {f"F{chance.randrange(5)}": chance.randrange(3) for _ in range(4)}
    return {
        "payment_unallocated": [(*pair, fen) for pair, fen in pairs.items()],
        "two_invoice_line": [(*key, fen, fen / 3, chance.choice([None, "", "B"])) for key, fen in lines.items()],
        "findings": list(ids.items()),
    }


def give_lives(shows, found):
    """Give every date its findings with first_seen, due_on and state, and the cured ones, as if the dates had been
    published in order; dates as text.
    """
    opened = {}
    for as_of in sorted(shows):
        pairs, remedy_days = found[as_of]
        rows = []
        for finding_id, fen in pairs:
            first_seen = opened[finding_id][2] if finding_id in opened else str(as_of)
            due_on = dt.date.fromisoformat(first_seen) + dt.timedelta(days=remedy_days or 0)
            rows.append((finding_id, fen, first_seen, str(due_on) if remedy_days else None, "open"))
        ids = {row[0] for row in rows}
        shows[as_of]["findings"] = rows + [(*row[:-1], "cured") for finding_id, row in opened.items() if finding_id not in ids]
        opened = {row[0]: row for row in rows}


def count_cells(before, after, keys):
    """Cells that differ, of rows matched by their key, null where there is no row."""
    old, new = ({row[:keys]: row[keys:] for row in rows} for rows in (before, after))
    blank = (None,) * max((len(row) - keys for row in [*before, *after]), default=0)
    pairs = [(old.get(key, blank), new.get(key, blank)) for key in old.keys() | new.keys()]
    return sum(a != b for pair in pairs for a, b in zip(*pair, strict=True))


def play(nights, seed):
    chance = random.Random(seed)
    shows, runs, found = {}, {}, {}
    for number in range(7):
        run_id, as_of = f"R{number}", chance.choice([D1, D2, D3, D4, D5])
        tables, days = random_tables(chance), chance.choice([30, 30, 10, None])
        if shows and chance.random() < 0.3:  # much as another date was
            tables |= {"payment_unallocated": shows[chance.choice(list(shows))]["payment_unallocated"]}
        columns = MODELLED | {"findings": ("finding_id", "amount_fen")}
        rows = {name: [dict(zip(columns[name], row, strict=True)) for row in tables[name]] for name in MODELLED}
        nights.run(run_id, as_of, days, **rows)
        restated = nights.read(
            f"SELECT COUNT(*) FROM restatements WHERE run_id = '{run_id}'"
            " AND column_name IN ('unallocated_fen', 'amount_fen', 'net_fen', 'net_quantity', 'batch_no')"
        )
        before = shows.get(as_of)
        found[as_of] = (tables["findings"], days)
        shows[as_of], runs[as_of] = tables, run_id
        give_lives(shows, found)
        assert restated == [(_count_restated(before, tables) if before else 0,)]
        check_shows(nights, shows, runs)


def _count_restated(before, after):
    opened = [[row[:2] for row in shown["findings"] if row[-1] == "open"] for shown in (before, after)]
    return (
        count_cells(before["payment_unallocated"], after["payment_unallocated"], 2)
        + count_cells(before["two_invoice_line"], after["two_invoice_line"], 3)
        + count_cells(*opened, 1)
    )


def check_shows(nights, shows, runs):
    for name, columns in MODELLED.items():
        found = nights.read(f"SELECT as_of, run_id, {', '.join(columns)} FROM {name}")
        expected = [(str(date), runs[date], *row) for date, tables in shows.items() for row in tables[name]]
        assert sorted(found, key=repr) == sorted(expected, key=repr)
        loose = nights.read(
            f"SELECT COUNT(*) FROM {name}_versions WHERE valid_from >= valid_to"
            " OR valid_from NOT IN (SELECT as_of FROM publications)"
            " OR (valid_to <> '9999-12-31' AND valid_to NOT IN (SELECT as_of FROM publications))"
        )
        assert loose == [(0,)]


@pytest.mark.parametrize("seed", worlds(0, 12))
def test_random_nights_show_what_they_should_on_sqlite(_migrated_sqlite, tmp_path, nights_on, seed):
    (tmp_path / "compliance.db").write_bytes(_migrated_sqlite.read_bytes())
    engine = open_database(f"sqlite:///{tmp_path / 'compliance.db'}")
    play(nights_on(engine), seed)
    engine.dispose()


@pytest.mark.parametrize("seed", worlds(100, 2))
def test_random_nights_show_what_they_should_on_postgres(migrated_postgres_url, nights_on, seed):
    engine = open_database(migrated_postgres_url)
    play(nights_on(engine), seed)
    engine.dispose()
