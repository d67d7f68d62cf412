"""From the address of a page to the feeds it offers. The reading is pure; ``discover`` asks through what it is handed.

Is it a feed itself? Else what the page declares (``<link rel=alternate>``), else links that look like feeds, else the
usual places, asked one after another until one answers with a feed. A page is read by ``Parser.links``, in a process
with limits: lxml takes five minutes over 2 MB of attributes in one tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

from lxml import etree

from monitor.domain import Document, ParsedFeed
from monitor.errors import FetchError, ParseError
from monitor.feeds.encoding import decode
from monitor.feeds.links import absolute_url
from monitor.feeds.text import NAME_CHARS, clean_text

#: Pages have been seen with a dozen feeds; a directory of thousands is for an OPML file.
MAX_CANDIDATES = 50
#: Of a page as text; what declares feeds stands at its top.
MAX_PAGE_CHARS = 2_000_000
#: Where programs put their feeds, the most common first: WordPress, then Ghost and Tumblr, static sites, Blogger.
WELL_KNOWN = ("feed/", "rss/", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json", "feeds/posts/default")
#: Answers after which a site is not asked for more of them: it wants a password, refuses us, has had enough.
STOP_ASKING = (401, 403, 429)

FEED_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
        "application/json", "application/xml", "text/xml", "application/x-rss+xml", "text/rss+xml",
    }
)  # fmt: skip
#: The end of a link's path that means a feed. A bare ``.xml`` does not: most of those are sitemaps.
_FEED_PATH = re.compile(
    r"(?:\.(?:rss|atom|rdf)|(?:^|/)(?:rss|atom|feed)/?|(?:rss2?|atom|feed|index)\.xml|/feed\.json)$", re.IGNORECASE
)
#: JSON that WordPress declares beside its feeds: its API.
_API = re.compile(r"/wp-json/|/oembed", re.IGNORECASE)
#: Feeds of comments are offered last.
_COMMENTS = re.compile(r"comment|kommentar|commentaire|comentario", re.IGNORECASE)
_YOUTUBE_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_CHANNEL = re.compile(r"/channel/(UC[\w-]{22})(?:/.*)?")
_USER = re.compile(r"/user/([\w.-]{1,64})(?:/.*)?")
_REPOSITORY = re.compile(r"/([\w.-]{1,64})/([\w.-]{1,128}?)(?:\.git)?(?:/(releases|tags|commits)(?:/.*)?)?/?")
_ACCOUNT = re.compile(r"/([\w-]{1,64})/?")
#: First parts of GitHub addresses that are no accounts.
_GITHUB_PAGES = frozenset(
    {"about", "collections", "explore", "features", "login", "marketplace", "orgs", "search", "sponsors", "topics"}
)


class Source(StrEnum):
    """How we know of a feed."""

    ITSELF = "itself"  # the address is one
    DECLARED = "declared"  # the page says so
    LINKED = "linked"  # the page links to something that looks like one
    KNOWN_SITE = "known-site"  # the site's own scheme of addresses
    GUESSED = "guessed"  # a usual place, which answered with a feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A feed that may be followed."""

    url: str
    title: str = ""
    source: Source


#: Get a document; True: without leaving the host. FetchError.
Get = Callable[[str, bool], Document]
#: Read it as a feed. ParseError.
Read = Callable[[Document, str], ParsedFeed]
#: Read it as a page.
ReadPage = Callable[[Document], Sequence[Candidate]]


def discover(url: str, *, get: Get, read: Read, read_page: ReadPage) -> tuple[Candidate, ...]:
    """The feeds that an address leads to, best first; empty: none was found.

    Raises FetchError when the address itself does not answer, ParseError when reading it took too much.
    """
    known = known_site(url)
    if known:
        return known
    document = get(url, False)
    parsed = _feed(document, url, read)
    if parsed is not None:
        return (Candidate(url=url, title=parsed.title, source=Source.ITSELF),)
    return tuple(read_page(document)) or _guess(document.url, get, read)


def _feed(document: Document, url: str, read: Read) -> ParsedFeed | None:
    try:
        return read(document, url)
    except ParseError:
        return None


def _guess(page: str, get: Get, read: Read) -> tuple[Candidate, ...]:
    for url in well_known(page):
        try:
            document = get(url, True)
        except FetchError as error:
            if error.status is None or error.status in STOP_ASKING or error.retry_after:
                return ()
            continue
        parsed = _feed(document, url, read)
        if parsed is not None:
            return (Candidate(url=url, title=parsed.title, source=Source.GUESSED),)
    return ()


def well_known(page: str) -> tuple[str, ...]:
    """The usual places: beside the page, then at the root of its site."""
    folders = dict.fromkeys((urljoin(page, "./"), urljoin(page, "/")))
    return tuple(folder + path for folder in folders for path in WELL_KNOWN)


def known_site(url: str) -> tuple[Candidate, ...]:
    """Feeds that an address of YouTube or GitHub stands for, without asking; empty for other addresses."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    host = (parts.hostname or "").lower()
    if host in _YOUTUBE_HOSTS:
        return _youtube(parts.path, parse_qs(parts.query))
    if host in {"github.com", "www.github.com"}:
        return _github(parts.path)
    return ()


def _youtube(path: str, query: dict[str, list[str]]) -> tuple[Candidate, ...]:
    """A channel, a user or a playlist by its id; the page of a ``@handle`` names its channel itself."""
    if found := _CHANNEL.fullmatch(path):
        wanted = {"channel_id": found[1]}
    elif found := _USER.fullmatch(path):
        wanted = {"user": found[1]}
    elif path == "/playlist" and query.get("list"):
        wanted = {"playlist_id": query["list"][0]}
    else:
        return ()
    return (_known(f"https://www.youtube.com/feeds/videos.xml?{urlencode(wanted)}"),)


def _github(path: str) -> tuple[Candidate, ...]:
    """Releases, tags and commits of a repository, or what an account does."""
    if path.endswith(".atom") or path.strip("/").partition("/")[0].lower() in _GITHUB_PAGES:
        return ()
    if found := _REPOSITORY.fullmatch(path):
        here = f"https://github.com/{quote(found[1])}/{quote(found[2])}"
        kinds = [found[3]] if found[3] else ["releases", "tags", "commits"]
        return tuple(_known(f"{here}/{kind}.atom", f"{found[1]}/{found[2]}: {kind}") for kind in kinds)
    if found := _ACCOUNT.fullmatch(path):
        return (_known(f"https://github.com/{found[1]}.atom", f"{found[1]} on GitHub"),)
    return ()


def _known(url: str, title: str = "") -> Candidate:
    return Candidate(url=url, title=title, source=Source.KNOWN_SITE)


# --- Reading a page ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tag:
    name: str
    href: str
    rel: frozenset[str]
    type: str
    title: str


def page_links(page: Document, url: str) -> tuple[Candidate, ...]:
    """The feeds that a page offers, best first: declared ones, else what its address stands for, else linked ones.

    url  where the page came from in the end; a <base href> in it counts for its links

    Never raises on what a page says. Slow on a page made to be slow: see ``Parser.links``.
    """
    tags = _tags(decode(page.body or b"", page.headers.get("content-type", ""))[:MAX_PAGE_CHARS])
    base = next((absolute_url(tag.href, url) for tag in tags if tag.name == "base" and tag.href), None) or url
    declared = _candidates((tag for tag in tags if tag.name == "link" and _declares(tag)), base, Source.DECLARED)
    if declared:
        return declared
    for tag in tags:
        canonical = absolute_url(tag.href, base) if tag.name == "link" and "canonical" in tag.rel else None
        same_site = canonical and urlsplit(canonical).hostname == urlsplit(url).hostname
        if canonical and same_site and (known := known_site(canonical)):
            return known
    return _candidates((tag for tag in tags if tag.name == "a" and _looks_like_feed(tag)), base, Source.LINKED)


def _tags(text: str) -> list[_Tag]:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.ParserError:  # nothing in it
        return []
    if root is None:
        return []
    return [
        _Tag(
            name=str(element.tag),
            href=element.get("href", "").strip(),
            rel=frozenset(element.get("rel", "").lower().split()),
            type=element.get("type", "").partition(";")[0].strip().lower(),
            title=element.get("title", "") or (element.text or "" if element.tag == "a" else ""),
        )
        for element in root.iter("base", "link", "a")
    ]


def _declares(tag: _Tag) -> bool:
    if "feed" in tag.rel:
        return True
    return (
        "alternate" in tag.rel and "stylesheet" not in tag.rel and tag.type in FEED_TYPES and not _API.search(tag.href)
    )


def _looks_like_feed(tag: _Tag) -> bool:
    return bool(_FEED_PATH.search(tag.href.partition("?")[0].partition("#")[0])) and "#" not in tag.href


def _candidates(tags: Iterable[_Tag], base: str, source: Source) -> tuple[Candidate, ...]:
    """Each address once, in the order of the page; feeds of comments come last."""
    found: dict[str, Candidate] = {}
    for tag in tags:
        url = absolute_url(tag.href, base)
        if url and url not in found and len(found) < MAX_CANDIDATES:
            found[url] = Candidate(url=url, title=clean_text(tag.title, NAME_CHARS), source=source)
    return tuple(sorted(found.values(), key=lambda one: bool(_COMMENTS.search(f"{one.url} {one.title}"))))
