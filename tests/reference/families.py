"""Families of institutions, read literally from obligations §12 (for the slow references)."""

from .lines import Records


def family_of(records: Records, institution_code: str) -> set[str]:
    """Everybody who is tied to the institution by parents over any number of steps; a parent that is none ties nobody."""
    known = {i["institution_code"] for i in records["institutions"]}
    ties = [(i["institution_code"], i["parent_institution_code"]) for i in records["institutions"]]
    ties = [(child, parent) for child, parent in ties if parent in known]
    family, seen = {institution_code}, 0
    while len(family) > seen:
        seen = len(family)
        for child, parent in ties:
            if child in family or parent in family:
                family |= {child, parent}
    return family


def head_of(records: Records, institution_code: str) -> str:
    """The member without parent with the lowest code; where all have one, the lowest code."""
    family = family_of(records, institution_code)
    parents = {i["institution_code"]: i["parent_institution_code"] for i in records["institutions"]}
    first = [code for code in family if parents[code] not in parents]
    return min(first or family)
