"""A worker of a night that slept, and goes on when another one has done its step and what follows: it changes nothing."""

from pipelines.errors import ConflictError
from pipelines.lake import lay_out
from pipelines.lake.laid_out import place_of
from pipelines.night import base
from pipelines.night import steps as nightly
from pipelines.store import keys
from pipelines.store.dossier import Base, note
from tests.acceptance.test_faults import AS_OF, House
from tests.lake.test_conflicts import Asleep
from tests.reports.explained_nights import MASTER, delivery, send

MOMENTS = {"after its manifest": (lay_out, "_find_base"), "before it writes down what it found": (base, "standing")}


def stays(store, key):
    """Whether it is nothing of what the other worker has in hand."""
    return not key.startswith(f"{keys.RECORDS}/") or key.startswith((place_of(store), keys.PLACE))


def test_a_worker_woken_after_its_batch_was_committed_changes_nothing(tmp_path, monkeypatch):
    house = House(tmp_path)
    for dataset, rows in MASTER.items():
        send(house.landing, dataset, *rows)
    send(house.landing, "deliveries", delivery("D1", "2020-10-05"))
    for moment, place in MOMENTS.items():
        run = nightly.begin(house.settings, AS_OF)
        for portion in nightly.list_portions(run, "ingest"):
            nightly.ingest(run, portion)
        left = []

        def another(run=run, left=left):
            nightly.validate(run)
            run.store.put(f"{keys.sums('payment')}/computed", b"")
            note(run.store, base=Base(as_of=AS_OF, run_id="noted-by-a-later-step"))
            left.append({key: run.store.digest(key) for key in run.store.list() if stays(run.store, key)})

        with monkeypatch.context() as patch:
            asleep = Asleep(patch, *place, another)
            try:
                nightly.validate(run)
            except ConflictError as error:
                assert moment == "after its manifest" and "正由另一个进程写入" in str(error)
        assert asleep.is_over
        assert left == [{key: run.store.digest(key) for key in run.store.list()}], moment
        with nightly.opened(run.database_url) as engine, engine.begin() as connection:
            nightly.lease.leave(connection, run.run_id)
        send(house.landing, "deliveries", delivery("D2", "2020-11-05", packs=20), name="b.csv")
