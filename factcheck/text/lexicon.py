"""Which words say how sure, when, who says so, how many, or that it is not so; in English and French.

They name the kind of a change. A word that stands in no list matters as much, but for a respelling or a doubling.
"""

import re
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Mark(StrEnum):
    """What it is in a change that can change the meaning."""

    FIGURE = "figure"
    HEDGE = "hedge"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    ATTRIBUTION = "attribution"
    WORDING = "wording"
    VALUE = "value"

    @property
    def label(self) -> Promise:
        return LABELS[self]


LABELS = {
    Mark.FIGURE: _("figure"),
    Mark.HEDGE: _("how sure, how exact"),
    Mark.DATE: _("date or time"),
    Mark.NAME: _("name"),
    Mark.NEGATION: _("negation"),
    Mark.ATTRIBUTION: _("who says so"),
    Mark.WORDING: _("wording"),
    Mark.VALUE: _("value"),
}

WORDS = re.compile(r"\w+")
MONTHS = """
january february march april may june july august september october november december
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
"""
MONTH = {name: place % 12 + 1 for place, name in enumerate(WORDS.findall(MONTHS))}
ENGLISH_MONTHS, FRENCH_MONTHS = list(MONTH)[:12], list(MONTH)[12:]
SHORT_MONTH = {name[:3]: MONTH[name] for name in ENGLISH_MONTHS} | {"sept": 9}
WEEKDAYS = WORDS.findall(
    """
    monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche
    """
)
ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth
premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième
"""
ORDINAL = {word: place % 10 + 1 for place, word in enumerate(WORDS.findall(ORDINALS))} | {"première": 1}
OFFICES = """
president minister prime chancellor mayor prefect governor senator colonel captain lieutenant inspector prosecutor
professor doctor police gendarmerie army government parliament ministry
président présidente ministre maire préfet préfète procureur procureure gouvernement parlement ministère armée
"""
# A capital makes no other word of these, as it does of "may", "march", "turkey" and "us".
CASELESS = {"i", *WORDS.findall(OFFICES), *WEEKDAYS, *MONTH} - {"march", "may", "august", "mars"}

LEXICON = {
    Mark.NEGATION: """
        not, no, never, none, nobody, nothing, nowhere, neither, nor, without, unable, hardly, barely, scarcely,
        deny, denies, denied, denying, denial, false, falsely, untrue, fail, fails, failed, lack, lacks, lacked,
        refuse, refuses, refused, no longer, un, non, ne, n, pas, jamais, aucun, aucune, sans, rien, personne, ni,
        nul, nulle, nullement, guère, faux, fausse, nie, nié, nier, dément, démenti, pas encore
    """,
    Mark.ATTRIBUTION: """
        said, say, says, saying, tell, tells, told, according to, report, reports, reported, reportedly, allege,
        alleges, alleged, allegedly, claim, claims, claimed, stated, announce, announces, announced, confirm,
        confirms, confirmed, unconfirmed, accuse, accuses, accused, quote, quotes, quoted, cite, cites, cited,
        citing, source, sources, official, officials, witness, witnesses, spokesman, spokeswoman, spokesperson,
        suspect, suspected, purported, purportedly, supposed, supposedly, so-called, wrote, selon, d'après, dit,
        disent, déclare, déclaré, affirme, affirmé, affirment, annonce, annoncé, indique, indiqué, rapporte,
        rapporté, assure, assuré, précise, précisé, confirme, confirmé, aurait, auraient, serait, seraient, présumé,
        présumée, présumés, soi-disant, prétendu, prétendue, prétendument, de source, aux dires de, à en croire,
        témoin, témoins
    """,
    Mark.HEDGE: """
        at least, at most, no more than, no fewer than, no less than, not more than, more than, less than, fewer
        than, up to, as many as, as few as, as much as, as little as, close to, or more, or so, or fewer, or less,
        in excess of, upwards of, a minimum of, a maximum of, about, around, approximately, roughly, nearly, almost,
        over, under, some, estimated, estimate, circa, ca, between, may, might, could, would, should, possibly,
        possible, perhaps, maybe, probably, probable, likely, unlikely, apparently, appear, appears, appeared, seem,
        seems, seemed, believe, believes, believed, think, thinks, thought, fear, fears, feared, presumed,
        preliminary, provisional, only, just, initially, au moins, au plus, au maximum, au minimum, plus de, moins
        de, près de, autour de, à peu près, aux alentours de, de l'ordre de, jusqu, jusqu'à, environ, presque,
        quasi, quasiment, quelque, quelques, approximativement, entre, peut, peuvent, peut-être, probablement, sans
        doute, vraisemblablement, apparemment, pourrait, pourraient, semble, semblent, semblait, seulement, estimé,
        estimée
    """,
    Mark.DATE: """
        today, yesterday, tomorrow, tonight, morning, noon, afternoon, evening, night, midnight, before, after,
        during, until, since, ago, earlier, later, early, late, year, years, month, months, week, weeks, day, days,
        hour, hours, minute, minutes, seconds, then, now, aujourd'hui, hier, demain, matin, midi, après-midi, soir,
        soirée, nuit, minuit, veille, lendemain, avant, après, depuis, pendant, tôt, tard, ans, année, années,
        mois, semaine, semaines, jour, jours, heure, heures
    """,
    Mark.FIGURE: """
        half, thirds, quarter, quarters, dozen, dozens, hundred, hundreds, thousand, thousands, million, millions,
        billion, billions, trillion, couple, pair, several, few, many, most, all, both, double, doubled, twice,
        triple, tripled, once, single, majority, minority, more, less, fewer, another, every, each, demi, demie,
        moitié, tiers, quart, dizaine, dizaines, douzaine, quinzaine, vingtaine, trentaine, quarantaine,
        cinquantaine, soixantaine, centaine, centaines, millier, milliers, milliard, milliards, plusieurs, tous,
        toutes, chaque, plus, moins
    """,
}
# Of several words, it is one thing: part of it changed is all of it changed. "may" is a hedge before it is a month.
ENTRIES = dict.fromkeys([*MONTH, *WEEKDAYS], Mark.DATE) | {
    " ".join(entry.split()): mark for mark, entries in LEXICON.items() for entry in entries.split(",")
}
