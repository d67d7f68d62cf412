"""Names and queries are edited in a form, tried on the last month, and written into the story's file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from monitor.feeds.isolation import Parser
from monitor.storage.store import Store
from tests.factories import NOON
from tests.seeding import STORY, seeded
from tests.web.conftest import Site

PLACE = f"/stories/{STORY}/topics/avocado"


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("topics")
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(f"sqlite:///{folder}/monitor.db"))
        yield Site(seeded(folder, store, parser, NOON), folder, stack)


def names(site: Site) -> dict[str, str]:
    """The form as it is shown."""
    (topic,) = (one for one in site.tools.config.story(STORY).topics if one.id == "avocado")
    lists = {kind: "\n".join(getattr(topic, kind)) for kind in ("strong", "aliases", "anchors", "vetoes", "passing")}
    return lists | {"name": topic.name}


def test_the_form_shows_the_names_that_count(edited: Site):
    shown = edited.page(PLACE)
    assert all(word in shown for word in names(edited)["aliases"].splitlines())
    assert 'hx-trigger="input delay' in shown
    edited.page(f"/stories/{STORY}/topics/nothing", 404)


def test_a_preview_says_which_entries_would_come_and_go_and_writes_nothing(edited: Site):
    file = edited.folder / f"stories/{STORY}.yaml"
    before = file.read_text("utf-8")
    answer = edited.ask.post(f"{PLACE}/preview", data=names(edited) | {"strong": "", "aliases": "Avocadoes of Mars"})
    assert answer.status_code == 200
    assert "Would be no longer" in answer.text
    assert 'href="/entries/' in answer.text
    assert file.read_text("utf-8") == before


def test_saving_writes_the_names_and_keeps_every_comment(edited: Site):
    file = edited.folder / f"stories/{STORY}.yaml"
    before = file.read_text("utf-8")
    wanted = names(edited) | {"anchors": names(edited)["anchors"] + "\nPlayground Vista\n"}
    answer = edited.ask.post(PLACE, data=wanted)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/stories/{STORY}/topics?said=saved#topic-avocado",
    )
    assert "Written" in edited.page(answer.headers["location"])
    assert "Playground Vista" in names(edited)["anchors"]
    left = [line for line in file.read_text("utf-8").splitlines() if "Playground Vista" not in line]
    assert set(left) <= set(before.splitlines())
    refused = edited.ask.post(PLACE, data=wanted | {"strong": "${HOME}"})
    assert refused.status_code == 409
    assert "environment" in refused.text


def test_a_mistake_is_told_with_its_place_and_its_mend_and_nothing_is_tried(edited: Site):
    for path in (PLACE, f"{PLACE}/preview"):
        answer = edited.ask.post(path, data={"strong": "Meta Avocado\n@companys"})
        assert answer.status_code == 422
        assert "strong, line 2: there is no list of words &#39;companys&#39;" in answer.text
        assert "@companys" in answer.text
    assert "companys" not in (edited.folder / f"stories/{STORY}.yaml").read_text("utf-8")


def test_a_name_for_people_and_phrases_in_passing_are_saved_too(edited: Site):
    edited.ask.post(PLACE, data={"name": " Avocado,  then Muse Spark ", "passing": "rivals like\nrivals such as"})
    (topic,) = (one for one in edited.tools.config.story(STORY).topics if one.id == "avocado")
    assert (topic.name, topic.passing[-2:]) == ("Avocado, then Muse Spark", ("rivals like", "rivals such as"))
    assert topic.aliases


QUERY = f"/stories/{STORY}/storylines/avocado-release/query"


def test_a_query_is_tried_told_wrong_and_saved(edited: Site):
    file = edited.folder / f"stories/{STORY}.yaml"
    before = file.read_text("utf-8")
    assert "@shipping" in edited.page(QUERY)
    tried = edited.ask.post(f"{QUERY}/preview", data={"query": "@avocado salads"})
    assert "Would be no longer" in tried.text
    wrong = edited.ask.post(QUERY, data={"query": "@avocado (launch*"})
    assert wrong.status_code == 422
    assert "query: " in wrong.text
    assert "at character" in wrong.text
    assert file.read_text("utf-8") == before
    saved = edited.ask.post(QUERY, data={"query": "@avocado (launch*\nOR salads)"})
    assert "Written into the story" in edited.page(saved.headers["location"])
    line = next(one for one in edited.tools.config.story(STORY).storylines if one.id == "avocado-release")
    assert line.query.strip() == "@avocado (launch* OR salads)"
    kept = [line for line in before.splitlines() if "#" in line]
    assert [line for line in file.read_text("utf-8").splitlines() if "#" in line] == kept
    assert edited.ask.post(QUERY, data={"query": "${HOME}"}).status_code in {409, 422}
    edited.page(f"/stories/{STORY}/storylines/nothing/query", 404)
