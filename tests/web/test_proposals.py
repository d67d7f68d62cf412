"""A story's page asks whether a name has become a topic's, shows what speaks for it, and heeds the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from markupsafe import escape

from monitor.domain import Proposal, ProposalState
from monitor.feeds.isolation import Parser
from monitor.storage import drift, entries
from monitor.storage.store import Store
from tests.factories import NOON
from tests.seeding import STORY, seeded
from tests.web.conftest import Site, database

PAGE = f"/stories/{STORY}"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def asking_site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, parser: Parser
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("proposals")
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(database(request, folder, "proposals")))
        yield Site(seeded(folder, store, parser, NOON), folder, stack)


def propose(site: Site, term: str) -> int:
    """A name is proposed; its number."""
    common = {"story": STORY, "topic": "avocado", "score": 0.8, "proposed_at": NOON, "evidence": (3, 1), "origins": 2}
    with site.tools.store.write() as connection:
        drift.save(connection, term.lower(), Proposal(term=term, reason=f"{term}, formerly Avocado", **common))
        return next(one.id for one in drift.listed(connection, STORY) if one.term == term)


def state(site: Site, number: int) -> ProposalState:
    with site.tools.store.read() as connection:
        found = drift.get(connection, number)
    assert found
    return found.state


def file(site: Site) -> Path:
    return site.folder / f"stories/{STORY}.yaml"


def test_a_question_is_shown_with_the_entries_that_speak_for_it(asking_site: Site):
    propose(asking_site, "Guac One")
    page = asking_site.page(PAGE)
    assert "Is “Guac One” a new name of" in page
    assert "Guac One, formerly Avocado" in page
    with asking_site.tools.store.read() as connection:
        for stored in entries.several(connection, (3, 1)):
            assert str(escape(stored.entry.title)) in page
            assert f'href="/entries/{stored.id}"' in page


def test_a_yes_writes_the_name_into_the_story_s_file_with_every_comment_kept(asking_site: Site):
    before = file(asking_site).read_text("utf-8")
    number = propose(asking_site, "Guac Two")
    answer = asking_site.ask.post(f"/proposals/{number}/accept", data={"kind": "strong"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?said=accepted")
    page = asking_site.page(answer.headers["location"])
    assert "Written into the story" in page
    assert "Is “Guac Two”" not in page
    (topic,) = (one for one in asking_site.tools.config.story(STORY).topics if one.id == "avocado")
    assert "Guac Two" in topic.strong
    after = file(asking_site).read_text("utf-8")
    assert [line for line in after.splitlines() if "#" in line] == [line for line in before.splitlines() if "#" in line]
    assert state(asking_site, number) is ProposalState.ACCEPTED


def test_a_name_that_needs_an_anchor_is_put_among_the_aliases(asking_site: Site):
    asking_site.ask.post(f"/proposals/{propose(asking_site, 'Guacone')}/accept", data={"kind": "aliases"})
    (topic,) = (one for one in asking_site.tools.config.story(STORY).topics if one.id == "avocado")
    assert "Guacone" in topic.aliases


def test_a_no_writes_nothing_and_the_name_is_never_asked_about_again(asking_site: Site):
    before, number = file(asking_site).read_text("utf-8"), propose(asking_site, "Guac Three")
    answer = asking_site.ask.post(f"/proposals/{number}/reject")
    assert "never proposed again" in asking_site.page(answer.headers["location"])
    assert (state(asking_site, number), file(asking_site).read_text("utf-8")) == (ProposalState.REJECTED, before)
    for verb in ("accept", "reject"):
        again = asking_site.ask.post(f"/proposals/{number}/{verb}")
        assert again.status_code == 409
        assert "was rejected before" in again.text


def test_a_name_that_names_a_variable_of_the_environment_stays_a_question(asking_site: Site):
    number = propose(asking_site, "Guac ${HOME}")
    answer = asking_site.ask.post(f"/proposals/{number}/accept", data={"kind": "strong"})
    assert answer.status_code == 409
    assert "environment" in answer.text
    assert state(asking_site, number) is ProposalState.PROPOSED


def test_a_question_that_is_not_there_is_told(asking_site: Site):
    for number in (0, 999, 2**64):
        assert asking_site.ask.post(f"/proposals/{number}/reject").status_code == 404
