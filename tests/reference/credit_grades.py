"""Credit grades, slowly and literally (obligations §24; the policy rows of §34 written out)."""

from datetime import date
from decimal import Decimal

from .lines import Record, Records, lines_of
from .listed_company_trade import makers_of

FIRST, SECOND = date(2020, 8, 28), date(2025, 7, 1)
STEPS = {
    ("bribery", "amount", FIRST): {3: 500_000, 4: 2_000_000},
    ("bribery", "amount", SECOND): {1: 10_000, 2: 500_000, 3: 1_000_000},
    ("bribery", "single_amount", FIRST): {1: 10_000, 2: 100_000, 3: 300_000, 4: 2_000_000},
    ("tax", "amount", FIRST): {3: 1_000_000, 4: 10_000_000},
    ("tax", "amount", SECOND): {1: 50_000, 2: 500_000, 3: 2_500_000},
}
SEVERE = {FIRST: 3, SECOND: 2}
LABELS = {FIRST: {1: "一般", 2: "中等", 3: "严重", 4: "特别严重"}, SECOND: {1: "失信", 2: "严重失信", 3: "特别严重失信"}}


def credit_grades(records: Records, as_of: date) -> dict[str, list[Record]]:
    """The rows of the report table without as_of and run_id."""
    rows = []
    for company in sorted({case["enterprise_code"] for case in records["misconduct"]}):
        cases = [c for c in records["misconduct"] if c["enterprise_code"] == company and counts(c, as_of)]
        if cases:
            worst = min(cases, key=badness)
            rows.append(
                {
                    "enterprise_code": company,
                    "cases": len(cases),
                    "severe_cases": sum(is_severe(case) for case in cases),
                    "worst_case_no": worst["case_no"],
                    "worst_kind": worst["kind"],
                    "grade": grade_of(worst),
                    "grade_label": label_of(worst),
                    "purchase_fen": purchase_of(records, company, as_of),
                    "policy_id": graded_by(worst)[1],
                }
            )
    return {"credit_grades": rows}


def counts(case: Record, as_of: date) -> bool:
    """Graded and not repaired: how long a grade holds is laid down nowhere."""
    return case["decided_on"] <= as_of and (case["repaired_on"] is None or case["repaired_on"] > as_of)


def badness(case: Record) -> tuple:
    """The worst comes first."""
    grade = grade_of(case)
    return not is_severe(case), -1 if grade is None else -grade - 2, -case["decided_on"].toordinal(), case["case_no"]


def norms_of(day: date) -> date | None:
    """Since when the norms of a day hold."""
    return SECOND if day >= SECOND else FIRST if day >= FIRST else None


def grade_of(case: Record) -> int | None:
    """The highest grade that a sum reaches; 0 where none is, None where no sum is graded."""
    return graded_by(case)[0]


def graded_by(case: Record) -> tuple[int | None, str | None]:
    """The grade, and the policy row that it follows from: of both the one of the whole case."""
    norms, found = norms_of(case["decided_on"]), []
    for column, ending in (("amount", ""), ("single_amount", "_single")):
        steps = STEPS.get((case["kind"], column, norms))
        if steps is not None and case[column] is not None:
            grade = max((grade for grade, least in steps.items() if case[column] >= Decimal(least)), default=0)
            found.append((grade, f"credit_grade_{case['kind']}{ending}@CN@{norms}"))
    return max(found, key=lambda one: one[0], default=(None, None))


def is_severe(case: Record) -> bool:
    grade, norms = grade_of(case), norms_of(case["decided_on"])
    return grade is not None and norms is not None and grade >= SEVERE[norms]


def label_of(case: Record) -> str | None:
    norms = norms_of(case["decided_on"])
    return LABELS[norms].get(grade_of(case)) if norms else None


def purchase_of(records: Records, company: str, as_of: date) -> int:
    """What was accepted this year of its products or by its deliveries, each line once."""
    return sum(
        line["value_fen"]
        for line in lines_of(records, as_of)
        if line["accepted_on"].year == as_of.year
        and (line["distributor_code"] == company or company in makers_of(records, line))
    )
