"""A small newsroom for tests: alice reports, bob reviews, erin edits, victor only looks."""

from types import SimpleNamespace
from typing import Any

from factcheck import dossier
from factcheck.history import Door, recording
from factcheck.models import (
    Approval,
    Claim,
    Edition,
    Publisher,
    Rating,
    Report,
    Role,
    Source,
    State,
    Story,
    User,
    Verdict,
)

PEOPLE = {
    "alice": ("Alice Martin", Role.REPORTER),
    "bob": ("Bob Okafor", Role.REVIEWER),
    "erin": ("Erin Lindqvist", Role.EDITOR),
    "victor": ("Victor Haas", Role.VIEWER),
}
RATINGS = {
    "true": ("True", 4, "true"),
    "false": ("False", 1, "false"),
    "outdated": ("Outdated", None, "outdated"),
    "other": ("Other", 9, "true"),
}


def make_people() -> SimpleNamespace:
    people = {}
    for name, (full_name, role) in PEOPLE.items():
        first, last = full_name.split()
        people[name] = User.objects.create_user(name, password=name, first_name=first, last_name=last, is_staff=True)
        people[name].take_role(role)
    return SimpleNamespace(**people)


def writing(user: User | None = None, reason: str = "Set the scene"):
    return recording(user=user or User.objects.get(username="alice"), reason=reason, via=Door.COMMAND)


def make_rating(slug: str = "true", **fields: Any) -> Rating:
    name, value, mark = RATINGS[slug]
    fields = {"name": name, "value": value, "mark": mark, "definition": f"What we call {name}."} | fields
    if found := Rating.objects.filter(slug=slug).first():
        return found
    with writing():
        rating = Rating(slug=slug, **fields)
        rating.full_clean()
        rating.save()
    return rating


def make_story(slug: str = "flood", **fields: Any) -> Story:
    if found := Story.objects.filter(slug=slug).first():
        return found
    fields = {"title": "Flood on the Aude", "summary": "The river rose.", "began_on": "2026-03-13"} | fields
    with writing():
        story = Story(slug=slug, **fields)
        story.full_clean()
        story.save()
    return story


def make_source(slug: str, **fields: Any) -> Source:
    if found := Source.objects.filter(slug=slug).first():
        return found
    with writing():
        publisher = Publisher.objects.filter(name=f"Paper {slug}").first() or Publisher(name=f"Paper {slug}")
        publisher.save()
        fields = {
            "title": f"What {slug} wrote",
            "publisher": publisher,
            "url": f"https://example.org/{slug}",
            "published_at": "2026-03-13T20:00:00Z",
            "not_captured_reason": "Only short quotes are kept.",
        } | fields
        source = Source(slug=slug, **fields)
        source.full_clean()
        source.save()
    return source


def make_report(claim: Claim, source: Source, **fields: Any) -> Report:
    fields = {"reported_at": "2026-03-13T20:00:00Z", "qualifier": "exactly", "low": 3} | fields
    if "text_value" in fields:
        fields |= {"qualifier": "", "low": None}
    with writing():
        report = Report(claim=claim, source=source, number=Report.objects.next_number(claim), **fields)
        report.full_clean()
        report.save()
    return report


def make_claim(
    slug: str = "death-toll",
    *,
    author: User | None = None,
    sources: int = 2,
    rating: str | None = "true",
    summary: str = "Three people died.",
    explanation: str = "## What we checked\n\nThe prefecture's own count.",
    story: Story | None = None,
    **fields: Any,
) -> Claim:
    """A draft that lacks nothing, with a verdict by `author` and as many reports as sources."""
    story = story or make_story()
    make_rating("false")
    fields = {
        "label": "Death toll",
        "statement": "Three people were killed.",
        "claimant": "The prefect",
        "made_at": "2026-03-13T19:30:00Z",
    } | fields
    with writing(author):
        claim = Claim(story=story, slug=slug, **fields)
        claim.full_clean()
        claim.save()
    for number in range(1, sources + 1):
        make_report(claim, make_source(f"source-{number}"))
    found = make_rating(rating) if rating else None
    with writing(author):
        verdict = Verdict(claim=claim, rating=found, summary=summary, explanation=explanation)
        verdict.save()
    return Claim.objects.get(pk=claim.pk)


def publish(claim: Claim, *, kind: str = "first", note: str = "", **fields: Any) -> Edition:
    """Freeze the claim as it stands, past the desk: an approval by bob, published by erin."""
    bob, erin = User.objects.get(username="bob"), User.objects.get(username="erin")
    with writing(erin, "Publish"):
        verdict = Verdict.objects.get(claim=claim)
        verdict.edition_kind, verdict.edition_note = kind, note
        verdict.save()
        content = dossier.canonical(dossier.build(claim))
        digest = dossier.digest(content)
        approval = Approval(claim=claim, digest=digest, by=bob)
        approval.save()
        names = {"checked_by": str(verdict.author), "approved_by": str(bob), "published_by": str(erin)}
        edition = Edition.objects.freeze(claim, content=content, digest=digest, approval=approval, **names | fields)
        stored = Claim.objects.get(pk=claim.pk)
        stored.state = State.PUBLISHED
        stored.save()
    claim.refresh_from_db()
    return edition
