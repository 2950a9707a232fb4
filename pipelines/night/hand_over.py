"""What a computed night hands over to be staged: its changes against the figures that stand, and their digest."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from pipelines.database.made import made_by, made_now
from pipelines.database.standing import Publication
from pipelines.database.tables import FIGURES, key_of
from pipelines.engine.digest import Tally, seal, tally_file
from pipelines.night.base import read_base, standing_night
from pipelines.publish import changes
from pipelines.publish.differences import differences
from pipelines.publish.export import export
from pipelines.store.runs import Run, read_json, write_json


def hand_over(run: Run, engine: sa.Engine) -> str:
    """Write `changes/<figure>.came.parquet` and `.gone.parquet` and return the digest of all figures.

    They are relative to the figures that stand for the run's date, or for the date published before it. Where
    the night carries these on, `reports` and `stood` hold the rows that it touched, as they are and as they stand;
    else all rows are compared with the files of the run that stands while it has them, or with what the
    database shows. The digest is that of all rows (without run, clock columns and what depends on earlier
    nights): where it can be, that of the night before, less what goes, plus what comes; `tallies.json` keeps
    it by table.
    """
    base, night = read_base(run), standing_night(run)
    kept = _find_kept(run, base) if night is None else {}
    before = _read_tallies(night.folder if night else run.home / "runs" / base.run_id) if base else {}
    folder = run.file("changes", "base.json").parent
    tallies = {}
    for name in FIGURES:
        new, came, gone = (
            run.file("reports", f"{name}.parquet"),
            changes.came(folder, name),
            changes.gone(folder, name),
        )
        if base is None:
            came.unlink(missing_ok=True)
            os.link(new, came)
            pl.scan_parquet(new, glob=False).clear().sink_parquet(gone)
            tallies[name] = tally_file(new)
        elif night is not None or name in kept:
            old = run.folder / "stood" / "reports" / f"{name}.parquet" if night else kept[name]
            differences(new, old, key_of(name), came, gone)
            tallies[name] = Tally(before[name]) + tally_file(came) - tally_file(gone)
        else:
            differences(new, _read_back(engine, name, base, folder), key_of(name), came, gone)
            tallies[name] = tally_file(new)
    changes.note_base(folder, base)
    write_json(run.file("tallies.json"), {name: f"{total:x}" for name, total in tallies.items()})
    return seal(tallies)


def _find_kept(run: Run, base: Publication | None) -> dict[str, Path]:
    """Figure table → the file of the run whose figures stand, if it has all that it made, and of tables that are now what
    they were then.
    """
    if base is None or base.run_id == run.run_id:
        return {}
    folder, now = run.home / "runs" / base.run_id, made_now().tables
    then = made_by(folder).tables
    files = {name: folder / "reports" / f"{name}.parquet" for name in then}
    if not (folder / "tallies.json").exists() or not all(f.exists() for f in files.values()):
        return {}
    return {name: file for name, file in files.items() if now.get(name) == then[name]}


def _read_tallies(folder: Path) -> dict[str, int]:
    path = folder / "tallies.json"
    return {name: int(text, 16) for name, text in read_json(path).items()} if path.exists() else {}


def _read_back(engine: sa.Engine, name: str, base: Publication, folder: Path) -> Path:
    """The rows that the database shows, in the order of our files."""
    path = folder / f"{name}.stood.parquet"
    export(engine, name, base.as_of, path)
    return path
