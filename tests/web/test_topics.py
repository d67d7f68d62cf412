"""A topic's names are edited in a form, tried on the last month, and written into the story's file."""

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
    return {kind: "\n".join(getattr(topic, kind)) for kind in ("strong", "aliases", "anchors", "vetoes")}


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
    assert "Would be about it no longer" in answer.text
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
