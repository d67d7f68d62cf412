"""The digest for a terminal and for plain mail."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from monitor.digests.render import text
from monitor.domain import Novelty
from tests.digests.samples import HOSTILE, a_digest, a_hostile_digest, a_rich_digest, a_told_event, an_item

BERLIN = ZoneInfo("Europe/Berlin")


def test_one_event_reads_like_this():
    event = a_told_event(an_item(), an_item("“Perhaps June”", source="Ledger", novelty=Novelty.NEW_FACT), revision=2)
    assert text.render(a_digest(event), BERLIN) == (
        "Meta's open-source retreat\n"
        "Thursday 12 Mar 2026, 08:00 to Friday 13 Mar 2026, 08:00 (Europe/Berlin)\n"
        "\n"
        "1 event with something new, from 2 entries.\n"
        "\n\n"
        "Avocado ships, and closed (active)\n"
        "==================================\n"
        "\n"
        "[New, update 2] Meta postpones Avocado to at least May\n"
        "  The model was due this month. In tests it fell behind its rivals.\n"
        "  Why: first report; matched avocado, TBD Lab. 1 source so far.\n"
        "  - 12 Mar 10:00  Harbour Times\n"
        "    https://harbour.test/avocado\n"
        "  - 12 Mar 10:00  Ledger: “Perhaps June”\n"
        "    https://harbour.test/avocado\n"
        "\n\n"
        "--------------------------------------------------------------------------------\n"
        "Digest 42 for desk, sent because of: schedule.\n"
        "48 feeds read without trouble.\n"
    )


def test_an_empty_edition_says_so_in_a_line():
    assert "\nNothing new in this time.\n" in text.render(a_digest(), BERLIN)


def test_repeats_are_folded_into_a_count_that_names_them():
    assert "  - and 2 repeats: Abendbote, Morgenbote\n" in text.render(a_rich_digest(), BERLIN)


def test_expectations_show_their_state_and_both_ends_of_their_range():
    shown = text.render(a_rich_digest(), BERLIN)
    assert "[Open] Avocado is released to the public\n  Expected: spring 2026 (1 Mar 2026 to 31 May 2026)\n" in shown
    assert "[Overdue] Avocado is released to the public\n  Expected: soon\n" in shown
    assert "  Qwen 3.5 is out\n    https://ledger.test/q\n" in shown


def test_what_may_be_missing_is_said_at_the_foot():
    shown = text.render(a_rich_digest(), BERLIN)
    assert "46 feeds read without trouble; 1 failing, so something may be missing.\n" in shown
    assert "  - Ledger: no answer within 30 s\n" in shown


@pytest.mark.parametrize("stranger", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_acts_on_nothing_around_it(stranger: str):
    shown = text.render(a_hostile_digest(stranger), BERLIN)
    assert not any(character in shown for character in "\x1b\x00\x07\r\u2028\u202e\u202c\u2066\u2069\u200f")
    assert "javascript:" not in shown
    assert "data:text" not in shown
    assert not any(line.startswith(("Subject:", "[New] two")) for line in shown.splitlines())


@pytest.mark.parametrize("stranger", HOSTILE.values(), ids=HOSTILE)
def test_lines_end_at_80_columns(stranger: str):
    for shown in (text.render(a_hostile_digest(stranger), BERLIN), text.render(a_rich_digest(), BERLIN)):
        assert max(text.width(line) for line in shown.splitlines()) <= text.COLUMNS


def test_an_address_longer_than_a_line_is_left_in_one_piece():
    address = "https://harbour.test/" + "a" * 100
    assert f"    {address}\n" in text.render(a_digest(a_told_event(an_item(url=address))), BERLIN)


def test_wide_characters_count_twice_and_combining_ones_not_at_all():
    assert text.width("牛油果") == 6
    assert text.width("cafe\u0301") == 4


def test_chinese_text_breaks_between_characters_and_not_before_a_full_stop():
    lines = list(text.wrap("牛" * 39 + "油。" + "果", "", "  "))
    assert lines == ["牛" * 39, "  油。果"]


def test_what_was_told_before_and_brings_nothing_new_is_a_line_after_the_news():
    again = a_told_event(an_item(novelty=Novelty.REHASH), an_item(novelty=Novelty.CORROBORATES), revision=2)
    shown = text.render(a_digest(a_told_event(), again), BERLIN)
    assert "1 event with something new, from 1 entry." in shown
    assert "Nothing new, but 2 more reports of what was told before: Meta postpones Avocado" in " ".join(shown.split())
    assert "[Repeated]" not in shown


def test_a_new_name_is_asked_about_with_the_command_that_says_yes():
    shown = " ".join(text.render(a_rich_digest(), BERLIN).split())
    assert (
        "Is “Muse Spark” a new name of Avocado, Meta's model? 5 sources use it. Yes: monitor drift accept 3 "
        "“Meta shows Muse Spark, formerly Avocado.” (Ledger)"
    ) in shown
