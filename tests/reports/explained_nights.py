"""Small nights that are published, to be explained and verified: a hospital, a product, one commitment in two years."""

from datetime import date

from pipelines.database.open import open_database
from pipelines.night import steps as nightly
from pipelines.reports.explain import explain_figure, explain_line
from pipelines.store.local import Local
from tests.acceptance.night import audited, compute_night

AS_OF = date(2020, 12, 31)
H, X, S = "H33028200001", "XC10AAA084A001010100001", "91330110MA27XL5M3N"
HEADS = {
    "institutions": "institution_code,name,uscc,jurisdiction_code,ownership",
    "products": "product_code,kind,generic_name,min_unit,units_per_pack,manufacturer_code",
    "selections": "lot_code,item_code,product_code,selected_price,valid_from",
    "lots": "lot_code,name,program,category,document_no",
    "commitments": "commitment_id,lot_code,item_code,institution_code,product_code,agreed_quantity,period_start,period_end",
    "deliveries": "institution_code,delivery_id,order_line_id,distributor_code,product_code,ordered_quantity,"
    "received_quantity,unit_price,ordered_on,accepted_on,is_gift,channel",
    "returns": "institution_code,return_id,delivery_id,returned_quantity,returned_on,status",
    "payments": "institution_code,payment_id,line_no,payee_code,paid_on,amount",
    "invoices": "invoice_code,invoice_no,line_no,seller_code,buyer_code,issued_on,product_code,batch_no,quantity,amount,"
    "status,red_of_invoice_no",
}
MASTER = {
    "institutions": [f"{H},一院,,330282,public"],
    "products": [f"{X},drug,某药,片,7,MAKER"],
    "lots": ["L,某批,national,drug,某文"],
    "commitments": [f"C,L,I,{H},{X},1000,2020-01-01,2020-12-31", f"LATER,L,I,{H},{X},1000,2020-06-01,2021-05-31"],
}


def delivery(name, accepted, more=",", packs=10):
    return f"{H},{name},O,{S},{X},10,{packs},1.00,2020-01-01,{accepted},{more}"


def send(landing, dataset, *rows, name="a.csv"):
    path = landing / dataset / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADS[dataset], *rows]) + "\n", encoding="utf-8")


def publish(run):
    """Publish a computed night without its audit."""
    assert nightly.publish(audited(run)) == "published"
    return run


class Night:
    """Send rows by dataset, run a night and publish it; then ask."""

    def __init__(self, folder):
        self.landing, self.home = folder / "landing", folder / "home"
        for dataset, rows in MASTER.items():
            send(self.landing, dataset, *rows)

    def run(self, name="a.csv", as_of=AS_OF, **datasets):
        for dataset, rows in datasets.items():
            send(self.landing, dataset, *rows, name=name)
        return publish(compute_night(self.landing, self.home, as_of)).run_id

    def ask(self, function, *arguments, **options):
        engine = open_database(f"sqlite:///{self.home / 'compliance.db'}")
        try:
            return function(engine, Local(self.home), None, *arguments, **options)
        finally:
            engine.dispose()

    def figure(self, table, *key, run_id=""):
        return self.ask(explain_figure, table, key, run_id=run_id)

    def line(self, path, line, run_id=""):
        return self.ask(explain_line, path, line, run_id=run_id)
