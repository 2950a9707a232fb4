"""How the objects of a run are called: each kind once."""

from __future__ import annotations

OF_BASE, RECORDS = "stood", "records"
"""Prefixes: what the base run has of all that the night may change, under the same keys; the records that it read."""

PLACE = f"{RECORDS}/place.json"
"""Says below which prefix of a run, or of a home, its records lie, and after which batch (`lake/laid_out.py`)."""

SCRATCH = "causes_scratch"
"""Prefix: what is computed to find the causes of changes, while they are looked for."""

DOSSIER, POLICIES = "dossier.json.gz", "policies.json.gz"
"""What its steps have written down; the policy files as they were when it was begun."""

EARLIER_DOSSIER, EARLIER_POLICIES = "dossier.json", "policies.json"
"""The same of runs of before they were packed."""

LISTED = "listed"
"""Prefix: the list of files that go when the next run has been published, and the list with them."""

RELEASE_BEGUN = "release_begun"
"""Stands while the run is being released; a kill leaves it standing."""

EXPECTATIONS = "expectations"
"""Prefix: the suites of the operator's own, as they were when the run was begun."""

AUDIT = "audit"
"""Prefix: what the audit says."""

RESULTS, FAILING = f"{AUDIT}/ge_results.json.gz", f"{AUDIT}/failing"
"""The results of the audit as Great Expectations gives them; prefix: all keys of rows that fail a check."""

CAUSES = "changes/causes.parquet"
"""The causes of single cells."""

REJECTED = "ledger/rejected_records.parquet"
"""The rejected rows whose state changed."""


TAKEN_IN = "taken_in"
"""Prefix: what came of new files."""


def taken_in(portion: str) -> str:
    """What came of every new file of a portion of the files."""
    return f"{TAKEN_IN}/{portion}.json"


def text(number: int) -> str:
    """The rows of the file of that position, as text."""
    return f"text/{number:06d}.parquet"


JUDGED = "judged"
"""Prefix: what was said of rows of new files that were judged by themselves."""


def report(table: str) -> str:
    """The rows that an indicator makes of a figure table, or of all findings, sorted by key: without as_of and run_id."""
    return f"reports/{table}.parquet"


def findings(code: str) -> str:
    """The findings of an indicator."""
    return f"findings/{code}.parquet"


def notes(code: str) -> str:
    """What an indicator left out, the policy rows that it used, how many units were recomputed."""
    return f"notes/{code}.json"


def came(table: str) -> str:
    """The rows of a figure table that come."""
    return f"changes/{table}.came.parquet"


def gone(table: str) -> str:
    """The rows of a figure table that go; their key at least."""
    return f"changes/{table}.gone.parquet"


def ledger(table: str) -> str:
    """What a run says in a ledger, or of names, without its id."""
    return f"ledger/{table}.parquet"


def sealed(table: str) -> str:
    """A copy of the rows of a ledger that the seal of the run holds."""
    return f"ledger/sealed/{table}.parquet"


def sums(code: str) -> str:
    """Below it, the sums of an indicator of every unit: a folder for each frame."""
    return f"sums/{code}"


def totals(code: str) -> str:
    """Below it, the sums of an indicator added up: a folder for each frame."""
    return f"totals/{code}"


SHARES = "shares"
"""Prefix: what parts that were computed by themselves have to be added up."""


def shares(code: str) -> str:
    """Below it, what the parts of an indicator that were computed by themselves share with others."""
    return f"{SHARES}/{code}"


UNTIL_PUBLISHED = ("text", JUDGED, "changes", OF_BASE, SHARES)
"""Prefixes of what a run needs until it is published itself."""

UNTIL_NEXT = (RECORDS, "sums", "totals", "reports", LISTED)
"""Prefixes of what the next night is carried on from, or compared with."""

TOLD = ("findings", "notes", TAKEN_IN)
"""Prefixes of what is told elsewhere once the next night is published."""


# Below a home.

ARCHIVE, LAKE, DECISIONS, RETURNS, SITE = "archive", "lake", "decisions", "returns", "site"
"""Prefixes: files as they were sent; tables of accepted records; what people decided on rejected rows; correction workbooks;
pages.
"""


def decision(number: int) -> str:
    """What people decided, as it was set down."""
    return f"{DECISIONS}/{number:06d}.json"


def batch(number: int) -> str:
    """Below it, what a batch keeps: its manifest, the register of rejected rows as it stood after it."""
    return f"batches/{number:06d}"


# Below `records`, as laid out for a run or kept as a base.

BASE = "base.json"
"""What the records were laid out from; it stands once all of them do."""


def whole(dataset: str) -> str:
    """The records of a dataset that is not divided."""
    return f"{dataset}.parquet"


def part(dataset: str, number: int) -> str:
    """A part of a divided dataset."""
    return f"{dataset}/part-{number:03d}.parquet"


def part_changes(dataset: str, number: int) -> str:
    """The records of a part that came since it was written, or stand in another way."""
    return f"{dataset}/part-{number:03d}.changes.parquet"


def changed(dataset: str) -> str:
    """The keys of a divided dataset that changed since its parts were written."""
    return f"{dataset}/changed.parquet"


def replaced(dataset: str) -> str:
    """The records of the parts under these keys, with their part and row there."""
    return f"{dataset}/replaced.parquet"


def lost(dataset: str) -> str:
    """The keys of a dataset that have versions but no longer stand."""
    return f"lost/{dataset}.parquet"


def places(axis: str) -> str:
    """The part of every institution or product."""
    return f"{axis}.places.parquet"
