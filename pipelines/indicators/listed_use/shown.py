"""How people are shown the use of lists: shares in the headline, rises and missing negotiated drugs in tables of their own."""

from schemas.shown import Headline, Sheet, Shown

_LISTS = "essential_and_monitored"
_SURGES = (
    "本年近90天与此前360天平均每90天相比，只列未中选药品；季节、收治病种、备货、替代短缺品种都可能是正常原因。",
    "The last 90 days against a usual quarter of the 360 days before, of drugs not selected; season, case mix, stock or a "
    "shortage of another drug may be the reason.",
)
_NEGOTIATED = (
    "公立三级、二级医疗机构本年采购过的家数 ÷ 家数；按品种相加时每家机构每种药品计一次。",
    "Public tertiary and secondary institutions that bought it this year, of all of them; added up, each counts once a drug.",
)
_LINKED = (
    "成员本年采购的药品中牵头机构也采购的；国家编码取前10位或11位，不分厂家规格。",
    "Of the drugs that a member bought this year, those that its head bought too, whatever their maker and strength.",
)

SHOWN = Shown(
    titles=("目录药品配备使用", "Use of listed products"),
    headlines=(
        Headline(
            _LISTS,
            "目录药品采购（本年，元）",
            ("范围", "药品采购", "基本药物占比", "医保药品占比", "重点监控", "占比", "增幅"),
            (
                (
                    "合计",
                    (
                        *("drug_fen", "essential_share_amount", "insured_share_amount"),
                        *("monitored_fen", "monitored_share", "monitored_growth"),
                    ),
                ),
            ),
        ),
    ),
    sheets=(
        Sheet(
            _LISTS,
            _LISTS,
            ("基本药物、医保药品与重点监控药品", "Essential, insured and monitored drugs"),
            (
                *("institution_code", "essential_share_amount", "essential_share_products", "insured_share_amount"),
                *("insured_share_products", "monitored_share", "monitored_growth", "drug_fen", "essential_fen", "insured_fen"),
                *("monitored_fen", "monitored_fen_before", "negotiated_fen", "other_fen", "consumable_fen", "governed_fen"),
                "governed_fen_before",
            ),
            order=("essential_share_amount", "institution_code"),
            has_filter=True,
        ),
        Sheet(
            "use_surges",
            "use_surges",
            ("药品采购超常增长（线索）", "Sudden rises (signals)"),
            ("institution_code", "generic_code", "ratio", "recent_units", "usual_units", "recent_fen"),
            order=("-ratio", "-recent_fen", "generic_code"),
            folded=("all",),
            has_filter=True,
            note=_SURGES,
        ),
        Sheet(
            "negotiated_use",
            "negotiated_use",
            ("谈判药品配备（配备少的在前）", "Negotiated drugs, least had first"),
            (*("product_code", "buyer_share", "institutions", "buyers", "purchase_fen", "pharmacies", "pharmacy_buyers"),),
            by=("product_code",),
            order=("buyer_share", "product_code"),
            levels=("jurisdiction", "all"),
            has_filter=True,
            note=_NEGOTIATED,
        ),
        Sheet(
            "family_linkage",
            "family_linkage",
            ("医联体用药目录衔接", "Drugs shared with the head"),
            ("head_code", "institution_code", "shared_share", "drug_codes", "shared", "essential_shared"),
            order=("shared_share", "head_code", "institution_code"),
            has_filter=True,
            note=_LINKED,
        ),
    ),
)
