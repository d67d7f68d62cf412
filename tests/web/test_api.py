"""The API answers what the page shows and does what the page does, in the words of its description."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest

from monitor.domain import Proposal
from monitor.feeds.isolation import Parser
from monitor.storage import drift, entries
from monitor.storage.store import Store
from tests.factories import NOON
from tests.seeding import STORY, seeded
from tests.web.conftest import OURS, Site, asking, database

WRITER, READER, PASSWORD = "w" * 32, "r" * 32, "three quiet words"
WEB = {
    "password": PASSWORD,
    "tokens": [
        {"name": "writer", "token": WRITER, "scopes": ["read", "write"]},
        {"name": "reader", "token": READER},
    ],
}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Api:
    """A site with the demo's week, asked by a program."""

    def __init__(self, site: Site, client: httpx.Client) -> None:
        self.site = site
        self.client = client

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self._read(self.client.get(f"/api/v1{path}", params=query or None), status)

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        return self._read(self.client.request(method, f"/api/v1{path}", json=body), status)

    def _read(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def looked_at(site: Site) -> Api:
    """On both databases, for tests that only look."""
    return Api(site, site.ask)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Api]:
    """For tests that change something, each something of its own; the asker may do all."""
    folder = tmp_path_factory.mktemp("api")
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(database(request, folder, "api")))
        site = Site(seeded(folder, store, parser, NOON, web=WEB), folder, stack)
        yield Api(site, stack.enter_context(asking(site.host(), bearer(WRITER))))


def test_everything_that_is_listed_can_be_asked_for_by_itself(looked_at: Api):
    feed = looked_at.get("/feeds")["items"][0]
    assert looked_at.get(f"/feeds/{feed['handle']}")["notices"] == []
    entry = looked_at.get("/entries")["items"][0]
    assert looked_at.get(f"/entries/{entry['id']}")["title"] == entry["title"]
    assert looked_at.get("/stories")["items"][0]["id"] == STORY
    topic = looked_at.get(f"/stories/{STORY}/topics")["items"][0]
    assert looked_at.get(f"/stories/{STORY}/topics/{topic['id']}") == topic
    line = looked_at.get(f"/stories/{STORY}/storylines")["items"][0]
    assert looked_at.get(f"/stories/{STORY}/storylines/{line['id']}")["state"] == line["state"]
    event = looked_at.get(f"/stories/{STORY}/events")["items"][0]
    assert len(looked_at.get(f"/events/{event['id']}")["reports"]) == event["reports"]
    digest = looked_at.get("/digests")["items"][0]
    assert looked_at.get(f"/digests/{digest['id']}") == digest
    assert looked_at.get("/channels")["items"][0]["owed"] == 0
    assert looked_at.get("/health")["status"] == "ok"


def test_following_next_shows_each_entry_once_and_ends(looked_at: Api):
    shown, path = [], "/entries?limit=7"
    for _ in range(50):
        page = looked_at.get(path)
        shown += [entry["id"] for entry in page["items"]]
        if page["next"] is None:
            break
        path = page["next"].removeprefix("/api/v1")
    with looked_at.site.tools.store.read() as connection:
        everything = [stored.id for stored in entries.several(connection, range(1, 500))]
    assert shown == everything[::-1]
    assert len(shown) > 7


def test_events_and_feeds_are_paged_too(looked_at: Api):
    for path in (f"/stories/{STORY}/events", "/feeds"):
        whole = looked_at.get(path, limit=200)["items"]
        first = looked_at.get(path, limit=2)
        second = looked_at.get(first["next"].removeprefix("/api/v1"))
        assert first["items"] + second["items"] == whole[:4]


def test_entries_are_found_by_their_words(looked_at: Api):
    found = looked_at.get("/entries", q="Avocado")["items"]
    assert found
    assert all("avocado" in (entry["title"] + entry["summary"]).lower() for entry in found)


def test_an_entry_says_why_it_belongs_and_a_reader_s_word_changes_that(api: Api):
    event = api.get(f"/stories/{STORY}/events")["items"][0]
    entry = api.get(f"/events/{event['id']}")["lead"]
    (seen,) = api.get(f"/entries/{entry}")["stories"]
    line = next(line for line in seen["match"]["storylines"] if line["held"])
    assert line["parts"]
    assert seen["report"]["event"] == event["id"]
    said = {"story": STORY, "storyline": line["storyline"], "belongs": False}
    after = api.ask("POST", f"/entries/{entry}/feedback", said)
    now = next(one for one in after["match"]["storylines"] if one["storyline"] == line["storyline"])
    assert now["score"] < line["score"]


def test_who_knows_the_answer_is_told_that_nothing_has_changed(api: Api):
    answer = api.client.get("/api/v1/feeds")
    etag = answer.headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        again = api.client.get("/api/v1/feeds", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    handle = answer.json()["items"][0]["handle"]
    api.ask("POST", f"/feeds/{handle}/pause", status=204)
    assert api.client.get("/api/v1/feeds", headers={"If-None-Match": etag}).status_code == 200
    assert api.get(f"/feeds/{handle}")["paused"] is True
    api.ask("POST", f"/feeds/{handle}/resume", status=204)
    assert api.get(f"/feeds/{handle}")["paused"] is False


def test_a_feed_is_added_to_the_file_and_removed_from_it(api: Api):
    before = (api.site.folder / "monitor.yaml").read_text("utf-8")
    new = {"url": "https://reader:secret@fresh.test/feed?key=hidden", "tags": ["press"]}
    taken = api.ask("POST", "/feeds", new, 201)
    assert "secret" not in str(taken)
    assert "secret" in (api.site.folder / "monitor.yaml").read_text("utf-8")
    shown = api.client.get(f"/api/v1/feeds/{taken['handle']}").text
    assert "fresh.test" in shown
    assert "secret" not in shown
    assert "hidden" not in shown
    again = api.ask("POST", "/feeds", new, 409)
    assert taken["handle"] in again["detail"]
    api.ask("DELETE", f"/feeds/{taken['handle']}", status=204)
    assert (api.site.folder / "monitor.yaml").read_text("utf-8") == before
    api.get(f"/feeds/{taken['handle']}", 404)


def test_events_are_merged_split_and_moved(api: Api):
    one, two = api.get(f"/stories/{STORY}/events", limit=2)["items"]
    merged = api.ask("POST", f"/events/{one['id']}/merge", {"event": two["id"]})
    assert merged["gone"] == [two["id"]]
    assert api.get(f"/events/{two['id']}")["id"] == one["id"]
    apart = api.ask("POST", f"/events/{one['id']}/split", {"entries": merged["moved"]})
    assert apart["moved"] == merged["moved"]
    entry = merged["moved"][0]
    back = api.ask("POST", f"/entries/{entry}/move", {"event": one["id"]})
    assert entry in back["moved"]
    assert "already" in api.ask("POST", f"/entries/{entry}/move", {"event": one["id"]}, 409)["detail"]


def test_a_digest_is_previewed_sent_and_its_delivery_replayed(api: Api):
    preview = api.get("/digests/morning/preview")
    assert preview["events"] > 0
    assert preview["body"]["type"] == "digest.created"
    (number,) = api.ask("POST", "/digests/morning/send", status=202)["deliveries"]
    assert api.get("/digests/morning/preview")["events"] == 0
    edition = api.get("/editions")["items"][0]
    assert [owed["id"] for owed in edition["deliveries"]] == [number]
    assert api.get(f"/editions/{edition['id']}") == edition
    delivery = api.get(f"/deliveries/{number}")
    assert (delivery["state"], delivery["tries"]) == ("pending", [])
    assert "digest.created" in delivery["body"]
    assert [one["id"] for one in api.get("/deliveries", state="pending")["items"]] == [number]
    for path in ("retry", "replay"):
        api.ask("POST", f"/deliveries/{number}/{path}", status=202)
    assert "pending" in api.ask("POST", f"/deliveries/{number}/dismiss", status=409)["detail"]
    api.ask("POST", "/replays", {"since": "2026-01-01T00:00:00Z", "channel": "nobody"}, 404)
    assert api.ask("POST", "/replays", {"since": "2026-01-01T00:00:00Z"}, 202) == {"deliveries": 0}


def test_a_channel_is_tried(api: Api):
    assert api.ask("POST", "/channels/archive/test")["outcome"] == "delivered"
    api.ask("POST", "/channels/archive/open", status=204)
    api.ask("POST", "/channels/nobody/test", status=404)


def test_a_storyline_is_muted_for_a_while(api: Api):
    line = api.get(f"/stories/{STORY}/storylines")["items"][0]["id"]
    path, until = f"/stories/{STORY}/mutes/{line}", (NOON + timedelta(days=7)).isoformat()
    assert api.ask("PUT", path, {"until": until})["storyline"] == line
    assert [one["storyline"] for one in api.get(f"/stories/{STORY}/mutes")["items"]] == [line]
    assert "past" in api.ask("PUT", path, {"until": NOON.isoformat()}, 409)["detail"]
    api.ask("DELETE", path, status=204)
    assert api.get(f"/stories/{STORY}/mutes")["items"] == []


def test_a_proposed_name_is_written_into_the_story_s_file_or_never_proposed_again(api: Api):
    common = {"story": STORY, "topic": "avocado", "score": 0.8, "proposed_at": NOON, "evidence": (1,), "origins": 2}
    with api.site.tools.store.write() as connection:
        for term in ("Muse Spark X", "Guac"):
            drift.save(connection, term.lower(), Proposal(term=term, reason="it rose", **common))
    one, two = (proposal["id"] for proposal in api.get(f"/stories/{STORY}/proposals", state="proposed")["items"])
    accepted = api.ask("POST", f"/proposals/{one}/accept", {})
    assert accepted["proposal"]["state"] == "accepted"
    assert "Muse Spark X" in api.get(f"/stories/{STORY}/topics/avocado")["strong"]
    assert "Muse Spark X" in (api.site.folder / f"stories/{STORY}.yaml").read_text("utf-8")
    assert api.ask("POST", f"/proposals/{two}/reject")["proposal"]["state"] == "rejected"
    assert "rejected before" in api.ask("POST", f"/proposals/{two}/accept", {}, 409)["detail"]


def test_other_names_of_a_topic_are_tried_on_the_last_month_and_written_with_comments_kept(api: Api):
    file = api.site.folder / f"stories/{STORY}.yaml"
    topic = api.get(f"/stories/{STORY}/topics/avocado")
    path = f"/stories/{STORY}/topics/avocado"
    without = api.ask("POST", f"{path}/preview", {"strong": [], "aliases": ["Muse Spark Z"]})
    assert without["held_before"] > 0 == without["held_after"]
    assert len(without["lost"]) == without["held_before"]
    assert api.ask("POST", f"{path}/preview", {})["gained"] == []
    before = file.read_text("utf-8")
    vetoes = ["smoothie bowl", *topic["vetoes"][1:]]
    written = api.ask("PUT", path, {"vetoes": vetoes})["topic"]
    assert set(written["vetoes"]) == set(vetoes)
    after = file.read_text("utf-8")
    assert [line for line in after.splitlines() if "#" in line] == [line for line in before.splitlines() if "#" in line]
    assert "smoothie bowl" in after
    api.ask("PUT", path, {"strong": ["${HOME}"]}, 422)
    assert file.read_text("utf-8") == after


def test_a_storyline_s_query_is_tried_and_written(api: Api):
    line = api.get(f"/stories/{STORY}/storylines")["items"][0]["id"]
    path = f"/stories/{STORY}/storylines/{line}/query"
    tried = api.ask("POST", f"{path}/preview", {"query": "zebra"})
    assert (tried["held_after"], len(tried["lost"])) == (0, tried["held_before"])
    assert tried["lost"][0]["topic"] is None
    assert "at character" in api.ask("POST", f"{path}/preview", {"query": "(a"}, 409)["detail"]
    assert api.ask("PUT", path, {"query": "@avocado launch*"})["query"].strip() == "@avocado launch*"
    assert "at character" in api.ask("PUT", path, {"query": "(a"}, 409)["detail"]
    named = api.ask("PUT", f"/stories/{STORY}/topics/avocado", {"name": "Avocado", "passing": ["rivals such as"]})
    assert (named["topic"]["name"], named["topic"]["passing"]) == ("Avocado", ["rivals such as"])


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_a_program_is_told_what_it_lacks_in_problem_details(api: Api):
    nobody = api.client.get("/api/v1/feeds", headers={"Authorization": ""})
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith("Bearer ")
    assert nobody.headers["content-type"] == "application/problem+json"
    wrong = api.client.get("/api/v1/feeds", headers=bearer("x" * 32))
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
    looking = api.client.post("/api/v1/digests/morning/send", headers=bearer(READER))
    assert looking.status_code == 403
    assert 'error="insufficient_scope", scope="write"' in looking.headers["www-authenticate"]
    assert api.client.get("/api/v1/feeds", headers=bearer(READER)).status_code == 200


def test_a_session_reads_the_api_and_writes_only_pages(api: Api):
    with asking(api.site.host(), OURS) as browser:
        assert browser.post("/login", data={"password": PASSWORD}).status_code == 303
        assert browser.get("/api/v1/feeds").status_code == 200
        answer = browser.post("/api/v1/digests/morning/send")
        assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")


def test_what_cannot_be_read_is_listed_with_its_place(api: Api):
    told = api.ask("POST", "/feeds", {"url": "ftp://x", "titel": "x"}, 422)
    assert {mistake["place"] for mistake in told["mistakes"]} == {"body.url", "body.titel"}
    assert api.get("/entries", 422, limit=201)["mistakes"][0]["place"] == "query.limit"
    assert api.get("/nothing", 404)["title"] == "Not Found"
    odd = api.client.post("/api/v1/feeds", content=b'{"\\ud800": 1}', headers={"Content-Type": "application/json"})
    assert odd.status_code == 422


def test_what_cannot_be_done_to_a_path_is_told_with_what_can(api: Api):
    answer = api.client.put("/api/v1/feeds", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_the_description_names_each_operation_and_what_it_needs(api: Api):
    described = api.client.get("/openapi.json").json()
    operations = [one for path in described["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids)) > 40
    assert all(one["description"] and one["security"] == [{"token": []}] for one in operations)
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    assert "HTTPValidationError" not in described["components"]["schemas"]
