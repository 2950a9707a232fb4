"""The year 2020 of a hospital, and of a private one: a commitment, a payable or an invoice for each thing that can be listed."""

from datetime import date
from pathlib import Path

from pipelines.store.local import Local
from tests.acceptance.night import compute_night
from tests.reports.explained_nights import publish

AS_OF = date(2020, 12, 31)
H, PRIVATE = "H33028200001", "H33028200002"
HEADS = {
    "institutions": "institution_code,name,uscc,jurisdiction_code,ownership,responsible_person",
    "enterprises": "enterprise_code,name",
    "products": "product_code,kind,generic_name,min_unit,units_per_pack,manufacturer_code",
    "lots": "lot_code,name,program,category,document_no",
    "selections": "lot_code,item_code,product_code,selected_price,valid_from,valid_to",
    "commitments": "commitment_id,lot_code,item_code,institution_code,product_code,agreed_quantity,period_start,period_end",
    "deliveries": "institution_code,delivery_id,order_line_id,distributor_code,product_code,ordered_quantity,"
    "received_quantity,unit_price,ordered_on,accepted_on,invoice_no",
    "payments": "institution_code,payment_id,line_no,payee_code,paid_on,amount,invoice_no",
    "invoices": "invoice_code,invoice_no,line_no,seller_code,buyer_code,issued_on,product_code,batch_no,quantity,amount",
    "excuses": "excuse_id,kind,institution_code,commitment_id,quantity,delivery_id,invoice_no,valid_from,reason_code,"
    "approved_by,document_no",
}
ENDED, RUNNING = "2020-01-01,2020-06-30", "2020-07-01,2021-06-30"
COMMITMENTS = {  # name: (period, agreed, received, approved excuse)
    "FAILED": (ENDED, 100, 40, 0),
    "OVERORDERED": (ENDED, 100, 90, 0),
    "EXCUSED": (ENDED, 100, 80, 20),
    "COMPLETED": (ENDED, 100, 130, 0),
    "BEHIND": (RUNNING, 365, 100, 0),
    "BEHIND_EXCUSED": (RUNNING, 500, 147.2, 135),  # 147.2 of 365 days' worth: exactly 0.8 of 184 days
    "BEHIND_STILL": (RUNNING, 500, 147.1999, 135),
}
SHORT = [  # orders beyond what was received in time
    ("FAILED", "SHORT", 60, 0, "2020-02-01", ""),
    ("FAILED", "LATE", 30, 30, "2020-06-20", "2020-07-05"),
    ("FAILED", "BEFORE", 500, 0, "2019-12-31", ""),
    ("OVERORDERED", "OPEN", 30, 0, "2020-06-30", ""),
    ("BEHIND", "TOO_LATE", 70, 0, "2021-01-01", ""),
]


def product_of(name: str) -> str:
    """Each commitment has a product of its own, so that none takes another's receipts."""
    return f"XC10AAA{[*COMMITMENTS, 'PAID'].index(name):03d}A001010100001"


def payable(name: str, accepted: str, yuan: int, invoice: str = "", institution: str = H) -> str:
    return f"{institution},{name},O-{name},S,{product_of('PAID')},{yuan},{yuan},1.00,2020-09-01,{accepted},{invoice}"


def invoice(number: str, seller: str, buyer: str, batch: str, day: str, packs: int = 10) -> str:
    return f",{number},1,{seller},{buyer},{day},{product_of('PAID')},{batch},{packs},{packs}0.00"


def write_year(landing: Path) -> None:
    """The landing zone: csv files by dataset."""
    uscc = "91330110MA27XL5M3N"
    chain = [invoice("90000001", "M", "A", "B1", "2020-03-01", 99), invoice("90000002", "A", "B", "B1", "2020-03-02", 50)]
    rows = {
        "institutions": [f"{H},一院,{uscc},330282,public,张某", f"{PRIVATE},民营医院,,330282,private,钱某"],
        "enterprises": ["S,=配送公司", "B,乙公司"],
        "products": [f"{product_of(n)},drug,某药{n},片,1,M" for n in (*COMMITMENTS, "PAID")],
        "lots": ["L,某批,national,drug,某文"],
        "selections": [f"L,{n},{product_of(n)},2.50,2019-01-01,2022-12-31" for n in COMMITMENTS],
        "commitments": [
            *(f"{n},L,{n},{H},{product_of(n)},{agreed},{period}" for n, (period, agreed, _, _) in COMMITMENTS.items()),
            f"VOLUNTARY,L,FAILED,{PRIVATE},{product_of('FAILED')},100,{ENDED}",
        ],
        "deliveries": [
            *(
                f"{H},R-{n},O-{n},S,{product_of(n)},{max(got, 60 if n == 'FAILED' else 0)},{got},0,"
                f"{'2020-02-01,2020-03-01' if period == ENDED else '2020-08-01,2020-09-01'},"
                for n, (period, _, got, _) in COMMITMENTS.items()
            ),
            *(
                f"{H},{n},{'O-FAILED' if n == 'SHORT' else f'O-{n}'},S,{product_of(c)},{ordered},{got or ''},0,{on},{accepted},"
                for c, n, ordered, got, on, accepted in SHORT
            ),
            payable("OPEN_SEP", "2020-09-10", 100),
            payable("DISPUTED", "2020-10-12", 50),
            payable("PAID_LATE", "2020-10-12", 40, "77770001"),
            payable("NOV_DISPUTED", "2020-11-10", 30),
            payable("NOV_OPEN", "2020-11-11", 20),
            payable("ON_TIME", "2020-10-20", 60, "77770002"),
            payable("PRIVATE_OPEN", "2020-09-10", 10, institution=PRIVATE),
        ],
        "payments": [f"{H},P1,1,S,2020-12-15,40.00,77770001", f"{H},P2,1,S,2020-10-25,60.00,77770002"],
        "invoices": [
            *chain,
            invoice("66660001", "B", uscc, "B1", "2020-04-01"),
            invoice("66660002", "B", uscc, "B1", "2020-04-02"),
            invoice("66660003", "A", uscc, "B1", "2020-04-03"),
            invoice("66660004", "B", uscc, "", "2020-05-01"),
        ],
        "excuses": [
            *(
                f"X-{n},volume,{H},{n},{excused},,,2020-01-01,shortage,局,备案{n}号"
                for n, (_, _, _, excused) in COMMITMENTS.items()
                if excused
            ),
            f"X-PAY,payment,{H},,,DISPUTED,,2020-01-01,dispute,局,备案付1号",
            f"X-PAY2,payment,{H},,,NOV_DISPUTED,,2020-01-01,dispute,局,备案付2号",
            f"X-INVOICE,two_invoice,{H},,,,66660002,2020-01-01,emergency,局,备案票1号",
        ],
    }
    for dataset, lines in rows.items():
        path = landing / dataset / "a.csv"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join([HEADS[dataset], *lines]) + "\n", encoding="utf-8")


def publish_year(folder: Path) -> Local:
    """The home after the night of the last day of the year."""
    write_year(folder / "landing")
    publish(compute_night(folder / "landing", folder / "home", AS_OF))
    return Local(folder / "home")
