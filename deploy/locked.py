"""Part of requirements.lock: the named distributions and what they need, without names what the product needs.

    python deploy/locked.py > runtime.lock
    python deploy/locked.py hatchling > build.lock

The lock is one for product, tests and build, each entry by hash with a comment on what it came by (`# via`); these
comments lead from the roots to the rest, so that a part needs neither an index nor a second list. Standard library
only: this runs where nothing is installed yet.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ENTRY = re.compile(r"^(?=[A-Za-z0-9])", re.MULTILINE)
_VIA = re.compile(r"^ +#(?: via)? +(\S+)$", re.MULTILINE)


def locked(lock: str, roots: list[str]) -> str:
    """The entries of `lock` that the distributions `roots` need, themselves included, as they stand and in its order.

    A name may have several entries, for one version of Python each. ValueError for a root that is not locked.
    """
    entries = [(_normal(_NAME.match(entry)[0]), entry) for entry in _ENTRY.split(lock) if _NAME.match(entry)]
    needed_by: dict[str, set[str]] = {}
    for name, entry in entries:
        for parent in _VIA.findall(entry):
            needed_by.setdefault(_normal(parent), set()).add(name)
    found, ahead = set(), [_normal(root) for root in roots]
    if missing := set(ahead) - {name for name, _ in entries}:
        raise ValueError(f"not in requirements.lock: {', '.join(sorted(missing))}")
    while ahead:
        if (name := ahead.pop()) not in found:
            found.add(name)
            ahead += needed_by.get(name, ())
    return "".join(entry for name, entry in entries if name in found)


def product(pyproject: str) -> list[str]:
    """The names of what the project itself depends on."""
    return [_NAME.match(requirement)[0] for requirement in tomllib.loads(pyproject)["project"]["dependencies"]]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    chosen = sys.argv[1:] or product((ROOT / "pyproject.toml").read_text("utf-8"))
    sys.stdout.write(locked((ROOT / "requirements.lock").read_text("utf-8"), chosen))
