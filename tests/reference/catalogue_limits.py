"""Forms and strengths, slowly and literally (obligations §21, §12; limits raise findings only)."""

import re
from collections import defaultdict
from datetime import date
from unicodedata import normalize

from .lines import Records, generic_of, jurisdiction_of, lines_of, product

INJECTED = ("注射",)
ORAL = ("片", "胶囊", "颗粒", "丸", "散", "口服", "糖浆", "合剂", "干混悬")
NOT_ORAL = ("阴道", "外用", "直肠", "栓", "眼", "鼻", "耳", "吸入", "贴")
WESTERN = r"X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{2}\d{2}\d{5}"
CHINESE_PATENT = r"Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{2}\d{2}\d{5}"


def catalogue_limits(records: Records, as_of: date) -> dict[str, list[dict]]:
    """The rows of the report table without as_of and run_id."""
    bought: dict[tuple[str, str], dict[str, dict]] = defaultdict(dict)
    places = {}
    for line in lines_of(records, as_of):
        of = product(records, line["product_code"])
        if line["accepted_on"].year == as_of.year and of["kind"] == "drug" and of["special_category"] != "tcm_decoction":
            bought[line["institution_code"], drug_code(of)][of["product_code"]] = of
            places[line["institution_code"]] = jurisdiction_of(records, line)
    policy_id = "products_max@CN@2007-05-01" if as_of >= date(2007, 5, 1) else None
    rows = [row_of(*key, places[key[0]], list(of.values())) | {"policy_id": policy_id} for key, of in bought.items()]
    return {"catalogue_limits": rows}


def row_of(institution_code: str, drug: str, place: str, products: list[dict]) -> dict:
    known = [(compared(p["dosage_form"]), compared(p["strength"])) for p in products]
    pairs = {(form, strength) for form, strength in known if form and strength}
    forms = {form for form, _ in known if form}
    return {
        "institution_code": institution_code,
        "drug_code": drug,
        "jurisdiction_code": place,
        "forms": len(forms),
        "strengths": max((sum(form == own for form, _ in pairs) for own in forms), default=0),
        "products": sum(bool(form and strength) for form, strength in known),
        "unknown_products": sum(not (form and strength) for form, strength in known),
        "injection_products": sum(is_injected(form) for form, _ in pairs),
        "oral_products": sum(is_oral(form) for form, _ in pairs),
    }


def drug_code(of: dict) -> str:
    code = of["product_code"]
    if re.fullmatch(WESTERN, code):
        return code[:10]
    return code[:11] if re.fullmatch(CHINESE_PATENT, code) else generic_of(of)[0]


def compared(text: str | None) -> str:
    return "".join(normalize("NFKC", text or "").split()).upper()


def is_injected(form: str) -> bool:
    return any(word in form for word in INJECTED)


def is_oral(form: str) -> bool:
    return any(word in form for word in ORAL) and not is_injected(form) and not any(word in form for word in NOT_ORAL)
