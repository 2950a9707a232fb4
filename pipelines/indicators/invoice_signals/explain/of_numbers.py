"""Signals of a number explained: reused, paid to who is no seller, paid unverified, short of packs (obligations §29)."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pipelines.engine.explained_rows import add_terms, add_yuan, after_as_of, plain, records_of, word, yuan
from pipelines.engine.explanation import Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.indicators.invoice_signals.explain.records import (
    Told,
    delivery_line,
    invoice_lines,
    name_of,
    net_lines_of,
    payment_line,
    under_number,
)
from pipelines.indicators.invoice_signals.paid import IS_OPEN, JUDGED
from pipelines.indicators.invoice_signals.said import INVOICE, PACKS
from pipelines.indicators.two_invoice.declaration import LINE as JUDGED_TABLE
from pipelines.lines.families import families_of
from pipelines.lines.lines import lines_of


def tell_reused(row: Record, inputs: Inputs) -> Told:
    """All net lines of the number, whose they are and to whom."""
    net = net_lines_of(row, inputs)
    lines, silent = invoice_lines(row, inputs, net)
    fen = [line["net_fen"] for line in net]
    sellers, buyers = (sorted({line[c] for line in net}) for c in ("seller_code", "party_code"))
    return Told(
        steps=(Step("amount_fen", "涉及金额 = Σ 该号各行净金额", add_yuan(fen), sum(fen)),),
        lines=lines,
        left_out=silent,
        notes=(
            f"{len(sellers)} 个销方：{'、'.join(sellers)}",
            f"{len(buyers)} 个购方（医共体以牵头机构计）：{'、'.join(buyers)}",
            f"首行（按开票日期、代码、号码、行号）的销方为 {net[0]['seller_code']}，购方为 {net[0]['buyer_code']}。",
        ),
    )


def tell_payee(row: Record, inputs: Inputs) -> Told:
    """The payment line, what took the payment back, and the invoice that it names."""
    own = pl.col("institution_code") == row["institution_code"]
    is_back = pl.col("reverses_payment_id") == row["payment_id"]
    paid: list[Record] = []
    back: list[Record] = []
    for record in records_of(inputs, "payments", own & ((pl.col("payment_id") == row["payment_id"]) | is_back)):
        is_line = record["payment_id"] == row["payment_id"] and record["line_no"] == row["line_no"]
        if is_line or (record["reverses_payment_id"] == row["payment_id"] and record["paid_on"] <= inputs.as_of):
            (paid if is_line else back).append(record)
    net = net_lines_of(row, inputs)
    lines, silent = invoice_lines(row, inputs, net)
    gross = sum(record["amount_fen"] for record in paid)
    taken = gross - row["paid_fen"]
    sellers = "、".join(sorted({line["seller_code"] for line in net}))
    return Told(
        steps=(
            Step(
                "amount_fen",
                "涉及金额 = 付款行金额 − 冲销（按行号依次冲减该付款的各行）",
                f"{yuan(gross)} − {yuan(taken)} = {yuan(row['paid_fen'])} 元",
                row["paid_fen"],
            ),
        ),
        lines=(*map(payment_line, (*paid, *back)), *lines),
        left_out=silent,
        notes=(
            f"该付款行写明发票 {name_of(row)}，该号的销方为 {sellers}；收款方 {row['payee_code']} 不是销方，"
            "不与销方同一集团，付款当日也不是票上产品的生产企业、上市许可持有人或视同生产企业；没有已生效的付款备案写明该号。",
        ),
    )


def tell_paid(row: Record, inputs: Inputs) -> Told:
    """The lines that violate or cannot be verified, the receipts of the number, and the payments that name it."""
    keys = dict(zip(INVOICE, (row["invoice_code"], row["invoice_no"]), strict=True))
    judged = (
        inputs.scan(JUDGED).filter(IS_OPEN, *(pl.col(c) == v for c, v in keys.items())).sort("line_no").collect().to_dicts()
    )
    lines, silent = invoice_lines(row, inputs, net_lines_of(row, inputs))
    open_ones = {line["line_no"]: line["verdict"] for line in judged}
    counted: list[Line] = []
    for line in lines:
        if line.role != "发票" or line.key["line_no"] in open_ones:
            counted.append(line)
        else:
            silent.append(replace(line, reasons=("该行合规、豁免，或不在两票制范围内",)))
    fen = [line["net_fen"] for line in judged]
    verdicts = (f"第 {n} 行{word(JUDGED_TABLE.name, 'verdict', verdict)}" for n, verdict in open_ones.items())
    received = [delivery_line(r) for r in under_number("deliveries", row, inputs) if _is_received(r, inputs)]
    paid = [payment_line(r) for r in under_number("payments", row, inputs) if r["paid_on"] <= inputs.as_of]
    return Told(
        steps=(
            Step(
                "amount_fen",
                "涉及金额 = 按发票已付款与这些行净金额合计中较小的",
                f"min({yuan(row['paid_fen'])}, {add_yuan(fen)})",
                min(row["paid_fen"], sum(fen)),
            ),
        ),
        lines=(*counted, *received, *paid),
        left_out=silent,
        notes=(
            f"判定：{'；'.join(verdicts)}。上游票据链见 vbp explain two_invoice_line。",
            f"写明该号的付款在第一轮（按发票）中用于收货共 {yuan(row['paid_fen'])} 元，不论付款机构和收款方。",
        ),
    )


def _is_received(record: Record, inputs: Inputs) -> bool:
    return record["accepted_on"] is not None and record["accepted_on"] <= inputs.as_of and not record["is_gift"]


def tell_short(row: Record, inputs: Inputs) -> Told:
    """The family's receipts of the product under the number, and the lines of the number."""
    families = inputs.once(families_of)
    head = families.filter(pl.col("institution_code") == row["institution_code"])["head_code"].item()
    family = set(families.filter(pl.col("head_code") == head)["institution_code"])
    key = ["institution_code", "delivery_id"]
    named = lines_of(inputs.only_where("deliveries", pl.DataFrame({"invoice_no": [row["invoice_no"]]})))
    stayed = {(i, d): packs for i, d, packs in named.select(pl.col(key).cast(pl.String), "packs").collect().iter_rows()}
    counted: list[Line] = []
    left_out: list[Line] = []
    packs: list[int] = []
    for record in under_number("deliveries", row, inputs):
        if record["product_code"] != row["product_code"] or record["institution_code"] not in family:
            continue
        own = stayed.get((record["institution_code"], record["delivery_id"]))
        if own is None:
            reasons = after_as_of(record["accepted_on"], inputs.as_of, "验收日期") or ["赠品、未验收或已全部退回"]
            left_out.append(delivery_line(record, reasons))
        else:
            packs.append(own)
            counted.append(delivery_line(record))
    net = net_lines_of(row, inputs)
    lines, silent = invoice_lines(row, inputs, net)
    on_it = [line["net"] for line in net if line["product_code"] == row["product_code"]]
    return Told(
        steps=(
            Step(
                "quantity",
                "少开数量 = Σ 医共体凭该号验收的盒数（减退货） − Σ 该号该产品的净盒数",
                f"({add_terms([plain(p, PACKS) for p in packs])}) − ({add_terms([plain(p, PACKS) for p in on_it])})",
                (sum(packs) - sum(on_it)) / PACKS,
            ),
        ),
        lines=(*counted, *lines),
        left_out=(*left_out, *silent),
        notes=(f"医共体的牵头机构为 {head}。",),
    )
