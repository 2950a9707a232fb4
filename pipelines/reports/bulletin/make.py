"""Make the bulletin of a published date: workbook, pages, print; and freeze the date where it ends a quarter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from pipelines.database.open import at_one_moment, opened_existing
from pipelines.ingest.hashes import digest_file
from pipelines.publish.frozen import Bulletin, enter_bulletin, first_frozen
from pipelines.reports.bulletin.definitions import define, list_columns
from pipelines.reports.bulletin.form.pages import Section, write_contents, write_pages
from pipelines.reports.bulletin.form.printed import print_page
from pipelines.reports.bulletin.form.workbook import Sheet, open_book, write_sheet
from pipelines.reports.bulletin.form.workbook_charts import draw_charts
from pipelines.reports.bulletin.forms import write_forms
from pipelines.reports.bulletin.listing import Listing
from pipelines.reports.bulletin.named_list import list_named
from pipelines.reports.bulletin.names import take_names
from pipelines.reports.bulletin.report_tables import list_figures, list_restatements, sum_restatements
from pipelines.reports.bulletin.run_facts import tell_run
from pipelines.reports.bulletin.subject import Subject, choose_subject
from pipelines.reports.bulletin.summary import compare_institutions, summarize
from pipelines.reports.bulletin.task_ledger import sum_tasks
from pipelines.reports.bulletin.up_to import list_up_to
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.clock import SHANGHAI
from pipelines.store.local import Local
from pipelines.store.runs import lock
from pipelines.store.shown import hold_site
from pipelines.store.store import Object, Store

Say = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """A bulletin that was made: its files, the official forms beside its workbook, and the digest of this; `pdf` is None, and
    `remarks` (Chinese) say why, where there was nothing to print it with.
    """

    place: Store
    workbook: Object
    pages: Object
    pdf: Object | None
    forms: tuple[Object, ...]
    workbook_digest: str
    is_frozen: bool
    remarks: tuple[str, ...]


def make_bulletin(
    settings: Settings,
    as_of: date,
    say: Say,
    *,
    is_quarter: bool = False,
    scope: Sequence[str] = (),
    up_to: date | None = None,
    out: Path | None = None,
) -> Made:
    """Write the bulletin below `out` (else `<home>/site/bulletin/<as_of>`) and enter it in `bulletins`. With `up_to` it tells
    apart what is unpaid of goods accepted up to that day.

    With `is_quarter` the date, which must end a quarter, is frozen from then on. The same run gives the same workbook,
    byte for byte, whenever and by whichever database it is made. UsageError where the date is not published or ends no
    quarter; VbpError while a night is at work on the home.
    """
    home = settings.home
    with lock(home), hold_site(home), opened_existing(settings.database_url, migrated=True) as engine:
        return _make(engine, home, settings, as_of, say, is_quarter, scope, up_to, out)


def _make(
    engine: sa.Engine,
    home: Store,
    settings: Settings,
    as_of: date,
    say: Say,
    is_quarter: bool,
    scope: Sequence[str],
    up_to: date | None,
    out: Path | None,
) -> Made:
    with ExitStack() as files:
        with at_one_moment(engine) as connection:
            subject = choose_subject(connection, home, settings.policies, as_of, scope, is_quarter=is_quarter, up_to=up_to)
            before = first_frozen(connection, as_of)
            name = "_".join((as_of.isoformat(), *subject.scope, *([f"accepted-to-{up_to}"] if up_to else [])))
            place = Local(out.resolve()) if out else home.below(f"{keys.SITE}/bulletin/{name}")
            folder = files.enter_context(place.filling())
            take_names(connection, subject.run)
            sections = _lay_sections(connection, subject)
            workbook = folder / f"bulletin-{as_of}.xlsx"
            cut = _write_workbook(workbook, subject, sections, _list_rows(connection, subject), settings.sheet_rows)
            say(f"工作簿：{place.at(workbook.name)}")
            forms = list(write_forms(connection, subject, folder, settings.sheet_rows))
            cut += [path for form in forms for path in form.cut]
            remarks = [*subject.run.remarks, *(f"超出一张工作表的行数，全表另存：{place.at(path.name)}" for path in cut)]
            page = write_pages(folder, subject, sections, workbook.name)
            connection.rollback()
        pdf = folder / f"bulletin-{as_of}.pdf"
        said = print_page(page, pdf, settings.chromium)
        has_pdf = pdf.exists()
        remarks += [said] if said else []
        others = [(form.titles, form.path.name) for form in forms]
        pages = write_contents(folder, subject, sections, workbook.name, pdf.name if has_pdf else "", others)
        say(f"网页：{place.at(pages.name)}" + (f"；打印版：{place.at(pdf.name)}" if has_pdf else ""))
        digest = digest_file(workbook)
        made_at = datetime.now(SHANGHAI).isoformat(timespec="microseconds")
        entry = Bulletin(
            as_of, ",".join(subject.scope), digest, subject.run.run_id, made_at, int(subject.is_frozen), subject.previous
        )
        written = [
            workbook,
            *(form.path for form in forms),
            page,
            pages,
            *cut,
            *(folder / f"{section.name}.html" for section in sections),
        ]
        written += [pdf] if has_pdf else []
        inside = place.address().removeprefix(f"{home}/")  # as it is, where it lies elsewhere
        sealed = {f"{inside}/{path.name}": digest_file(path) for path in written} if inside != place.address() else {}
        same = enter_bulletin(engine, entry, sealed)
        if same is not None:
            say(f"与 {same.made_at[:19]} 制作的工作簿逐字节相同")
        if subject.is_frozen and before is None:
            say(f"截止日 {as_of} 自此冻结：以后对该日的运行只登记修订，不再改动数字")
        return Made(
            place,
            place.at(workbook.name),
            place.at(pages.name),
            place.at(pdf.name) if has_pdf else None,
            tuple(place.at(form.path.name) for form in forms),
            digest,
            subject.is_frozen,
            tuple(remarks),
        )


def _lay_sections(connection: sa.Connection, subject: Subject) -> list[Section]:
    restated = [] if subject.scope else [sum_restatements(connection, subject)]
    return [
        Section("summary", [*summarize(connection, subject), *sum_tasks(connection, subject)]),
        *([Section("up_to", list_up_to(connection, subject))] if subject.up_to else []),
        Section("institutions", compare_institutions(connection, subject)),
        Section("named", [list_named(connection, subject)]),
        *([Section("restatements", restated)] if restated else []),
        Section("definitions", define(subject)),
        Section("facts", tell_run(connection, subject)),
    ]


def _list_rows(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """What the workbook has row by row: the figures, and each restated cell."""
    restated = [] if subject.scope else [list_restatements(connection, subject)]
    return [*list_figures(connection, subject), *restated]


def _write_workbook(
    path: Path, subject: Subject, sections: Sequence[Section], figures: Sequence[Listing], sheet_rows: int
) -> list[Path]:
    """Write the workbook whole or not at all; return the csv files that hold what a sheet could not."""
    by_name = {section.name: section.listings for section in sections}
    summary = by_name["summary"]
    tables = [
        *by_name.get("up_to", []),
        *by_name["institutions"],
        *by_name["named"],
        *figures,
        *by_name["definitions"],
        list_columns(),
    ]
    heading = f"{subject.title[0]} · 统计截止日 {subject.as_of}"
    with open_book(path, heading, subject.finished, sheet_rows) as made:
        write_sheet(made, Sheet("摘要", summary))
        draw_charts(made, made.book.add_worksheet("图表"), summary)
        for listing in tables:
            write_sheet(made, Sheet(_shorten(listing.zh), [listing]))
        write_sheet(made, Sheet("运行信息", by_name["facts"]))
    return made.cut


def _shorten(title: str) -> str:
    """A title as a sheet may be called."""
    return title.replace("（", "·").replace("）", "")[:31]
