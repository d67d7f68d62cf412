"""Where a digest can be read on the page."""

from __future__ import annotations

from monitor.digests.links import linked
from tests.digests.samples import a_digest, a_told_event


def test_a_digest_its_storylines_and_its_events_have_addresses_below_ours():
    digest = linked(a_digest(a_told_event()), "https://watch.test/in/", name="morning", slot="2026-03-13T08:00")
    (line,) = digest.storylines
    assert digest.links == {"web": "https://watch.test/in/digests/morning/sent/2026-03-13T08:00/desk"}
    assert line.links == {"web": "https://watch.test/in/stories/open-source-retreat/storylines/avocado-release"}
    assert line.events[0].links == {"web": "https://watch.test/in/events/e1a2b3c4d5e6"}


def test_a_page_that_nobody_reaches_is_not_linked():
    digest = a_digest(a_told_event())
    assert linked(digest, "", name="morning", slot="s") == digest


def test_an_odd_name_stays_within_its_part_of_the_address():
    digest = linked(a_digest(a_told_event(id="a/b?c#d e")), "https://watch.test", name="m", slot="every +1 h")
    assert digest.events[0].links == {"web": "https://watch.test/events/a%2Fb%3Fc%23d%20e"}
    assert digest.links["web"].endswith("/sent/every%20%2B1%20h/desk")
