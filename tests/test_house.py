"""The house: where modules may stand, and in which direction they may import each other."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from schemas.declared import RULES, SHOWN, declared

ROOT = Path(__file__).parents[1]
STOREYS = [
    *("errors", "store", "settings"),
    *("policy", "lake", "engine", "lines", "indicators"),
    *("views", "database"),
    *("ingest", "sources", "validate", "rejects", "settle"),
    *("retain", "publish", "audit", "causes"),
    *("past", "verify", "oversight"),
    *("desk", "senders", "alarms", "reports", "serve"),
    *("night", "cli", "web"),
]
"""The folders of `pipelines/`, each above all that it imports."""

A_FILE_FOR_EACH = ("schemas/records", "schemas/ledgers", "pipelines/indicators")
"""Folders that grow by a file for each dataset, ledger, or small indicator."""

SOURCES = sorted(p for top in ("pipelines", "schemas", "dags") for p in (ROOT / top).rglob("*.py"))


def _room(module: str) -> str:
    top, *rest = module.split(".")
    return rest[0] if top == "pipelines" and rest else top


def _imports(path: Path) -> set[str]:
    """The modules and packages that a file imports, those inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_folders_import_downwards_only():
    upwards = []
    for path in SOURCES:
        own = path.relative_to(ROOT).with_suffix("").parts
        here = own[1] if own[0] == "pipelines" and len(own) > 1 else own[0]
        for module in _imports(path):
            there = _room(module)
            if own[0] == "schemas":
                is_up = module.startswith(("pipelines.", "dags.", "seeds."))
            elif own[0] == "pipelines" and there in STOREYS and module.startswith("pipelines."):
                is_up = STOREYS.index(there) > STOREYS.index(here)
            else:
                is_up = own[0] == "pipelines" and module.startswith("dags.")
            if is_up:
                upwards.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not upwards, "\n".join(upwards)


def test_no_module_lies_loose_and_no_folder_is_unknown():
    here = {ROOT / "pipelines" / p.relative_to(ROOT / "pipelines").parts[0] for p in (ROOT / "pipelines").rglob("*.py")}
    here.discard(ROOT / "pipelines" / "__init__.py")
    assert {p.stem for p in here} == set(STOREYS)
    assert {p.name for p in here if p.is_file()} == {"errors.py", "settings.py"}


@pytest.mark.parametrize("top", ["pipelines", "schemas", "dags", "seeds", "benchmarks"])
def test_folders_can_be_taken_in_at_a_glance(top):
    counted = Counter(p.parent.relative_to(ROOT).as_posix() for p in (ROOT / top).rglob("*.py"))
    assert {folder: n for folder, n in counted.items() if n > 15 and folder not in A_FILE_FOR_EACH} == {}
    most = 120 if top == "dags" else 300
    long = [p.relative_to(ROOT).as_posix() for p in (ROOT / top).rglob("*.py") if len(p.read_text().splitlines()) > most]
    assert long == []


MADE_OF_FILES = {
    "pipelines/desk/return_sheet.py": "a workbook that people asked for, wherever they want it",
    "pipelines/reports/bulletin/form/printed.py": "what a browser printed",
    "pipelines/reports/bulletin/form/workbook.py": "a workbook that people asked for, wherever they want it",
    "pipelines/reports/pages/frame.py": "pages, which a web server reads",
    "pipelines/web/receive.py": "a file that somebody sends to the landing zone, where no run has objects",
    "pipelines/senders/template.py": "a workbook that people asked for, wherever they want it",
    "pipelines/views/table_book.py": "a workbook that people asked for, wherever they want it",
}
"""Modules outside `store/` and `ingest/` that put files in their place themselves, and why: none is an object of a run."""


def _handled(path: Path) -> set[str]:
    """How a module handles files beside the store: links, renames (of one argument that is no mapping), paths of runs."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value == "runs":
            found.add("a path of a run")
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, given = node.func.attr, node.args
        if name in ("link", "hardlink_to", "copyfile", "samefile"):
            found.add(name)
        if name == "replace" and len(given) == 1 and not node.keywords:
            found.add(name)
        if name == "rename" and len(given) == 1 and isinstance(given[0], ast.BinOp | ast.Attribute):
            found.add(name)
    return found


def test_only_the_store_knows_where_objects_lie():
    apart = [p for p in SOURCES if p.relative_to(ROOT).parts[:2] not in (("pipelines", "store"), ("pipelines", "ingest"))]
    handled = {p.relative_to(ROOT).as_posix(): found for p in apart if (found := _handled(p))}
    assert {name: found for name, found in handled.items() if name not in MADE_OF_FILES} == {}
    assert MADE_OF_FILES.keys() <= handled.keys(), "what is no exception any more"


NAMES_ONE = {
    "pipelines/cli/explain.py": "what one may type, in the help",
    "pipelines/cli/tasks.py": "what one may type, in the help",
    "schemas/records/excuses.py": "two_invoice is a kind of excuse, which bureaus write into their register",
    "schemas/spellings.py": "two_invoice is a kind of excuse, which bureaus write into their register",
}
"""Files outside the indicators in which a code, table or rule of one stands, and why."""


def test_nothing_outside_the_indicators_names_one():
    names = {*SHOWN, *RULES, *(table.name for table in declared("TABLES"))}
    wanted = re.compile(rf"\b({'|'.join(name for name in names if '_' in name)})\b")  # payment, prepayment: are words, too
    kinds = {".py", ".html", ".j2", ".js", ".css", ".po", ".sql", ".csv", ".txt"}
    outside = [
        path
        for top in ("pipelines", "schemas", "dags")
        for path in (ROOT / top).rglob("*")
        if path.suffix in kinds and "pipelines/indicators/" not in path.as_posix()
    ]
    found = {p.relative_to(ROOT).as_posix(): set(wanted.findall(p.read_text(encoding="utf-8"))) for p in outside}
    assert {path: named for path, named in found.items() if named and path not in NAMES_ONE} == {}
    assert all(found[path] for path in NAMES_ONE), "what is no exception any more"


def test_nothing_outside_the_indicators_imports_one():
    outside = (p for p in SOURCES if "pipelines/indicators/" not in p.as_posix())
    below = {p.relative_to(ROOT).as_posix(): {m for m in _imports(p) if m.startswith("pipelines.indicators.")} for p in outside}
    assert {path: found for path, found in below.items() if {m.split(".")[2] for m in found} & SHOWN.keys()} == {}
