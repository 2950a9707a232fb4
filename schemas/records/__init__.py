"""The datasets of the landing zone: one Pandera model each, in the order in which references are checked."""

from schemas.records.agencies import Agencies
from schemas.records.blacklist import Blacklist
from schemas.records.catalogue_entries import CatalogueEntries
from schemas.records.commitment_adjustments import CommitmentAdjustments
from schemas.records.commitments import Commitments
from schemas.records.deemed_manufacturers import DeemedManufacturers
from schemas.records.deliveries import Deliveries
from schemas.records.enterprises import Enterprises
from schemas.records.evaluations import Evaluations
from schemas.records.excuses import Excuses
from schemas.records.institutions import Institutions
from schemas.records.invoices import Invoices
from schemas.records.lots import Lots
from schemas.records.misconduct import Misconduct
from schemas.records.model import RECORDS, Column, Dataset, Rule
from schemas.records.payments import Payments
from schemas.records.prepayments import Prepayments
from schemas.records.products import Products
from schemas.records.reference_prices import ReferencePrices
from schemas.records.returns import Returns
from schemas.records.selections import Selections
from schemas.records.substitutes import Substitutes
from schemas.records.surplus_bases import SurplusBases
from schemas.records.trace_scans import TraceScans
from schemas.records.usages import Usages

__all__ = ["RECORDS", "Column", "Dataset", "Rule"]

RECORDS.update(
    {
        "institutions": Dataset("institutions", Institutions),
        "enterprises": Dataset("enterprises", Enterprises),
        "agencies": Dataset("agencies", Agencies),
        "products": Dataset("products", Products),
        "lots": Dataset("lots", Lots),
        "deemed_manufacturers": Dataset("deemed_manufacturers", DeemedManufacturers),
        "selections": Dataset("selections", Selections),
        "substitutes": Dataset("substitutes", Substitutes),
        "commitments": Dataset("commitments", Commitments),
        "commitment_adjustments": Dataset("commitment_adjustments", CommitmentAdjustments),
        "invoices": Dataset("invoices", Invoices),
        "deliveries": Dataset("deliveries", Deliveries),
        "returns": Dataset("returns", Returns),
        "payments": Dataset("payments", Payments),
        "prepayments": Dataset("prepayments", Prepayments),
        "excuses": Dataset("excuses", Excuses),
        "blacklist": Dataset("blacklist", Blacklist),
        "catalogue_entries": Dataset("catalogue_entries", CatalogueEntries),
        "reference_prices": Dataset("reference_prices", ReferencePrices),
        "misconduct": Dataset("misconduct", Misconduct),
        "surplus_bases": Dataset("surplus_bases", SurplusBases),
        "evaluations": Dataset("evaluations", Evaluations),
        "usages": Dataset("usages", Usages),
        "trace_scans": Dataset("trace_scans", TraceScans),
    }
)
