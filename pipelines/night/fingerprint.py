"""What the figures of an indicator rest on beside records and the day: its code and its policy rows, each as one digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from pipelines.engine.indicator import Indicator
from pipelines.policy.policies import Policies
from pipelines.store.dossier import Fingerprint
from schemas.records import RECORDS

_ROOT = Path(__file__).parents[2]
_ENGINE = ("pipelines/engine", "pipelines/lake", "pipelines/lines", "pipelines/policy")
_IMPORTS = re.compile(r"^\s*from pipelines\.indicators\.(\w+)", re.MULTILINE)
_ONLY_TOLD = ("shown.py", "section.py", "units.py", "oversight.py", "explain")
"""What says how figures are shown, explained and named moves none of them."""
_SCHEMAS = ("*.py", "reports/__init__.py", "reports/findings.py")


def fingerprint(indicator: Indicator, policies: Policies, as_of: date) -> Fingerprint:
    """What an indicator's figures rest on: where it stays, and records and the day, so do they.

    `code`: SHA-256 of the modules of the indicator's folder that figures are made by, of those of other folders that they
    import, of the engine that runs it, and of the schemas of findings and of the datasets that are read. `policies`: of the
    rows of the parameters that its figures hang on, as they hold up to `as_of`; of those that it asks `ahead` of it all rows.
    """
    reads = frozenset(name for i in (indicator, *indicator.rests_on) for name in i.reads)
    ahead = frozenset(parameter for i in (indicator, *indicator.rests_on) for parameter in i.ahead)
    own = policies.of(indicator.resolved)
    return Fingerprint(code=_digest(indicator.code, reads), policies=own.digest_until(as_of, ahead))


@cache
def _digest(code: str, reads: frozenset[str]) -> str:
    """SHA-256 of the sources; a program does not change while it runs."""
    digest = hashlib.sha256()
    for path in sorted(_sources(code, reads)):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources(code: str, reads: frozenset[str]) -> Iterator[Path]:
    yield from _own(code, set())
    for folder in _ENGINE:
        yield from (_ROOT / folder).rglob("*.py")
    for pattern in _SCHEMAS:
        yield from _figuring(_ROOT / "schemas", pattern)
    for path in (_ROOT / "schemas" / "records").glob("*.py"):  # those of no dataset are what datasets share
        if path.stem in reads or path.stem not in RECORDS:
            yield path


def _own(code: str, known: set[str]) -> Iterator[Path]:
    """The modules of an indicator, and those of every one that they import from."""
    known.add(code)
    own = _ROOT / "pipelines" / "indicators" / code
    for path in _figuring(own, "**/*.py") if own.is_dir() else [own.with_suffix(".py")]:
        yield path
        for other in _IMPORTS.findall(path.read_text(encoding="utf-8")):
            if other not in known:
                yield from _own(other, known)


def _figuring(folder: Path, pattern: str) -> Iterator[Path]:
    """Where the folder itself lies says nothing of what its files are for."""
    return (path for path in folder.glob(pattern) if not set(path.relative_to(folder).parts) & set(_ONLY_TOLD))
