"""The picture of an edition that social networks show with a link to it: the finding at a glance.

A function of the frozen edition and the site's name. The extra `card` brings what draws it; without it there is none.
"""

import io
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.models import Edition

from .signs import sign
from .words import verdict_word

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT, TOP = 84, 1120, 68
PAPER, INK, SOFT, LINE = "#fffdf9", "#1d1a16", "#5d574d", "#d9d2c3"
# As in the style sheet.
COLOURS = {"true": "#1d6236", "mostly": "#1d6236", "mixed": "#7a4d00", "false": "#9d1c1c"}
COLOURS |= {"outdated": "#33517d", "unproven": "#5b4a7a", "withdrawn": "#5d574d"}
SIZES = [(84, 2), (68, 4), (56, 5)]  # of the statement, and how many lines there is room for
# It is drawn in the numbers of a palette of its own, which spares the search for one: each colour has a ramp of steps
# that begins with the paper's, and what is written in it stands on ground that is the first of them.
STEPS = 32
INKS, SOFTS, MARKS, LINES = range(0, 4 * STEPS, STEPS)
FULL = STEPS - 1
FONT = "font_source_serif_pro"
NO_CHARACTER = "\U0010fffe"


@cache
def is_possible() -> bool:
    return all(find_spec(name) for name in ("PIL", FONT))


def picture(edition: Edition) -> bytes:
    """A PNG: the same bytes for the same edition."""
    from PIL import ImageDraw

    content = edition.dossier
    mark = "withdrawn" if edition.is_withdrawal else content["verdict"]["rating"]["mark"]
    image = frame(mark, verdict_word(edition), settings.SITE_NAME).copy()
    draw = ImageDraw.Draw(image)
    kicker = " · ".join([content["story"]["title"], content["claim"]["label"]])
    put_line(draw, kicker, (LEFT, TOP), font("Regular", 32), fill=SOFTS + FULL)
    put_statement(draw, f"“{content['claim']['statement']}”")
    image.putpalette([part for colour in (INK, SOFT, COLOURS[mark], LINE) for part in ramp(colour)])
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=3)  # 6 would save a fifth of it and take twice as long
    return file.getvalue()


@lru_cache(16)
def frame(mark: str, finding: str, site_name: str) -> "Image":
    """What the pictures of one rating share. To be copied."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (WIDTH, HEIGHT), INKS)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 100), fill=SOFTS)
    draw.line((LEFT, 466, RIGHT, 466), fill=LINES + FULL, width=2)
    until = RIGHT - drawn_name(draw, site_name) - 40
    draw.rectangle((LEFT, 470, until, HEIGHT), fill=MARKS)
    image.paste(sign(mark, 84, MARKS + FULL, MARKS), (LEFT, 496))
    put_line(draw, finding, (LEFT + 108, 538), font("Bold", 60), fill=MARKS + FULL, until=until)
    draw.rectangle((0, 0, 28, HEIGHT), fill=MARKS + FULL)
    return image


@cache
def ramp(colour: str) -> list[int]:
    """From the paper's to this one: red, green and blue of each step."""
    from PIL import ImageColor

    ends = list(zip(ImageColor.getrgb(PAPER), ImageColor.getrgb(colour), strict=True))
    return [round(first + (last - first) * step / FULL) for step in range(STEPS) for first, last in ends]


def described(edition: Edition) -> dict[str, Any]:
    """Where it is, how large, and the same in words."""
    words = {"rating": verdict_word(edition), "statement": edition.dossier["claim"]["statement"]}
    return {
        "url": settings.SITE_URL + reverse("card", args=[edition.slug, edition.number]),
        "width": WIDTH,
        "height": HEIGHT,
        "alt": _("%(rating)s: “%(statement)s”") % words,
    }


def drawn_name(draw: "ImageDraw", name: str) -> float:
    """Puts the site's name at the right, and answers how wide it is."""
    of = font("Semibold", 36)
    name = cut(name, of, 400)
    if not can_write(of, name):
        return 0
    draw.text((RIGHT, 538), name, font=of, fill=INKS + FULL, anchor="rm")
    return of.getlength(name)


def put_line(
    draw: "ImageDraw", text: str, at: tuple[int, int], of: "FreeTypeFont", *, fill: int, until: float = RIGHT
) -> None:
    """Cut where it does not fit; left out where the font cannot write it."""
    text = unicodedata.normalize("NFC", text)
    if can_write(of, text):
        draw.text(at, cut(text, of, until - at[0]), font=of, fill=fill, anchor="lm")


def put_statement(draw: "ImageDraw", text: str) -> None:
    """As large as it fits. In a script that the font does not have, it is left out: no boxes in place of letters."""
    text = unicodedata.normalize("NFC", text)
    for size, room in SIZES:
        of = font("Semibold", size)
        lines = list(islice(wrapped(text, of, RIGHT - LEFT), room + 1))
        if len(lines) <= room:
            break
    if not can_write(of, text):
        return
    if len(lines) > room:
        lines = [*lines[: room - 1], cut(" ".join(lines[room - 1 :]), of, RIGHT - LEFT, end="…”")]
    for number, line in enumerate(lines):
        draw.text((LEFT, 112 + number * size * 1.18), line, font=of, fill=INKS + FULL, anchor="la")


# Letters.


@cache
def font(weight: str, size: int) -> "FreeTypeFont":
    """Of a package, and laid out by the plain engine, so that every machine draws the same. (The package's .ttf files
    are hinted so that quotation marks stand over their neighbours.)"""
    from PIL import ImageFont

    letters = (files(FONT) / "files" / f"SourceSerifPro-{weight}.otf").read_bytes()
    return ImageFont.truetype(io.BytesIO(letters), size, layout_engine=ImageFont.Layout.BASIC)


def can_write(of: "FreeTypeFont", text: str) -> bool:
    return all(letter.isspace() or has(of, letter) for letter in set(text))


@lru_cache(4096)
def has(of: "FreeTypeFont", letter: str) -> bool:
    return bytes(of.getmask(letter)) != bytes(of.getmask(NO_CHARACTER))


def cut(text: str, of: "FreeTypeFont", width: float, *, end: str = "…") -> str:
    """Without what does not fit, in whole words where there are several."""
    if of.getlength(text) <= width:
        return text
    kept = longest(text, of, width - of.getlength(end))
    whole = kept.rpartition(" ")[0]
    return (whole or kept).rstrip(" ,.;:–") + end


def wrapped(text: str, of: "FreeTypeFont", width: float) -> Iterator[str]:
    line, room = "", width
    for part in text.split(" "):
        if line and length(of, f" {part}") <= room:
            line, room = f"{line} {part}", room - length(of, f" {part}")
            continue
        if line:
            yield line
        while length(of, part) > width:
            yield (kept := longest(part, of, width))
            part = part[len(kept) :]
        line, room = part, width - length(of, part)
    yield line


@lru_cache(4096)  # measuring takes as long as drawing, and words come again
def length(of: "FreeTypeFont", word: str) -> float:
    return of.getlength(word)


def longest(text: str, of: "FreeTypeFont", width: float) -> str:
    """The longest beginning that fits, of one letter at least."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if of.getlength(text[:middle]) <= width else (low, middle - 1)
    return text[:low]
