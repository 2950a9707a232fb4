"""Invoices of a random world: chains, gaps, cycles, oversold batches, red and void lines, on few batches."""

from datetime import date
from decimal import Decimal

from .draft import AGENT, DISTRIBUTORS, PLACEHOLDER_BATCHES, SALES_COMPANY, UNREGISTERED, Draft

INVOICE_CODES = ("3302010001", "3302010002", "033020100011")
QUANTITIES = (10, 20, 20, 40, 100)
PRICES = ("10", "11", "12.5")


def add_invoices(draft: Draft) -> None:
    """Three to six little stories and some noise on at most three batches; then reds, voids and excuses."""
    goods = _choose_goods(draft)
    stories = (
        _sell_along_chain,
        _sell_along_chain,
        _sell_far_away,
        _sell_from_two_sources,
        _sell_twice,
        _sell_before_buying,
        _sell_in_circle,
        _sell_unseen,
        _mix_batches,
    )
    for _ in range(draft.rng.randint(4, 7)):
        product, batch_no = draft.rng.choice(goods)
        draft.rng.choice(stories)(draft, product, batch_no)
    for _ in range(draft.rng.randint(4, 10)):
        _sell_at_random(draft, goods)
    for _ in range(draft.rng.randint(1, 6)):
        _cancel_some_lines(draft)
    for _ in range(draft.rng.randint(1, 4)):
        _excuse_some_invoice(draft)


def _choose_goods(draft: Draft) -> list[tuple[dict, str]]:
    rng = draft.rng
    products = draft.records["products"]
    usual = [p for p in products if p["kind"] == "drug" and p["special_category"] == "none"]
    goods = [(rng.choice(usual), rng.choice(("B1", "B2"))) for _ in range(2)]
    return [*goods, (rng.choice(products), "B1")]


def _sell_along_chain(draft: Draft, product: dict, batch_no: str) -> None:
    """Origin → zero to three companies → hospital, days not going back, sometimes all on one day."""
    rng = draft.rng
    pair = (DISTRIBUTORS[0], DISTRIBUTORS[1])
    middle = list(pair) if draft.happens(0.3) else rng.sample(DISTRIBUTORS, rng.choice((0, 1, 1, 1, 2, 2, 3)))
    chain = [_origin(draft, product), *middle, _hospital(draft)]
    days = sorted(draft.day() for _ in chain)
    if draft.happens(0.3):
        days = [days[0]] * len(chain)
    quantity = rng.choice(QUANTITIES)
    for seller, buyer, day in zip(chain, chain[1:], days, strict=False):
        _issue(draft, seller, buyer, day, [(product, batch_no, quantity)])


def _sell_twice(draft: Draft, product: dict, batch_no: str) -> None:
    """A distributor sells what it bought to two buyers, exactly or too much; a hospital may be one."""
    distributor = draft.rng.choice(DISTRIBUTORS)
    first, second = sorted((draft.day(), draft.day()))
    _issue(draft, _origin(draft, product), distributor, first, [(product, batch_no, 40)])
    for quantity in draft.rng.choice(((20, 20), (40, 20), (20, 40), (10, 20, 20))):
        buyer = _hospital(draft) if draft.happens(0.8) else draft.rng.choice(DISTRIBUTORS)
        _issue(draft, distributor, buyer, second, [(product, batch_no, quantity)])


def _sell_before_buying(draft: Draft, product: dict, batch_no: str) -> None:
    distributor = draft.rng.choice(DISTRIBUTORS)
    first, second = sorted((draft.day(), draft.day()))
    _issue(draft, distributor, _hospital(draft), first, [(product, batch_no, 20)])
    _issue(draft, _origin(draft, product), distributor, second, [(product, batch_no, 40)])


def _sell_in_circle(draft: Draft, product: dict, batch_no: str) -> None:
    """A → B → A → hospital, with or without an origin behind it."""
    one, two = draft.rng.sample(DISTRIBUTORS, 2)
    days = sorted(draft.day() for _ in range(4))
    if draft.happens(0.4):
        _issue(draft, _origin(draft, product), one, days[0], [(product, batch_no, 20)])
    _issue(draft, one, two, days[1], [(product, batch_no, 20)])
    _issue(draft, two, one, days[2], [(product, batch_no, 20)])
    _issue(draft, one, _hospital(draft), days[3], [(product, batch_no, 20)])


def _sell_unseen(draft: Draft, product: dict, batch_no: str) -> None:
    """A sale whose first invoice nobody delivered, with up to one known company before it."""
    seller = draft.rng.choice((*DISTRIBUTORS, UNREGISTERED))
    if draft.happens(0.6):
        supplier = draft.rng.choice((*DISTRIBUTORS[:3], UNREGISTERED))
        if supplier != seller:
            _issue(draft, supplier, seller, draft.day(), [(product, batch_no, 20)])
    _issue(draft, seller, _hospital(draft), draft.day(), [(product, batch_no, 20)])


def _mix_batches(draft: Draft, product: dict, batch_no: str) -> None:
    """Bought one batch, sold another or none; both lines may stand on one invoice."""
    seller = draft.rng.choice(DISTRIBUTORS)
    first, second = sorted((draft.day(), draft.day()))
    if draft.happens(0.4):
        first, second = second, first
    _issue(draft, _origin(draft, product), seller, first, [(product, batch_no, 20)])
    lines = [(product, draft.rng.choice(("B3",) * 8 + PLACEHOLDER_BATCHES), 10), (product, batch_no, 10)]
    _issue(draft, seller, _hospital(draft), second, lines[: draft.rng.randint(1, 2)])


def _sell_far_away(draft: Draft, product: dict, batch_no: str) -> None:
    """One extra company before a hospital, which is mostly on the remote list."""
    hospitals = draft.records["institutions"]
    remote = [i for i in hospitals if i["is_remote"] and i["ownership"] == "public"] or hospitals
    middle = draft.rng.sample(DISTRIBUTORS[2:], 2)
    chain = [_origin(draft, product), *middle, draft.rng.choice(remote)["institution_code"]]
    days = sorted(draft.day() for _ in chain)
    for seller, buyer, day in zip(chain, chain[1:], days, strict=False):
        _issue(draft, seller, buyer, day, [(product, batch_no, 20)])


def _sell_from_two_sources(draft: Draft, product: dict, batch_no: str) -> None:
    """Half the goods with a first invoice, the other half from a sister company or stranger without one."""
    rng = draft.rng
    seller, sister, stranger = (DISTRIBUTORS[1], rng.choice((DISTRIBUTORS[0], DISTRIBUTORS[2])), DISTRIBUTORS[3])
    days = sorted(draft.day() for _ in range(4))
    _issue(draft, _origin(draft, product), stranger, days[0], [(product, batch_no, 20)])
    _issue(draft, stranger, seller, days[1], [(product, batch_no, 20)])
    _issue(draft, sister, seller, days[2], [(product, batch_no, 20)])
    for _ in range(rng.randint(1, 3)):
        _issue(draft, seller, _hospital(draft), days[3], [(product, batch_no, 20)])


def _sell_at_random(draft: Draft, goods: list[tuple[dict, str]]) -> None:
    rng = draft.rng
    product, batch_no = rng.choice(goods)
    companies = [*DISTRIBUTORS, SALES_COMPANY, AGENT, product["manufacturer_code"]]
    buyers = [
        i["buyer_code"]
        for i in draft.records["invoices"]
        if i["product_code"] == product["product_code"] and i["buyer_code"] in companies
    ]
    seller = rng.choice(buyers if buyers and draft.happens(0.7) else companies)
    buyer = _hospital(draft) if draft.happens(0.5) else rng.choice([c for c in companies if c != seller])
    lines = [(product, batch_no, rng.choice(QUANTITIES))]
    if draft.happens(0.4):
        lines.append((*rng.choice(goods), rng.choice(QUANTITIES)))
    _issue(draft, seller, buyer, draft.day(), lines)


def _origin(draft: Draft, product: dict) -> str:
    """Mostly the maker or the holder, sometimes one who is deemed on some days or never."""
    makers = [m for m in (product["manufacturer_code"], product["mah_code"]) if m]
    records = draft.records["deemed_manufacturers"]
    deemed = [d["enterprise_code"] for d in records if d["manufacturer_code"] in makers]
    if deemed and draft.happens(0.4):
        return draft.rng.choice(deemed)
    return draft.rng.choice([*makers, *makers, *makers, SALES_COMPANY, AGENT])


def _hospital(draft: Draft) -> str:
    """The buyer of a hospital invoice: the institution's code or its USCC."""
    hospital = draft.rng.choice(draft.records["institutions"])
    return hospital["uscc"] if hospital["uscc"] and draft.happens(0.6) else hospital["institution_code"]


def _free_number(draft: Draft, seller: str) -> tuple[str, str]:
    """An unused (code, number); numbers repeat under other codes, by chance and of the same seller."""
    own = [i["invoice_no"] for i in draft.records["invoices"] if i["seller_code"] == seller and i["invoice_code"]]
    taken = {(i["invoice_code"], i["invoice_no"]) for i in draft.records["invoices"]}
    while True:
        key = ("", f"2433{draft.rng.randint(1, 99):016d}")
        if draft.happens(0.6):
            number = draft.rng.choice(own) if own and draft.happens(0.3) else f"{draft.rng.randint(1, 30):08d}"
            key = (draft.rng.choice(INVOICE_CODES), number)
        if key not in taken:
            return key


def _issue(draft: Draft, seller: str, buyer: str, day: date, lines: list[tuple]) -> None:
    code, number = _free_number(draft, seller)
    status = "void" if draft.happens(0.06) else "normal"
    for line_no, (product, batch_no, quantity) in enumerate(lines, start=1):
        draft.add(
            "invoices",
            invoice_code=code,
            invoice_no=number,
            line_no=line_no,
            seller_code=seller,
            buyer_code=buyer,
            issued_on=day,
            product_code=product["product_code"],
            batch_no=batch_no,
            quantity=Decimal(quantity),
            amount=Decimal(quantity) * draft.quantity(*PRICES),
            status=status,
        )


def _cancel_some_lines(draft: Draft) -> None:
    """A red invoice over one number: part, all or too much of it, by number alone or with the code."""
    rng = draft.rng
    target = rng.choice([i for i in draft.records["invoices"] if i["quantity"] > 0])
    blues = [
        i
        for i in draft.records["invoices"]
        if (i["invoice_code"], i["invoice_no"]) == (target["invoice_code"], target["invoice_no"])
    ]
    code, number = _free_number(draft, target["seller_code"])
    names_it = draft.happens(0.9)
    is_electronic = target["invoice_code"] == ""
    day, status = draft.day(target["issued_on"]), "void" if draft.happens(0.1) else "normal"
    for line_no, blue in enumerate(rng.sample(blues, rng.randint(1, len(blues))), start=1):
        share, money = (draft.quantity("0", "0.5", "1", "1", "1.5", "3"), draft.quantity("0.5", "1", "1", "1.5"))
        share = share if share != 1 or draft.happens(0.8) else Decimal("0.25")
        draft.add(
            "invoices",
            invoice_code=code,
            invoice_no=number,
            line_no=line_no,
            seller_code=blue["seller_code"] if draft.happens(0.95) else DISTRIBUTORS[0],
            buyer_code=blue["buyer_code"],
            issued_on=day,
            product_code=blue["product_code"],
            batch_no=blue["batch_no"] if draft.happens(0.9) else "B9",
            quantity=-blue["quantity"] * share,
            amount=-(blue["amount"] * money).quantize(Decimal("0.01")),
            red_of_invoice_code=(target["invoice_code"] or None) if draft.happens(0.5) else None,
            red_of_invoice_no=target["invoice_no"] if names_it else None,
            remark=f"被红冲蓝字数电发票号码：{target['invoice_no']}" if names_it and is_electronic else None,
            status=status,
        )


def _excuse_some_invoice(draft: Draft) -> None:
    rng = draft.rng
    hospitals = {code for i in draft.records["institutions"] for code in (i["institution_code"], i["uscc"])}
    sold = [i for i in draft.records["invoices"] if i["buyer_code"] in hospitals]
    invoice = rng.choice(sold or draft.records["invoices"])
    owners = [
        i
        for i in draft.records["institutions"]
        if invoice["buyer_code"] in (i["institution_code"], i["uscc"]) or draft.happens(0.2)
    ]
    if not owners:
        return
    draft.add(
        "excuses",
        excuse_id=f"E2-{len(draft.records['excuses'])}",
        kind="two_invoice",
        institution_code=rng.choice(owners)["institution_code"],
        invoice_code=invoice["invoice_code"] if draft.happens(0.8) else None,
        invoice_no=invoice["invoice_no"],
        valid_from=draft.day(),
        valid_to=rng.choice((None, None, None, invoice["issued_on"], draft.days[0])),
        reason_code="emergency",
        approved_by="李四",
        document_no="备〔2020〕1号",
    )
