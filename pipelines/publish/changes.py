"""What a night hands over: per figure table the rows that come and the rows that go, and relative to what.

A changed row is in both files, an equal one in neither. All of it is relative to the publication that stood
for the run's date when the night was computed (`base` of its dossier); changes fit no other. A run of a date that is
published says as well why its figures change.
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.store.dossier import Cause


@dataclass(frozen=True)
class Causes:
    """Why figures change: `cells` is a Parquet file of `table_name`, `row_key`, `column_name` (as in the table
    restatements) and `cause`; a cell that it does not name has the cause `rest`.
    """

    rest: Cause
    cells: Path | None = None


UNEXPLAINED = Causes("code")
"""Where neither records nor policy rows are known to have changed, what computes has."""


def came(changes_dir: Path, name: str) -> Path:
    """The file of the rows of a figure table that come."""
    return changes_dir / f"{name}.came.parquet"


def gone(changes_dir: Path, name: str) -> Path:
    """The file of the rows of a figure table that go; their key at least."""
    return changes_dir / f"{name}.gone.parquet"


def causes_of_cells(changes_dir: Path) -> Path:
    """The file of the causes of single cells."""
    return changes_dir / "causes.parquet"
