"""A database in a file that `migrate` begins, begun as a copy of the first that was: empty, with all tables."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from pipelines.database import open as database

_make_file = database._make_file


def make_file(engine: sa.Engine) -> None:
    """In place of `pipelines.database.open._make_file`; a file that is there already is migrated as ever."""
    file = database._file_of(engine)
    is_new = file is not None and not file.exists()
    _make_file(engine)
    if is_new:
        file.write_bytes(migrated())


@cache
def migrated() -> bytes:
    """The content of such a file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "compliance.db"
        file.touch()
        engine = database.open_database(f"sqlite:///{file}")
        database.migrate(engine)
        engine.dispose()
        return file.read_bytes()
