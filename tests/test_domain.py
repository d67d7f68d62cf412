from __future__ import annotations

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


def test_a_feed_without_a_title_goes_by_its_label():
    feed = Feed(url="https://user:password@news.test/?token=s3cret")
    assert feed.name == "https://news.test/?token=..."
    assert Feed(url=feed.url, state=FeedState(title="The News")).name == "The News"
    assert Feed(url=feed.url, title="News", state=FeedState(title="The News")).name == "News"
