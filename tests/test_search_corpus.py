"""Queries as people type them: what each is looking for is among the first three, on either database."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction

from factcheck.intake import import_files
from factcheck.models import Edition, SearchEntry
from factcheck.text.finding import parse

from .newsroom import make_claim, make_people, make_report, make_source, make_story, publish

pytestmark = pytest.mark.django_db

FIRST = 3

# Of two more stories, one of them in French; each: short name, label, statement, summary, explanation.
MADE = {
    "flood": [
        (
            "river-level",
            "River level",
            "The Aude rose by 7.5 metres in one night.",
            "The gauge at Trèbes showed 7.68 metres at the peak; the rise within a night was 5.9 metres.",
            "We read the [gauge's own record](https://example.org/vigicrues/aude) hour by hour.",
        ),
        (
            "evacuated",
            "Evacuated",
            "More than 1,200 residents were evacuated from campsites.",
            "The prefecture counted 1,240 people in four campsites.",
            "Civil protection says that twenty-five of them were carried out by helicopter.",
        ),
        (
            "dam",
            "Burst dam",
            "The flood began when a dam burst upstream.",
            "No dam burst: engineers opened the gates of the Puyvalador reservoir as planned.",
            "Lieutenant-Colonel O'Brien, who led the rescue, calls the rumour nonsense.",
        ),
        (
            "photo",
            "Photo of a car",
            "A photo shows a red car floating through Carcassonne in the flood.",
            "The photo is from 2018 and was taken in another town.",
            "A reverse image search leads to a post of October 2018.",
        ),
    ],
    "canicule": [
        (
            "morts-chaleur",
            "Morts de la chaleur",
            "La canicule a fait vingt et un morts à Béziers.",
            "L’hôpital compte trois décès liés à la chaleur, et non vingt et un.",
            "Santé publique France n’a publié aucun chiffre pour la ville.",
        ),
        (
            "ecoles",
            "Écoles fermées",
            "Toutes les écoles de l’Hérault ont été fermées.",
            "Quatre-vingt-dix-sept écoles sur 560 ont fermé l’après-midi.",
            "Le rectorat a envoyé une liste à la préfecture.",
        ),
        (
            "record",
            "Record de température",
            "Il a fait 46,2 degrés à Saint-Cœur.",
            "La station la plus proche a mesuré 44,1 degrés.",
            "Météo-France ne connaît aucune station dans cette commune.",
        ),
        (
            "coupure",
            "Coupure d’électricité",
            "Une attaque informatique a coupé l’électricité.",
            "Un transformateur a surchauffé ; rien n’indique une attaque.",
            "Le gestionnaire du réseau a publié son rapport.",
        ),
    ],
    "jishin": [
        ("tokyo", "地震の死者", "東京で3人が死亡した。", "死亡は確認されていない。", "警視庁に問い合わせた。"),
    ],
}

QUERIES = [
    # names and places, without accents, in any case
    ("trebes supermarket", "killed-in-shop"),
    ("TRÈBES SUPERMARKET", "killed-in-shop"),
    ("Trebes deaths", "death-toll"),
    ("salah abdeslam", "demand"),
    ("Abdeslam", "demand"),
    ("abdes", "demand"),
    ("Isis", "allegiance"),
    ("islamic state", "allegiance"),
    ("syria", "motive"),
    ("Syria revenge", "motive"),
    ("iraq", "motive"),
    ("o'brien", "dam"),
    ("Puyvalador", "dam"),
    ("puyval", "dam"),
    ("beziers", "morts-chaleur"),
    ("herault", "ecoles"),
    ("meteo france", "record"),
    ("saint-coeur", "record"),
    ("moroccan", "gunman-identity"),
    # labels
    ("death toll", "death-toll"),
    ("deaths toll", "death-toll"),
    ("weapons", "weapons"),
    ("weapon", "weapons"),
    ("grenade", "grenades"),
    ("wounded", "injured"),
    ("motive", "motive"),
    ("age of the gunman", "gunman-age"),
    ("order of events", "order-of-events"),
    ("evacuated", "evacuated"),
    ("ecoles fermees", "ecoles"),
    ("écoles", "ecoles"),
    ("coupure d'électricité", "coupure"),
    # questions
    ("how many people were killed", "death-toll"),
    ("how many were injured in the attack", "injured"),
    ("what did the gunman demand", "demand"),
    ("how old was the gunman?", "gunman-age"),
    ("who was the gunman", "gunman-identity"),
    ("did he know the intelligence services", "known-to-services"),
    ("why did he do it: revenge for Syria?", "motive"),
    ("did a dam burst", "dam"),
    ("combien de morts à Béziers", "morts-chaleur"),
    ("est-ce que les écoles sont fermées", "ecoles"),
    ("y a-t-il eu une attaque informatique", "coupure"),
    # words as they are typed
    ("gren", "grenades"),
    ("superm", "killed-in-shop"),
    ("police jogg", "police-targeted"),
    ("helicop", "evacuated"),
    ("canic", "morts-chaleur"),
    ("interior minis", "gunman-fate"),
    ("car pass", "driver-and-passenger"),
    # phrases
    ('"at least three"', "death-toll"),
    ('"four policemen"', "police-targeted"),
    ('"latest reports"', "gunman-identity"),
    ('"killed in the supermarket"', "killed-in-shop"),
    ('"Previous to that incident"', "order-of-events"),
    ("“avenge Syria”", "motive"),
    ('"dam burst', "dam"),
    ("« rien n’indique »", "coupure"),
    # figures
    ("1200 evacuated", "evacuated"),
    ("1,200", "evacuated"),
    ("1 240 people", "evacuated"),
    ("25 years", "gunman-age"),
    ("twenty-five years old", "gunman-age"),
    ("three killed", "death-toll"),
    ("15 injured", "injured"),
    ("fifteen injured", "injured"),
    ("7.68 metres", "river-level"),
    ("7,68", "river-level"),
    ("46.2 degrés", "record"),
    ("97 écoles", "ecoles"),
    ("21 morts", "morts-chaleur"),
    # apostrophes, hyphens, addresses
    ("l'attaque informatique", "coupure"),
    ("d’électricité", "coupure"),
    ("lieutenant colonel", "dam"),
    ("home-made grenade", "grenades"),
    ("example.org/gauge-record", "river-level"),
    ("https://example.org/gauge-record", "river-level"),
    # more than one word that nothing else has
    ("red car photo", "photo"),
    ("floating car 2018", "photo"),
    ("gunman hostage released", "demand"),
    ("policemen jogging carcassonne", "police-targeted"),
    ("passenger of the hijacked car", "driver-and-passenger"),
    ("specialist units stormed", "gunman-fate"),
    ("french prosecutors", "allegiance"),
    # a word too many, and one that is misspelt
    ("death toll 2018 wikipedia", "death-toll"),
    ("gunman allegiance daesh", "allegiance"),
    ("reservoir gates zzz", "dam"),
    # without spaces
    ("東京", "tokyo"),
    ("死者", "tokyo"),
    ("死亡 東京", "tokyo"),
]


@pytest.fixture(scope="module")
def corpus(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """One for all queries: it takes seconds, and nothing here changes it."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = make_people()
        paths = [settings.BASE_DIR / "fixtures" / f"{name}.yaml" for name in ("ratings", "carcassonne_trebes")]
        import_files(paths, user=people.erin, with_editions=True)
        for slug, claims in MADE.items():
            story = make_story(slug, title=slug.title())
            for name, label, statement, summary, explanation in claims:
                texts = {"label": label, "statement": statement, "summary": summary, "explanation": explanation}
                claim = make_claim(name, author=people.alice, story=story, rating="true", sources=0, **texts)
                if name == "river-level":
                    source = make_source("gauge", url="https://example.org/gauge-record", title="Gauge of Trèbes")
                    make_report(claim, source, low=7)
                publish(claim)
        yield
        transaction.set_rollback(True)


def test_there_are_enough_of_them():
    assert len(QUERIES) == len({asked for asked, _slug in QUERIES}) >= 60


@pytest.mark.parametrize(("asked", "wanted"), QUERIES, ids=[asked for asked, _wanted in QUERIES])
def test_it_is_among_the_first(asked, wanted, corpus):
    hits, _left_out = SearchEntry.objects.search(parse(asked))
    slugs = dict(Edition.objects.filter(pk__in=[hit.edition for hit in hits[:10]]).values_list("pk", "slug"))
    found = [slugs[hit.edition] for hit in hits[:10]]
    assert wanted in found[:FIRST], f"found {found}"
