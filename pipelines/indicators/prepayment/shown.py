"""How people are shown prepayment: what was prepaid beside what suppliers wait for, and how agencies keep to their days."""

from schemas.shown import Sheet, Shown

_ROW = (
    "lot_code",
    "period_start",
    "status",
    "agency_code",
    "required_fen",
    "on_time_fen",
    "prepaid_fen",
    "progress",
    "offset_fen",
    "balance_fen",
    "supplier_overdue_fen",
    "unearned_fen",
    "apply_due_on",
    "applied_on",
    "pay_due_on",
    "is_provisional",
    "period_end",
    "excuse_id",
)
_OF_ONE = ("is_provisional", "period_end", "excuse_id")
"""What stands on the page of the institution alone."""
_ORDER = ("-balance_fen", "-supplier_overdue_fen", "lot_code", "period_start")
_NOTE = (
    "应有余额按采购进度推算，不是经办机构实际扣回后的余额；同批次逾期货款不分采购周期，不宜相加。",
    "The balance is the scheduled one, not what was deducted. Overdue payables of a lot stand beside each of its years: "
    "do not add them up.",
)

SHOWN = Shown(
    titles=("医保基金预付", "Prepayment"),
    whose=("公立医疗机构", "public institutions"),
    sheets=(
        Sheet(
            "prepayments",
            "prepayment_timeliness",
            ("医保基金预付与同批次逾期货款", "Prepayments, and what suppliers of the lot wait for"),
            _ROW,
            order=_ORDER,
            levels=("institution",),
            note=_NOTE,
        ),
        Sheet(
            "prepayments_of_institutions",
            "prepayment_timeliness",
            ("各机构的医保基金预付与同批次逾期货款", "Prepayments of institutions, and what suppliers wait for"),
            ("institution_code", *(column for column in _ROW if column not in _OF_ONE)),
            order=_ORDER,
            levels=("jurisdiction", "all"),
            folded=("all",),
            has_filter=True,
            note=_NOTE,
        ),
        Sheet(
            "prepayment_agencies",
            "prepayment_agency",
            ("经办机构预付及时情况", "How agencies keep to their days"),
            ("agency_code", "on_time_rate", "groups", "required_fen", "on_time_fen"),
            order=("on_time_rate", "agency_code"),
            levels=("jurisdiction", "all"),
        ),
    ),
)
