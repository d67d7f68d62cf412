"""Every rendering for people: whole, within the limits of its service, and proof against what strangers write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.headerregistry import Address
from functools import partial
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.digests.parts import in_parts
from monitor.digests.render import atom, brief, discord, html, mail, payload, slack, teams, text, words
from monitor.domain import Coverage, Digest, DigestStoryline, Gap, HeldBack, Novelty, Why
from tests.digests.render import judges
from tests.digests.samples import HOSTILE, a_digest, a_hostile_digest, a_rich_digest, a_told_event, an_item

BERLIN = ZoneInfo("Europe/Berlin")
ENVELOPE = mail.Envelope(
    sender=Address("Night watch", addr_spec="watch@news.test"), to=(Address(addr_spec="desk@news.test"),)
)


def messages(render: Callable[..., bytes], fits: Callable[[bytes], bool]) -> Callable[[Digest], list[bytes]]:
    return lambda digest: [body for _, body in in_parts(digest, render=render, fits=fits)]


#: Name -> from a digest to its messages, and who judges each.
RENDERINGS: dict[str, tuple[Callable[[Digest], list[bytes]], Callable[[bytes], list[str]]]] = {
    "slack": (messages(partial(slack.render, zone=BERLIN), slack.fits), judges.slack),
    "discord": (messages(partial(discord.render, zone=BERLIN), discord.fits), judges.discord),
    "teams": (messages(partial(teams.render, zone=BERLIN), teams.fits), judges.teams),
    "mail": (messages(partial(mail.render, zone=BERLIN, envelope=ENVELOPE), mail.fits), judges.mail),
    "atom": (lambda digest: [atom.render([digest], BERLIN, channel="desk")], judges.atom),
    "apprise": (messages(partial(brief.render, zone=BERLIN), partial(brief.fits, most=4000)), judges.brief),
    "page": (lambda digest: [html.render(digest, BERLIN).encode()], lambda body: [judges.html(body.decode())]),
    "text": (lambda digest: [text.render(digest, BERLIN).encode()], lambda body: [judges.calm(body.decode())]),
}
each_rendering = pytest.mark.parametrize(("render", "judge"), RENDERINGS.values(), ids=RENDERINGS)
Render, Judge = Callable[[Digest], list[bytes]], Callable[[bytes], list[str]]


@each_rendering
def test_a_rich_digest_is_told_whole_and_in_order(render: Render, judge: Judge):
    shown = "\n".join(chain(*map(judge, render(a_rich_digest()))))
    titles = [event.title for event in a_rich_digest().events]
    places = [shown.replace("\n", " ").find(title[:18]) for title in titles]
    assert -1 not in places
    assert places == sorted(places)
    assert words.tally(a_rich_digest()) in shown
    assert "46 feeds read without trouble; 1 failing" in shown.replace("\n", " ")
    assert "Ledger: no answer within 30 s" in shown
    assert "Avocado is released to the public" in shown


@each_rendering
def test_an_empty_edition_says_so(render: Render, judge: Judge):
    assert "Nothing new in this time." in "\n".join(chain(*map(judge, render(a_digest()))))


@each_rendering
def test_the_same_digest_gives_the_same_bytes(render: Render, judge: Judge):
    assert render(a_rich_digest()) == render(a_rich_digest())


@pytest.mark.parametrize("stranger", HOSTILE.values(), ids=HOSTILE)
@each_rendering
def test_a_hostile_text_is_shown_and_does_nothing(render: Render, judge: Judge, stranger: str):
    shown = "\n".join(chain(*map(judge, render(a_hostile_digest(stranger)))))
    beginning = words.clean(stranger)[:10]
    if judge is judges.brief:
        beginning = beginning.translate(brief.MARKS)
    assert beginning in shown.replace("\n", " ")


@each_rendering
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    strange=st.text(st.characters(codec="utf-8"), max_size=400)
    | st.text(st.sampled_from("<>@&|*_`[]()\\#-!:/\r\n\t\"'{}%=\u202e\u200b\x00 aé牛"), max_size=3000)
)
def test_whatever_a_stranger_writes_the_message_is_in_order(render: Render, judge: Judge, strange: str):
    for body in render(a_hostile_digest(strange)):
        judge(body)


@each_rendering
def test_links_that_are_no_web_pages_are_no_links(render: Render, judge: Judge):
    for url in ("javascript:alert(1)", "data:text/html,x", "java\nscript:x", "https://a b", "https://", "//evil.test"):
        for body in render(a_digest(a_told_event(an_item("A title", url=url)))):
            judge(body)
            assert b"javascript:" not in body


@each_rendering
def test_a_digest_leads_to_its_own_page(render: Render, judge: Judge):
    digest = a_rich_digest()
    body = b"".join(render(digest)).replace(b"=\r\n", b"")  # a mail breaks its long lines
    assert digest.links["web"].encode() in body
    if judge is not judges.brief:  # a push on a phone has room for one
        assert digest.events[0].links["web"].encode() in body
    assert b"https://monitor.test" not in b"".join(render(replace(digest, links={}, storylines=())))


@each_rendering
def test_an_address_of_our_own_that_is_too_long_breaks_no_limit(render: Render, judge: Judge):
    far = {"web": f"https://monitor.test/{'x' * 3000}"}
    event = a_told_event(an_item(), summary="word " * 80, links=far)
    for body in render(replace(a_digest(event), links=far)):
        judge(body)


@each_rendering
def test_odd_web_addresses_stay_inside_their_link(render: Render, judge: Judge):
    for url in (
        "https://n.test/a|b>c<d",
        "https://n.test/a)(b[]",
        "https://n.test/?a=1&b=\"'",
        f"https://n.test/{'&' * 900}",
    ):
        for body in render(a_digest(a_told_event(an_item("A title", url=url)))):
            judge(body)


@each_rendering
def test_150_events_and_an_event_of_400_entries_go_in_parts_that_lose_no_event(render: Render, judge: Judge):
    many = tuple(
        replace(a_told_event(an_item(f"Headline {n} of the day", id=n)), id=f"e{n}", summary="牛油果" * 100)
        for n in range(150)
    )
    large = a_told_event(
        *(
            an_item(f"Report {n} of one event", id=1000 + n, source=f"Outlet {n}", novelty=Novelty.CORROBORATES)
            for n in range(400)
        ),
        title="The event of the year",
    )
    bodies = render(a_digest(*many, large))
    shown = "\n".join(chain(*map(judge, bodies))).replace("\n", " ")
    assert all(f"Headline {n} of" in shown for n in range(150))
    assert "The event of the year" in shown
    if len(bodies) > 1:
        assert f"part 2 of {len(bodies)}" in shown


@pytest.mark.parametrize("name", ["slack", "discord", "teams", "apprise"])
def test_a_chat_counts_the_entries_that_it_leaves_out(name: str):
    entries = (an_item(f"Report {n}", source=f"Outlet {n}", novelty=Novelty.CORROBORATES) for n in range(400))
    render, judge = RENDERINGS[name]
    bodies = render(a_digest(a_told_event(*entries)))
    assert len(bodies) == 1
    assert "more entries" in "\n".join(judge(bodies[0]))


@each_rendering
def test_hundreds_of_expectations_and_failing_feeds_break_no_limit(render: Render, judge: Judge):
    rich = a_rich_digest()
    gaps = tuple(Gap(feed=f"Feed {n}", reason="no answer within 30 s") for n in range(300))
    digest = replace(
        rich,
        expectations=rich.expectations * 100,
        coverage=Coverage(feeds_ok=1, feeds_failing=300, gaps=gaps),
    )
    assert [judge(body) for body in render(digest)]


@each_rendering
def test_what_came_through_a_mute_is_told_in_a_line(render: Render, judge: Judge):
    muted = replace(a_told_event(title="Told in a line"), id="e2", muted=True)
    (body,) = render(a_digest(a_told_event(), muted))
    assert "While this was muted: 1 event, 1 entry. Told in a line" in "\n".join(judge(body)).replace("\n", " ")


@each_rendering
def test_an_event_that_only_repeats_what_was_told_is_folded_into_a_line(render: Render, judge: Judge):
    again = a_told_event(an_item("Told before", novelty=Novelty.REHASH), id="e2", revision=2)
    (body,) = render(a_digest(a_told_event(), again))
    shown = "\n".join(judge(body)).replace("\n", " ")
    assert "Nothing new, but 1 more report of what was told before: Told before" in shown
    assert "update 2" not in shown


@each_rendering
def test_what_is_held_back_is_said(render: Render, judge: Judge):
    held = HeldBack(why=Why.MUTED, entries=3, storyline="a", title="Talent wars")
    coverage = Coverage(feeds_ok=1, feeds_failing=0, held=(held,))
    (body,) = render(replace(a_digest(), coverage=coverage))
    assert "Muted: Talent wars; 3 entries kept for then." in "\n".join(judge(body)).replace("\n", " ")


@each_rendering
def test_the_activity_of_a_storyline_is_drawn(render: Render, judge: Judge):
    line = DigestStoryline(
        id="a", title="A", state="active", events=(a_told_event(),), activity=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 28)
    )
    (body,) = render(replace(a_digest(), storylines=(line,)))
    shown = "\n".join(judge(body))
    if judge is judges.html or b"<svg" in body:
        assert judges.Page(body.decode()).all("svg")
    elif judge is not judges.brief:
        assert "▁▂▂▂▂▃▃▃▃▄▄█" in shown


# --- What belongs to one of them --------------------------------------------------------------------------------------


def test_a_mail_names_its_ancestor_its_list_and_that_a_machine_wrote_it():
    message = judges.reparsed(
        mail.render(a_rich_digest(), BERLIN, replace(ENVELOPE, unsubscribe="https://n.test/stop"))
    )
    assert message["From"] == "Night watch <watch@news.test>"
    assert message["To"] == "desk@news.test"
    assert message["Subject"] == "Meta's open-source retreat: Meta postpones Avocado to at least May"
    assert message["Date"] == "Fri, 13 Mar 2026 08:00:00 +0100"
    assert message["List-Id"] == "<open-source-retreat.desk.news.test>"
    assert message["List-Unsubscribe"] == "<https://n.test/stop>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["In-Reply-To"] == message["References"] != message["Message-ID"]


def test_the_mails_of_a_story_form_a_thread_and_each_has_an_id_of_its_own():
    first, second, part, other = (
        judges.reparsed(mail.render(digest, BERLIN, ENVELOPE))
        for digest in (
            a_rich_digest(),
            replace(a_rich_digest(), digest_id="morning-2", sequence=43),
            replace(a_rich_digest(), part=2, parts=3),
            replace(a_rich_digest(), story="another"),
        )
    )
    assert first["References"] == second["References"] == part["References"] != other["References"]
    assert len({message["Message-ID"] for message in (first, second, part)}) == 3
    assert part["Subject"].endswith(", part 2 of 3")


def test_a_header_injection_becomes_part_of_the_subject():
    message = judges.reparsed(mail.render(a_hostile_digest(HOSTILE["header"]), BERLIN, ENVELOPE))
    assert "Bcc: all@evil.test" in message["Subject"]
    assert message["Bcc"] is None


def test_a_feed_of_digests_lists_the_latest_first_and_keeps_its_ids():
    first, second = a_rich_digest(), replace(a_digest(), digest_id="morning-2", sequence=43)
    document = atom.render([first, second], BERLIN, channel="desk")
    assert judges.atom(document)[0].startswith("Meta's open-source retreat: nothing new")
    ids = [entry.id for entry in judges.feedparser.parse(document).entries]
    assert ids[1:] == [
        entry.id for entry in judges.feedparser.parse(atom.render([first], BERLIN, channel="desk")).entries
    ]
    assert judges.atom(atom.render([], BERLIN, channel="desk")) == []


def test_bodies_that_are_no_digests_are_passed_over():
    bodies = [
        b"",
        b"[]",
        b'{"type":"digest.created"}',
        payload.render(a_digest()),
        b'{"type":"digest.created","data":{}}',
    ]
    assert list(payload.readable(bodies)) == [a_digest()]


@pytest.mark.parametrize(
    ("activity", "bars"),
    [
        pytest.param((0, 0, 0), "", id="nothing"),
        pytest.param((), "", id="unknown"),
        pytest.param((0, 1, 100), "▁▂█", id="one report is seen beside a hundred"),
        pytest.param((7, 7), "██", id="even"),
    ],
)
def test_a_chart_of_bars(activity: tuple[int, ...], bars: str):
    assert words.chart(activity) == bars


def test_a_text_is_cut_before_it_is_escaped():
    assert words.fitted("&" * 100, 20, lambda text: text.replace("&", "&amp;")) == "&amp;&amp;&amp;…"
    assert words.fitted("short", 20, str.upper) == "SHORT"


def test_lines_that_do_not_fit_are_counted():
    assert words.folded(["aa", "bb"], 6) == ["aa", "bb"]
    assert words.folded(["a" * 20, "b" * 20, "c" * 20], 50) == ["a" * 20, "… and 2 more entries"]
    assert words.folded(["a" * 100], 50) == ["… and 1 more entry"]
