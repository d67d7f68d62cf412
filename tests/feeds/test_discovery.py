"""From a page to its feeds, and how politely that is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from monitor.domain import Document, ParsedFeed
from monitor.errors import FetchError, ParseError
from monitor.feeds.asking import get
from monitor.feeds.discovery import Candidate, Source, discover, known_site, page_links, well_known
from monitor.feeds.guard import build_client
from monitor.feeds.isolation import Parser
from tests.feeds.origin import LOOPBACK, http, origin

PAGE = "https://blog.test/posts/one.html"


def offered(markup: str, url: str = PAGE) -> list[str]:
    return [one.url for one in links(markup, url)]


def links(markup: str, url: str = PAGE) -> tuple[Candidate, ...]:
    return page_links(Document(url=url, status=200, headers={}, body=markup.encode()), url)


def declared(href: str, kind: str = "application/rss+xml", more: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" {more}>'


DECLARED = {
    "relative to the page": (declared("feed.xml"), ["https://blog.test/posts/feed.xml"]),
    "relative to its base": ('<base href="/en/">' + declared("feed"), ["https://blog.test/en/feed"]),
    "Atom, with parameters in the type": (declared("/a", "application/atom+xml; charset=utf-8"), ["https://blog.test/a"]),
    "JSON Feed": (declared("/j", "application/feed+json"), ["https://blog.test/j"]),
    "in capitals": ('<LINK REL="Alternate" TYPE="Application/RSS+XML" HREF="/f">', ["https://blog.test/f"]),
    "rel=feed of HTML 5": ('<link rel="feed" href="/f">', ["https://blog.test/f"]),
    "in the body of the page": ("<p>x</p>" + declared("/f"), ["https://blog.test/f"]),
    "twice": (declared("/f") + declared("/f"), ["https://blog.test/f"]),
    "several, comments last": (declared("/comments/feed") + declared("/feed"),
                               ["https://blog.test/feed", "https://blog.test/comments/feed"]),
    "entities in the address": (declared("/f?a=1&amp;b=2"), ["https://blog.test/f?a=1&b=2"]),
    "the API of WordPress, which is none": (declared("/wp-json/wp/v2/posts/1", "application/json"), []),
    "another language of the page": ('<link rel="alternate" hreflang="de" href="/de">', []),
    "a style sheet": ('<link rel="alternate stylesheet" type="text/xml" href="/s">', []),
    "a script": (declared("javascript:alert(1)"), []),
}  # fmt: skip


@pytest.mark.parametrize(("markup", "urls"), DECLARED.values(), ids=DECLARED)
def test_a_page_declares_its_feeds(markup: str, urls: list[str]):
    assert offered(f"<!doctype html><head>{markup}</head>") == urls


LINKED = {
    "a usual name": ('<a href="/rss.xml">RSS</a>', ["https://blog.test/rss.xml"]),
    "a folder": ('<a href="/news/feed/">Feed</a>', ["https://blog.test/news/feed/"]),
    "with a query": ('<a href="feed.atom?x=1">Feed</a>', ["https://blog.test/posts/feed.atom?x=1"]),
    "a sitemap, which is none": ('<a href="/sitemap.xml">Map</a>', []),
    "a heading about feeds, which is none": ('<a href="/about#/feed">Feeds</a>', []),
    "a word that ends so, which is none": ('<a href="/animal-feed">Hay</a>', []),
}


@pytest.mark.parametrize(("markup", "urls"), LINKED.values(), ids=LINKED)
def test_without_a_declaration_links_count_that_look_like_feeds(markup: str, urls: list[str]):
    assert offered(markup) == urls


def test_a_declared_feed_is_believed_before_any_link():
    (only,) = links(declared("/f", more='title="All &lt;b&gt; news"') + '<a href="/rss.xml">RSS</a>')
    assert only == Candidate(url="https://blog.test/f", title="All <b> news", source=Source.DECLARED)


@pytest.mark.parametrize("body", ["", "<!-- only a remark -->", "\0\0", "plain text", "<" * 5000, "<b>" * 50_000])
def test_a_page_with_nothing_in_it_offers_nothing(body: str):
    assert offered(body) == []


def test_of_thousands_of_links_fifty_are_offered():
    assert len(offered("".join(declared(f"/{n}.rss") for n in range(3000)))) == 50


KNOWN = {
    "a YouTube channel": ("https://www.youtube.com/channel/UC0123456789abcdefghij_-/videos",
                          ["https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghij_-"]),
    "a YouTube user": ("https://youtube.com/user/harbour", ["https://www.youtube.com/feeds/videos.xml?user=harbour"]),
    "a YouTube playlist": ("https://www.youtube.com/playlist?list=PL1",
                           ["https://www.youtube.com/feeds/videos.xml?playlist_id=PL1"]),
    "a repository": ("https://github.com/harbour/crane",
                     [f"https://github.com/harbour/crane/{kind}.atom" for kind in ("releases", "tags", "commits")]),
    "its releases": ("https://github.com/harbour/crane/releases/tag/v1", ["https://github.com/harbour/crane/releases.atom"]),
    "an account": ("https://github.com/harbour", ["https://github.com/harbour.atom"]),
    "a page of GitHub about something": ("https://github.com/topics/boats", []),
    "a feed of GitHub itself": ("https://github.com/harbour/crane/releases.atom", []),
    "another site": ("https://harbour.test/channel/UC0123456789abcdefghij_-", []),
    "no address": ("https://[", []),
}  # fmt: skip


@pytest.mark.parametrize(("url", "urls"), KNOWN.values(), ids=KNOWN)
def test_some_sites_have_a_scheme_of_addresses(url: str, urls: list[str]):
    assert [one.url for one in known_site(url)] == urls


def test_a_page_of_youtube_without_a_declaration_names_its_channel():
    canonical = '<link rel="canonical" href="https://www.youtube.com/channel/UC0123456789abcdefghij_-">'
    assert offered(canonical, "https://www.youtube.com/@harbour")[0].endswith("channel_id=UC0123456789abcdefghij_-")
    assert offered(canonical, "https://elsewhere.test/") == []


@dataclass
class Web:
    """Answers by address; what it does not know is not found."""

    pages: dict[str, str | FetchError]
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def get(self, url: str, same_host: bool) -> Document:
        self.asked.append((url, same_host))
        found = self.pages.get(url, FetchError(url, "HTTP 404", status=404))
        if isinstance(found, FetchError):
            raise found
        return Document(url=url, status=200, headers={}, body=found.encode())

    def discover(self, url: str) -> list[Candidate]:
        return list(discover(url, get=self.get, read=self.read, read_page=lambda page: page_links(page, page.url)))

    def read(self, document: Document, url: str) -> ParsedFeed:
        if document.body != b"FEED":
            raise ParseError(url, "not a feed")
        return ParsedFeed(title="The feed")


def test_the_address_of_a_feed_is_taken_as_it_is():
    web = Web({"https://a.test/f": "FEED"})
    assert web.discover("https://a.test/f") == [
        Candidate(url="https://a.test/f", title="The feed", source=Source.ITSELF)
    ]
    assert web.asked == [("https://a.test/f", False)]


def test_a_declared_feed_is_offered_without_asking_it():
    web = Web({"https://a.test/": declared("/f")})
    assert [one.url for one in web.discover("https://a.test/")] == ["https://a.test/f"]
    assert len(web.asked) == 1


def test_the_usual_places_are_asked_in_turn_on_the_same_host_until_one_is_a_feed():
    web = Web({"https://a.test/": "<p>", "https://a.test/rss/": "<p>not here", "https://a.test/rss.xml": "FEED"})
    assert web.discover("https://a.test/") == [
        Candidate(url="https://a.test/rss.xml", title="The feed", source=Source.GUESSED)
    ]
    assert web.asked[1:] == [(f"https://a.test/{path}", True) for path in ("feed/", "rss/", "rss.xml")]


def test_places_beside_the_page_come_before_those_of_the_whole_site():
    places = well_known("https://a.test/blog/post")
    assert places[0] == "https://a.test/blog/feed/"
    assert places[len(places) // 2] == "https://a.test/feed/"


@pytest.mark.parametrize(
    "refusal",
    [FetchError("", "HTTP 429", status=429), FetchError("", "busy", status=503, retry_after=timedelta(seconds=9)),
     FetchError("", "the connection broke")],
    ids=["told off", "asked to wait", "no answer"],
)  # fmt: skip
def test_a_site_that_has_had_enough_is_asked_no_further(refusal: FetchError):
    web = Web({"https://a.test/": "<p>", "https://a.test/feed/": refusal, "https://a.test/rss/": "FEED"})
    assert web.discover("https://a.test/") == []
    assert len(web.asked) == 2


def test_an_address_that_does_not_answer_is_an_error():
    with pytest.raises(FetchError):
        Web({}).discover("https://a.test/")


def test_a_usual_place_that_leads_to_another_host_is_not_followed():
    with origin(http(b"FEED")) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        answers = {
            "/away": http(status="301 Moved Permanently", Location=f"{elsewhere}/feed"),
            "/here": http(status="301 Moved Permanently", Location="/feed"),
            "/feed": http(b"FEED"),
        }
        with origin(answers) as site, build_client(LOOPBACK, timeout_s=5) as client:
            limits = {"timeout": timedelta(seconds=5), "max_bytes": 1000, "same_host": True}
            assert get(client, f"{site.url}/here", **limits).body == b"FEED"
            with pytest.raises(FetchError, match="it leads to another host, localhost"):
                get(client, f"{site.url}/away", **limits)
    assert other.requests == []


def test_a_page_made_to_be_slow_ends_with_its_process():
    """lxml compares each attribute of a tag with all before it: of these it would take minutes."""
    slow = b"<a " + b" ".join(b"a%d=1" % n for n in range(150_000)) + b">"
    with Parser(workers=1, timeout=timedelta(seconds=1)) as parser:
        with pytest.raises(ParseError, match="longer than 1 s"):
            parser.links(Document(url=PAGE, status=200, headers={}, body=slow))
        page = Document(url=PAGE, status=200, headers={}, body=declared("/f").encode())
        assert [one.url for one in parser.links(page)] == ["https://blog.test/f"]
