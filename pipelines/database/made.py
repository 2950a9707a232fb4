"""What a run made: its figure tables with their columns, and the rules of its findings. Code of a later day knows more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from pipelines.database.tables import FIGURES
from pipelines.store.dossier import Tables, has_dossier, read_dossier
from pipelines.store.store import Store
from schemas.declared import RULES
from schemas.reports import REPORTS

NOT_IN_FILES = frozenset({"as_of", "run_id", "first_seen", "due_on", "state"})
"""Columns of a figure table that are given when it is staged, and are not in a run's report files."""
_VERSIONS = "_versions"
_OF_VERSIONS = NOT_IN_FILES | {"valid_from", "valid_to"}


@dataclass(frozen=True)
class Made:
    """Figure table → the columns of its report file; the codes of rules that may have raised findings."""

    tables: Mapping[str, tuple[str, ...]]
    rules: tuple[str, ...]

    def has_rule(self, code: str) -> bool:
        """Whether the run could raise findings of that rule; of one that is registered nowhere nobody can say it could not."""
        return code in self.rules or code not in RULES

    def has_indicator(self, tables: Collection[str]) -> bool:
        """Whether the run computed the indicator of these tables; of one without tables its rules say."""
        return not tables or any(name in self.tables for name in tables)

    def noted(self) -> Tables:
        """What is written into a run's dossier."""
        return Tables(tables=dict(self.tables), rules=self.rules)


def made_now() -> Made:
    """What the present code makes."""
    tables = {n: tuple(c for c in REPORTS[n].column_names if c not in NOT_IN_FILES) for n in FIGURES}
    return Made(tables, tuple(sorted(RULES)))


def made_by(store: Store) -> Made:
    """What the run of these objects made, as its dossier says; for those of before this was noted, the tables of migrations
    0001 to 0005. DamagedError where nobody can read them any more.
    """
    figures = read_dossier(store).figures if has_dossier(store) else None
    if figures is None or figures.made is None:
        return _made_of_old()
    return Made(figures.made.tables, figures.made.rules)


@cache
def _made_of_old() -> Made:
    """What runs made before they noted it: figure tables as migration 0005 left them, and the rules on these."""
    from pipelines.database.open import migrate_to

    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        migrate_to(connection, "0005")
        inspector = sa.inspect(connection)
        tables = {
            name.removesuffix(_VERSIONS): tuple(c["name"] for c in inspector.get_columns(name) if c["name"] not in _OF_VERSIONS)
            for name in inspector.get_table_names()
            if name.endswith(_VERSIONS)
        }
    engine.dispose()
    return Made(tables, tuple(sorted(r.code for r in RULES.values() if r.table in tables and not r.is_later)))
