"""What a night hands over: per figure table the rows that come and the rows that go, and relative to what.

A changed row is in both files, an equal one in neither. All of it is relative to the publication that stood
for the run's date when the night was computed (`base` of its dossier); changes fit no other. A run of a date that is
published says as well why its figures change.
"""

from dataclasses import dataclass

from pipelines.store.dossier import Cause
from pipelines.store.store import Object


@dataclass(frozen=True)
class Causes:
    """Why figures change: `cells` holds rows of `table_name`, `row_key`, `column_name` (as in the table
    restatements) and `cause`; a cell that it does not name has the cause `rest`.
    """

    rest: Cause
    cells: Object | None = None


UNEXPLAINED = Causes("code")
"""Where neither records nor policy rows are known to have changed, what computes has."""
