"""Digests for the tests of the renderings: a rich one, an empty one, and one that means ill."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from monitor.domain import (
    Coverage,
    Digest,
    DigestEntry,
    DigestEvent,
    DigestExpectation,
    DigestProposal,
    DigestQuiet,
    DigestStatement,
    DigestStoryline,
    ExpectationState,
    Gap,
    Novelty,
    Window,
)

MORNING = datetime(2026, 3, 13, 7, 0, tzinfo=UTC)

#: Titles that a stranger may put into a feed, with what they try.
HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "attribute": '" onmouseover="alert(1)" x="',
    "template": "{{ 7*7 }} {% for x in ().__class__.__mro__ %} {{ digest.channel }}",
    "mention": "@everyone <!channel> <@U012345>",
    "direction": "invoice \u202egnp.exe\u202c \u2066and\u2069 \u200fon",
    "control": "one\x1b[31m red\r\nSubject: two\x00\x07\u2028three",
    "long": "Lorem" * 200,
    "long words": "ipsum dolor " * 85,
    "wide": "牛油果" * 110,
    "markdown": "**bold** [click](https://evil.test) ![x](https://evil.test/x.png) `code` ~~no~~ ||spoiler||\n> quote",
    "link": "https://evil.test/ <https://evil.test|Reuters> <at>Everyone</at> [a]: //evil.test",
    "header": "News\r\nBcc: all@evil.test\r\n\r\n<b>body</b>",
    "unseen": "a\u200bb\u00adc\ufeffd\U000e0041e\u2060f\x85g\ufffeh",
    "persian": "می\u200cخواهم پُست",
    "ampersands": "&<>" * 400,
    "entities": "&lt;script&gt; &amp;lt; &#60;b&#62;",
    "nothing": "",
    "blank": " \t\r\n",
    "megabyte": "A<b" * 350_000,
}


def an_item(title: str = "Meta postpones Avocado to at least May", **changes: Any) -> DigestEntry:
    fields: dict[str, Any] = {
        "id": 1,
        "title": title,
        "url": "https://harbour.test/avocado",
        "source": "Harbour Times",
        "published": datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
        "lang": "en",
        "novelty": Novelty.FIRST,
    }
    return DigestEntry(**(fields | changes))


def a_told_event(*entries: DigestEntry, **changes: Any) -> DigestEvent:
    entries = entries or (an_item(),)
    fields: dict[str, Any] = {
        "id": "e1a2b3c4d5e6",
        "revision": 1,
        "title": entries[0].title,
        "summary": "The model was due this month. In tests it fell behind its rivals.",
        "novelty": entries[0].novelty,
        "reason": "first report",
        "first_seen": datetime(2026, 3, 12, 9, 4, tzinfo=UTC),
        "origins": 1,
        "entries": entries,
        "matched": ("avocado", "TBD Lab"),
        "score": 0.94,
    }
    return DigestEvent(**(fields | changes))


def a_digest(*events: DigestEvent, **changes: Any) -> Digest:
    """A digest of these events in one storyline; of none, when there are none."""
    lines = (DigestStoryline(id="avocado-release", title="Avocado ships, and closed", state="active", events=events),)
    fields: dict[str, Any] = {
        "schema_version": 1,
        "digest_id": "morning-2026-03-13T08:00",
        "sequence": 42,
        "channel": "desk",
        "story": "open-source-retreat",
        "title": "Meta's open-source retreat",
        "window": Window(start=datetime(2026, 3, 12, 7, 0, tzinfo=UTC), end=MORNING),
        "reason": "schedule",
        "storylines": lines if events else (),
        "expectations": (),
        "coverage": Coverage(feeds_ok=48, feeds_failing=0),
    }
    return Digest(**(fields | changes))


def a_rich_digest() -> Digest:
    """Three languages, five grades of novelty, an event that comes back, expectations in three states, gaps, a link."""
    postponed = a_told_event(
        an_item(),
        an_item("“At least May”, perhaps June, says one close to the team", source="Ledger", novelty=Novelty.NEW_FACT),
        an_item("Meta 旗舰模型“牛油果”推迟至五月", source="潮汐新闻", lang="zh", novelty=Novelty.CORROBORATES),
        an_item("Meta verschiebt Avocado", source="Abendbote", lang="de", novelty=Novelty.REHASH, published=None),
        an_item("Meta verschiebt Avocado", source="Morgenbote", lang="de", novelty=Novelty.DUPLICATE, url=None),
        reason="first report, and 4 more since",
        origins=3,
        also=("talent-wars",),
        links={"web": "https://monitor.test/events/e1a2b3c4d5e6"},
    )
    returned = a_told_event(
        an_item("千问团队负责人离职，阿里CEO发内部信回应", source="江畔财经", lang="zh", novelty=Novelty.NEW_FACT),
        id="e9f8e7d6c5b4",
        revision=3,
        summary="阿里巴巴首席执行官在内部信中确认批准辞职，并表示将继续加大对开源模型的投入，团队由周老师继续带领。",
        reason="1 new report; new: “内部信”",
        origins=2,
        matched=("qwen", "千问"),
        score=0.88,
    )
    digest = a_digest(postponed)
    return replace(
        digest,
        storylines=(
            *(replace(line, links={"web": f"https://monitor.test/{line.id}"}) for line in digest.storylines),
            DigestStoryline(id="qwen", title="Chinese open models", state="emerging", events=(returned,)),
        ),
        expectations=(
            an_expectation(ExpectationState.OPEN),
            an_expectation(ExpectationState.MET, id="q", evidence="Qwen 3.5 is out", url="https://ledger.test/q"),
            an_expectation(ExpectationState.OVERDUE, id="b", by="soon", earliest=None, latest=None),
            a_course(),
        ),
        coverage=Coverage(feeds_ok=46, feeds_failing=1, gaps=(Gap(feed="Ledger", reason="no answer within 30 s"),)),
        proposals=(a_proposal(),),
        links={"web": "https://monitor.test/digests/morning/sent/2026-03-13T08:00/desk"},
        quiet=(DigestQuiet(id="talent", title="Who goes", since=MORNING, days=23, rhythm_days=4),),
    )


def a_proposal(term: str = "Muse Spark", **changes: Any) -> DigestProposal:
    fields: dict[str, Any] = {
        "id": 3,
        "term": term,
        "topic": "avocado",
        "name": "Avocado, Meta's model",
        "origins": 5,
        "score": 0.92,
        "reason": "“Meta shows Muse Spark, formerly Avocado.” (Ledger); used by 5 sources",
    }
    return DigestProposal(**(fields | changes))


def an_expectation(state: ExpectationState, **changes: Any) -> DigestExpectation:
    fields: dict[str, Any] = {
        "id": "ships",
        "storyline": "avocado-release",
        "claim": "Avocado is released to the public",
        "state": state,
        "by": "spring 2026",
        "earliest": date(2026, 3, 1),
        "latest": date(2026, 5, 31),
    }
    return DigestExpectation(**(fields | changes))


def a_course(text: str = "Avocado slips to May", url: str | None = "https://ledger.test/may") -> DigestExpectation:
    """An expectation that slipped, is overdue, and may be given up."""
    may = DigestStatement(
        state=ExpectationState.SLIPPED,
        said="May 2026",
        earliest=date(2026, 5, 1),
        latest=date(2026, 5, 31),
        reported=MORNING,
        source=text,
        title=text,
        url=url,
        origins=3,
    )
    return an_expectation(
        ExpectationState.OVERDUE,
        evidence=text,
        url=url,
        since=MORNING,
        history=(DigestStatement(state=ExpectationState.OPEN, said="spring 2026"), may),
        possible=(replace(may, state=ExpectationState.CANCELLED, said="", origins=1),),
        news=True,
    )


def a_hostile_digest(text: str) -> Digest:
    """The text wherever a stranger's words can stand."""
    item = an_item(text, source=text, url="javascript:alert(1)", lang="en")
    other = an_item(f"second {text}", source=text, url="data:text/html,x", lang=None)
    event = a_told_event(
        item, other, summary=text, reason=f"new: “{text}”", matched=(text,), links={"web": "javascript:alert(1)"}
    )
    digest = a_digest(event)
    return replace(
        digest,
        expectations=(an_expectation(ExpectationState.MET, evidence=text, url="vbscript:x"), a_course(text, "data:x")),
        quiet=(DigestQuiet(id=text, title=text, since=MORNING, days=23, rhythm_days=4),),
        coverage=Coverage(feeds_ok=1, feeds_failing=1, gaps=(Gap(feed=text, reason=text),)),
        proposals=(a_proposal(text, reason=text),),
        storylines=tuple(replace(line, links={"web": "javascript:alert(1)"}) for line in digest.storylines),
        links={"web": "javascript:alert(1)"},
    )
