"""Passwords: out of addresses, errors and output, however they were written."""

import string
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from pipelines import errors as secrecy
from pipelines.database.open import DatabaseError, open_database
from pipelines.errors import conceal, describe, secret_address, show_address

PASSWORD = "Geheim-77"
PG = "postgresql+psycopg://"


@pytest.fixture(scope="module", autouse=True)
def _forgotten_again():
    """A password that these tests try out would tear holes into the texts of the next."""
    kept = set(secrecy._secrets)
    yield
    secrecy._secrets.clear()
    secrecy._secrets.update(kept)


@pytest.mark.parametrize(
    "url",
    [
        f"{PG}vbp:{PASSWORD}@db/vbp",
        f"{PG}vbp@db/vbp?password={PASSWORD}",
        f"{PG}/vbp?host=/run/pg&user=vbp&password={PASSWORD}",
        f"{PG}vbp@db/vbp?sslpassword={PASSWORD}&sslkey=/k",
        f"{PG}vbp:{quote('a@b:/?#[]% ' + PASSWORD, safe='')}@db/vbp",
        f"mysql://vbp:{PASSWORD}@db/vbp?token={PASSWORD}",
    ],
)
def test_an_address_is_shown_without_its_password(url):
    shown = show_address(secret_address(url))
    assert PASSWORD not in shown
    assert "vbp" in shown


@pytest.mark.parametrize(
    "url",
    [
        f"{PG}vbp:{PASSWORD}@x@db/vbp",
        f"{PG}vbp:x@{PASSWORD}@db/vbp",
        f"{PG}vbp:x@y:{PASSWORD}@db/vbp",
        f"{PG}vbp:x@y?{PASSWORD}@db/vbp",
        f"{PG}vbp:x@{PASSWORD}/y@db/vbp",
        f"{PG}vbp:x@db:{PASSWORD}/vbp",
        f"vbp:{PASSWORD}@db",
        f"oracle://vbp:{PASSWORD}@db/vbp?passwd={PASSWORD}",
        f"postgres://vbp:{PASSWORD}@db/vbp?password={PASSWORD}",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url):
    with pytest.raises(DatabaseError) as refused:
        open_database(url)
    assert PASSWORD not in describe(refused.value)


def test_a_password_among_the_parameters_logs_in_and_is_hidden():
    engine = open_database(f"{PG}vbp@db/vbp?password={PASSWORD}&connect_timeout=3")
    assert engine.url.password == PASSWORD and "password" not in engine.url.query
    assert PASSWORD not in str(engine.url) + repr(engine)


@given(st.text(alphabet=string.ascii_letters + string.digits + "@:/?#%&=+ '\"[]中文\\.-", min_size=6))
def test_no_error_and_no_line_holds_a_password(password):
    quoted = quote(password, safe="")
    for url in (f"{PG}u:{quoted}@127.0.0.1:1/d", f"{PG}u:{password}@127.0.0.1:1/d", f"{PG}u@h/d?password={quoted}"):
        try:
            open_database(url)
        except DatabaseError as error:
            assert password not in describe(error)
        for said in (url, f"connection to {password} failed", f'could not translate host name "{quoted}"'):
            told = describe(sa.exc.OperationalError("select 1", None, Exception(said)))
            assert password not in told and quoted not in told


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("postgresql://u:a b@c@h/d", "postgresql://***@h/d"),
        ("user=u password=abc host=h", "user=u password=*** host=h"),
        ("PGPASSWORD='a b' psql", "PGPASSWORD=*** psql"),
        ("dingtalk://SEC@TOK/138", "dingtalk://***@TOK/138"),
        ("access_token=abc&x=1", "access_token=***&x=1"),
        ("文件 a@b.csv 第 3 行", "文件 a@b.csv 第 3 行"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(said, shown):
    assert conceal(said) == shown
