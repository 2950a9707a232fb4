"""The site is shown as it was or as it is to be, and what says which pages stand never says it of one that does not."""

import pytest
import sqlalchemy as sa

from pipelines.database import waiting
from pipelines.database.open import opened
from pipelines.database.waiting import alone_with_pages
from pipelines.errors import VbpError
from pipelines.store import shown
from pipelines.store.remote import Remote
from pipelines.store.shown import MANIFEST, rewrite_site


def write(store, word, prove=lambda: None):
    with rewrite_site(store, prove) as (folder, written):
        for page in ("a", "b", "c"):
            (folder / page).mkdir(exist_ok=True)
            for name in (f"{page}/index.html", MANIFEST):
                (folder / name).unlink(missing_ok=True)
                (folder / name).write_text(word)
            written.add(page)


def site(store):
    return {key.removeprefix("site/"): store.read(key).decode() for key in store.list("site")}


def test_a_writer_that_cannot_prove_that_it_is_alone_changes_nothing(store):
    write(store, "before")
    with pytest.raises(ZeroDivisionError):
        write(store, "after", lambda: 1 / 0)
    assert set(site(store).values()) == {"before"}


def test_after_a_kill_while_pages_are_replaced_nothing_says_that_they_stand(store, monkeypatch):
    write(store, "before")
    sent = []

    def send(self, path, key, send=Remote._send):
        sent.append(key)
        if len(sent) > 1:
            raise KeyboardInterrupt
        send(self, path, key)

    monkeypatch.setattr(Remote, "_send", send)
    monkeypatch.setattr(shown, "_take_place", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write(store, "after")
    found = site(store)
    if isinstance(store, Remote):
        assert MANIFEST not in found
    else:
        assert set(found.values()) == {"before"}


HOLDER = """
SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database()
"""


def test_one_machine_writes_pages_at_a_time_and_is_told_where_it_no_longer_is_alone(postgres_url, monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE", 1)
    with opened(postgres_url) as one, opened(postgres_url) as other:
        with alone_with_pages(one, "site") as prove:
            prove()
            with alone_with_pages(other, "morning"):
                pass
            with pytest.raises(VbpError, match="另一个进程正在写报告页面"), alone_with_pages(other, "site"):
                pass
            with other.connect() as connection:
                holder = connection.scalar(sa.text(HOLDER))
                connection.execute(sa.select(sa.func.pg_terminate_backend(holder)))
            with pytest.raises(sa.exc.SQLAlchemyError):
                prove()
        with alone_with_pages(other, "site") as prove:
            prove()
