"""Report sites of a few rows: a home with a report database, and what stands on its pages."""

import datetime as dt

from pipelines.reports.site import write_site
from pipelines.reports.site.site import Written
from pipelines.store.local import Local
from tests.reports.mornings import Mornings

HOSPITAL, CLINIC = "H33028200001", "H37150000001"


class Sites(Mornings):
    """Two institutions of two divisions, each with a commitment, payables and invoices."""

    def add_figures(self, institution: str, since: dt.date, **values: object) -> None:
        """One row in each figure table; `values` overrule those of the columns they name."""
        place = {"institution_code": institution, "jurisdiction_code": institution[1:7]}
        rows = {
            "agreed_volume_completion": {
                "commitment_id": f"C-{institution}",
                "agreed_quantity": 1000.0,
                "net_quantity": 404.0,
                "strict_rate": 0.404,
                "capped_rate": 0.404,
                "excused_rate": 0.404,
                "time_progress": 0.5,
                "gap": -0.096,
                "status": "behind",
                "lot_code": "L1",
                "item_code": "I1",
                "period_start": dt.date(2020, 1, 1),
                "period_end": dt.date(2020, 12, 31),
            },
            "payment_timeliness": {
                "due_rule": "applicable",
                "distributor_code": "S1",
                "due_month": "2020-05",
                "matured_fen": 300_00,
                "matured_count": 3,
                "on_time_fen": 100_00,
                "on_time_count": 1,
                "overdue_fen": 200_00,
                "overdue_over_180_fen": 200_00,
                "on_time_rate_amount": 1 / 3,
                "on_time_rate_count": 1 / 3,
                "on_time_rate_amount_excused": 1 / 3,
            },
            "two_invoice_compliance": {
                "month": "2020-05",
                "scope_fen": 100,
                "compliant_fen": 60,
                "violation_fen": 20,
                "unverifiable_fen": 20,
            },
            "findings": {
                "finding_id": f"F-{institution}",
                "severity": "violation",
                "rule_code": "payment_overdue",
                "state": "open",
                "amount_fen": 200_00,
                "message_zh": "货款逾期",
                "responsible": "某院长",
                "first_seen": dt.date(2020, 5, 1),
                "due_on": dt.date(2020, 6, 30),
            },
        }
        for table, row in rows.items():
            known = {name: value for name, value in values.items() if name in row}
            self.figure(table, since, **place | row | known)

    def write(self, as_of: dt.date | None = None) -> Written:
        """The site as it is written now."""
        return write_site(self.engine, Local(self.home), as_of)

    def page_of(self, *path: str) -> str:
        """The page in a folder below the site."""
        return self.home.joinpath("site", *path, "index.html").read_text(encoding="utf-8")

    def stamps(self) -> dict[str, tuple[int, bytes]]:
        """When each page was written, and its bytes."""
        files = (self.home / "site").rglob("*.html")
        return {str(p.relative_to(self.home / "site")): (p.stat().st_mtime_ns, p.read_bytes()) for p in files}
