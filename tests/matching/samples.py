"""A small story and entries for the tests of matching."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from monitor.domain import Entry, Expectation, Story, Storyline, Topic

AVOCADO = Topic(
    id="avocado",
    name="Avocado, Meta's model",
    strong=("Muse Spark",),
    aliases=("Avocado", "牛油果", "アボカド", "아보카도"),
    anchors=("=Meta", "Zuckerberg", "扎克伯格", "メタ", "메타"),
    vetoes=("toast", "guacamole", "Avocado oil"),
)
QWEN = Topic(id="qwen", strong=("Qwen", "千问"))
RELEASE = Storyline(
    id="release",
    title="Avocado ships",
    about="The model's launch, its delays and its price.",
    topics=("avocado",),
    query="launch* OR delay* OR 推迟",
    examples=("Meta puts its Avocado model on ice until the autumn",),
    expects=(Expectation(id="ships", claim="It ships.", when="@avocado NEAR/5 launch*", by="2026-06"),),
)
STORY = Story(
    story="kitchen", topics=(AVOCADO, QWEN), storylines=(RELEASE,), words={"closed": ("closed source", "闭源")}
)


def entry(title: str, summary: str = "", **fields: Any) -> Entry:
    base = Entry(feed_url="https://feeds.test/a.xml", identity=title, title=title, summary=summary, source="Daily Test")
    return replace(base, **fields)
