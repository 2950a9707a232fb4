"""All gates of a night."""

import datetime as dt

import sqlalchemy as sa

from pipelines.audit.expectations import Check
from pipelines.audit.gates.arrivals import expect_arrivals
from pipelines.audit.gates.findings import MadeBy, compare_findings
from pipelines.audit.gates.institutions import keep_institutions
from pipelines.audit.gates.intake import expect_intake
from pipelines.audit.gates.limits import AuditLimits, Waived
from pipelines.audit.gates.rejects import limit_rejects
from pipelines.audit.gates.volume import compare_volume
from pipelines.database.standing import Publication


def gate(
    connection: sa.Connection, as_of: dt.date, base: Publication | None, limits: AuditLimits, made: MadeBy
) -> list[Check | Waived]:
    """Return the gates of this night, those that do not apply as `Waived`.

    Closed by: a night that took in nothing, as the first or while files wait; an institution missing from a figure table
    that was in it at the previous published date; a dataset, or one rule, that rejects too many rows; a sender that is
    silent for too long; a dataset of which far fewer or far more rows came than usual; a rule with suddenly far more
    findings.
    """
    return [
        *expect_intake(connection),
        *keep_institutions(connection, as_of, base),
        *limit_rejects(connection, limits),
        *expect_arrivals(connection, as_of, limits),
        *compare_volume(connection, as_of, limits),
        *compare_findings(connection, as_of, base, limits, made),
    ]
