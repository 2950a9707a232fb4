"""The versions of a figure table: what leaves ends, what comes begins, what stays is not touched."""

import datetime as dt

import sqlalchemy as sa

from pipelines.database.tables import FIGURES, METADATA, STILL_VALID, key_of, leaving_of, staging_of, valid_at, versions_of

WRITTEN_ONCE: tuple[str, ...] = tuple(name for name in FIGURES if name != "findings")
"""The figure tables whose rows are those of the files. A finding gets its clock while it is staged."""

_PUBLICATIONS = METADATA.tables["publications"]


def nothing_published(connection: sa.Connection) -> bool:
    """Whether no date shows any figure: what stands in versions then is of a night to come, seen by nobody."""
    return connection.execute(sa.select(_PUBLICATIONS.c.as_of).limit(1)).first() is None


def is_written_once(connection: sa.Connection) -> bool:
    """Whether the rows of the night to come stand in versions already, as on a first one, and are not to be copied there."""
    rows = (sa.exists(sa.select(sa.literal(1)).select_from(versions_of(name))) for name in WRITTEN_ONCE)
    return nothing_published(connection) and bool(connection.execute(sa.select(sa.or_(*rows))).scalar())


def figures_staged(connection: sa.Connection) -> tuple[str, ...]:
    """The figure tables of which any row is staged to come or to leave: nothing moves in the others."""
    asked = (
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {staging_of(name).name}) OR EXISTS (SELECT 1 FROM {leaving_of(name).name})"
        for name in FIGURES
    )
    found = set(connection.exec_driver_sql(" UNION ALL ".join(asked)).scalars())
    return tuple(name for name in FIGURES if name in found)


def replace_slice(connection: sa.Connection, name: str, as_of: dt.date, until: dt.date) -> None:
    """Make the figure table show, for `as_of` alone, what stands there without the leaving and with the staged rows.

    `until` is the next published date; from there on what stands remains. Rows valid at the published date
    before are valid at `as_of` by themselves, because versions begin and end at published dates only.
    """
    if until < STILL_VALID:
        _keep_afterwards(connection, name, as_of, until)
    _end(connection, name, as_of)
    staged, versions = staging_of(name), versions_of(name)
    # In the order of the file, which is that of the key: the index grows at its end, and nothing is sorted.
    span = [sa.literal(day, sa.Date()).label(label) for label, day in (("since", as_of), ("until", until))]
    connection.execute(sa.insert(versions).from_select(list(versions.columns.keys()), sa.select(staged, *span)))


def _keep_afterwards(connection: sa.Connection, name: str, as_of: dt.date, until: dt.date) -> None:
    """What leaves at `as_of` but is valid at the next published date goes on from there."""
    versions, leaving = versions_of(name), leaving_of(name)
    same = sa.and_(*(versions.c[key] == leaving.c[key] for key in key_of(name)))
    values = [sa.literal(until, sa.Date()) if column.name == "valid_from" else column for column in versions.columns]
    rows = (
        sa.select(*values)
        .select_from(leaving.join(versions, same))
        .where(valid_at(versions, as_of), versions.c.valid_to > until)
    )
    connection.execute(sa.insert(versions).from_select(list(versions.columns.keys()), rows))


def _end(connection: sa.Connection, name: str, as_of: dt.date) -> None:
    versions, leaving = versions_of(name), leaving_of(name)
    keys = key_of(name)
    leaves = sa.tuple_(*(versions.c[key] for key in keys)).in_(sa.select(*(leaving.c[key] for key in keys)))
    ends = sa.update(versions).where(leaves, versions.c.valid_from < as_of, versions.c.valid_to > as_of)
    connection.execute(ends.values(valid_to=as_of))
    connection.execute(sa.delete(versions).where(leaves, versions.c.valid_from == as_of))
