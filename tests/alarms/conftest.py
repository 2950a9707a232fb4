"""A ledger in which a night is a line, and receivers for what is said about it."""

import datetime as dt
import json
import shutil
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from pipelines.alarms.settings import AlarmSettings
from pipelines.database.open import METADATA, open_database
from pipelines.store.local import Local
from tests.alarms.receivers import http_receiver, mail_server

DAY = dt.date(2020, 12, 31)
ZONE = dt.timezone(dt.timedelta(hours=8))


class Ledger:
    """Writes runs into a migrated database; those written later began later."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine, self._begun = engine, 0

    def run(self, run_id, status="published", as_of=DAY, checks=(), refused=(), rejected=(), restated=(), **row):
        """`checks`: (id, status, failed, names …) · `refused`: paths · `rejected`: (dataset, code) · `restated`: columns."""
        self._begun += 1
        started = f"2021-01-01T02:{self._begun:02d}:00+08:00"
        self._add("runs", run_id=run_id, status=status, as_of=as_of, started_at=started, **row)
        messages = [f"{path}：缺少必填列" for path in refused]
        checks = [*checks, *([("files_taken_in", "warning", len(refused), *messages)] if refused else [])]
        checks += [(f"rule:{d}:{c}:x", "warning", 1) for d, c in {*rejected}]
        for check_id, outcome, failed, *named in checks:
            details = {"message_zh": f"说明 {check_id}", "examples": named[:20], "named": len(named) or failed}
            self._add("check_results", run_id=run_id, check_id=check_id, status=outcome, failed=failed, details=details)
        for path in refused:
            self._add("source_files", run_id=run_id, path=path, sha256=path, status="failed")
        for n, (dataset, code) in enumerate(rejected):
            reasons = [{"code": code, "column": "x", "value": "\0", "message_zh": "不对"}]
            number = f"{run_id}-{n}"
            self._add(
                "rejected_records",
                dataset=dataset,
                record_id=number,
                reasons=reasons,
                first_seen_run=run_id,
                last_seen_run=run_id,
                state="open",
            )
        for column in restated:
            self._add("restatements", as_of=as_of, table_name="payment_timeliness", column_name=column, run_id=run_id)

    def _add(self, name, **values):
        table = METADATA.tables[name]
        row = {c.name: "" if isinstance(c.type, sa.Text) else 0 for c in table.columns if not c.nullable}
        texts = {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in values.items()}
        with self.engine.begin() as connection:
            connection.execute(sa.insert(table), [row | texts])


@pytest.fixture
def ledger(tmp_path, request):
    """A ledger in SQLite."""
    shutil.copy(request.getfixturevalue("_migrated_sqlite"), tmp_path / "compliance.db")
    engine = open_database(f"sqlite:///{tmp_path / 'compliance.db'}")
    yield Ledger(engine)
    engine.dispose()


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch):
    """Nothing is sent anywhere but to this machine."""
    for name in ("VBP_ALARM_URLS", "VBP_ALARM_OWNER", "VBP_ALARM_DEADLINE", "VBP_SITE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def http():
    with http_receiver() as server:
        yield server


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def site(tmp_path, http):
    """A home, and settings that lead to the HTTP receiver."""
    urls = f"json://127.0.0.1:{http.port}/vbp"
    return SimpleNamespace(
        home=Local(tmp_path / "home"), settings=AlarmSettings(urls=urls, owner="张三"), received=http.received
    )


def at(hour, day=1, minute=0):
    """A moment of January 2021 in Shanghai."""
    return dt.datetime(2021, 1, day, hour, minute, tzinfo=ZONE)
