"""Which spellings are one word for certain.

By families and lists, for no rule of shape is safe: a letter doubled, dropped or moved makes "raped" out of "rapped",
"compliant" out of "complaint", "uniformed" out of "uninformed", and in French "tué" (killed) out of "tue" (kills).
No two words of the large English and French dictionaries (Debian's wamerican-huge, wbritish-huge and wfrench) that
mean different things are one spelling here: look again before you add a family.
"""

import re

from rapidfuzz.distance import OSA

# British and American: the stem, the part that differs, the ending.
FAMILIES = [
    ("...+", "is", "iz", "e[ds]?|ing|ers?|ations?|able"),
    ("anal|paral", "ys", "yz", "e[ds]?|ing"),
    (
        "arm|behavi|clam|col|endeav|fav|flav|glam|harb|(?:dis)?hon|hum|lab|neighb|od|rum|savi|splend|tum|val|vap|vig",
        "our",
        "or",
        "[a-z]*",
    ),
    ("calib|(?:epi)?cent|fib|lit|lust|meag|(?:centi|kilo|milli)?met|somb|spect|theat", "re", "er", "s?"),
    (
        "cancel|channel|counsel|dial|equal|fuel|jewel|label|level|marvel|model|panel|quarrel|rival|signal|total|travel|"
        "tunnel",
        "l",
        "",
        "ed|ing|ers?|ors?",
    ),
    ("anal|catal|dial", "ogue", "og", "s?"),
    ("def|off|pret", "ence", "ense", "s?"),
]
AMERICAN = [(re.compile(f"^({stem}){there}({end})$"), rf"\1{here}\2") for stem, there, here, end in FAMILIES]

# The rest of these, and what is often mistyped and no word as it stands; wherever in a word it comes.
PARTS = dict(
    re.findall(
        r"(\w+) (\w+)",
        """
    aluminium aluminum, anaemi anemi, anaesth anesth, archaeolog archeolog, diarrhoea diarrhea, encyclopaed encycloped,
    foetus fetus, fulfilment fulfillment, grey gray, instalment installment, jewellery jewelry, judgement judgment,
    leukaemi leukemi, licence license, manoeuvr maneuver, moustache mustache, orthopaed orthoped, paediatr pediatr,
    practise practice, programme program, sceptic skeptic, skilful skillful, sulphur sulfur,
    accomodat accommodat, acheiv achiev, accross across, adress address, agressi aggressi, apparant apparent,
    arguement argument, assasin assassin, becuase because, begining beginning, beleiv believ, comittee committee,
    commited committed, concious conscious, definately definitely, dissapear disappear, embarass embarrass,
    enviroment environment, existance existence, foriegn foreign, freind friend, goverment government, harrass harass,
    immediatly immediately, independant independent, knowlege knowledge, liason liaison, maintainance maintenance,
    neccessar necessar, necessery necessary, occassion occasion, occured occurred, occurence occurrence,
    occuring occurring, offical official, oppurtunit opportunit, paralel parallel, parliment parliament, posess possess,
    priviledge privilege, publically publicly, reciev receiv, recomend recommend, refered referred, relevent relevant,
    remeber remember, sentance sentence, seperat separat, similiar similar, succesful successful, suprise surprise,
    teh the, thier their, tommorow tomorrow, wich which, wierd weird, yeild yield
        """,
    )
)
PART = re.compile("|".join(PARTS))


def is_respelling(a: str, b: str) -> bool:
    """In lower case."""
    return _standard(a) == _standard(b)


def _standard(word: str) -> str:
    for british, american in AMERICAN:
        word = british.sub(american, word)
    return PART.sub(lambda found: PARTS[found[0]], word)


def is_slip(old: str, new: str) -> bool:
    """Each word may be the other one mistyped, or cut in two. Somebody has to look: "killed" is as near to "billed"."""
    a, b = old.casefold().split(), new.casefold().split()
    if len(a) != len(b):
        a, b = ["".join(a)], ["".join(b)]
    pairs = zip(a, b, strict=True)
    return all(one and other and OSA.distance(one, other) <= _letters(one, other) for one, other in pairs)


def _letters(a: str, b: str) -> int:
    """As many as a slip may change."""
    return 2 if min(len(a), len(b)) > 4 else 1
