"""The digest as a page: complete, calm, and proof against what strangers write."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from monitor.digests.render import html
from monitor.domain import Novelty
from tests.digests.samples import HOSTILE, a_digest, a_hostile_digest, a_rich_digest, a_told_event, an_item

BERLIN = ZoneInfo("Europe/Berlin")
#: Every element that the template may make. A stranger's text that makes another one shows here.
ELEMENTS = set(
    "html head meta title style body header main footer section article details summary "  # noqa: SIM905 - a list of words
    "div p h1 h2 h3 ul ol li span b bdi time a".split()
)
VOID = {"meta"}


class Page(HTMLParser):
    """A page as a browser would read it: elements, links, languages, the text between."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_a_page_holds_every_title_source_and_reason():
    digest = a_rich_digest()
    page = Page(html.render(digest, BERLIN))
    for event in digest.events:
        assert event.reason in page.text
        for entry in event.entries:
            assert entry.title in page.text
            assert entry.source in page.text
    assert page.open == []


@pytest.mark.parametrize("stranger", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_makes_no_element_no_attribute_and_no_link(stranger: str):
    page = Page(html.render(a_hostile_digest(stranger), BERLIN))
    assert {name for name, _ in page.elements} <= ELEMENTS
    assert not [key for _, attributes in page.elements for key in attributes if key.startswith("on") or key == "x"]
    assert page.all("a") == []
    assert not set("\x1b\x00\x07\u202e\u202c\u2066\u2069") & set(page.text)
    assert page.open == []


def test_template_marks_of_a_stranger_are_shown_and_not_run():
    page = Page(html.render(a_hostile_digest(HOSTILE["template"]), BERLIN))
    assert HOSTILE["template"] in page.text
    assert "49" not in page.text


def test_links_are_web_pages_that_learn_nothing_of_the_reader():
    links = Page(html.render(a_rich_digest(), BERLIN)).all("a")
    assert {link["href"] for link in links} == {
        "https://harbour.test/avocado",
        "https://ledger.test/may",
        "https://ledger.test/q",
        "https://monitor.test/avocado-release",
        "https://monitor.test/digests/morning/sent/2026-03-13T08:00/desk",
        "https://monitor.test/events/e1a2b3c4d5e6",
    }
    assert {link["rel"] for link in links} == {"noopener noreferrer"}


def test_a_page_loads_nothing_and_runs_nothing():
    page = html.render(a_rich_digest(), BERLIN)
    assert not re.search(r"<(script|img|link|iframe|object|base|form)|@import|url\(|\ssrc=", page)
    policies = [meta["content"] for meta in Page(page).all("meta") if meta.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_titles_name_their_language_where_it_is_not_the_page_s():
    page = Page(html.render(a_rich_digest(), BERLIN))
    assert page.all("html")[0]["lang"] == "en"
    assert [heading.get("lang") for heading in page.all("h3")] == [None, "zh"]
    assert {item["lang"] for item in page.all("p") if "lang" in item} == {"zh", "de"}


def test_a_language_that_a_stranger_made_up_stays_in_its_attribute():
    page = Page(html.render(a_digest(a_told_event(an_item(lang='zh" onclick="x'))), BERLIN))
    assert page.all("h3")[0] == {"lang": 'zh" onclick="x', "dir": "auto"}


def test_times_are_local_and_the_zone_is_named():
    page = Page(html.render(a_rich_digest(), BERLIN))
    assert "12 Mar 10:00" in page.text
    assert "(Europe/Berlin)" in page.text
    assert page.all("time")[0]["datetime"] == "2026-03-12T09:00:00+00:00"


def test_repeats_are_folded_and_stay_within_reach():
    page = Page(html.render(a_rich_digest(), BERLIN))
    assert len(page.all("details")) == 1
    assert "and 2 repeats" in page.text
    assert "Morgenbote" in page.text


def test_an_empty_edition_says_so_in_a_line():
    page = Page(html.render(a_digest(), BERLIN))
    assert "Nothing new in this time." in page.text
    assert page.all("article") == []


def test_what_may_be_missing_is_said_at_the_foot():
    page = Page(html.render(a_rich_digest(), BERLIN))
    assert "1 failing, so something may be missing" in page.text
    assert "Ledger: no answer within 30 s" in page.text


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", ["by day", "by night"])
def test_text_stands_out_from_its_ground_as_wcag_aa_asks(mode: str):
    css = (files("monitor.digests.render") / "digest.css").read_text("utf-8")
    day, night = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    shown = colours(day if mode == "by day" else night)
    pairs = [(ink, "ground") for ink in ("ink", "soft", "link", "accent")]
    pairs += [(ink, f"{ink}-ground") for ink in ("new", "fact", "calm", "warn")]
    for ink, ground in pairs:
        light, dark = sorted((luminance(shown[ink]), luminance(shown[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


def test_what_was_told_before_and_brings_nothing_new_is_folded_after_the_news():
    again = a_told_event(an_item(novelty=Novelty.REHASH, url="https://ledger.test/again"), revision=2)
    page = Page(html.render(a_digest(a_told_event(), again), BERLIN))
    assert len(page.all("article")) == len(page.all("details")) == 1
    assert "Nothing new, but 1 more report of what was told before" in page.text
    assert "https://ledger.test/again" in [link["href"] for link in page.all("a")]


def test_a_new_name_is_asked_about():
    assert "Is “Muse Spark” a new name of Avocado, Meta's model?" in Page(html.render(a_rich_digest(), BERLIN)).text
