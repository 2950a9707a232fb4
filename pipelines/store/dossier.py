"""The dossier of a run: the one typed manifest of what it read, what it is built on, what it came to and what the audit said.

Steps that follow one another write it whole or not at all (`note`); steps that run side by side write part files of their own
(`taken_in/<portion>.json`, `notes/<indicator>.json`), which the step after them reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from pipelines.errors import DamagedError
from pipelines.store import keys
from pipelines.store.store import Store

_VERSION: Final = 1

Cause = Literal["late_record", "correction", "withdrawal", "policy", "code"]


@dataclass(frozen=True)
class LandingFile:
    """A file of the landing zone: dataset, path relative to the landing zone, content hash, size.

    `status` is `new`, `skipped` (this content was taken in before, or is that of a file before it), `failed` (not
    something we can read at all: `message` says why; what could not even be opened has no hash) or `waiting`
    (still being written: it was not read and has no hash).
    """

    dataset: str
    path: str
    sha256: str
    bytes: int
    status: str
    message: str = ""


class _Typed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceStands(_Typed):
    """A source of `sources.toml` when the run began: why what it holds may be missing ('' where it is not), and the first
    objects that were not taken.
    """

    source: str
    problem: str = ""
    faults: tuple[str, ...] = ()


class Base(_Typed):
    """A publication that stood for the run's date when it took its records."""

    as_of: date
    run_id: str


class Accepted(_Typed):
    """The lake as the run reads it: its last batch, and the Delta version of every table."""

    batch: int
    versions: dict[str, int]


class Fingerprint(_Typed):
    """What the figures of an indicator rest on beside records and the day (`night/fingerprint.py`), as two SHA-256."""

    code: str
    policies: str


class Tables(_Typed):
    """Figure table → the columns of its report file; the codes of rules that may have raised findings."""

    tables: dict[str, tuple[str, ...]]
    rules: tuple[str, ...]


class Figures(_Typed):
    """What a computed run comes to. The columns of the ledger `runs` stand there under the same names.

    `tallies`: figure table → the digest of its rows (hex); `has_terms`: findings are due by the terms of its policy
    rows, else all of them in `remedy_days`, as runs had it before there were tasks; `fingerprints` by indicator;
    `cause`: why published figures change where no cell has a cause of its own, and `has_causes` whether cells have.
    """

    code_version: str
    policy_digest: str
    policy_rows: tuple[str, ...]
    lake_versions: dict[str, int]
    input_digest: str
    result_digest: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    has_terms: bool = False
    remedy_days: int | None = None
    tallies: dict[str, Annotated[str, StringConstraints(pattern="^[0-9a-f]+$")]] = {}
    made: Tables | None = None
    fingerprints: dict[str, Fingerprint] = {}
    cause: Cause = "code"
    has_causes: bool = False


class Audit(_Typed):
    """What the audit found (rows of `check_results` without run), and the policy rows it used."""

    results: tuple[dict[str, Any], ...]
    policy_rows: tuple[str, ...]


class Dossier(_Typed):
    """A run: what every step of it wrote down. `landing` is for people, seen from the home; no other place stands in it.

    `carried` are the codes of the indicators whose sums the run carries on from those of `base`.
    """

    version: Literal[1] = _VERSION
    run_id: str
    as_of: date
    started_at: str
    settle_seconds: int
    landing: str
    files: tuple[LandingFile, ...] = ()
    sources: tuple[SourceStands, ...] = ()
    accepted: Accepted | None = None
    base: Base | None = None
    carried: tuple[str, ...] = ()
    figures: Figures | None = None
    audit: Audit | None = None


def has_dossier(store: Store) -> bool:
    """Whether these are the objects of a run that has begun."""
    return any(store.has(key) for key in (keys.DOSSIER, keys.EARLIER_DOSSIER, "run.json"))


def read_dossier(store: Store) -> Dossier:
    """The dossier of the run of these objects; DamagedError where it is none, or of a version that this program does not know."""
    key = next((key for key in (keys.DOSSIER, keys.EARLIER_DOSSIER) if store.has(key)), "")
    place = str(store.at(key or keys.DOSSIER))
    content = store.read_json(key) if key else _of_earlier(store)
    version = content.get("version", _VERSION) if isinstance(content, dict) else None
    if version not in (_VERSION, None):
        raise DamagedError(place, f"清单版本 {version} 由更新的程序写成，本程序只认识 {_VERSION}；请用写它的程序打开")
    try:
        return Dossier.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DamagedError(place, f"不是运行清单：{where} {first['msg']}") from error


def tallies_of(store: Store) -> dict[str, int]:
    """Figure table → the digest of its rows as the run of these objects noted it; empty where it noted none. DamagedError."""
    figures = read_dossier(store).figures if has_dossier(store) else None
    return {name: int(text, 16) for name, text in figures.tallies.items()} if figures else {}


def note(store: Store, **more: object) -> Dossier:
    """Write down what a step has found, beside what stands in the dossier, and return it."""
    dossier = Dossier.model_validate({**dict(read_dossier(store)), **more})
    write_dossier(store, dossier)
    return dossier


def write_dossier(store: Store, dossier: Dossier) -> None:
    """Write it whole or not at all."""
    store.put_json(keys.DOSSIER, dossier.model_dump(mode="json"))


_STEP_BY_STEP = ("run.json", "files.json", "validated.json", "base.json", "facts.json", "tallies.json", "audit.json")
EARLIER = (keys.EARLIER_DOSSIER, *_STEP_BY_STEP)
"""The files that stood in place of the dossier as it is now."""


def _of_earlier(store: Store) -> dict[str, Any]:
    """What a run of before the dossier wrote, one file for each step."""
    found = {name: store.read_json(name) for name in _STEP_BY_STEP if store.has(name)}
    if "run.json" not in found:
        raise DamagedError(str(store.at(keys.DOSSIER)), "文件不存在")
    facts, causes = found.get("facts.json"), "changes/causes.json"
    if facts:
        known = {name: facts[name] for name in Figures.model_fields if name in facts}
        caused = store.read_json(causes) if store.has(causes) else {"rest": "code", "has_cells": False}
        facts = known | {"tallies": found.get("tallies.json", {}), "cause": caused["rest"], "has_causes": caused["has_cells"]}
    accepted = found.get("validated.json")
    begun = {name: found["run.json"][name] for name in Dossier.model_fields if name in found["run.json"]}
    return {
        **begun,
        "files": found.get("files.json", ()),
        "accepted": accepted and {name: accepted[name] for name in Accepted.model_fields},
        "base": found.get("base.json", {}).get("base"),
        "figures": facts,
        "audit": found.get("audit.json"),
    }
