"""Names beside codes: what institutions, companies, products, lots and divisions are called."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import METADATA
from pipelines.reports.added_up import Frame
from pipelines.reports.read_frame import read_frame
from pipelines.views.divisions import OWN
from pipelines.views.references import REFERENCES, Reference, title_of_name
from schemas.reports import REPORTS, Column

Names = Mapping[str, pl.DataFrame]
"""Names by what they are names of (a reference): `code` and `name`."""

_STRENGTH = "strength"


def read_names(connection: sa.Connection) -> Names:
    """The names of all that has one, the nation and the whole of what is here among the divisions."""
    found = {key: _read(connection, reference) for key, reference in REFERENCES.items()}
    wholes = pl.DataFrame({"code": ["", "all"], "name": ["全国", "全部"]})
    return {**found, "jurisdiction": pl.concat([found["jurisdiction"], wholes])}


def add_names(table: str, frame: Frame, names: Names) -> Frame:
    """The frame with `<column>_name` for every column of codes that have names; null where a name is not known.

    The code of a city whose row speaks of all of it (`of_divisions`) has the name of the city.
    """
    has = frame.collect_schema().names()
    rows = frame.lazy()
    for column in REPORTS[table].columns:
        if column.refers in names and column.name in has:
            named = names[column.refers].rename({"code": column.name, "name": f"{column.name}_name"})
            rows = rows.join(named.lazy(), on=column.name, how="left", maintain_order="left")
            if column.refers == "jurisdiction" and (of := REPORTS[table].of_divisions):
                name, is_own = pl.col(f"{column.name}_name"), pl.col(of[0]) == of[2]
                rows = rows.with_columns(pl.when(is_own).then(name).otherwise(name.str.strip_suffix(OWN)))
    return rows.collect() if isinstance(frame, pl.DataFrame) else rows


def name_title(column: Column) -> str:
    """The Chinese heading of the name beside a column of codes, as people's views have it; 产品名称与规格."""
    if column.refers == "enterprise":
        return title_of_name(column.title_zh)
    return "与".join(part.title_zh for part in _parts(REFERENCES[column.refers]))


def _parts(reference: Reference) -> list[Column]:
    """A product is named with its strength."""
    first, *others = reference.columns()
    return [first, *(column for column in others if column.name == _STRENGTH)]


def _read(connection: sa.Connection, reference: Reference) -> pl.DataFrame:
    t = METADATA.tables[reference.table]
    parts = [column.name for column in _parts(reference)]
    frame = read_frame(connection, sa.select(t.c[reference.key], *(t.c[part] for part in parts)))
    name = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    return frame.select(
        pl.col(reference.key).alias("code"), name.str.replace(reference.without, "", literal=True).alias("name")
    )
