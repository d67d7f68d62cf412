from __future__ import annotations

import pytest

from monitor.feeds.raw import RawEntry, RawFeed, RawText
from monitor.feeds.xmlfeed import NotAFeedError, parse_xml
from monitor.feeds.xmltext import repair


def parse(text: str) -> RawFeed:
    return parse_xml(repair(text))


def rss_entry(inside: str) -> RawEntry:
    (only,) = parse(f'<rss version="2.0"><channel><title>T</title><item>{inside}</item></channel></rss>').entries
    return only


def atom_entry(inside: str) -> RawEntry:
    (only,) = parse(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{inside}</entry></feed>').entries
    return only


ATOM_LINKS = {
    "the alternate, wherever it stands": (
        '<link rel="self" href="http://a.test/s"/><link rel="alternate" href="http://a.test/1"/>',
        ("http://a.test/1",),
    ),
    "HTML before other kinds": (
        '<link type="application/json" href="http://a.test/j"/><link type="text/html" href="http://a.test/h"/>',
        ("http://a.test/h", "http://a.test/j"),
    ),
    "the first of two of a kind": (
        '<link href="http://a.test/1"/><link href="http://a.test/2"/>',
        ("http://a.test/1", "http://a.test/2"),
    ),
    "none without href": ('<link rel="alternate"/><link href="http://a.test/1"/>', ("http://a.test/1",)),
    "an enclosure is no page": ('<link rel="enclosure" href="http://a.test/1.mp3"/>', ()),
}


@pytest.mark.parametrize(("inside", "links"), ATOM_LINKS.values(), ids=ATOM_LINKS)
def test_an_entrys_page_is_chosen_among_its_links(inside: str, links: tuple[str, ...]) -> None:
    assert atom_entry(f"<id>1</id>{inside}").links == links


def test_a_guid_is_a_link_unless_it_says_otherwise() -> None:
    assert rss_entry("<guid>http://a.test/1</guid>").guid_is_link
    assert not rss_entry('<guid isPermaLink="false">http://a.test/1</guid>').guid_is_link


def test_the_original_link_goes_before_the_counting_one() -> None:
    text = (
        '<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><item>'
        "<link>http://count.test/~r/1</link><feedburner:origLink>http://a.test/1</feedburner:origLink>"
        "</item></channel></rss>"
    )
    (entry,) = parse(text).entries
    assert entry.links[0] == "http://a.test/1"


def test_an_update_is_not_made_up_from_the_publication() -> None:
    entry = rss_entry("<title>a</title><pubDate>Thu, 12 Mar 2026 12:00:00 GMT</pubDate>")
    assert (entry.published, entry.updated) == ("Thu, 12 Mar 2026 12:00:00 GMT", "")


def test_the_summary_goes_before_the_content_and_the_content_before_nothing() -> None:
    both = '<summary>short</summary><content type="html">&lt;p&gt;long&lt;/p&gt;</content>'
    assert atom_entry(both).summary == RawText(value="short")
    assert atom_entry('<content type="html">&lt;p&gt;long&lt;/p&gt;</content>').summary == RawText(
        value="<p>long</p>", markup=True
    )
    assert atom_entry('<content type="image/png" src="x"/>').summary.value == ""


def test_a_summary_without_a_word_is_passed_over() -> None:
    picture = "&lt;p&gt;&lt;img src='a.jpg'/&gt;&amp;nbsp;&lt;/p&gt; "
    text = rss_entry(f"<description>{picture}</description><content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>")
    assert text.summary == RawText(value="<p>Long</p>", markup=True)
    assert rss_entry(f"<title>a</title><description>{picture}</description>").summary.value == ""


def test_a_caption_is_a_summary_only_where_nothing_else_is() -> None:
    picture = "<media:content url='a.jpg'><media:description type='plain'>A wall</media:description></media:content>"
    assert rss_entry(f"{picture}<description>Water rises</description>").summary.value == "Water rises"
    assert rss_entry(f"{picture}<content:encoded>Long</content:encoded>").summary.value == "Long"
    assert rss_entry(f"<title>a</title>{picture}").summary.value == "A wall"


def test_elements_of_an_undeclared_namespace_are_not_taken_for_the_entrys_own() -> None:
    entry = rss_entry(
        "<media:title>A picture</media:title><title>News</title><atom:link rel='self' href='http://x.test/'/>"
    )
    assert (entry.title.value, entry.links) == ("News", ())


def test_a_title_with_a_line_break_or_a_picture_is_markup_and_one_that_names_a_tag_is_not() -> None:
    assert rss_entry("<title>Dam&lt;br/&gt;opens</title>").title.markup
    assert rss_entry("<title>&lt;img src='a.png' alt=''&gt; Dam opens</title>").title.markup
    assert not rss_entry("<title>What &lt;img&gt; and &lt;head&gt; are for</title>").title.markup


def test_the_authors_of_an_atom_feed_are_read_and_an_editor_of_rss_is_none() -> None:
    entry = "<entry><id>1</id><author><name>Bo</name></author></entry>"
    atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><author><name>Ada</name></author>{entry}</feed>"
    assert parse(atom).authors == ("Ada",)
    head = "<managingEditor>e@a.test</managingEditor>"
    assert parse(f"<rss version='2.0'><channel>{head}<item><title>a</title></item></channel></rss>").authors == ()


def test_an_entry_taken_from_another_feed_has_that_feeds_authors() -> None:
    elsewhere = "<source><title>S</title><author><name>Ada</name></author></source>"
    assert atom_entry(elsewhere).authors == ("Ada",)
    assert atom_entry(f"{elsewhere}<author><name>Bo</name></author>").authors == ("Bo",)


def test_the_outlet_of_an_aggregated_item_is_read() -> None:
    assert rss_entry('<title>a</title><source url="https://o.test">The Outlet</source>').source == "The Outlet"


@pytest.mark.parametrize(
    "text",
    [
        '<rss version="2.0"><channel><item><title>a</title></item><item><title>b < c</title></item></channel></rss>',
        "<RSS VERSION='2.0'><CHANNEL><ITEM><TITLE>a</TITLE></ITEM><ITEM><TITLE>b</TITLE></ITEM></CHANNEL></RSS>",
        '<rss version="2.0"><channel><item><title>a</title></item><item><title>b</title>',
        '<rss><channel><item><title>a</title><b></item><item><title>b</title></item></channel></rss>',
    ],
    ids=["a bare angle bracket", "capitals", "cut off behind an entry", "a mismatched tag"],
)  # fmt: skip
def test_untidy_feeds_keep_their_entries(text: str) -> None:
    titles = [entry.title.value[:1] for entry in parse(text).entries]
    assert titles == ["a", "b"]


def test_values_that_crash_feedparser_cost_only_themselves() -> None:
    text = (
        '<rss version="2.0" xmlns:gml="http://www.opengis.net/gml" xmlns:georss="http://www.georss.org/georss"><channel>'
        '<item><title>a</title><georss:where><gml:Point srsName="EPSG:abc"><gml:pos>1 2</gml:pos></gml:Point>'
        "</georss:where></item></channel></rss>"
    )
    assert [entry.title.value for entry in parse(text).entries] == ["a"]


def test_no_entry_in_a_broken_document_is_an_error() -> None:
    with pytest.raises(NotAFeedError, match="cut off"):
        parse('<rss version="2.0"><channel><title>T</title>')
