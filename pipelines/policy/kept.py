"""The policy files of a run, kept with it: what held then can be read again when the files have changed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipelines.errors import DamagedError
from pipelines.policy.files import files_of
from pipelines.policy.policies import Policies, PolicyError, load_policies
from pipelines.store.durable import read_json, write_json

_KEPT = "policies.json"


def keep_policies(path: Path, overlay: Path | None) -> None:
    """Write every policy file of ours and of a site's `overlay` into one JSON file, text by text."""
    layers = files_of(overlay).items()
    write_json(path, {layer: {n: p.read_text("utf-8-sig") for n, p in files.items()} for layer, files in layers})


def read_policies(path: Path) -> Policies:
    """The policies as they were kept; their digest is that of the run. PolicyError where today's rules for policy
    files refuse them.
    """
    layers = read_json(path)
    with tempfile.TemporaryDirectory(prefix="vbp_policies_") as scratch:
        folders = {name: Path(scratch, name) for name in layers}
        for name, texts in layers.items():
            folders[name].mkdir()
            for file, text in texts.items():
                (folders[name] / file).write_text(text, encoding="utf-8")
        return load_policies(folders.get("site"), folders["seeds"])


def intact_policies(run_folder: Path, digest: str) -> Policies | None:
    """The policies that a run kept in its folder; None where they are not there, or not those of `digest` any more.

    Parameters that came with later code have the rows of today, so that this code can be asked what it would have said then.
    """
    kept = _read_kept(run_folder) if (run_folder / _KEPT).exists() else None
    return kept.completed(load_policies()) if kept is not None and kept.digest == digest else None


def policies_of(run_folder: Path, overlay: Path | None, digest: str) -> tuple[Policies, str]:
    """The policies of a past run, and what must be said about them (Chinese, empty where nothing must).

    `digest` is the one in the run's ledger row. Without a kept copy, or with one that was altered, the present rows
    serve, and the remark says so.
    """
    kept = intact_policies(run_folder, digest)
    if kept is not None:
        return kept, ""
    remark = "该运行没有存档政策文件，以下使用现行政策条目"
    if (run_folder / _KEPT).exists():
        remark = f"存档的政策文件 {_KEPT} 与运行台账的 policy_digest 不符，可能被改动；以下使用现行政策条目"
    present = load_policies(overlay)
    if present.digest == digest:
        return present, remark + "（与当时相同）"
    return present, remark + "，其内容与当时不同"


def altered_policies(run_folder: Path, overlay: Path | None, digest: str) -> list[str]:
    """One Chinese line where the kept policy files are there and not those of the run, naming the rows where the present
    ones still are.
    """
    if not (run_folder / _KEPT).exists() or intact_policies(run_folder, digest) is not None:
        return []
    kept = _read_kept(run_folder)
    fault = f"存档的政策文件被改动：runs/{run_folder.name}/{_KEPT} 与运行台账的 policy_digest 不符"
    present = load_policies(overlay)
    if kept is None:
        return [f"{fault}（已无法读取）"]
    if present.digest != digest:
        return [fault]
    then, now = ({row.id: row for row in policies.rows} for policies in (present, kept))
    ids = sorted(i for i in then.keys() | now.keys() if then.get(i) != now.get(i))
    return [f"{fault}，不同的条目：{'、'.join(ids)}"]


def _read_kept(run_folder: Path) -> Policies | None:
    """The kept policies; None where nobody can read them any more."""
    try:
        return read_policies(run_folder / _KEPT)
    except (PolicyError, DamagedError, ValueError, AttributeError):  # no policies, no JSON, no files by name
        return None
