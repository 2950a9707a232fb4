"""What a run set out to read: its files, where their text is, and what came of taking them in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from pipelines.errors import VbpError
from pipelines.ingest.discover import discover
from pipelines.ingest.take_in import TakenIn
from pipelines.lake.batches import committed_contents
from pipelines.settings import Settings
from pipelines.sources.ledger import landed_since
from pipelines.sources.standing import sources_stand
from pipelines.store import keys
from pipelines.store.dossier import LandingFile, note
from pipelines.store.runs import Run


def look_around(run: Run, settings: Settings, engine: sa.Engine, say: Callable[[str], None]) -> list[LandingFile]:
    """List the landing zone and write the files down, with how the sources stand from which some of them are fetched. What a
    pull put there is whole, however young it is.
    """
    whole = landed_since(engine, datetime.now(UTC) - timedelta(seconds=run.settle_seconds)) if run.settle_seconds else set()
    seen, kept = committed_contents(run.home), run.home / "landing_hashes.txt"
    found = discover(run.landing, seen, run.settle_seconds, kept=kept, roots=settings.roots, whole=whole)
    sources = sources_stand(settings.policies, engine)
    note(run.store, files=found, sources=sources)
    for source in sources:
        if source.problem:
            say(f"注意：{source.problem}")
    return found


def files(run: Run) -> list[LandingFile]:
    """The files of the landing zone as the run found them, in the order of upserts."""
    return list(run.dossier.files)


def text(run: Run, number: int) -> Path:
    """Where the rows of the file of that position are, as text."""
    return run.file("text", f"{number:06d}.parquet")


def taken_in(run: Run) -> dict[str, TakenIn]:
    """Path → what came of each new file; VbpError where one has not been taken in yet."""
    noted = [run.store.read_json(key) for key in run.store.list(keys.TAKEN_IN)]
    taken = {name: TakenIn(**t) for portion in noted for name, t in portion.items()}
    if missing := [f.path for f in files(run) if f.status == "new" and f.path not in taken]:
        raise VbpError(f"运行 {run.run_id} 尚未接收文件 {missing[0]} 等 {len(missing)} 个；请从接收步骤重新运行")
    return taken


def left_out(run: Run) -> list[LandingFile]:
    """The files that were not taken in, in order: `skipped`, `waiting`, or `failed` with the reason. A file with the content
    of one that was refused is refused with it: only of what was taken in a second copy is none.
    """
    taken = taken_in(run)
    refused = {(f.dataset, f.sha256): f.path for f in files(run) if f.path in taken and taken[f.path].refused}
    listed = []
    for file in files(run):
        if file.status in ("new", "skipped") and (first := refused.get((file.dataset, file.sha256))):
            message = taken[first].message.replace(first, file.path)
            listed.append(replace(file, status="failed", message=message))
        elif file.status != "new":
            listed.append(file)
    return listed
