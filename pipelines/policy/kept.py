"""The policy files of a run, kept with it: what held then can be read again when the files have changed."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

from pipelines.errors import DamagedError
from pipelines.policy.files import Placed, files_of, read_policy_files
from pipelines.policy.policies import Policies, PolicyError, load_policies
from pipelines.store import keys
from pipelines.store.store import Store


def keep_policies(store: Store, overlay: Path | None) -> None:
    """Write every policy file of ours and of a site's `overlay` as one object of a run, text by text."""
    layers = files_of(overlay).items()
    store.put_json(keys.POLICIES, {layer: {n: p.read_text("utf-8-sig") for n, p in files.items()} for layer, files in layers})


def read_policies(store: Store) -> Policies:
    """The policies as they were kept; their digest is that of the run. PolicyError where today's rules for policy
    files refuse them.
    """
    layers = store.read_json(key_of_policies(store) or keys.POLICIES)
    return Policies([*_place(tuple((name, tuple(texts.items())) for name, texts in layers.items()))])


def key_of_policies(store: Store) -> str:
    """Under which key a run has its policies; empty where it has none."""
    return next((key for key in (keys.POLICIES, keys.EARLIER_POLICIES) if store.has(key)), "")


@lru_cache(maxsize=8)
def _place(layers: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> tuple[Placed, ...]:
    """The rows of the files of each layer, kept: every step of a night asks for them."""
    with tempfile.TemporaryDirectory(prefix="vbp_policies_") as scratch:
        folders = {name: Path(scratch, name) for name, _ in layers}
        for name, texts in layers:
            folders[name].mkdir()
            for file, text in texts:
                (folders[name] / file).write_text(text, encoding="utf-8")
        return tuple(read_policy_files(folders.get("site"), folders["seeds"]))


def intact_policies(store: Store, digest: str) -> Policies | None:
    """The policies that a run kept; None where they are not there, or not those of `digest` any more.

    Parameters that came with later code have the rows of today, so that this code can be asked what it would have said then.
    """
    kept = _read_kept(store) if key_of_policies(store) else None
    return kept.completed(load_policies()) if kept is not None and kept.digest == digest else None


def policies_of(store: Store, overlay: Path | None, digest: str) -> tuple[Policies, str]:
    """The policies of a past run, and what must be said about them (Chinese, empty where nothing must).

    `digest` is the one in the run's ledger row. Without a kept copy, or with one that was altered, the present rows
    serve, and the remark says so.
    """
    kept = intact_policies(store, digest)
    if kept is not None:
        return kept, ""
    remark = "该运行没有存档政策文件，以下使用现行政策条目"
    if key := key_of_policies(store):
        remark = f"存档的政策文件 {key} 与运行台账的 policy_digest 不符，可能被改动；以下使用现行政策条目"
    present = load_policies(overlay)
    if present.digest == digest:
        return present, remark + "（与当时相同）"
    return present, remark + "，其内容与当时不同"


def altered_policies(store: Store, overlay: Path | None, digest: str) -> list[str]:
    """One Chinese line where the kept policy files are there and not those of the run, naming the rows where the present
    ones still are.
    """
    if not (key := key_of_policies(store)) or intact_policies(store, digest) is not None:
        return []
    kept = _read_kept(store)
    fault = f"存档的政策文件被改动：runs/{store.name}/{key} 与运行台账的 policy_digest 不符"
    present = load_policies(overlay)
    if kept is None:
        return [f"{fault}（已无法读取）"]
    if present.digest != digest:
        return [fault]
    then, now = ({row.id: row for row in policies.rows} for policies in (present, kept))
    ids = sorted(i for i in then.keys() | now.keys() if then.get(i) != now.get(i))
    return [f"{fault}，不同的条目：{'、'.join(ids)}"]


def _read_kept(store: Store) -> Policies | None:
    """The kept policies; None where nobody can read them any more."""
    try:
        return read_policies(store)
    except (PolicyError, DamagedError, ValueError, AttributeError):  # no policies, no JSON, no files by name
        return None
