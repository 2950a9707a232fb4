"""What a run made: its figure tables with their columns, and the rules of its findings. Code of a later day knows more."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.database.tables import FIGURES
from pipelines.store.runs import read_json
from schemas.reports import REPORTS
from schemas.reports.findings import RULES

NOT_IN_FILES = frozenset({"as_of", "run_id", "first_seen", "due_on", "state"})
"""Columns of a figure table that are given when it is staged, and are not in a run's report files."""


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

    def as_facts(self) -> dict[str, Any]:
        """What is written into a run's facts."""
        return {"made": asdict(self)}


def made_now() -> Made:
    """What the present code makes."""
    tables = {n: tuple(c for c in REPORTS[n].column_names if c not in NOT_IN_FILES) for n in FIGURES}
    return Made(tables, tuple(sorted(RULES)))


def made_by(run_folder: Path) -> Made:
    """What a run made, as its facts say; for those of before this was noted, the tables of migrations 0001 to 0005.
    DamagedError where nobody can read them any more.
    """
    path = run_folder / "facts.json"
    noted = read_json(path).get("made") if path.exists() else None
    if noted is None:
        return _NOT_NOTED
    return Made({name: tuple(columns) for name, columns in noted["tables"].items()}, tuple(noted["rules"]))


_NOT_NOTED = Made(
    {
        name: tuple(columns.split())
        for name, columns in {
            "agreed_volume_completion": "commitment_id jurisdiction_code lot_code item_code institution_code product_code"
            " period_start period_end agreed_quantity received_quantity returned_quantity net_quantity excused_quantity"
            " strict_rate capped_rate excused_rate time_progress gap needed_per_day status policy_id",
            "agreed_volume_rollup": "level code phase duty commitments completed agreed_quantity net_quantity"
            " capped_quantity agreed_fen net_fen capped_fen execution_rate capped_rate completed_share",
            "findings": "finding_id rule_code severity jurisdiction_code institution_code counterparty_code subject_type"
            " subject_key amount_fen quantity message_zh clause responsible excuse_id",
            "payment_timeliness": "due_rule institution_code distributor_code due_month jurisdiction_code matured_fen"
            " on_time_fen late_paid_fen overdue_fen not_due_fen matured_count on_time_count on_time_rate_amount"
            " on_time_rate_count excused_fen on_time_rate_amount_excused paid_fen paid_fen_days weighted_days"
            " paid_within_30_fen paid_31_60_fen paid_over_60_fen overdue_0_30_fen overdue_31_60_fen overdue_61_90_fen"
            " overdue_91_180_fen overdue_over_180_fen",
            "payment_unallocated": "institution_code distributor_code unallocated_fen",
            "two_invoice_compliance": "institution_code month jurisdiction_code scope_fen compliant_fen violation_fen"
            " unverifiable_fen exempt_fen scope_count compliant_count violation_count unverifiable_count exempt_count"
            " compliance_rate_amount compliance_rate_count verified_rate_amount verified_rate_count",
            "two_invoice_line": "invoice_code invoice_no line_no institution_code seller_code product_code batch_no"
            " issued_on net_quantity net_fen verdict hops",
        }.items()
    },
    (
        "agreed_volume_failed",
        "agreed_volume_seriously_behind",
        "payment_overdue",
        "two_invoice_too_many",
        "two_invoice_unverifiable",
    ),
)
