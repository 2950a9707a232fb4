"""The report tables of what is used of the lists (obligations §17)."""

from schemas.table import (
    AS_OF,
    CIXI,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    Column,
    ReportTable,
    as_quotient,
    count,
    fen,
    quantity,
    rate,
    text,
)

_CLAUSE = f"{CIXI} (八)25；其他地区：本系统默认"
_INSURED = f"{_CLAUSE}；徐州 3203：机构考核"
_NEGOTIATED = "国办发〔2021〕20号 (二)"
_LINKED = "国办发〔2021〕20号 (十九)"
_BEFORE = "of the same days of the year before"
_BY_LISTS = f"{_BEFORE}, by the lists of as_of"
_DRUGS = "drugs other than decoction pieces, from 1 January to as_of"


def _products(name: str, title_zh: str, description: str) -> Column:
    return count(name, "products", title_zh, description, _CLAUSE)


def _policy(parameter: str) -> Column:
    return text("policy_id", "政策条目", f"Policy row of {parameter}; null where none holds.", nullable=True)


ESSENTIAL = ReportTable(
    name="essential_and_monitored",
    title_zh="基本药物与重点监控药品采购情况",
    description="What an institution bought of essential, insured, monitored and negotiated drugs and of governed consumables.",
    key=("as_of", "institution_code"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        RUN_ID,
        JURISDICTION,
        fen("drug_fen", "药品采购金额", f"Value of the lines of {_DRUGS}."),
        _products("drug_products", "采购药品数", "Distinct products of these lines."),
        fen("essential_fen", "基本药物采购金额", "Value of these lines of drugs that were essential on the day.", _CLAUSE),
        _products("essential_products", "采购基本药物数", "Distinct products of these lines that were essential on the day."),
        fen("insured_fen", "医保目录药品采购金额", "Value of these lines of drugs that were insured on the day.", _INSURED),
        _products("insured_products", "采购医保目录药品数", "Distinct products of these lines that were insured on the day."),
        fen("monitored_fen", "重点监控药品采购金额", "Value of these lines of drugs that are monitored at as_of.", _CLAUSE),
        fen("negotiated_fen", "谈判药品采购金额", "Value of these lines of drugs that are negotiated at as_of.", _NEGOTIATED),
        fen(
            "other_fen",
            "集采范围以外的药品采购金额",
            "Value of these lines that are neither selected nor of a selected generic nor a substitute of one.",
        ),
        fen("consumable_fen", "耗材采购金额", "Value of the lines of consumables from 1 January to as_of."),
        fen("governed_fen", "重点治理耗材采购金额", "Value of these lines of consumables that are governed at as_of."),
        fen("drug_fen_before", "上年同期药品采购金额", f"Value of drug lines, decoction pieces left out, {_BEFORE}."),
        fen("monitored_fen_before", "上年同期重点监控药品采购金额", f"Value of monitored drugs {_BY_LISTS}.", _CLAUSE),
        fen("governed_fen_before", "上年同期重点治理耗材采购金额", f"Value of governed consumables {_BY_LISTS}."),
        rate(
            "essential_share_amount",
            "基本药物金额占比",
            "Of what drugs cost, the share of essential ones.",
            _CLAUSE,
            of=("essential_fen", "drug_fen"),
        ),
        rate(
            "essential_share_products",
            "基本药物品种占比",
            "Of the products bought, the share of essential ones.",
            _CLAUSE,
            of=("essential_products", "drug_products"),
        ),
        rate(
            "insured_share_amount",
            "医保目录药品金额占比",
            "Of what drugs cost, the share of insured ones.",
            _INSURED,
            of=("insured_fen", "drug_fen"),
        ),
        rate(
            "insured_share_products",
            "医保目录药品品种占比",
            "Of the products bought, the share of insured ones.",
            _INSURED,
            of=("insured_products", "drug_products"),
        ),
        rate(
            "monitored_share",
            "重点监控药品金额占比",
            "Of what drugs cost, the share of monitored ones.",
            _CLAUSE,
            of=("monitored_fen", "drug_fen"),
        ),
        Column(
            "monitored_growth",
            "double",
            "ratio",
            "重点监控药品金额增幅",
            "Monitored drugs against the same days of the year before, less 1.",
            _CLAUSE,
            nullable=True,
            of=as_quotient("monitored_fen - monitored_fen_before", "monitored_fen_before"),
        ),
        _policy("monitored_growth_limit"),
    ),
)

SURGES = ReportTable(
    name="use_surges",
    title_zh="药品采购超常增长",
    description="Generics of drugs that were not selected, of the last 90 days, against a usual quarter of the 360 days before.",
    key=("as_of", "institution_code", "generic_code"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("generic_code", "通用名编码", "Generic of the lines, whatever its route.", refers="generic"),
        RUN_ID,
        JURISDICTION,
        quantity("recent_units", "近90天采购量", "Minimum units of the 90 days that end with as_of."),
        fen("recent_fen", "近90天采购金额", "Value of the lines of the 90 days that end with as_of."),
        quantity("usual_units", "此前每90天采购量", "A quarter of the minimum units of the 360 days before these."),
        rate(
            "ratio",
            "增长倍数",
            "Recent divided by usual.",
            _CLAUSE,
            maximum=None,
            unit="times",
            of=("recent_units", "usual_units"),
        ),
        _policy("surge_ratio"),
    ),
)

NEGOTIATED = ReportTable(
    name="negotiated_use",
    title_zh="国家医保谈判药品配备情况",
    description="Who of a division bought a drug that is negotiated at as_of; drugs that nobody bought have a row too.",
    key=("as_of", "jurisdiction_code", "product_code"),
    figure=True,
    columns=(
        AS_OF,
        JURISDICTION,
        text("product_code", "医保药品编码", "Product listed as negotiated for the division.", _NEGOTIATED, refers="product"),
        RUN_ID,
        count(
            "institutions", "institutions", "公立二级以上机构数", "Public tertiary and secondary institutions of the division."
        ),
        count("buyers", "institutions", "配备机构数", "Of them, with a line of it from 1 January to as_of.", _NEGOTIATED),
        rate("buyer_share", "配备率", "Buyers divided by institutions.", _NEGOTIATED, of=("buyers", "institutions")),
        fen("purchase_fen", "配备机构采购金额", "Value of the lines of these buyers from 1 January to as_of."),
        count("pharmacies", "institutions", "零售药店数", "Pharmacies of the division."),
        count("pharmacy_buyers", "institutions", "配备药店数", "Of them, with a line of it from 1 January to as_of."),
    ),
)

LINKAGE = ReportTable(
    name="family_linkage",
    title_zh="医联体用药目录衔接情况",
    description="Drugs that a member of a family of institutions bought, and which of them its head bought as well.",
    key=("as_of", "head_code", "institution_code"),
    figure=True,
    columns=(
        AS_OF,
        text("head_code", "牵头机构编码", "Head of the family.", _LINKED, refers="institution"),
        INSTITUTION,
        RUN_ID,
        JURISDICTION,
        count("drug_codes", "products", "采购药品品种数", "Distinct drugs of the member's lines from 1 January to as_of."),
        count(
            "shared",
            "products",
            "与牵头机构相同的品种数",
            "Of them, those that the head bought as well in these days.",
            _LINKED,
        ),
        rate("shared_share", "目录衔接率", "Shared divided by all.", _LINKED, of=("shared", "drug_codes")),
        count(
            "essential_shared",
            "products",
            "其中基本药物品种数",
            "Of the shared, those of which a line of the member was of an essential drug on its day.",
        ),
    ),
)

TABLES = (ESSENTIAL, SURGES, NEGOTIATED, LINKAGE)
