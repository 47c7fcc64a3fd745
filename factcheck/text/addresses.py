"""When two web addresses name one document."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

# Who sent the reader, and never which document: campaign tags of mailings, social networks and analytics.
TRACKING = re.compile(
    r"(?:utm|mtm|pk|piwik|matomo|hsa)_\w+|at_(?:medium|campaign|custom\d|link_\w+|format|ptr_\w+|bbc_team)"
    r"|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|twclid|ttclid|yclid|igshid|igsh|mc_[ce]id|_hs(?:enc|mi)|xtor"
    r"|mkt_tok|vero_id|oly_(?:anon|enc)_id|cmpid|ns_(?:mchannel|source|campaign|linkname|fee)|smid|__twitter_impression"
)
PORTS = {"http": 80, "https": 443}
LEFT_IN_PATH = ":@!$&'()*+,;=-._~"


def same_address(url: str) -> str:
    """What all addresses of one document have in common; empty where there is no address.

    Without scheme, "www.", the scheme's own port, a slash at the end, a fragment and tracking parameters; the host in
    lower case. Any other parameter may name the document and stays.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url.strip()
    if not host:
        return url.strip()
    host = _ascii(host.removeprefix("www."))
    if port is not None and port != PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    path = "/".join(_as_written_once(part) for part in parts.path.split("/"))
    asked = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    kept = sorted((pair for pair in asked if not TRACKING.fullmatch(pair[0].lower())), key=lambda pair: pair[0])
    query = f"?{urlencode(kept, errors='surrogateescape')}" if kept else ""
    # A page that is put together in the browser can have its name here.
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    return host + path.rstrip("/") + query + fragment


def _as_written_once(part: str) -> str:
    """A character of a path can be written as it is or in its code; a slash in its code parts nothing."""
    return quote(unquote(part, errors="surrogateescape"), LEFT_IN_PATH, errors="surrogateescape")


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
