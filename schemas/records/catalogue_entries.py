"""Catalogues: lists of products that rules are made for."""

import polars as pl

from schemas.records.examples import DOCUMENT, PRODUCT
from schemas.records.forward import ENDS_BEFORE_IT_BEGINS, runs_forward
from schemas.records.model import Code, Day, Record, Text, column, rule

LISTS = {
    "essential": "基本药物|基药|基本药物目录|国家基本药物",
    "key_monitored": "重点监控|重点监控药品|重点监控目录|国家重点监控合理用药药品",
    "negotiated": "谈判药品|国谈药品|国家谈判药品|协议期内谈判药品",
    "insurance_a": "甲类|医保甲类",
    "insurance_b": "乙类|医保乙类",
    "shortage": "短缺|短缺药品|短缺药品清单",
    "shortage_prone": "易短缺|易短缺药品|临床必需易短缺药品",
    "governed_consumable": "重点治理耗材|重点治理|重点治理高值医用耗材|高值医用耗材重点治理清单",
    "platform_consumable": "平台采购耗材",
    "trace_exempt": "追溯豁免|追溯码豁免|免追溯",
}


class CatalogueEntries(Record):
    """A product, or a generic, that is on a list where and while the entry holds (慈政办发〔2020〕68号 (八)25–26).

    Products and generics that the register does not have may be listed: a list holds for more than is bought.
    """

    class Config:
        """Chinese name."""

        title = "目录"

    list: Text = column("enum", "目录类别|目录名称", key=True, required=True, values=LISTS, description="Which list.")
    code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码|通用名编码",
        key=True,
        required=True,
        example=PRODUCT,
        description="Code of a product, or of a generic.",
    )
    jurisdiction_code: Code = column(
        "code",
        "统筹区编码|行政区划代码",
        key=True,
        default="",
        warn=r"^(\d{2,6})?$",
        description="First digits of the divisions that it holds for; empty = the nation.",
    )
    valid_from: Day = column("day", "生效日期", key=True, required=True, description="First day on the list.")
    valid_to: Day = column("day", "失效日期", description="Last day, included; empty = open.")
    document_no: Text = column("text", "文号", required=True, example=DOCUMENT, description="The document.")

    @rule(ENDS_BEFORE_IT_BEGINS, "valid_from", "valid_to")
    def holds_forward(cls) -> pl.Expr:
        """An entry has at least one day."""
        return runs_forward()
