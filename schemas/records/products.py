"""Products: drugs and consumables by national code."""

import polars as pl

from schemas.records.examples import COMPANY, PRODUCT
from schemas.records.model import MOST_UNITS_PER_PACK, Code, Flag, Price, Quantity, Record, Text, column
from schemas.spellings import PRODUCT_KINDS, SPECIAL_CATEGORIES

EVALUATIONS = {
    "originator": "原研|原研药|原研药品|参比|参比制剂",
    "passed": "通过|已通过|过评|已过评|通过一致性评价|视同通过",
    "none": "未通过|未过评|无|否|未评价",
}

WESTERN_DRUG = r"^X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{2}\d{2}\d{5}$"
CHINESE_PATENT_DRUG = r"^Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{2}\d{2}\d{5}$"
CONSUMABLE = r"^C\d{19}(\d{7})?$"
NATIONAL = "|".join((WESTERN_DRUG, CHINESE_PATENT_DRUG, CONSUMABLE))
"""A code of any national pattern (rulebook §10)."""


def head_of_code() -> pl.Expr:
    """Generic of a national drug code: 10 characters of a western drug's, 11 of a Chinese patent drug's (rulebook §10); any
    other code is its own.
    """
    code = pl.col("product_code")
    head = pl.when(code.str.contains(WESTERN_DRUG)).then(code.str.head(10))
    return head.when(code.str.contains(CHINESE_PATENT_DRUG)).then(code.str.head(11)).otherwise(code)


class Products(Record):
    """A product at the level of its pack."""

    class Config:
        """Chinese name."""

        title = "产品"

    product_code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码|药品编码|医保耗材编码",
        "prodCode|med_list_codg|drug_code|mcsCode",
        key=True,
        required=True,
        warn="product_code",
        example=PRODUCT,
        description="National drug or consumable code.",
    )
    kind: Text = column("enum", "商品类别|产品类别", required=True, values=PRODUCT_KINDS, description="Drug or consumable.")
    generic_code: Code = column(
        "code",
        "通用名编码",
        default=head_of_code,
        description="Generic; by default the head of the national drug code (rulebook §10).",
    )
    generic_name: Text = column(
        "text",
        "通用名|药品通用名",
        "drug_genname|itemname",
        required=True,
        example="阿托伐他汀钙片",
        description="Generic name.",
    )
    dosage_form: Text = column("text", "剂型", "dosform", example="片剂", description="Dosage form.")
    strength: Text = column("text", "规格", "prodSpec|spec", example="20mg", description="Strength, never derived from a code.")
    min_unit: Text = column("text", "最小单位|最小制剂单位", required=True, example="片", description="片, 粒, 支 …")
    units_per_pack: Quantity = column(
        "quantity",
        "转换比|转换系数|包装数量|拆零比",
        "convrat",
        required=True,
        gt=0,
        most=MOST_UNITS_PER_PACK,
        unit="minimum units per pack",
        example="7",
        description="Minimum units in one pack.",
    )
    manufacturer_code: Code = column(
        "code", "生产企业编码", "prodentpCode|prodentp_code", required=True, example=COMPANY, description="The manufacturer."
    )
    mah_code: Code = column("code", "上市许可持有人编码", description="Marketing authorisation holder (上市许可持有人).")
    special_category: Text = column(
        "enum",
        "特殊药品类别",
        values=SPECIAL_CATEGORIES,
        default="none",
        description="Categories outside the two-invoice system.",
    )
    is_essential: Flag = column(
        "flag", "是否基药|基本药物", "BAS_MEDN_FLAG", default=False, description="National essential drug."
    )
    is_key_monitored: Flag = column(
        "flag", "是否重点监控|重点监控药品", default=False, description="On the key-monitored list."
    )
    listing_price: Price = column(
        "price", "挂网价", "pubonlnPric", ge=0, example="6.60", description="Platform listing price of a pack."
    )
    insurance_code: Code = column("code", "医保结算编码", description="The code under which the insurance fund settles it.")
    evaluation: Text = column(
        "enum",
        "一致性评价|一致性评价情况",
        values=EVALUATIONS,
        default="none",
        example="通过",
        description="Originator, passed the consistency evaluation (一致性评价), or neither.",
    )
    udi_di: Code = column(
        "code", "UDI产品标识|产品标识DI|UDI-DI", description="Device identifier of a consumable (医疗器械唯一标识)."
    )
