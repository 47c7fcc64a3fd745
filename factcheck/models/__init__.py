"""What we know."""

from factcheck.history import Changeset

from .addresses import SourceAddress
from .base import Precision, only_visible
from .board import Board
from .captures import MOST_CHARACTERS, Came, Capture
from .claims import KINDS, QUALIFIERS, Claim, Report, ReportStanding, Stance, State
from .editions import Edition, Flag, edition_published
from .people import Role, User
from .quotas import Quota, QuotaSpent
from .readers import Answer, CorrectionRequest, Decision, PublicText, TextPage
from .resting import Borne, resting_on
from .search import Citation, SearchEntry
from .sources import Publisher, Source, SourceBasis, SourceKind
from .standing import Standing
from .story import Story
from .verdicts import Approval, EditionKind, Mark, Rating, Verdict
from .visits import Visit

__all__ = [
    "KINDS",
    "MOST_CHARACTERS",
    "QUALIFIERS",
    "Answer",
    "Approval",
    "Board",
    "Borne",
    "Came",
    "Capture",
    "Changeset",
    "Citation",
    "Claim",
    "CorrectionRequest",
    "Decision",
    "Edition",
    "EditionKind",
    "Flag",
    "Mark",
    "Precision",
    "PublicText",
    "Publisher",
    "Quota",
    "QuotaSpent",
    "Rating",
    "Report",
    "ReportStanding",
    "Role",
    "SearchEntry",
    "Source",
    "SourceAddress",
    "SourceBasis",
    "SourceKind",
    "Stance",
    "Standing",
    "State",
    "Story",
    "TextPage",
    "User",
    "Verdict",
    "Visit",
    "edition_published",
    "only_visible",
    "resting_on",
]
