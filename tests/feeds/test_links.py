from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.links import absolute_url, canonical_url, clean_url

BASE = "https://www.news.test/feeds/all.xml"

ABSOLUTE = {
    "absolute": ("http://other.test/a?b=1#c", "http://other.test/a?b=1#c"),
    "a path": ("/2026/a", "https://www.news.test/2026/a"),
    "a relative path": ("a.html", "https://www.news.test/feeds/a.html"),
    "without scheme, with slashes": ("//cdn.test/a", "https://cdn.test/a"),
    "the feed's own host without scheme": ("news.test/a", "https://news.test/a"),
    "www without scheme": ("www.other.test/a", "https://www.other.test/a"),
    "padded and broken over lines": ("  https://news.test/\n a ", "https://news.test/%20a"),
    "a blank inside": ("https://news.test/a b", "https://news.test/a%20b"),
    "a blank of another script": ("https://news.test/a\u3000b\u00a0c", "https://news.test/a%E3%80%80b%C2%A0c"),
    "Chinese": ("https://news.test/牛油果", "https://news.test/牛油果"),
    "javascript": ("javascript:alert(1)", None),
    "javascript in disguise": ("java\nscript:alert(1)", None),
    "data": ("data:text/html,x", None),
    "a file": ("file:///etc/hostname", None),
    "a name, no place": ("tag:news.test,2026:1", None),
    "gemini": ("gemini://news.test/a", None),
    "a broken host": ("http://[news.test/", None),
    "a broken port": ("http://news.test:99999/", None),
    "no host": ("http:///a", None),
    "empty": ("  ", None),
    "longer than any browser takes": ("https://news.test/" + "a" * 3_000, None),
}


@pytest.mark.parametrize(("link", "url"), ABSOLUTE.values(), ids=ABSOLUTE)
def test_a_link_becomes_a_web_address_or_nothing(link: str, url: str | None) -> None:
    assert absolute_url(link, BASE) == url


CLEAN = {
    "campaign parameters": ("https://a.test/x?utm_source=rss&id=7&UTM_Medium=feed", "https://a.test/x?id=7"),
    "nothing but them": ("https://a.test/x?fbclid=1&gclid=2", "https://a.test/x"),
    "in the fragment": ("https://a.test/x#xtor=RSS-1", "https://a.test/x"),
    "BBC": ("https://a.test/x?at_medium=RSS&at_campaign=rss", "https://a.test/x"),
    "ref only where it says rss": ("https://a.test/x?ref=rss&ref=42", "https://a.test/x?ref=42"),
    "a query without them stays byte for byte": ("https://a.test/x?b=%7e&&a=+;c#f", "https://a.test/x?b=%7e&&a=+;c#f"),
    "Google's redirector": (
        "https://www.google.com/url?rct=j&url=https://a.test/x%3Fid%3D7%26utm_source%3Dg&ct=ga",
        "https://a.test/x?id=7",
    ),
    "Google's redirector to a script": (
        "https://www.google.com/url?url=javascript:alert(1)",
        "https://www.google.com/url?url=javascript:alert(1)",
    ),
    "a host that only looks like Google": (
        "https://google.evil.example/url?url=https://a.test/",
        "https://google.evil.example/url?url=https://a.test/",
    ),
    "Bing's redirector": (
        "http://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fa.test%2fx&c=1",
        "https://a.test/x",
    ),
}


@pytest.mark.parametrize(("url", "clean"), CLEAN.values(), ids=CLEAN)
def test_tracking_goes_and_the_rest_stays(url: str, clean: str) -> None:
    assert clean_url(url) == clean


@pytest.mark.parametrize(
    "same",
    ["http://news.test/a?id=1", "https://NEWS.test:443/a?id=1", "http://news.test:80/a?utm_source=x&id=1"],
    ids=["http for https", "host in capitals and its port", "tracking"],
)
def test_addresses_that_mean_the_same_compare_equal(same: str) -> None:
    assert canonical_url(same) == "https://news.test/a?id=1"


@pytest.mark.parametrize(
    "other", ["https://news.test/A?id=1", "https://news.test/a?id=2", "https://news.test/a?id=1#b"]
)
def test_addresses_that_may_differ_stay_apart(other: str) -> None:
    assert canonical_url(other) != canonical_url("https://news.test/a?id=1")


@given(st.text(max_size=80), st.sampled_from([BASE, "", "http://[bad"]))
def test_no_link_raises(link: str, base: str) -> None:
    url = absolute_url(link, base)
    assert url is None or url.startswith(("http://", "https://"))
    assert clean_url(link) is not None
    assert canonical_url(canonical_url(link)) == canonical_url(link)
