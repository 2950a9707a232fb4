"""The files of a home that what is published rests on, with the SHA-256 of each, as a run's seal names them.

A run lists its own files, the snapshot of the records, and what came since the list before it: batches, decisions, log
entries and data files of the lake. The list is a file of the run's folder, named by its digest; the seal holds that digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

import sqlalchemy as sa

from pipelines.database.seals import Seal, canonical, read_seals
from pipelines.ingest.hashes import digest_file
from pipelines.lake.batches import committed, folder, last_batch
from pipelines.store.dossier import EARLIER, NAME

ENDS = ("published", "held")
"""The acts that name a list of files."""

_OF_A_RUN = (NAME, *EARLIER, "policies.json")
_FOLDERS_OF_A_RUN = ("ledger", "notes", "taken_in", "records", "sums", "totals", "reports")
_LOGGED = re.compile(r"(\d{20})\.(?:json|checkpoint.*\.parquet)")


def list_files(home: Path, run_id: str, connection: sa.Connection) -> dict[str, str]:
    """Write the list of a run that ends now; return its path below the home and its SHA-256."""
    lists = list(read_lists(home, read_seals(connection, ENDS)))
    known = {path for found in lists for path in found}
    own = home / "runs" / run_id
    linked = _inodes(home, lists[-2:])
    digests: dict[str, str] = {}
    for path in (*_files_of_run(own), *_files_below(home / "records")):
        at = path.stat()
        place = (at.st_dev, at.st_ino)
        if place not in linked:
            linked[place] = digest_file(path)
        digests[path.relative_to(home).as_posix()] = linked[place]
    for path in (*_files_of_lake(home, known), *_files_of_batches(home)):
        name = path.relative_to(home).as_posix()
        if name not in known:
            digests[name] = digest_file(path)
    text = canonical(digests)
    digest = hashlib.sha256(text.encode()).hexdigest()
    target = own / f"sealed-{digest[:16]}.json"
    partial = target.with_suffix(".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)
    return {target.relative_to(home).as_posix(): digest}


def read_lists(home: Path, seals: Iterable[Seal]) -> Iterator[dict[str, str]]:
    """The lists that seals name, as far as they are there and unaltered, in the order of the seals."""
    for made in seals:
        for path, digest in json.loads(made.content)["digests"].get("files", {}).items():
            if is_intact(home / path, digest):
                yield json.loads((home / path).read_text("utf-8"))


def is_intact(path: Path, digest: str) -> bool:
    """Whether a file is there with that SHA-256."""
    return path.is_file() and digest_file(path) == digest


def _inodes(home: Path, lists: Iterable[Mapping[str, str]]) -> dict[tuple[int, int], str]:
    """Device and inode → digest, of files of earlier runs, so that what is linked from night to night is not read again.

    A run's own files never change, so that the digest of then must be that of now: verifying reads them.
    """
    found = {}
    for path, digest in ((p, d) for files in lists for p, d in files.items() if p.startswith("runs/")):
        try:
            at = (home / path).stat()
        except OSError:  # a later night has removed it
            continue
        found[at.st_dev, at.st_ino] = digest
    return found


def _files_of_run(own: Path) -> Iterator[Path]:
    yield from (own / name for name in _OF_A_RUN if (own / name).is_file())
    for name in _FOLDERS_OF_A_RUN:
        yield from _files_below(own / name)


def _files_below(place: Path) -> Iterator[Path]:
    yield from sorted(p for p in place.rglob("*") if p.is_file() and p.suffix != ".part")


def _files_of_batches(home: Path) -> Iterator[Path]:
    for batch in committed(home):
        yield from _files_below(folder(home, batch.number))
    yield from sorted((home / "decisions").glob("*.json"))


def _files_of_lake(home: Path, known: set[str]) -> Iterator[Path]:
    """Log entries up to the committed version of each table, and what new ones added: leftovers of kills are in none."""
    for name, version in last_batch(home).versions.items():
        table = home / "lake" / name
        for entry in sorted((table / "_delta_log").iterdir()):
            number = _LOGGED.fullmatch(entry.name)
            if number is None or int(number[1]) > version:
                continue
            yield entry
            if entry.suffix == ".json" and entry.relative_to(home).as_posix() not in known:
                actions = (json.loads(line) for line in entry.read_text("utf-8").splitlines())
                added = (table / unquote(a["add"]["path"]) for a in actions if "add" in a)
                yield from (path for path in added if path.is_file())
