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
from pathlib import Path
from urllib.parse import unquote

import sqlalchemy as sa

from pipelines.database.seals import Seal, canonical, read_seals
from pipelines.ingest.hashes import digest_file
from pipelines.lake.batches import committed, folder, last_batch
from pipelines.store import keys, uploads
from pipelines.store.dossier import EARLIER
from pipelines.store.runs import objects_of
from pipelines.store.store import Store

ENDS = ("published", "held")
"""The acts that name a list of files."""

TOLD_BY_PEOPLE = ("decisions", uploads.PREFIX)
"""Prefixes of what people set down between the runs."""

_OF_A_RUN = (keys.DOSSIER, *EARLIER, keys.POLICIES, "ledger", "notes", "taken_in", keys.RECORDS, "sums", "totals", "reports")
_LIST = "sealed-"
_LOGGED = re.compile(r"(\d{20})\.(?:json|checkpoint.*\.parquet)")


def list_files(home: Path, run_id: str, connection: sa.Connection) -> dict[str, str]:
    """Write the list of a run that ends now; return its path below the home and its SHA-256."""
    lists = list(read_lists(home, read_seals(connection, ENDS)))
    known = {path for found in lists for path in found}
    store, own = Store(home), f"runs/{run_id}"
    copied = _identities(store, lists[-2:])
    digests: dict[str, str] = {}
    for prefix in (*(f"{own}/{name}" for name in _OF_A_RUN), keys.RECORDS):
        for key in store.list(prefix):
            identity = store.identity(key)
            if identity not in copied:
                copied[identity] = store.at(key).sha256
            digests[key] = copied[identity]
    committed_since = (key for batch in committed(home) for key in store.list(f"batches/{folder(home, batch.number).name}"))
    for key in (*_files_of_lake(home, known), *committed_since, *(k for prefix in TOLD_BY_PEOPLE for k in store.list(prefix))):
        if key not in known:
            digests[key] = store.at(key).sha256
    text = canonical(digests)
    digest = hashlib.sha256(text.encode()).hexdigest()
    store.put(target := f"{own}/{_LIST}{digest[:16]}.json", text.encode())
    return {target: digest}


def has_list(home: Path, run_id: str) -> bool:
    """Whether a run was sealed once."""
    return any(key.startswith(_LIST) for key in objects_of(home, run_id).list())


def read_lists(home: Path, seals: Iterable[Seal]) -> Iterator[dict[str, str]]:
    """The lists that seals name, as far as they are there and unaltered, in the order of the seals."""
    for made in seals:
        for path, digest in json.loads(made.content)["digests"].get("files", {}).items():
            if is_intact(home / path, digest):
                yield json.loads((home / path).read_text("utf-8"))


def is_intact(path: Path, digest: str) -> bool:
    """Whether a file is there with that SHA-256."""
    return path.is_file() and digest_file(path) == digest


def _identities(store: Store, lists: Iterable[Mapping[str, str]]) -> dict[Hashable, str]:
    """Identity → digest, of objects of earlier runs, so that what is copied from night to night is not read again.

    A run's own objects never change, so that the digest of then must be that of now: verifying reads them. What a later night
    has removed has none.
    """
    return {store.identity(key): digest for files in lists for key, digest in files.items() if key.startswith("runs/")}


def _files_of_lake(home: Path, known: set[str]) -> Iterator[str]:
    """Log entries up to the committed version of each table, and what new ones added: leftovers of kills are in none."""
    for name, version in last_batch(home).versions.items():
        table = home / "lake" / name
        for entry in sorted((table / "_delta_log").iterdir()):
            number = _LOGGED.fullmatch(entry.name)
            if number is None or int(number[1]) > version:
                continue
            yield (key := entry.relative_to(home).as_posix())
            if entry.suffix == ".json" and key not in known:
                actions = (json.loads(line) for line in entry.read_text("utf-8").splitlines())
                added = (f"lake/{name}/{unquote(a['add']['path'])}" for a in actions if "add" in a)
                yield from (path for path in added if (home / path).is_file())
