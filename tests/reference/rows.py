"""One row of a dataset of interfaces §1: every column there, defaults applied, the rest empty (`None`)."""

from decimal import Decimal

DEFAULTS = {
    "is_remote": False,
    "is_designated": True,
    "is_gift": False,
    "is_emergency": False,
    "is_essential": False,
    "is_key_monitored": False,
    "special_category": "none",
    "target": "quantity",
    "direction": "floor",
    "unit": "min_unit",
    "conversion_factor": Decimal(1),
}
DATASET_DEFAULTS = {
    "lots": {"jurisdiction_code": ""},
    "deemed_manufacturers": {"product_code": ""},
    "deliveries": {"channel": "platform"},
    "returns": {"status": "confirmed"},
    "invoices": {"status": "normal", "invoice_code": ""},
    "payments": {"channel": "hospital"},
    "products": {"evaluation": "none"},
    "catalogue_entries": {"jurisdiction_code": ""},
    "blacklist": {"jurisdiction_code": ""},
    "reference_prices": {"jurisdiction_code": ""},
    "usages": {"kind": "dispensed", "settlement": "self"},
    "trace_scans": {"packs_per_code": Decimal(1)},
}
COLUMNS = {
    dataset: tuple(columns.split())
    for dataset, columns in {
        "institutions": "institution_code name uscc jurisdiction_code ownership level is_remote "
        "is_designated parent_institution_code responsible_person",
        "enterprises": "enterprise_code name group_code",
        "deemed_manufacturers": "enterprise_code manufacturer_code basis product_code valid_from valid_to",
        "agencies": "agency_code name jurisdiction_code responsible_person",
        "products": "product_code kind generic_code generic_name dosage_form strength min_unit "
        "units_per_pack manufacturer_code mah_code special_category is_essential is_key_monitored "
        "listing_price insurance_code evaluation udi_di",
        "lots": "lot_code name program category document_no jurisdiction_code",
        "selections": "lot_code item_code product_code selected_price conversion_factor valid_from valid_to",
        "commitments": "commitment_id lot_code item_code institution_code product_code target direction "
        "agreed_quantity agreed_quantity_max unit period_start period_end signed_on agency_code",
        "commitment_adjustments": "adjustment_id commitment_id effective_on delta_quantity "
        "replacement_product_code new_period_end reason document_no",
        "substitutes": "lot_code item_code product_code",
        "deliveries": "institution_code delivery_id order_line_id distributor_code product_code batch_no "
        "ordered_quantity shipped_quantity received_quantity unit_price ordered_on shipped_on accepted_on "
        "invoice_code invoice_no channel is_gift is_emergency trace_codes_count charge_price",
        "returns": "institution_code return_id delivery_id returned_quantity returned_on status",
        "invoices": "invoice_code invoice_no line_no seller_code buyer_code issued_on product_code batch_no "
        "quantity amount red_of_invoice_code red_of_invoice_no remark status",
        "payments": "institution_code payment_id line_no payee_code paid_on amount reverses_payment_id "
        "invoice_code invoice_no channel",
        "prepayments": "agency_code prepayment_id institution_code lot_code period_start applied_on paid_on amount",
        "excuses": "excuse_id kind institution_code commitment_id delivery_id quantity invoice_no "
        "invoice_code lot_code valid_from valid_to reason_code approved_by approved_on document_no",
        "blacklist": "enterprise_code listed_on delisted_on grade reason document_no jurisdiction_code",
        "catalogue_entries": "list code jurisdiction_code valid_from valid_to document_no",
        "reference_prices": "kind product_code jurisdiction_code valid_from valid_to price document_no",
        "misconduct": "case_no enterprise_code kind amount single_amount decided_on decided_by repaired_on document_no",
        "surplus_bases": "institution_code lot_code item_code period_start period_end base_quantity price_before "
        "fund_pay_ratio fund_pay_ratio_before insured_share",
        "evaluations": "institution_code kind year result score decided_on document_no",
        "usages": "institution_code usage_id product_code kind used_on quantity amount settlement settlement_code",
        "trace_scans": "institution_code scan_id trace_code event scanned_on product_code batch_no delivery_id packs_per_code",
    }.items()
}


def default_of(dataset: str, column: str) -> object:
    """What an empty cell of that column means."""
    return DATASET_DEFAULTS.get(dataset, {}).get(column, DEFAULTS.get(column))


def make_row(dataset: str, **values: object) -> dict:
    """A full row of `dataset`; a column that the dataset does not have is a KeyError."""
    unknown = set(values) - set(COLUMNS[dataset])
    if unknown:
        raise KeyError(f"{dataset} has no column {sorted(unknown)}; it has {COLUMNS[dataset]}")
    row = {column: values.get(column, default_of(dataset, column)) for column in COLUMNS[dataset]}
    if dataset == "surplus_bases" and row["fund_pay_ratio_before"] is None:
        row["fund_pay_ratio_before"] = row["fund_pay_ratio"]
    return row


def no_records() -> dict[str, list[dict]]:
    """Every dataset, empty."""
    return {dataset: [] for dataset in COLUMNS}
