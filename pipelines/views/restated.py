"""Which division a restated row belongs to, as SQL of PostgreSQL: by its key, else as the row stands, else as it was."""

from __future__ import annotations

from schemas.reports import REPORTS, ReportTable

_PLACE = "(SELECT n.jurisdiction_code FROM institution_names n WHERE n.institution_code = {})"


def division_of() -> str:
    """The division of a row `t` of `restatements`, null where it is not known."""
    found = {table.name: sql for table in REPORTS.values() if table.figure and (sql := _division_in(table))}
    cases = " ".join(f"WHEN '{name}' THEN {sql}" for name, sql in found.items())
    return f"CASE t.table_name {cases} END"


def _division_in(table: ReportTable) -> str:
    parts = _parts(table)
    if "jurisdiction_code" in parts:
        return parts["jurisdiction_code"]
    if table.rolled_up:
        level, code = (parts[name] for name in table.rolled_up)
        return f"CASE {level} WHEN 'institution' THEN {_PLACE.format(code)} WHEN 'jurisdiction' THEN {code} END"
    if "institution_code" in parts:
        return _PLACE.format(parts["institution_code"])
    if "jurisdiction_code" not in table.column_names:
        return ""
    same = " AND ".join(f"f.{name}::text = {part}" for name, part in parts.items())
    stands = f"(SELECT f.jurisdiction_code FROM {table.name} f WHERE f.as_of = t.as_of AND {same})"
    was = (
        "(SELECT o.old_value FROM restatements o WHERE o.as_of = t.as_of AND o.table_name = t.table_name"
        " AND o.row_key = t.row_key AND o.run_id = t.run_id AND o.column_name = 'jurisdiction_code')"
    )
    return f"COALESCE({stands}, {was})"


def _parts(table: ReportTable) -> dict[str, str]:
    """Column of the key → its text within `row_key`; the only one is all of it, whatever signs it holds."""
    key = [name for name in table.key if name != "as_of"]
    if len(key) == 1:
        return {key[0]: "t.row_key"}
    return {name: f"split_part(t.row_key, '|', {place})" for place, name in enumerate(key, start=1)}
