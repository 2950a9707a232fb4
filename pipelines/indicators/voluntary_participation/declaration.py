"""What voluntary participation declares: its report table, measure and laws (obligations §14). It raises no findings."""

from schemas.law import at_most
from schemas.measure import IN_TABLES, Measure
from schemas.spellings import OWNERSHIPS, first_spellings
from schemas.table import AS_OF, CIXI, JURISDICTION, RUN_ID, ReportTable, count, fen, rate, text

VOLUNTARY = {owner: word for owner, word in first_spellings(OWNERSHIPS).items() if owner != "public"}
_CLAUSE = f"{CIXI} 二(一)1（鼓励自愿进入平台采购）"

PARTICIPATION = ReportTable(
    name="voluntary_participation",
    title_zh="民营医疗机构和零售药店参与情况",
    description="Designated private hospitals and pharmacies that buy on the platform, per division and ownership.",
    key=("as_of", "jurisdiction_code", "ownership"),
    figure=True,
    columns=(
        AS_OF,
        JURISDICTION,
        text("ownership", "机构性质", "Private hospitals, or retail pharmacies.", values=VOLUNTARY),
        RUN_ID,
        count("institutions", "institutions", "定点机构数", "Designated institutions, each branch by itself.", _CLAUSE),
        count("participants", "institutions", "参与机构数", "Of them, with a platform line from 1 January to as_of.", _CLAUSE),
        count("committed", "institutions", "有约定采购量的机构数", "Of them, with a commitment that runs at as_of."),
        fen("platform_fen", "平台采购金额", "Value of their platform lines from 1 January to as_of."),
        fen("offline_fen", "线下采购金额", "Value of their other lines from 1 January to as_of."),
        rate(
            "participation_rate",
            "参与率",
            "Participants divided by institutions.",
            _CLAUSE,
            of=("participants", "institutions"),
        ),
    ),
)
TABLES = (PARTICIPATION,)

MEASURES = (
    Measure(
        "voluntary_participation",
        PARTICIPATION.name,
        "participation_rate",
        "自愿参与率",
        "Voluntary participation",
        apart=("ownership",),
        first={"ownership": "private"},
        shown=IN_TABLES,
    ),
)

LAWS = (
    at_most(PARTICIPATION.name, "participants", "participants", "institutions", "参与机构数多于定点机构数"),
    at_most(PARTICIPATION.name, "committed", "committed", "institutions", "有约定采购量的机构数多于定点机构数"),
)
