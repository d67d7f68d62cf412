from __future__ import annotations

import httpx
import pytest

from monitor.domain import Feed, FeedState


@pytest.mark.parametrize(
    ("url", "label"),
    [
        pytest.param("https://news.test/feed.xml", "https://news.test/feed.xml", id="nothing to hide"),
        pytest.param("https://user:pa@ss@news.test:8443/a@b", "https://news.test:8443/a@b", id="a password"),
        pytest.param("https://key@news.test", "https://news.test", id="a user alone"),
        pytest.param("https://news.test/?token=s3cret&n=5", "https://news.test/?token=...&n=...", id="values"),
        pytest.param("https://news.test/?token=s3=cret?x", "https://news.test/?token=...", id="signs within a value"),
        pytest.param("https://news.test/feed?s3cret", "https://news.test/feed?...", id="a value without a name"),
        pytest.param("https://news.test/feed?", "https://news.test/feed", id="an empty query"),
        pytest.param("https://news.test/feed#s3cret", "https://news.test/feed", id="a fragment"),
    ],
)
def test_the_label_of_a_feed_holds_neither_password_nor_token(url: str, label: str):
    assert Feed(url=url).label == label


@pytest.mark.parametrize(
    "url",
    [
        "https://News.test/feed.xml",
        "https://user:pa@ss@news.test:8443/a@b",
        "http://news.test:80?x",
        "https://news.test:443/",
        "https://news.test:80/",
        "http://[::1]:80/",
        "http://nachrichten-münchen.test:8080/",
        "https://新闻.test/feed",
    ],
)
def test_the_host_of_a_feed_is_the_one_that_a_request_goes_to(url: str):
    """What it wants of us, to rest say, is then found again for its other feeds, however they spell it."""
    assert Feed(url=url).host == httpx.URL(url).netloc.decode()


def test_a_name_that_cannot_be_asked_is_left_as_it_stands():
    assert Feed(url=f"https://{'ü' * 70}.test/").host == f"{'ü' * 70}.test"


def test_a_feed_without_a_title_goes_by_its_label():
    feed = Feed(url="https://user:password@news.test/?token=s3cret")
    assert feed.name == "https://news.test/?token=..."
    assert Feed(url=feed.url, state=FeedState(title="The News")).name == "The News"
    assert Feed(url=feed.url, title="News", state=FeedState(title="The News")).name == "News"
