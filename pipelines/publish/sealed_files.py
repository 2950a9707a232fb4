"""The files of a home that what is published rests on, with the SHA-256 of each, as a run's seal names them.

A run lists its own files, the snapshot of the records, and what came since the list before it: batches, decisions, records of
uploads, log entries and data files of the lake. The list is a file of the run's folder, named by its digest; the seal holds that
digest.
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
from pipelines.lake.batches import committed, last_batch
from pipelines.lake.tables import LOG
from pipelines.store import keys, uploads
from pipelines.store.dossier import EARLIER
from pipelines.store.runs import objects_of
from pipelines.store.store import Object, Store

ENDS = ("published", "held")
"""The acts that name a list of files."""

TOLD_BY_PEOPLE = ("decisions", uploads.PREFIX)
"""Prefixes of what people set down between the runs."""

_OF_A_RUN = (keys.DOSSIER, *EARLIER, keys.POLICIES, "ledger", "notes", "taken_in", keys.RECORDS, "sums", "totals", "reports")
_LIST, _AT_ONCE = "sealed-", 8
_LOGGED = re.compile(r"(\d{20})\.(?:json|checkpoint.*\.parquet)")


def list_files(home: Store, run_id: str, connection: sa.Connection) -> dict[str, str]:
    """Write the list of a run that ends now; return its path below the home and its SHA-256."""
    lists = list(read_lists(home, read_seals(connection, ENDS)))
    known = {path for found in lists for path in found}
    store, own = home, f"runs/{run_id}"
    copied = _identities(store, lists[-2:])
    of_run = [key for prefix in (*(f"{own}/{name}" for name in _OF_A_RUN), keys.RECORDS) for key in store.list(prefix)]
    committed_since = (key for batch in committed(home) for key in store.list(keys.batch(batch.number)))
    told = (key for prefix in TOLD_BY_PEOPLE for key in store.list(prefix))
    came = [key for key in (*_files_of_lake(home, known), *committed_since, *told) if key not in known]
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # a store that is far away answers many at a time
        identities = dict(zip(of_run, pool.map(store.identity, of_run), strict=True))
        new = {identity: key for key, identity in identities.items() if identity not in copied}
        copied |= zip(new, pool.map(store.digest, new.values()), strict=True)
        digests = dict(zip(came, pool.map(store.digest, came), strict=True))
    text = canonical(digests | {key: copied[identity] for key, identity in identities.items()})
    digest = hashlib.sha256(text.encode()).hexdigest()
    store.put(target := f"{own}/{_LIST}{digest[:16]}.json", text.encode())
    return {target: digest}


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
