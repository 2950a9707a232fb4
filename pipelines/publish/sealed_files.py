"""The files of a home that what is published rests on, with the SHA-256 of each, as a run's seal names them.

A run lists its own files, the snapshot of the records, and what came since the list before it: batches, decisions, records of
uploads, log entries and data files of the lake. What goes when the next run has been published (its records, sums, report files)
stands in a list that goes with it. A list is a file of the run's folder, named by its digest; the seal holds that digest.

Of what a run brings tables of names to, and what it says of its files and checks, nothing need stay that is told elsewhere: the
former where the run published before it brought the same, which is listed in its place; the latter as copies of the ledgers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import sqlalchemy as sa

from pipelines.database.seals import Seal, canonical, read_seals
from pipelines.database.tables import LEDGERS
from pipelines.lake.batches import committed, last_batch
from pipelines.lake.tables import LOG
from pipelines.publish.names import BY_KEY
from pipelines.store import keys, uploads
from pipelines.store.dossier import EARLIER
from pipelines.store.runs import objects_of
from pipelines.store.store import Object, Store, packed

ENDS = ("published", "held")
"""The acts that name a list of files."""

TOLD_BY_PEOPLE = ("decisions", uploads.PREFIX)
"""Prefixes of what people set down between the runs."""

_STAYS = (keys.DOSSIER, *EARLIER, keys.POLICIES, keys.EARLIER_POLICIES, "ledger", "notes", keys.TAKEN_IN)
GOES = tuple(prefix for prefix in keys.UNTIL_NEXT if prefix != keys.LISTED)
"""Prefixes of what a run has until the next one has been published, but for the list of it."""
_LIST, _AT_ONCE = "sealed-", 8
_BROUGHT = re.compile(r"runs/[^/]+/ledger/([^/]+)\.parquet")
_LOGGED = re.compile(r"(\d{20})\.(?:json|checkpoint.*\.parquet)")


def list_files(home: Store, run_id: str, connection: sa.Connection, *, is_held: bool = False) -> dict[str, str]:
    """Write the lists of a run that ends now; return their paths below the home and their SHA-256. One that is held keeps all
    that a release reads.
    """
    seals = read_seals(connection, ENDS)
    lists = [list(read_lists(home, [made])) for made in seals]
    known = {path for of_run in lists for found in of_run for path in found}
    copied = _identities(home, (found for of_run in lists[-2:] for found in of_run))
    own = f"runs/{run_id}"
    staying = [key for prefix in (*(f"{own}/{name}" for name in _STAYS), keys.RECORDS) for key in home.list(prefix)]
    going = [key for name in GOES for key in home.list(f"{own}/{name}")]
    own_files = [*staying, *going]
    committed_since = (key for batch in committed(home) for key in home.list(keys.batch(batch.number)))
    told = (key for prefix in TOLD_BY_PEOPLE for key in home.list(prefix))
    came = [key for key in (*_files_of_lake(home, known), *committed_since, *told) if key not in known]
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # a store that is far away answers many at a time
        identities = dict(zip(own_files, pool.map(home.identity, own_files), strict=True))
        new = {identity: key for key, identity in identities.items() if identity not in copied}
        copied |= zip(new, pool.map(home.digest, new.values()), strict=True)
        digests = dict(zip(came, pool.map(home.digest, came), strict=True))
    stays, goes = ({key: copied[identities[key]] for key in some} for some in (staying, going))
    if not is_held:
        before = next(
            (found for made, found in zip(reversed(seals), reversed(lists), strict=True) if made.act == "published"), []
        )
        stays = _told_once(stays, {key: digest for found in before for key, digest in found.items()})
    return dict([_write(home, f"{own}/{_LIST}", stays | digests), _write(home, f"{own}/{keys.LISTED}/", goes)])


def _write(home: Store, prefix: str, digests: Mapping[str, str]) -> tuple[str, str]:
    """Write a list under the digest of what it says."""
    text = canonical(digests).encode()
    key = f"{prefix}{hashlib.sha256(text).hexdigest()[:16]}.json.gz"
    home.put(key, content := packed(text))
    return key, hashlib.sha256(content).hexdigest()


def _told_once(own: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The files of a run that stay, those that say what the list of the run published before it names already under its names."""
    told = {(found[1], digest): key for key, digest in before.items() if (found := _BROUGHT.fullmatch(key))}
    stays: dict[str, str] = {}
    for key, digest in own.items():
        name = found[1] if (found := _BROUGHT.fullmatch(key)) else ""
        if name not in LEDGERS:
            stays[told.get((name, digest), key) if name in BY_KEY else key] = digest
    return stays


def drop_told_again(home: Store, run_id: str) -> None:
    """Remove what a published run brought that no list of it names."""
    store = objects_of(home, run_id)
    if not has_list(home, run_id):
        return
    named = {key for found in store.list() if found.startswith(_LIST) for key in store.read_json(found)}
    for name in (*BY_KEY, *LEDGERS):
        if f"runs/{run_id}/{keys.ledger(name)}" not in named:
            store.drop(keys.ledger(name))


def may_be_gone(home: Store, path: str) -> bool:
    """Whether a list may have gone with the files that it names: those of its run are."""
    _, run_id, prefix, *_ = path.split("/")
    return prefix == keys.LISTED and not any(objects_of(home, run_id).sizes(name) for name in GOES)


def has_list(home: Store, run_id: str) -> bool:
    """Whether a run was sealed once."""
    return any(key.startswith(_LIST) for key in objects_of(home, run_id).list())


def read_lists(home: Store, seals: Iterable[Seal]) -> Iterator[dict[str, str]]:
    """The lists that seals name, as far as they are there and unaltered, in the order of the seals."""
    for made in seals:
        for path, digest in json.loads(made.content)["digests"].get("files", {}).items():
            if is_intact(home.at(path), digest):
                yield home.read_json(path)


def is_intact(found: Object, digest: str) -> bool:
    """Whether an object is there with that SHA-256."""
    return found.exists and found.sha256 == digest


def _identities(store: Store, lists: Iterable[Mapping[str, str]]) -> dict[Hashable, str]:
    """Identity → digest, of objects of earlier runs, so that what is copied from night to night is not read again.

    A run's own objects never change, so that the digest of then must be that of now: verifying reads them. What a later night
    has removed has none.
    """
    found = {key: digest for files in lists for key, digest in files.items() if key.startswith("runs/")}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        stood = zip(pool.map(store.identity, found), found.values(), strict=True)
        return {identity: digest for identity, digest in stood if identity is not None}


def _files_of_lake(home: Store, known: set[str]) -> Iterator[str]:
    """Log entries up to the committed version of each table, and what new ones added: leftovers of kills are in none."""
    for name, version in last_batch(home).versions.items():
        table = f"{keys.LAKE}/{name}"
        for key in home.list(f"{table}/{LOG}"):
            number = _LOGGED.fullmatch(key.rpartition("/")[2])
            if number is None or int(number[1]) > version:
                continue
            yield key
            if key.endswith(".json") and key not in known:
                actions = (json.loads(line) for line in home.read(key).decode().splitlines())
                added = (f"{table}/{unquote(a['add']['path'])}" for a in actions if "add" in a)
                yield from filter(home.has, added)
