"""The part of the lock that the image installs is what the product needs, and nothing else."""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.locked import locked, product

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
SMALL = """\
a==1 ; python_full_version < '3.12' \\
    --hash=sha256:00
    # via vbp-compliance
a==2 ; python_full_version >= '3.12' \\
    --hash=sha256:01
    # via vbp-compliance
B.c==1 \\
    --hash=sha256:02
    # via
    #   a
    #   tester
d==1 \\
    --hash=sha256:03
    # via tester
tester==1 \\
    --hash=sha256:04
"""


def names(lock: str) -> set[str]:
    return {canonicalize_name(name) for name in re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", lock, re.MULTILINE)}


def test_a_part_is_what_its_roots_need_as_it_stands():
    assert locked(SMALL, ["A"]) == SMALL[: SMALL.index("d==1")]
    assert names(locked(SMALL, ["tester"])) == {"b-c", "d", "tester"}
    with pytest.raises(ValueError, match="no-such"):
        locked(SMALL, ["a", "no_such"])


def needed_here(roots: list[str]) -> set[str]:
    """What the roots need by the metadata of what is installed, of the lock's own names."""
    found: set[str] = set()
    ahead = [Requirement(root) for root in roots]
    while ahead:
        requirement = ahead.pop()
        name = canonicalize_name(requirement.name)
        key = f"{name}{sorted(requirement.extras)}"
        if key in found:
            continue
        found |= {key, name}
        for line in metadata.requires(name) or ():
            inner = Requirement(line)
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in requirement.extras or {""}):
                ahead.append(inner)
    return {name for name in found if "[" not in name}


def test_the_part_of_the_product_is_closed_and_holds_no_tool_of_tests():
    import tomllib

    project = tomllib.loads(PROJECT)
    part, needed = names(locked(LOCK, product(PROJECT))), needed_here(project["project"]["dependencies"])
    assert needed <= part
    tools = {canonicalize_name(Requirement(line).name) for line in project["dependency-groups"]["dev"]}
    assert part & tools <= needed
    assert {"pytest", "mypy", "ruff", "duckdb", "hypothesis"} & part == set()
    assert part - needed <= {"colorama", "async-timeout"}  # of other systems, and of earlier interpreters


def test_the_build_backend_is_locked():
    assert "hatchling" in names(locked(LOCK, ["hatchling"]))
