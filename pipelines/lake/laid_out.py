"""Where records that were laid out lie: in a place of their own each time, which counts once `records/place.json` names it.

Two processes that lay out the same therefore never write into one another's, however long one of them slept: what was named first
stays the run's (`name_once`), and the base of a home is the one that was named last (`name`). Records of earlier programs, and
those of worlds that are thought of, lie below `records` itself.
"""

from __future__ import annotations

from secrets import token_hex

from pipelines.errors import ConflictError
from pipelines.store import keys
from pipelines.store.durable import as_json
from pipelines.store.store import Store


def new_place() -> str:
    """A prefix that nobody else writes below."""
    return f"{keys.RECORDS}/{token_hex(4)}"


def place_of(store: Store) -> str:
    """The prefix below which the records of a run, or the base of a home, lie."""
    return str(store.read_json(keys.PLACE)["place"]) if store.has(keys.PLACE) else keys.RECORDS


def records_of(store: Store) -> Store:
    """The records of a run, or the base of a home."""
    return store.below(place_of(store))


def batch_of(store: Store) -> int | None:
    """The batch as it stood after which the records of a run were laid out; None where they were not."""
    return int(store.read_json(keys.PLACE)["batch"]) if store.has(keys.PLACE) else None


def name_once(store: Store, place: str, batch: int) -> None:
    """Let a place be the records of a run. ConflictError where another was named before."""
    if not store.put(keys.PLACE, _say(place, batch), if_absent=True):
        raise ConflictError(f"运行 {store.name} 的记录")


def name(home: Store, place: str, batch: int) -> None:
    """Let a place be the base of a home, and remove what was the base before."""
    home.put(keys.PLACE, _say(place, batch))
    kept = home.below(keys.RECORDS)
    of_before = [*kept.folders(), *(key for key in kept.list() if "/" not in key)]
    for prefix in of_before:
        if f"{keys.RECORDS}/{prefix}" not in (place, keys.PLACE):
            kept.drop(prefix)


def forget(home: Store) -> None:
    """There is no base any more."""
    home.drop(keys.PLACE)
    home.drop(f"{keys.RECORDS}/{keys.BASE}")


def _say(place: str, batch: int) -> bytes:
    return as_json({"place": place, "batch": batch})
