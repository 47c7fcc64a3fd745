"""The one place where text becomes markup: explanations out of Markdown, and data inside a script element."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import nh3
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "strong", "em", "code", "pre", "a", "br", "hr"}
_parser = MarkdownIt("commonmark", {"html": False})


def _shifted(token: Token) -> Token:
    """A text's own headings begin under the page's: `#` and `##` are h3, the rest one level down each."""
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(6, max(3, int(token.tag[1]) + 1))}"
    return token


def markdown(source: str, linked: Callable[[list[Token]], list[Token]] = list) -> SafeString:
    """`linked` may set links of ours among its tokens: what comes of them is sanitised with all the rest."""
    tokens = linked([_shifted(token) for token in _parser.parse(source)])
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    return mark_safe(clean)


def words_of(html: str) -> str:
    """What its paragraphs say, without its headings."""
    return unescape(strip_tags(" ".join(re.findall(r"<p>(.*?)</p>", html, re.DOTALL))))


def script_json(data: Any) -> SafeString:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return mark_safe(text)
