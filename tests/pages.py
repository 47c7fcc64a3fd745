"""Every kind of page, of the shipped story."""

from types import SimpleNamespace

from django.conf import settings
from django.urls import reverse

from factcheck.history import Changeset, Door, recording
from factcheck.intake import captures, import_files
from factcheck.models import Answer, Claim, CorrectionRequest, Source, User

from .newsroom import make_people

PUBLIC = [
    "/",
    "/stories/carcassonne-trebes/",
    "/stories/carcassonne-trebes/@2018-03-23T21:07Z/",
    "/stories/carcassonne-trebes/since/2018-04-20T09:42Z/",
    "/stories/carcassonne-trebes/changes/",
    "/claims/death-toll/",
    "/claims/death-toll/editions/1/",
    "/claims/death-toll/editions/2/",
    "/claims/weapons/",
    "/claims/death-toll/report-an-error/",
    "/claims/death-toll/report-an-error/?edition=1",
    "/claims/death-toll/report-an-error/thanks/",
    "/embed/claims/death-toll/",
    "/corrections/",
    "/ratings/",
    "/ratings/outdated/",
    "/search/",
    "/search/?q=trebes+three+hostage",
    "/search/?q=gunman&rating=true&since=2018-03-01&until=x",
    "/search/?q=zzz&story=nobody",
    "/archive/",
    "/archive/2018-03/",
    "/sources/",
    "/sources/carcassonne-trebes-same-day-article/",
    "/publishers/news-site-not-named-in-our-copy/",
    "/methodology/",
    "/corrections-policy/",
    "/about/",
    "/funding/",
]
REFUSED = ["/no/such/page/", "/stories/carcassonne-trebes/?as_of=yesterday", "/claims/death-toll/@2018-01-01"]
ADMIN_KINDS = ["changelist", "add"]


def tell_the_story() -> SimpleNamespace:
    people = make_people()
    paths = [settings.BASE_DIR / "fixtures" / f"{name}.yaml" for name in ("ratings", "carcassonne_trebes")]
    import_files(paths, user=people.erin, with_editions=True)
    return people


def desk_pages() -> list[str]:
    claim = Claim.objects.get(slug="exchanged-officer")
    published = Claim.objects.get(slug="death-toll")
    source = Source.objects.first()
    pages = [reverse("admin:index"), reverse("admin:factcheck_report_changelist")]
    for model in ("claim", "source", "story", "publisher", "rating", "publictext"):
        pages += [reverse(f"admin:factcheck_{model}_{kind}") for kind in ADMIN_KINDS]
    for one in (claim, published, source):
        name = one._meta.model_name
        pages += [reverse(f"admin:factcheck_{name}_{kind}", args=[one.pk]) for kind in ("change", "history")]
    pages.append(reverse("admin:factcheck_source_retract", args=[source.pk]))
    pages.append(reverse("admin:factcheck_report_add") + f"?claim={claim.pk}&source_url=https://example.org/")
    pages += [
        reverse(f"admin:factcheck_story_{kind}", args=[claim.story_id]) for kind in ("change", "history", "board")
    ]
    board = pages[-1]
    pages += [f"{board}?{asked}" for asked in ("", "since_date=2018-01-01&clock=claimed&date=2018-12-31", "date=x")]
    pages.append(reverse("admin:factcheck_changeset_change", args=[Changeset.objects.latest("pk").pk]))
    asked = CorrectionRequest(edition=published.editions.first(), message="It is four.", contact="reader@example.org")
    asked.save()
    unanswered = CorrectionRequest(edition=published.editions.first(), message="It is five.")
    unanswered.save()
    pages.append(reverse("admin:factcheck_correctionrequest_changelist"))
    pages += [reverse("admin:factcheck_correctionrequest_change", args=[each.pk]) for each in (asked, unanswered)]
    report = claim.reports.first()
    key = report.pk
    with recording(user=User.objects.get(username="erin"), reason="Made by mistake", via=Door.COMMAND):
        claim.label, claim.statement = "An officer", claim.statement.replace("hostage", "shopper")
        claim.save()
        report.delete()
        source.title = f"{source.title}, revised"  # and so pages that cite it are stale
        source.save()
        Answer(request=asked, decision="unchanged", text="It is three.").save()
    for name, one in (("claim", claim.pk), ("report", key), ("verdict", published.verdict.pk)):
        pages += [reverse(f"admin:{kind}", args=[name, one]) for kind in ("versions", "compare")]
        pages.append(reverse("admin:version", args=[name, one, 1]))
    pages.append(reverse("admin:compare", args=["claim", claim.pk]) + "?from=x&to=%22")
    for words in ("The gunman was killed.\nIt is over.", "The gunman was killed in the assault.\nIt is over now."):
        captures.paste(source, words, user=User.objects.get(username="alice"), reason="What it says")
    pages += [reverse(f"admin:{name}", args=[source.pk]) for name in ("captures", "captures_compare")]
    pages.append(reverse("admin:factcheck_capture_change", args=[source.captures.first().pk]))
    pages.append(reverse("admin:factcheck_capture_changelist"))
    quote = reverse("admin:quote", args=[source.reports.first().pk])
    pages += [quote, f"{quote}?words=gunman+was+killed", f"{quote}?words=gunmen+wos+killed", f"{quote}?words=x"]
    pages += [reverse(f"admin:factcheck_claim_{kind}", args=[claim.pk]) for kind in ("preview", "delete")]
    chosen = f"?claims={claim.pk}&claims={published.pk}"
    pages += [reverse("admin:factcheck_claim_bulk", args=[name]) + chosen for name in ("assign", "label", "submit")]
    pages += [reverse("admin:factcheck_claim_changelist") + query for query in ("?queue=mine", "?q=officer")]
    pages += [reverse(f"admin:factcheck_{name}_changelist") for name in ("edition", "approval", "flag", "changeset")]
    pages.append(reverse("admin:password_change"))
    pages.append(reverse("admin:factcheck_claim_move", args=[claim.pk, "submit"]))
    pages.append(reverse("admin:factcheck_claim_move", args=[published.pk, "reopen"]))
    return pages
