"""What must not be shown: passwords and tokens in addresses, wherever a library quotes them."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import sqlalchemy as sa

HIDDEN = "***"
_SHORTEST = 4
_SECRET_NAME = r"\w*(?:passw|pwd|secret|token|credential|access_?key|api_?key)\w*"
_IN_ADDRESS = re.compile(r"(\b[a-zA-Z][\w+.-]*://)(?:[^\s/?'\"]*:[^\n]*|[^\s'\"]*)@")
_AS_PARAMETER = re.compile(rf"\b({_SECRET_NAME})(\s*=\s*)('[^']*'|\"[^\"]*\"|[^\s&;,'\")]+)", re.IGNORECASE)
_IS_SECRET_NAME = re.compile(_SECRET_NAME, re.IGNORECASE)

_secrets: set[str] = set()


def keep_secret(*texts: str) -> None:
    """Have `conceal` hide these texts from now on, as they are and as addresses write them. What is shorter than four
    characters is hidden within addresses only: it would tear holes into every message.
    """
    for text in texts:
        _secrets.update(s for s in (text, unquote(text), quote(text, safe="")) if len(s) >= _SHORTEST)


def conceal(text: str) -> str:
    """A text without what was kept secret, without user and password of addresses in it, and without the values of
    parameters whose names speak of secrets.
    """
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _IN_ADDRESS.sub(rf"\1{HIDDEN}@", text)
    return _AS_PARAMETER.sub(rf"\1\2{HIDDEN}", text)


def secret_address(url: str) -> sa.URL:
    """Read a SQLAlchemy URL and keep its passwords secret; one given as `?password=` becomes the address's own.

    Raises sa.exc.ArgumentError where it is no address, and where it is not clear which part is the password.
    """
    scheme, _, rest = url.partition("://")
    if not scheme.startswith("sqlite") and "@" in rest:
        password = rest.rpartition("@")[0].partition(":")[2]
        keep_secret(password, *password.split("@"))
        if rest.count("@") > 1:
            raise sa.exc.ArgumentError("more than one @")
    try:
        address = sa.make_url(url)
    except ValueError as error:  # a port that is no number may be half a password
        raise sa.exc.ArgumentError("port") from error
    hidden = {n: v for n, v in address.query.items() if _IS_SECRET_NAME.fullmatch(n)}
    for value in hidden.values():
        keep_secret(*([value] if isinstance(value, str) else value))
    if address.password:
        keep_secret(str(address.password))
    given = hidden.get("password")
    if given and not address.password:
        address = address.set(password=given if isinstance(given, str) else given[-1])
        address = address.difference_update_query(["password"])
    return address


def has_password(url: str) -> bool:
    """Whether an address holds a password, or what may be one."""
    try:
        return secret_address(url).password is not None
    except sa.exc.ArgumentError:
        return "@" in url


def show_address(address: sa.URL) -> str:
    """An address to be printed: neither its password nor a secret among its parameters is in it."""
    query = {n: HIDDEN if _IS_SECRET_NAME.fullmatch(n) else v for n, v in address.query.items()}
    return address.set(query=query).render_as_string(hide_password=True)
