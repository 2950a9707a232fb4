"""The READMEs of the sample: what is published and what is made up, the files, the dirt line by line."""

from __future__ import annotations

from decimal import Decimal

from seeds.sample_maker.dirt import KINDS
from seeds.sample_maker.formats import LandingFile
from seeds.sample_maker.further.scanned import CODE_TABLE
from seeds.sample_maker.further.used import PLANS, Plan
from seeds.sample_maker.judged.records import BASES, EVALUATIONS, Base, Judged
from seeds.sample_maker.market.records import CASES, Case, name_case
from seeds.sample_maker.readme_texts import CHINESE, ENGLISH
from seeds.sample_maker.world.budgets import BUDGETS, Budget
from seeds.sample_maker.world.parties import COMPANY, INSTITUTION
from seeds.sample_maker.world.prepayments import GRANTS, Grant
from seeds.sample_maker.world.products import ALL_CONSUMABLES, ALL_DRUGS, LOT_TABLE, PRODUCT

Place = tuple[str, str, int | None, str]

OUTCOME_ZH = {
    "rejected": "拒收",
    "duplicate": "重复",
    "accepted": "接收",
    "accepted, warning": "接收并警告",
    "accepted, reported": "接收并报告",
    "accepted, replaced": "接收后被更正",
    "accepted, withdrawn": "接收后被撤回",
    "file refused": "整个文件拒收",
    "sheet listed": "仅列出，不拒收",
}


def describe_english(files: list[LandingFile], places: list[Place]) -> str:
    """The English README as Markdown."""
    return _fill(ENGLISH, files, [_dirt_line(p, KINDS[p[3]][0], KINDS[p[3]][1]) for p in places], ", ", 0)


def describe_chinese(files: list[LandingFile], places: list[Place]) -> str:
    """The Chinese README as Markdown."""
    return _fill(CHINESE, files, [_dirt_line(p, OUTCOME_ZH[KINDS[p[3]][0]], KINDS[p[3]][2]) for p in places], "、", 1)


def _fill(template: str, files: list[LandingFile], dirt: list[str], comma: str, language: int) -> str:
    invented = [f"`{lot}`" for lot, name, *_ in LOT_TABLE if "虚构" in name]
    real = [f"`{lot}` {document}" for lot, name, _, _, document, _ in LOT_TABLE if "虚构" not in name]
    return template.format(
        real_lots=comma.join(real),
        invented_lots=comma.join(invented),
        products="\n".join(_product_lines()),
        budgets="\n".join(_budget_line(b, (b.english, b.chinese)[language]) for b in BUDGETS),
        grants="\n".join(_grant_line(g, (g.english, g.chinese)[language]) for g in GRANTS),
        plans="\n".join(_plan_line(p, (p.english, p.chinese)[language]) for p in PLANS),
        codes="\n".join(f"| `{code}` | {words[language]} |" for code, _, _, *words in CODE_TABLE),
        cases="\n".join(_case_line(name_case(i), c, (c.english, c.chinese)[language]) for i, c in enumerate(CASES)),
        bases="\n".join(_base_line(b, (b.english, b.chinese)[language]) for b in BASES),
        evaluations="\n".join(_evaluation_line(j, (j.english, j.chinese)[language]) for j in EVALUATIONS),
        files="\n".join(_file_line(f) for f in files),
        dirt="\n".join(dirt),
    )


def _product_lines() -> list[str]:
    drugs = [
        f"| {code} | {name} | {strength} × {units}{unit} | {price} | {marks} |"
        for code, name, _, strength, unit, units, _, price, marks in ALL_DRUGS.values()
    ]
    return drugs + [
        f"| {code} | {name} | {strength} × {units}{unit} | {price} | |"
        for code, name, strength, unit, units, _, price in ALL_CONSUMABLES.values()
    ]


def _budget_line(budget: Budget, purpose: str) -> str:
    agreed = f"{budget.low:,}" if budget.high is None else f"{budget.low:,} … {budget.high:,}"
    return f"| `{budget.commitment_id}` | {budget.target}, {budget.direction} | {agreed} | {purpose} |"


def _grant_line(grant: Grant, purpose: str) -> str:
    days = ", ".join(str(day) if day else "–" for day in (grant.applied, grant.paid))
    return f"| `{INSTITUTION[grant.institution]}` | {grant.lot} | {grant.start} | {days} | {purpose} |"


def _plan_line(plan: Plan, purpose: str) -> str:
    institutions = ", ".join(f"`{INSTITUTION[i]}`" for i in plan.family.split())
    products = ", ".join(PRODUCT[p] for p in plan.products.split())
    opening = f"{plan.openings[-1][0]}: {plan.openings[-1][1]:,}" if plan.openings else "–"
    return f"| {institutions} | {products} | {opening} | {plan.percent}% | {purpose} |"


def _case_line(number: str, case: Case, purpose: str) -> str:
    sums = ", ".join(f"{Decimal(amount):,}" if amount else "–" for amount in (case.amount, case.single_amount))
    days = f"{case.decided_on}, {case.repaired_on or '–'}"
    return f"| {number} | `{COMPANY[case.company]}` | {case.kind}, {sums} | {days} | {purpose} |"


def _base_line(base: Base, purpose: str) -> str:
    where = f"`{INSTITUTION[base.institution]}` | {base.lot}, {base.item} | {base.period[1]}"
    return f"| {where} | {base.quantity:,}, {base.price_before} | {purpose} |"


def _evaluation_line(judged: Judged, purpose: str) -> str:
    where = f"`{INSTITUTION[judged.institution]}` | {judged.kind}, {judged.year}"
    return f"| {where} | {judged.result}, {judged.score or '–'} | {judged.decided_on} | {purpose} |"


def _file_line(file: LandingFile) -> str:
    rows = sum(len(sheet.rows) for sheet in file.sheets if sheet.has_header)
    encoding = {"utf-8-sig": "UTF-8 BOM", "utf-8": "UTF-8", "gb18030": "GB18030"}[file.encoding]
    return f"| `{file.path}` | {encoding if file.suffix == 'csv' else file.suffix} | {rows} |"


def _dirt_line(place: Place, outcome: str, what: str) -> str:
    path, sheet, line, _ = place
    return f"| `{path}` | {sheet} | {line or ''} | {outcome} | {what} |"
