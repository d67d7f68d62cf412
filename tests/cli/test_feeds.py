"""`monitor feeds ...` as people type it, against a site on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.config.loading import load
from monitor.feeds.opml import read_opml
from tests.servers import Site, rss, serve

PAGE = b"""<!doctype html><title>The Harbour</title>
<link rel="alternate" type="application/rss+xml" title="All news" href="/all.xml">
<link rel="alternate" type="application/rss+xml" title="Boats only" href="/boats.xml">"""


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.documents |= {"/": PAGE, "/all.xml": rss("Ferry late", "Crane sold", feed="Harbour"), "/boats.xml": rss()}
    with serve(site):
        yield site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    main = f"""\
# ours
storage: {{url: "sqlite:///{tmp_path}/monitor.db"}}
network: {{allow: [127.0.0.1/32]}}
feeds:
  - {{url: "https://user:password@news.test/feed", title: News, tags: [daily]}}  # keep
"""
    (tmp_path / "monitor.yaml").write_text(main, "utf-8")
    return tmp_path


def monitor(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["feeds", *words, "--config", str(folder)])


def followed(folder: Path) -> list[str]:
    return [feed.url for feed in load(folder, {}).feeds[1:]]


def test_discover_lists_what_a_page_declares(folder: Path, site: Site):
    result = monitor(folder, "discover", site.base, "--json")
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"url": f"{site.base}/all.xml", "title": "All news", "how": "declared"},
        {"url": f"{site.base}/boats.xml", "title": "Boats only", "how": "declared"},
    ]


def test_discover_says_so_and_fails_where_there_is_none(folder: Path, site: Site):
    site.documents = {"/": b"<!doctype html><p>Nothing here"}
    result = monitor(folder, "discover", f"{site.base}/")
    assert result.exit_code == 1
    assert "no feed was found" in result.stdout


def test_add_takes_the_first_feed_of_a_page_and_tells_the_others(folder: Path, site: Site):
    result = monitor(folder, "add", f"{site.base}/", "--title", "Harbour", "--tag", "sea", "--interval", "30m")
    assert result.exit_code == 0, result.output
    assert "(Harbour, 2 entries)" in result.stdout
    assert "SIGHUP" in result.stdout
    assert f"{site.base}/boats.xml  Boats only" in result.stdout
    added = load(folder, {}).feeds[1]
    assert (added.url, added.title, added.tags) == (f"{site.base}/all.xml", "Harbour", ("sea",))
    assert (folder / "monitor.yaml").read_text("utf-8").startswith("# ours\n")
    assert "# keep\n" in (folder / "monitor.yaml").read_text("utf-8")


def test_add_refuses_what_is_no_feed_and_leaves_the_file_alone(folder: Path, site: Site):
    site.documents["/all.xml"] = b"<!doctype html><p>Log in first"
    before = (folder / "monitor.yaml").read_bytes()
    result = monitor(folder, "add", f"{site.base}/")
    assert result.exit_code == 1
    assert f"{site.base}/all.xml: not a feed: it is an HTML page" in result.stderr
    assert (folder / "monitor.yaml").read_bytes() == before


def test_add_refuses_a_feed_that_is_followed_already_and_asks_nobody(folder: Path, site: Site):
    monitor(folder, "add", f"{site.base}/all.xml")
    asked = len(site.requests)
    result = monitor(folder, "add", f"{site.base}/all.xml")
    assert result.exit_code == 1
    assert "is followed already" in result.stderr
    assert len(site.requests) == asked


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--interval", "soon"), "interval: 'soon' is no duration"), (("ftp://news.test/",), "url: is no web address")],
    ids=["an interval that is none", "an address of another protocol"],
)
def test_a_slip_of_the_pen_is_a_usage_error(folder: Path, words: tuple[str, ...], said: str):
    result = monitor(folder, "add", *(words if len(words) == 1 else ("https://a.test/", *words)))
    assert result.exit_code == 2
    assert said in result.stderr


def test_add_does_not_reach_private_addresses_that_are_not_allowed(folder: Path, site: Site):
    text = (folder / "monitor.yaml").read_text("utf-8").replace("127.0.0.1/32", "127.0.0.9/32")
    (folder / "monitor.yaml").write_text(text, "utf-8")
    result = monitor(folder, "add", f"{site.base}/all.xml")
    assert result.exit_code == 1
    assert "address not allowed" in result.stderr
    assert site.requests == []


def test_remove_takes_a_feed_out(folder: Path, site: Site):
    monitor(folder, "add", f"{site.base}/all.xml")
    assert monitor(folder, "remove", f"{site.base}/all.xml").exit_code == 0
    assert followed(folder) == []
    assert monitor(folder, "remove", f"{site.base}/all.xml").exit_code == 2


def test_a_feed_is_paused_and_resumed_by_its_address_or_handle(folder: Path):
    def listed() -> dict[str, str]:
        (row,) = [json.loads(line) for line in monitor(folder, "list", "--json").stdout.splitlines()]
        return row

    first = listed()
    assert (first["status"], first["url"]) == ("new", "https://news.test/feed")
    assert monitor(folder, "pause", first["handle"]).stdout == "paused News\n"
    assert (listed()["status"], listed()["next"]) == ("paused", None)
    assert monitor(folder, "resume", first["url"]).stdout == "resumed News\n"
    assert listed()["status"] == "new"
    monitor(folder, "pause", "https://user:password@news.test/feed")
    assert listed()["status"] == "paused"


def test_a_feed_that_is_not_there_cannot_be_paused(folder: Path):
    result = monitor(folder, "pause", "https://me:hidden@other.test/")
    assert result.exit_code == 2
    assert "https://other.test/: there is no such feed" in result.stderr


def test_an_address_that_two_feeds_share_but_for_their_logins_names_neither(folder: Path):
    text = (folder / "monitor.yaml").read_text("utf-8")
    other = '  - {url: "https://other:password@news.test/feed"}\n'
    (folder / "monitor.yaml").write_text(text + other, "utf-8")
    assert monitor(folder, "pause", "https://news.test/feed").exit_code == 2
    assert monitor(folder, "remove", "https://news.test/feed").exit_code == 2
    rows = [json.loads(line) for line in monitor(folder, "list", "--json").stdout.splitlines()]
    assert monitor(folder, "remove", rows[1]["handle"]).stdout.startswith("removed https://news.test/feed;")
    assert (folder / "monitor.yaml").read_text("utf-8") == text


OPML = """<opml version="2.0"><body>
<outline text="Sea"><outline text="Harbour" type="rss" xmlUrl="https://harbour.test/feed" htmlUrl="https://harbour.test/"/>
<outline text="${HOME}" xmlUrl="https://hostile.test/"/></outline>
<outline text="News again" xmlUrl="http://news.test/feed"/><outline text="Links" type="link" url="https://x.test/"/>
</body></opml>"""


def test_import_adds_the_feeds_and_tells_what_it_leaves_out(folder: Path, tmp_path: Path):
    (tmp_path / "list.opml").write_text(OPML.replace("http://news.test/feed", "https://user:password@news.test/feed"))
    result = monitor(folder, "import", str(tmp_path / "list.opml"))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("1 feeds added")
    assert followed(folder) == ["https://harbour.test/feed"]
    assert load(folder, {}).feeds[1].tags == ("Sea",)
    for told in ("News again: is followed already", "${HOME}: names a variable", "Links: no feed", "htmlurl (1)"):
        assert told in result.stdout


def test_import_reads_a_list_from_the_web(folder: Path, site: Site):
    site.documents["/list.opml"] = OPML.encode()
    assert monitor(folder, "import", f"{site.base}/list.opml").exit_code == 0
    assert followed(folder)[0] == "https://harbour.test/feed"


def test_import_says_what_is_wrong_with_a_file(folder: Path, tmp_path: Path):
    assert "No such file" in monitor(folder, "import", str(tmp_path / "none.opml")).stderr
    (tmp_path / "feed.xml").write_bytes(rss("A"))
    assert "it is no OPML: it begins with <rss>" in monitor(folder, "import", str(tmp_path / "feed.xml")).stderr


def test_export_prints_opml_without_passwords_and_without_what_variables_hold(folder: Path):
    with (folder / "monitor.yaml").open("a") as file:
        file.write('  - {url: "https://paid.test/?key=${FEED_KEY}"}\n')
    result = CliRunner(env={"FEED_KEY": "hidden"}).invoke(app, ["feeds", "export", "--config", str(folder)])
    listed = read_opml(result.stdout_bytes).feeds
    assert [feed.url for feed in listed] == ["https://news.test/feed", "https://paid.test/?key=${FEED_KEY}"]
    assert listed[0].tags == ("daily",)
    assert "password@" not in result.output
    assert "hidden" not in result.output


def test_list_shows_every_feed_as_json(folder: Path):
    (row,) = [json.loads(line) for line in monitor(folder, "list", "--json").stdout.splitlines()]
    assert (row["feed"], row["status"], row["tags"]) == ("News", "new", "daily")


def test_no_command_shows_the_password_of_a_feed_without_a_title(folder: Path):
    with (folder / "monitor.yaml").open("a") as file:
        file.write('  - {url: "https://user:s3cret@paid.test/?key=s3cret"}\n')
    listed = monitor(folder, "list")
    assert "https://paid.test/?key=..." in listed.stdout
    refused = monitor(folder, "add", "http://user:s3cret@paid.test/?key=s3cret")
    assert "as https://paid.test/?key=..." in refused.stderr
    exported = monitor(folder, "export")
    assert "without its password: https://paid.test/?key=..." in exported.stderr
    assert "s3cret" not in listed.output + exported.stderr
