"""Who found it out."""

from __future__ import annotations

import pytest

from monitor.domain import Novelty
from monitor.stories.origins import count_origins, count_outlets, origin, outlet
from tests.factories import a_report, an_entry


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Meta delays Avocado, per Bloomberg", "Bloomberg"),
        ("According to The Information, a memo praises it", "The Information"),
        ("Meta delays Avocado, the New York Times reports", "New York Times"),
        ("Wang is unhappy, people told the Financial Times", "Financial Times"),
        ("Avocado kommt später, laut Reuters im Mai", "Reuters"),
        ("Selon Bloomberg, le modèle est prêt", "Bloomberg"),
        ("Según el Wall Street Journal, saldrá en mayo", "Wall Street Journal"),
        ("据彭博报道，Meta 推迟发布", "Bloomberg"),
        ("據美國消費者新聞與商業頻道獲悉，Meta 推遲發布", "CNBC"),
        ("《纽约时报》称模型推迟", "New York Times"),
        ("12月10日，彭博社爆料稱，扎克伯格組成了一個團隊", "Bloomberg"),
        ("ブルームバーグによると、延期された", "Bloomberg"),
        ("De acordo com a Bloomberg, o modelo atrasou", "Bloomberg"),
        ("Segundo o Financial Times, Wang está insatisfeito", "Financial Times"),
        ("블룸버그에 따르면 메타가 출시를 연기했다", "Bloomberg"),
        ("로이터 통신은 메타가 연기했다고 보도했다", "Reuters"),
        ("The delay was first reported by Platformer", "Platformer"),
        ("Axios scoop: open versions are planned", "Axios"),
        ("The Information's memo says that training is done", "The Information"),
        ("On Wednesday The Information described a memo", "The Information"),
        ("According to Zuckerberg, all is well", "Harbour Times"),
        ("Engadget digest: Avocado would be closed", "Engadget"),
        ("LeCun raised a billion, telling WIRED that chatbots are a dead end", "Wired"),
        ("연합뉴스에 따르면 메타가 출시를 연기했다", "Yonhap"),
        ("Bloomberg terminals get Llama", "Harbour Times"),
        ("Meta delays Avocado", "Harbour Times"),
    ],
)
def test_an_entry_goes_back_to_the_source_it_names(text: str, expected: str):
    assert origin(an_entry(text, source="Harbour Times")) == expected


@pytest.mark.parametrize(
    ("source", "url", "expected"),
    [
        ("Bloomberg Technology", None, "Bloomberg"),
        ("WSJ", None, "Wall Street Journal"),
        ("", "https://www.harbour.test/1", "harbour.test"),
        ("", None, "news.test"),
    ],
    ids=["a section", "initials", "only a link", "only the feed"],
)
def test_an_outlet_has_one_name(source: str, url: str | None, expected: str):
    assert origin(an_entry("Meta delays Avocado", source=source, url=url)) == expected


@pytest.mark.parametrize(
    ("source", "goes_back_to", "published_by"),
    [
        ("Gokawiil (Ars Technica)", "Ars Technica", "Gokawiil"),
        ("ダイヤモンド・オンライン（WSJ）", "Wall Street Journal", "ダイヤモンド・オンライン"),
        ("Harbour Post (Ledger)", "Ledger", "Harbour Post"),
        ("玩站小弟(转载)", "玩站小弟", "玩站小弟"),
        ("电商最前线(网易号)", "电商最前线", "电商最前线"),
        ("A Daily Letter (Substack)", "A Daily Letter", "A Daily Letter"),
    ],
)
def test_brackets_after_an_outlet_name_whom_it_had_it_from(source: str, goes_back_to: str, published_by: str):
    entry = an_entry("Meta delays Avocado", source=source)
    assert (origin(entry), outlet(entry)) == (goes_back_to, published_by)


def test_two_entries_that_link_to_one_page_have_one_source():
    links = ("https://a.test/1", "https://a.test/1", "https://b.test/1")
    reports = [a_report(an_entry(f"Title {n}", source=f"Outlet {n}", url=link)) for n, link in enumerate(links)]
    assert count_origins(reports) == 2
    assert count_outlets(reports) == 3


def test_forty_outlets_that_repeat_one_are_one_origin():
    reports = [
        a_report(an_entry(f"{n} delays, per Bloomberg", source=f"Outlet {n}", url=f"https://{n}.test"))
        for n in range(40)
    ]
    assert count_origins(reports) == 1


def test_a_copy_is_no_origin_of_its_own():
    first = a_report(an_entry("Meta delays Avocado", source="Harbour Times"))
    copy = a_report(an_entry("Meta delays Avocado", source="Post"), novelty=Novelty.DUPLICATE)
    own = a_report(an_entry("Avocado slips", source="Ledger", url="https://ledger.test/1"))
    assert count_origins([first, copy]) == 1
    assert count_origins([first, copy, own]) == 2
    assert count_origins([copy]) == 1
