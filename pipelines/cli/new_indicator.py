"""The folder and the spec of a new indicator, which run as they are written (`vbp new-indicator NAME`)."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from pipelines.errors import UsageError

_NAME = re.compile(r"[a-z](_?[a-z0-9]){2,39}")
_TEMPLATES = Path(__file__).parent / "scaffold"
_FOLDER, _SPEC = "pipelines/indicators", "tests/spec"


def new_indicator(name: str, root: Path) -> list[Path]:
    """Write the folder of the indicator `name` and its spec below the source folder `root`; return the paths of the files.

    They are discovered, compute a share by institution and month, and pass the tests as they stand. UsageError, and nothing
    written: a name that is not 3 to 40 small letters, digits and single underscores; a `root` that is not the source folder;
    a folder or spec that is there already.
    """
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise UsageError(f"指标名 {name!r} 不合格：请用 3–40 个小写字母、数字和单个下划线，以字母开头，例如 prepayment_balance")
    folder, spec = root / _FOLDER / name, root / _SPEC / f"test_{name}.py"
    for path in (folder, folder.with_suffix(".py"), spec):
        if not path.parent.is_dir():
            raise UsageError(f"找不到目录 {path.parent}；请在源代码目录中执行")
        if path.exists():
            raise UsageError(f"{path} 已经存在；请换一个指标名")
    folder.mkdir()
    texts = {folder / path.stem: path for path in sorted(_TEMPLATES.glob("*.txt")) if path.stem != "spec.py"}
    for path, template in (texts | {spec: _TEMPLATES / "spec.py.txt"}).items():
        path.write_text(_fill_in(template.read_text(encoding="utf-8"), name, date.today()), encoding="utf-8")
    (folder / "__init__.py").write_text(f'"""{name}."""\n', encoding="utf-8")
    _format([path for path in (*texts, spec) if path.suffix == ".py"], root)
    return [*texts, spec]


def _format(modules: list[Path], root: Path) -> None:
    """As the project's formatter lays them out, which depends on how long the name is; without one they stay as written."""
    if find_spec("ruff"):
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", *modules], cwd=root, check=True)


def _fill_in(text: str, name: str, today: date) -> str:
    facts = {"NAME": name, "ISO_DAY": today.isoformat(), "TODAY": f"date({today.year}, {today.month}, {today.day})"}
    return re.sub("|".join(facts), lambda found: facts[found.group()], text)
