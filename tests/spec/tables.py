"""Text tables: read them into records, and say whether found rows are the expected ones.

A text holds tables parted by empty lines. A table is a line with its name, a line with its columns, then its rows.
Columns are parted by spaces, or by ` | ` where a cell holds spaces. `#` begins a comment. A name may be followed by
`column=value`: for given rows the value of every row, for expected rows which of the found ones are meant.

Cells: `null` is nothing, `''` the empty text; yes and no; `10-31` is 31 October 2020; 10,000; 195/365 or 54.60%.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from schemas.records import RECORDS
from tests.reference.rows import make_row, no_records

Cells = dict[str, str]

_BACKGROUND = """
institutions
institution_code
H

products
product_code
X

lots
lot_code
L
"""
_USUAL = {
    "institutions": "jurisdiction_code=330282 ownership=public",
    "products": "kind=drug units_per_pack=1 manufacturer_code=MAKER",
    "agencies": "jurisdiction_code=330282",
    "lots": "program=national category=drug",
    "selections": "lot_code=L item_code=I product_code=X selected_price=1 valid_from=2019-01-01",
    "substitutes": "lot_code=L item_code=I",
    "commitments": "lot_code=L item_code=I institution_code=H product_code=X agreed_quantity=100 "
    "period_start=2020-01-01 period_end=2020-12-31",
    "commitment_adjustments": "adjustment_id=J commitment_id=C delta_quantity=0",
    "deliveries": "institution_code=H distributor_code=D product_code=X received_quantity=100 unit_price=1",
    "returns": "institution_code=H return_id=R",
    "payments": "institution_code=H payee_code=D line_no=1",
    "invoices": "line_no=1 product_code=X batch_no=B1 quantity=10",
    "prepayments": "agency_code=A institution_code=H lot_code=L period_start=2020-04-20 amount=100",
    "excuses": "excuse_id=E institution_code=H valid_from=2020-01-01",
    "catalogue_entries": "list=essential code=X valid_from=2019-01-01",
    "reference_prices": "kind=listing product_code=X valid_from=2019-01-01 price=1",
    "misconduct": "enterprise_code=S kind=bribery decided_on=2020-06-01",
    "surplus_bases": "institution_code=H lot_code=L item_code=I period_start=2020-01-01 period_end=2020-12-30 base_quantity=100 "
    "price_before=1 fund_pay_ratio=0.5 insured_share=1",
    "evaluations": "institution_code=H kind=surplus year=2020 result=pass decided_on=2020-12-31",
    "usages": "institution_code=H product_code=X used_on=2020-06-01 quantity=100 amount=100",
    "trace_scans": "institution_code=H product_code=X event=received scanned_on=2020-06-01",
    "deemed_manufacturers": "manufacturer_code=MAKER valid_from=2019-01-01",
}


@dataclass(frozen=True)
class Table:
    """A table as it was written: its name, what stands behind the name, and its rows of text."""

    name: str
    constants: Cells
    rows: list[Cells]


def read_tables(text: str) -> Iterator[Table]:
    """Every table of the text; ValueError names the row that has not one cell a column."""
    for block in _split_blocks(text):
        title, header, *lines = block
        name, *pairs = title.split()
        columns = _split_cells(header)
        rows = []
        for line in lines:
            cells = _split_cells(line)
            if len(cells) != len(columns):
                raise ValueError(f"table {name}: {len(cells)} cells for the columns {columns}: {line!r}")
            rows.append(dict(zip(columns, cells, strict=True)))
        yield Table(name, dict(pair.split("=", 1) for pair in pairs), rows)


def read_records(text: str) -> dict[str, list[dict]]:
    """Records by dataset. What a table leaves out is usual: hospital H in Cixi, drug X of MAKER, a yuan a pack, 2020."""
    records = no_records()
    given = {table.name: table for table in read_tables(_BACKGROUND)}
    given |= {table.name: table for table in read_tables(text)}
    for name, table in given.items():
        usual = dict(pair.split("=", 1) for pair in _USUAL.get(name, "").split())
        records[name] = [_make_record(name, usual | table.constants | row) for row in table.rows]
    return records


def compare(expected: Table, found: list[dict]) -> None:
    """Each expected row is found once and none is left over; AssertionError shows what was found."""
    __tracebackhide__ = True
    left = [row for row in found if all(_says(cell, row[c]) for c, cell in expected.constants.items())]
    meant = list(left)
    missing = []
    for cells in expected.rows:
        match = next((row for row in left if all(_says(cell, row[c]) for c, cell in cells.items())), None)
        if match is None:
            missing.append(cells)
        else:
            left.remove(match)
    columns = list(expected.rows[0]) if expected.rows else []
    shown = "\n".join(str({c: row[c] for c in columns} or row) for row in meant)
    assert not missing and not left, f"{expected.name}: missing {missing}, left over {len(left)}; found:\n{shown}"


def read_day(cell: str) -> date:
    """A date; without a year it lies in 2020."""
    return date.fromisoformat(cell if len(cell) == 10 else f"2020-{cell}")


def _split_blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for raw in [*text.splitlines(), ""]:
        line = raw.split("#")[0].strip()
        if line:
            block.append(line)
        elif block and not raw.strip():
            yield block
            block = []


def _split_cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split(" | ")] if " | " in line else line.split()


def _make_record(dataset: str, cells: Cells) -> dict:
    kinds = {c.canonical or c.name: c.kind for c in RECORDS[dataset].columns}
    if dataset == "invoices":
        cells = {"amount": cells["quantity"]} | cells
    return make_row(dataset, **{c: _read(kinds[c], cell) for c, cell in cells.items() if cell != "null"})


def _read(kind: str, cell: str) -> object:
    match kind:
        case "day":
            return read_day(cell)
        case "flag":
            return {"yes": True, "no": False}[cell]
        case "count":
            return int(cell)
        case "fen" | "price" | "quantity":
            return Decimal(cell.replace(",", ""))
    return "" if cell == "''" else cell


def _says(cell: str, value: object) -> bool:
    match value:
        case None:
            return cell == "null"
        case bool():
            return cell == ("yes" if value else "no")
        case float() if cell.endswith("%"):
            decimals = len(cell.partition(".")[2]) - 1 if "." in cell else 0
            return f"{100 * value:.{decimals}f}%" == cell
        case int() | float():
            return cell != "null" and float(Fraction(cell.replace(",", ""))) == value
        case date():
            return cell != "null" and read_day(cell) == value
    return value == ("" if cell == "''" else cell)
