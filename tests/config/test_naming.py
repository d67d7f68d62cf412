"""Names and queries edited in a story's file: what people wrote beside them stays to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from monitor.config.naming import StoryFile
from monitor.config.places import composed
from monitor.errors import ConfigError

TEXT = """\
# What we watch.
story: pans
topics:
  - id: helix   # the console
    name: Helix  # for people
    strong: [Project Helix]   # certain
    passing: [such as]
  - {id: dock, strong: [Dock One]}
storylines:
  - id: launch
    title: It ships
    # found by experience
    query: >   # in two lines
      @helix (launch* OR ships)
      OR "goes on sale"

    examples: [Helix ships]
  - id: price
    title: What it costs
    query: '@helix price'  # short
  - {id: rest, title: The rest, query: Helix}
  - id: new
    title: New
"""


TEXTS = {
    "plain": TEXT,
    "lines that end as on Windows": TEXT.replace("\n", "\r\n"),
    "characters of several bytes": TEXT.replace("Helix", "牛🎮é"),
    "a byte order mark": f"\ufeff{TEXT}",
}


def marks(node: yaml.Node) -> list[tuple[int, int, int]]:
    parts = [part for one in node.value for part in (one if isinstance(one, tuple) else (one,))]
    below = [mark for part in parts if isinstance(part, yaml.Node) for mark in marks(part)]
    return [(node.start_mark.index, node.end_mark.index, node.start_mark.column), *below]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_places_are_counted_in_characters(text: str):
    found, slow = composed(text), yaml.compose(text, yaml.SafeLoader)
    assert found is not None
    assert marks(found) == marks(slow)


@pytest.fixture
def file(tmp_path: Path) -> StoryFile:
    return StoryFile(tmp_path / "stories/pans.yaml", TEXT)


def line(file: StoryFile, name: str) -> dict[str, str]:
    (found,) = (one for one in yaml.safe_load(file.text)["storylines"] if one["id"] == name)
    return found


def test_a_query_in_a_block_stays_in_its_block(file: StoryFile):
    edited = file.with_text("storylines", "launch", "query", "@helix launch*\r\nOR\n\n  delay*  ")
    old = '      @helix (launch* OR ships)\n      OR "goes on sale"\n'
    assert edited.text == TEXT.replace(old, "      @helix launch*\n      OR\n      delay*\n")
    assert line(edited, "launch")["query"] == "@helix launch* OR delay*\n"


def test_a_short_query_is_changed_in_its_line(file: StoryFile):
    edited = file.with_text("storylines", "price", "query", '@helix (price OR "it\'s: #1")')
    assert line(edited, "price")["query"] == '@helix (price OR "it\'s: #1")'
    assert edited.text.splitlines()[:-6] == TEXT.splitlines()[:-6]
    assert "  # short" in edited.text


def test_a_query_that_grows_becomes_a_block(file: StoryFile):
    edited = file.with_text("storylines", "price", "query", "@helix price\nOR costs")
    assert "    query: >  # short\n      @helix price\n      OR costs\n  - {id: rest" in edited.text
    assert line(edited, "price")["query"] == "@helix price OR costs\n"


def test_a_query_between_braces_and_one_that_was_not_there_are_written_too(file: StoryFile):
    assert line(file.with_text("storylines", "rest", "query", "Helix -price"), "rest")["query"] == "Helix -price"
    assert (
        "  - id: new\n    query: '@helix'\n    title: New\n"
        in file.with_text("storylines", "new", "query", "@helix").text
    )


def test_what_is_as_it_was_changes_nothing(file: StoryFile):
    query = line(file, "launch")["query"]
    assert file.with_text("storylines", "launch", "query", f"  {query}\n") == file
    assert file.with_text("storylines", "new", "query", "") == file


def test_a_query_may_be_taken_away(file: StoryFile):
    assert line(file.with_text("storylines", "price", "query", ""), "price")["query"] == ""


def test_a_name_keeps_the_comment_on_its_line(file: StoryFile):
    edited = file.with_text("topics", "helix", "name", "Helix: a “console”")
    assert edited.text == TEXT.replace("name: Helix ", "name: 'Helix: a “console”' ")
    assert file.with_text("topics", "dock", "name", "The dock").text.count("name: The dock") == 1


def test_passing_words_are_edited_like_names(file: StoryFile):
    edited = file.with_words("helix", "passing", ["rivals of", "such as"])
    assert "passing: [such as, rivals of]" in edited.text


@pytest.mark.parametrize(
    ("section", "member", "text"),
    [("storylines", "nobody", "x"), ("topics", "price", "x"), ("storylines", "price", "${HOME}")],
)
def test_what_cannot_be_edited_is_told(file: StoryFile, section: str, member: str, text: str):
    with pytest.raises(ConfigError):
        file.with_text(section, member, "query", text)  # type: ignore[arg-type]  # a table of cases


def test_a_text_that_several_share_is_left_to_people(file: StoryFile):
    shared = StoryFile(file.path, TEXT.replace("'@helix price'", "&q Helix").replace("query: Helix}", "query: *q}"))
    with pytest.raises(ConfigError, match="by hand"):
        shared.with_text("storylines", "rest", "query", "other")
