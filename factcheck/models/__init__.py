"""What we know."""

from factcheck.history import Changeset

from .base import Precision, only_visible
from .board import Board
from .claims import KINDS, QUALIFIERS, Claim, Report, ReportStanding, Stance, State
from .editions import Edition, Flag, edition_published
from .people import Role, User
from .readers import Answer, CorrectionRequest, Decision, PublicText, TextPage
from .sources import Capture, Publisher, Source, SourceBasis, SourceKind
from .story import Story
from .verdicts import Approval, EditionKind, Mark, Rating, Verdict
from .visits import Visit

__all__ = [
    "KINDS",
    "QUALIFIERS",
    "Answer",
    "Approval",
    "Board",
    "Capture",
    "Changeset",
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
    "Rating",
    "Report",
    "ReportStanding",
    "Role",
    "Source",
    "SourceBasis",
    "SourceKind",
    "Stance",
    "State",
    "Story",
    "TextPage",
    "User",
    "Verdict",
    "Visit",
    "edition_published",
    "only_visible",
]
