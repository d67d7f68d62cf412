"""The brief for people, in three forms; proof against what strangers write."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from monitor.digests.render import storyline
from monitor.digests.render.text import COLUMNS, width
from monitor.domain import Brief, BriefEvent, BriefQuestion, BriefReport
from tests.digests.render.test_html import ELEMENTS, Page
from tests.digests.samples import HOSTILE, MORNING, a_course

BERLIN = ZoneInfo("Europe/Berlin")


def a_brief(text: str = "Meta 旗舰模型“牛油果”推迟", url: str | None = "https://tide.test/1") -> Brief:
    quoted = BriefReport(title=text, url=url, source=text, lang="zh", at=MORNING, note=text)
    event = BriefEvent(
        id="e1", lead=quoted, summary=text, developments=(quoted,), outlets=(text, "Post"), origins=(text,), reports=3
    )
    return Brief(
        story="s",
        story_title=text,
        id="line",
        title=text,
        about=text,
        at=MORNING,
        state="active",
        since=MORNING,
        reason=text,
        last=event,
        timeline=(event, event),
        omitted=4,
        expectations=(a_course(text, url),),
        questions=(BriefQuestion(text=text, source=text, title=text, url=url),),
        events=2,
        reports=6,
        outlets=2,
        origins=1,
    )


def test_every_line_that_is_quoted_has_its_link():
    known = a_brief()
    page = Page(storyline.page(known, BERLIN))
    assert {link["href"] for link in page.all("a")} == {"https://tide.test/1"}
    assert page.open == []
    text = storyline.text(known, BERLIN)
    for shown in (page.text, text):
        for word in ("Meta 旗舰模型", "Active", "Open questions", "Expected", "Timeline", "4 older events", "Post"):
            assert word in shown
    assert text.count("https://tide.test/1") >= 6


def test_the_course_of_an_expectation_stands_in_a_line():
    shown = " ".join(storyline.text(a_brief(), BERLIN).split())
    assert "spring 2026 (1 Mar 2026 to 31 May 2026) → May 2026 → overdue since 31 May 2026" in shown
    page = Page(storyline.page(a_brief(), BERLIN))
    assert "overdue since 31 May 2026" in page.text


def test_the_body_is_what_stands_on_the_page():
    assert storyline.body(a_brief(), BERLIN).strip() in storyline.page(a_brief(), BERLIN)


def test_an_empty_brief_says_so():
    empty = Brief(
        story="s",
        story_title="S",
        id="line",
        title="L",
        about="",
        at=MORNING,
        state="quiet",
        since=None,
        reason="no report yet",
        last=None,
        timeline=(),
        omitted=0,
        expectations=(),
        questions=(),
        events=0,
        reports=0,
        outlets=0,
        origins=0,
    )
    assert "Quiet: no report yet." in storyline.text(empty, BERLIN)
    assert "no report yet." in Page(storyline.page(empty, BERLIN)).text


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_strangers_words_stay_words(attack: str):
    page = Page(storyline.page(a_brief(HOSTILE[attack], "javascript:alert(1)"), BERLIN))
    assert {name for name, _ in page.elements} <= ELEMENTS
    assert page.all("a") == []
    text = storyline.text(a_brief(HOSTILE[attack], "javascript:alert(1)"), BERLIN)
    assert "javascript" not in text
    assert all(width(line) <= COLUMNS for line in text.splitlines())
    assert "\x1b" not in text
