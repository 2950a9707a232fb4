"""The page of entry: newest morning page, site, bulletins, correction workbooks, and what became of what was uploaded."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import sqlalchemy as sa
from markupsafe import Markup

from pipelines.database.open import at_one_moment, opened_existing
from pipelines.database.tables import METADATA
from pipelines.desk.nightly_returns import Returned, read_returns
from pipelines.errors import describe
from pipelines.reports.morning.nights import Night, read_nights
from pipelines.reports.pages.frame import in_both, make_environment
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.store import Store
from pipelines.store.uploads import Upload, read_uploads
from pipelines.web.names import list_senders

_LISTED = 50
"""So many uploads are listed, the newest first."""
_BULLETINS = 12
_TEMPLATES = Path(__file__).parent / "templates"
_SPOKEN = (
    *("choose_first", "checking", "too_large", "no_answer", "whole_refused"),
    *("would_accept", "would_reject", "sending", "sent", "sent_before"),
)
"""What the script of the upload page says."""


@dataclass(frozen=True)
class Sent:
    """An upload and what became of it: `state` (waiting, gone, or as in `source_files`), rows, and the run that said so."""

    upload: Upload
    state: str
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    run_id: str = ""


def write_entry(settings: Settings) -> str:
    """The page as HTML. A database that cannot be read is said on it; what lies in the home stands there all the same."""
    home = settings.home
    nights, sent, problem = [], read_uploads(home, _LISTED)[::-1], ""
    became: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        with opened_existing(settings.database_url) as engine, at_one_moment(engine) as connection:
            nights = read_nights(connection)[::-1]
            became = _became(connection, {upload.sha256 for upload in sent})
    except Exception as error:  # whatever it is, people come for the pages
        problem = describe(error)
    run_id, workbooks = _newest_returns(home, nights)
    return _template("entry.html.j2").render(
        night=next((n for n in nights if home.has(f"{keys.SITE}/morning/{n.run_id}/index.html")), None),
        has_site=home.has(f"{keys.SITE}/index.html"),
        bulletins=_bulletins(home),
        returned_by=run_id,
        workbooks=workbooks,
        sent=[_tell(settings.landing, upload, became) for upload in sent],
        listed=_LISTED,
        problem=problem,
    )


def write_upload_page(settings: Settings) -> str:
    """The page from which files are sent, as HTML."""
    from schemas.records import RECORDS

    datasets = {name: dataset.title for name, dataset in RECORDS.items()}
    return _template("upload.html.j2").render(
        datasets=datasets, senders=list_senders(settings.landing), limit_mib=settings.upload_limit_mib
    )


def _became(connection: sa.Connection, contents: Iterable[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """(dataset, SHA-256) → what the ledger says of that content: the run that took it in, else the latest that met it."""
    files, runs = METADATA.tables["source_files"], METADATA.tables["runs"]
    names = ("run_id", "dataset", "sha256", "status", "rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")
    query = (
        sa.select(*(files.c[name] for name in names))
        .join(runs, runs.c.run_id == files.c.run_id)
        .where(files.c.sha256.in_(sorted(contents)))
        .order_by((files.c.status == "accepted").asc(), runs.c.started_at)
    )
    return {(row["dataset"], row["sha256"]): dict(row) for row in connection.execute(query).mappings()}


def _tell(landing: Path, upload: Upload, became: dict[tuple[str, str], dict[str, Any]]) -> Sent:
    if found := became.get((upload.dataset, upload.sha256)):
        rows = {name: found[name] for name in Sent.__dataclass_fields__ if name.startswith("rows_")}
        return Sent(upload, found["status"], run_id=found["run_id"], **rows)
    return Sent(upload, "waiting" if (landing / upload.path).is_file() else "gone")


def _newest_returns(home: Store, nights: Iterable[Night]) -> tuple[str, list[Returned]]:
    """The correction workbooks of the newest run that wrote any, and its id."""
    for night in nights:
        if found := read_returns(home, night.run_id):
            return night.run_id, found
    return "", []


def _bulletins(home: Store) -> list[str]:
    """The folders of bulletins with an index, the newest first."""
    place = home.below(f"{keys.SITE}/bulletin")
    return [name for name in place.folders() if place.has(f"{name}/index.html")][: -_BULLETINS - 1 : -1]


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


@cache
def _environment() -> jinja2.Environment:
    from schemas.records import RECORDS

    environment = make_environment(_TEMPLATES, "web")
    style, script = (Markup((_TEMPLATES / name).read_text("utf-8")) for name in ("upload.css", "upload.js"))
    environment.globals |= {
        "dataset": lambda name: in_both(RECORDS[name].title if name in RECORDS else name, name),
        "spoken": _SPOKEN,
        "upload_style": style,
        "upload_script": script,
        "upload_digest": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }
    return environment
