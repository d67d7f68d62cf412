"""Links made absolute, freed of wrappers and tracking, and comparable. Pure; never raises on what a feed says."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urljoin, urlsplit, urlunsplit

#: Longer ones are dropped, as a cut link leads nowhere; browsers and mail programs stop near this length as well.
MAX_CHARS = 2_048

#: Parameters that say where the reader came from and nothing of what is shown. In lower case.
_TRACKING_NAMES = """
at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_format at_link_id at_link_origin at_link_type at_medium
at_ptr_name cmpid dclid fb_action_ids fb_action_types fb_ref fb_source fbclid gad_source gbraid gclid gclsrc guccounter
guce_referrer guce_referrer_sig igshid mc_cid mc_eid mkt_tok msclkid ns_campaign ns_mchannel ns_source ocid oly_anon_id
oly_enc_id rb_clickid s_cid smid sr_share srnd srsltid traffic_source twclid vero_conv vero_id wbraid wickedid xtor
yclid ysclid _ga _gl _hsenc _hsmi __hsfp __hssc __hstc _openstat
"""
TRACKING = frozenset(_TRACKING_NAMES.split())
TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "itm_", "matomo_")
#: Harmless names that mean tracking with these values only.
TRACKING_PAIRS = frozenset({"cmp=rss", "ref=rss", "source=rss", "from=rss", "feature=rss", "rss=1", "partner=rss"})
_TRACKING_FRAGMENT = re.compile(r"(?:utm_|xtor=|at_medium=|ref=rss|intcid=)", re.IGNORECASE)
#: What most links are: nothing in it to resolve, to lower or to leave out. Reading it with urllib takes ten times as
#: long.
_PLAIN = re.compile(r"(https?)(://[a-z0-9.-]+/[^\x00-\x20\x7f-\U0010ffff;?#]*(?:\?[!-\"$-~]+)?)")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
#: Of any script: what follows one is no longer the link to those who find links in a text.
_SPACE = re.compile(r"\s")
_GOOGLE = re.compile(r"(?:www\.|news\.)?google\.[a-z.]{2,6}")


def absolute_url(link: str, base: str) -> str | None:
    """Resolve a link against where its feed lies; None unless it leads to an http or https address.

    ``news.test/a`` in a feed of news.test is a host without its scheme, not a path.
    """
    link = _SPACE.sub(lambda found: quote(found[0]), _CONTROL.sub("", link).strip())
    if not link:
        return None
    if len(link) <= MAX_CHARS and _PLAIN.fullmatch(link):
        return link
    try:
        if not _SCHEME.match(link) and not link.startswith("/"):
            first = link.partition("/")[0].lower()
            if first.startswith("www.") or first == _bare_host(base):
                link = f"{urlsplit(base).scheme or 'https'}://{link}"
        url = urljoin(base, link)
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and parts.hostname and len(url) <= MAX_CHARS
    return url if usable else None


def clean_url(url: str) -> str:
    """Unwrap a redirector's link and take tracking parameters away; otherwise the very same string."""
    if "?" not in url and "#" not in url:
        return url
    try:
        url = _unwrapped(url)
        parts = urlsplit(url)
        query = parts.query.split("&")
        kept = [pair for pair in query if not _tracks(pair)]
        fragment = "" if _TRACKING_FRAGMENT.match(parts.fragment) else parts.fragment
        if len(kept) == len(query) and fragment == parts.fragment:
            return url
        return urlunsplit(parts._replace(query="&".join(kept), fragment=fragment))
    except ValueError:
        return url


def canonical_url(url: str) -> str:
    """A key for comparing: cleaned, https for http, host in lower case, no default port. Not for fetching."""
    url = clean_url(url.strip())
    if plain := _PLAIN.fullmatch(url):
        return f"https{plain[2]}"
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return url
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return url
    return urlunsplit(("https", f"{parts.hostname}{port}", parts.path or "/", parts.query, parts.fragment))


def is_web_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _unwrapped(url: str) -> str:
    """The target of a search engine's redirector, as Google Alerts and Bing News put them into feeds."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    google = parts.path == "/url" and _GOOGLE.fullmatch(host)
    bing = parts.path == "/news/apiclick.aspx" and host.endswith("bing.com")
    if google or bing:
        query = dict(parse_qsl(parts.query))
        target = query.get("url") or query.get("q") or ""
        return target if is_web_url(target) and urlsplit(target).hostname else url
    return url


def _tracks(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES) or pair.lower() in TRACKING_PAIRS


def _bare_host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
