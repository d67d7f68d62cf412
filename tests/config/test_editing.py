"""Feeds go into monitor.yaml and out of it, and everything people wrote beside them stays as it was."""

from __future__ import annotations

import difflib
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config.editing import MainFile
from monitor.config.loading import load
from monitor.config.models import FeedSettings
from monitor.errors import ConfigError

WRITTEN = """\
# Who wrote this: the night desk.

polling: {interval: 2h}   # calm

feeds:
  # --- Dailies
  - {url: "https://a.test/feed", title: "Anzeiger, Der", tags: [news, de]}   # the first of all
  - url: https://b.test/feed   # has its own lines
    title: 北京日报
    tags:
      - news
      - zh

  # --- Weeklies: nothing before Thursday
  - {url: "https://c.test/feed"}

# the end of the list

web: {bind: ""}
"""
NEW = FeedSettings(url="https://new.test/f?a=1,2", title="New: one", tags=("x", "y z"), interval=timedelta(minutes=30))
LINE = "- {url: 'https://new.test/f?a=1,2', title: 'New: one', tags: [x, y z], interval: 30m}\n"


def a_file(text: str, folder: Path = Path("config")) -> MainFile:
    return MainFile(folder / "monitor.yaml", text)


def changes(before: str, after: str) -> list[str]:
    """The lines that differ, as diff shows them."""
    diff = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in diff if line[0] in "+-"]


def test_a_new_feed_is_one_line_more_and_nothing_else():
    assert changes(WRITTEN, a_file(WRITTEN).with_feeds([NEW]).text) == [f"+   {LINE}"]


def test_it_stands_after_the_last_feed_and_before_what_follows():
    after = a_file(WRITTEN).with_feeds([NEW]).text
    assert f'  - {{url: "https://c.test/feed"}}\n  {LINE}\n# the end of the list\n' in after


def test_a_removed_feed_takes_its_line_and_its_own_remark_with_it_and_no_heading():
    after = a_file(WRITTEN).without_feed("https://a.test/feed").text
    assert [line[:40] for line in changes(WRITTEN, after)] == ['-   - {url: "https://a.test/feed", title']


def test_a_feed_of_several_lines_is_removed_whole_and_the_next_heading_stays():
    after = a_file(WRITTEN).without_feed("https://b.test/feed").text
    assert len(changes(WRITTEN, after)) == 5
    assert "# --- Weeklies: nothing before Thursday" in after


def test_what_was_added_and_removed_again_leaves_the_file_as_it_was():
    assert a_file(WRITTEN).with_feeds([NEW]).without_feed(NEW.url).text == WRITTEN


SHAPES = {
    "no list yet": ("web: {bind: ''}\n", f"web: {{bind: ''}}\nfeeds:\n  {LINE}"),
    "an empty file": ("", f"feeds:\n  {LINE}"),
    "no line end at the end": ("feeds:\n- {url: 'http://a.test/'}", f"feeds:\n- {{url: 'http://a.test/'}}\n{LINE}"),
    "an empty list": ("feeds: []   # none yet\nweb: {}\n", f"feeds:    # none yet\n  {LINE}web: {{}}\n"),
    "a key without a value": ("feeds:\nweb: {}\n", f"feeds:\n  {LINE}web: {{}}\n"),
    "a list without indent": ("feeds:\n- {url: 'http://a.test/'}\nweb: {}\n",
                              f"feeds:\n- {{url: 'http://a.test/'}}\n{LINE}web: {{}}\n"),
    "a list in brackets": ("feeds: [{url: 'http://a.test/'}]\n", f"feeds: [{{url: 'http://a.test/'}}, {LINE[2:-1]}]\n"),
    "lines that end as on Windows": ("feeds:\r\n  - {url: 'http://a.test/'}\r\nweb: {}\r\n",
                                     f"feeds:\r\n  - {{url: 'http://a.test/'}}\r\n  {LINE[:-1]}\r\nweb: {{}}\r\n"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SHAPES.values(), ids=SHAPES)
def test_a_feed_is_added_to(before: str, after: str):
    assert a_file(before).with_feeds([NEW]).text == after


REMOVALS = {
    "the only one": ("feeds:\n  - {url: http://a.test/}\nweb: {}\n", "feeds: []\nweb: {}\n"),
    "the first in brackets": ("feeds: [{url: http://a.test/}, {url: http://b.test/}]\n",
                              "feeds: [{url: http://b.test/}]\n"),
    "the last in brackets": ("feeds: [{url: http://b.test/}, {url: http://a.test/}]\n",
                             "feeds: [{url: http://b.test/}]\n"),
    "the only one in brackets": ("feeds: [{url: http://a.test/}]\n", "feeds: []\n"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REMOVALS.values(), ids=REMOVALS)
def test_a_feed_is_removed_that_is(before: str, after: str):
    assert a_file(before).without_feed("http://a.test/").text == after


REFUSED = {
    "an alias in the list": "one: &one {url: 'http://a.test/'}\nfeeds:\n  - {url: 'http://b.test/'}\n  - *one\n",
    "feeds inside braces": "{web: {bind: ''}}\n",
    "no YAML": "feeds: [\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_edited_is_left_to_people(text: str):
    with pytest.raises(ConfigError):
        a_file(text).with_feeds([NEW])


def test_an_address_that_is_not_there_is_told():
    with pytest.raises(ConfigError, match=r"no feed 'https://nowhere\.test/'"):
        a_file(WRITTEN).without_feed("https://nowhere.test/")


@pytest.mark.parametrize("field", ["url", "title", "tags"])
def test_a_variable_in_a_stranger_s_words_is_refused_as_it_would_be_filled_in(field: str):
    values = {"url": "https://a.test/", "title": "", "tags": ()}
    hostile = {"url": "https://a.test/${HOME}", "title": "${HOME}", "tags": ("${HOME}",)}
    with pytest.raises(ConfigError, match="names a variable of the environment"):
        a_file(WRITTEN).with_feeds([FeedSettings(**(values | {field: hostile[field]}))])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "monitor.yaml").write_text(WRITTEN, "utf-8")
    return tmp_path


def test_it_is_saved_with_its_rights_and_without_leaving_anything_beside_it(folder: Path):
    (folder / "monitor.yaml").chmod(0o640)
    MainFile.read(folder).with_feeds([NEW]).save({})
    assert load(folder, {}).feeds[-1] == NEW
    assert (folder / "monitor.yaml").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in folder.iterdir()] == ["monitor.yaml"]


def test_a_link_to_the_file_stays_a_link(folder: Path):
    (folder / "monitor.yaml").rename(folder / "kept.yaml")
    (folder / "monitor.yaml").symlink_to("kept.yaml")
    MainFile.read(folder).with_feeds([NEW]).save({})
    assert (folder / "monitor.yaml").is_symlink()
    assert "new.test" in (folder / "kept.yaml").read_text("utf-8")


def test_what_the_loader_would_refuse_is_not_written(folder: Path):
    """The same address twice is a mistake that only the whole configuration shows."""
    twice = MainFile.read(folder).with_feeds([FeedSettings(url="https://a.test/feed")])
    with pytest.raises(ConfigError, match="is given twice"):
        twice.save({})
    assert (folder / "monitor.yaml").read_text("utf-8") == WRITTEN
