"""What each service documents of its messages, as checks; each returns the texts that people would see."""

from __future__ import annotations

import json
import re
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import feedparser
from lxml import etree

#: What acts on the text around it, or stands in it unseen.
ACTING = set(map(chr, (*range(9), *range(11, 32), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x180E, 0x200E, 0x200F))) | set(
    "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\ufffe\U000e0041"
)


def calm(text: str) -> str:
    assert not ACTING & set(text)
    return text


def web(url: str) -> None:
    parts = urlsplit(url)
    assert parts.scheme in ("http", "https"), url
    assert parts.netloc


# --- Slack: https://docs.slack.dev/reference/block-kit/ ---------------------------------------------------------------

SLACK_LINK = re.compile(r"<(https?://[^|<>\s]+)\|([^<>]+)>")


def slack(body: bytes) -> list[str]:
    message = json.loads(body)
    assert set(message) == {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert 1 <= len(message["blocks"]) <= 50
    assert len(body.decode()) <= 13_000
    texts = [_mrkdwn(message["text"])]
    for block in message["blocks"]:
        match block["type"]:
            case "header":
                assert block["text"]["type"] == "plain_text"
                assert 1 <= len(block["text"]["text"]) <= 150
                texts.append(calm(block["text"]["text"]))
            case "section":
                assert 1 <= len(block["text"]["text"]) <= 3000
                texts.append(_verbatim(block["text"]))
            case "context":
                assert 1 <= len(block["elements"]) <= 10
                texts += map(_verbatim, block["elements"])
            case kind:
                assert kind == "divider"
                assert block == {"type": "divider"}
    return texts


def _verbatim(element: dict[str, Any]) -> str:
    assert set(element) == {"type", "text", "verbatim"}
    assert (element["type"], element["verbatim"]) == ("mrkdwn", True)
    return _mrkdwn(element["text"])


def _mrkdwn(text: str) -> str:
    """What is shown of it: links by their text, escapes undone. Any other use of < or & is refused."""
    for url, _ in SLACK_LINK.findall(text):
        web(url)
    shown = SLACK_LINK.sub(r"\2", text)
    assert not set("<>") & set(shown), shown
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    return calm(shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


# --- Discord: https://docs.discord.com/developers/resources/message ---------------------------------------------------

DISCORD_LINK = re.compile(r"\[((?:\\.|[^\[\]\\])+)\]\(<(https?://[^<>()\\\s]+)>\)")


def discord(body: bytes) -> list[str]:
    message = json.loads(body)
    assert set(message) == {"content", "embeds", "allowed_mentions"}
    assert message["allowed_mentions"] == {"parse": []}
    assert 1 <= len(message["content"]) <= 2000
    assert len(message["embeds"]) <= 10
    texts = [_markdown(message["content"])]
    total = 0
    for embed in message["embeds"]:
        assert set(embed) <= {"author", "title", "url", "description", "color", "footer"}
        assert 0 <= embed["color"] <= 0xFFFFFF
        if "url" in embed:
            web(embed["url"])
        for text, most in (
            (embed["author"]["name"], 256),
            (embed.get("title", "-"), 256),
            (embed["description"], 4096),
            (embed["footer"]["text"], 2048),
        ):
            assert 1 <= len(text) <= most
            total += len(text)
        texts += [calm(embed["author"]["name"]), calm(embed["footer"]["text"])]
        texts += [_markdown(embed.get("title", "")), _markdown(embed["description"])]
    assert total <= 6000
    return texts


def _markdown(text: str) -> str:
    """What is shown of it: our own links, bold and lists are known; any other mark must be escaped."""
    own = DISCORD_LINK.sub(r"\1", text)
    own = re.sub(r"^- ", "• ", own, flags=re.MULTILINE)
    own = re.sub(r"(?<!\\)\*\*((?:\\.|[^*\\])+)\*\*", r"\1", own)
    assert not set("*_~`|>#[]<@\\") & set(re.sub(r"\\(.)", "", own)), own
    assert "://" not in re.sub(r"\\(.)", "", own)
    return calm(re.sub(r"\\(.)", r"\1", own))


# --- Teams: https://adaptivecards.io/explorer/, https://learn.microsoft.com/microsoftteams/ ---------------------------

RUN = {"type", "text", "size", "weight", "isSubtle", "color", "selectAction"}


def teams(body: bytes) -> list[str]:
    assert len(body) <= 28 * 1024
    message = json.loads(body)
    assert set(message) == {"type", "attachments"}
    (attachment,) = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"], card["msteams"]) == ("AdaptiveCard", "1.4", {"width": "Full"})
    texts: list[str] = []
    for element in card["body"]:
        if element["type"] == "Container":
            assert set(element) <= {"type", "spacing", "items"}
            for item in element["items"]:
                texts += _rich(item)
        else:
            texts += _rich(element)
    return texts


def _rich(block: dict[str, Any]) -> list[str]:
    assert block["type"] == "RichTextBlock"
    assert set(block) <= {"type", "inlines", "spacing", "separator"}
    assert block.get("spacing", "Small") in {"Small", "Medium"}
    for run in block["inlines"]:
        assert run["type"] == "TextRun"
        assert set(run) <= RUN
        assert run["text"]
        assert run.get("size", "Small") in {"Small", "Medium", "Large"}
        if "selectAction" in run:
            assert run["selectAction"]["type"] == "Action.OpenUrl"
            web(run["selectAction"]["url"])
    return [calm("".join(run["text"] for run in block["inlines"]))]


# --- Mail: RFC 5322, RFC 2045 -----------------------------------------------------------------------------------------

HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "Auto-Submitted",
    "MIME-Version", "Content-Type",
]  # fmt: skip


def mail(body: bytes) -> list[str]:
    assert all(len(line) <= 998 and line.isascii() and b"\r" not in line for line in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")
    message = BytesParser(policy=default).parsebytes(body)
    assert isinstance(message, EmailMessage)
    assert [name for name in message if name != "List-Unsubscribe"] == HEADERS
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    for part in message.walk():
        assert not part.defects
        assert not [header.defects for header in part.values() if header.defects]
    plain, page = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
    return [calm(message["Subject"]), calm(plain), html(page)]


def reparsed(body: bytes) -> EmailMessage:
    message = BytesParser(policy=SMTP).parsebytes(body)
    assert isinstance(message, EmailMessage)
    return message


# --- HTML -------------------------------------------------------------------------------------------------------------

VOID = {"meta", "br"}
ELEMENTS = VOID | set(
    "html head title style body table tr td header main footer section article details summary div p h1 h2 h3 ul ol li "  # noqa: SIM905 - a list of words
    "span b bdi time a svg rect".split()
)


class Page(HTMLParser):
    """A page as a browser would read it: elements, links, languages, the text between."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def html(page: str) -> str:
    """No element and no attribute that we did not write, links to web pages alone, everything closed."""
    read = Page(page)
    assert {name for name, _ in read.elements} <= ELEMENTS
    assert not [key for _, attributes in read.elements for key in attributes if key.startswith("on") or key == "src"]
    for link in read.all("a"):
        web(str(link["href"]))
    assert read.open == []
    return calm(read.text)


# --- Atom: RFC 4287 ---------------------------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"


def atom(document: bytes) -> list[str]:
    feed = etree.fromstring(document)
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    read = feedparser.parse(document)
    assert not read.bozo
    assert len({entry.id for entry in read.entries}) == len(read.entries)
    texts = [calm(entry.title) for entry in read.entries]
    return texts + [html(str(content.text)) for content in feed.findall(f"{ATOM}entry/{ATOM}content")]


# --- Plain text for Apprise -------------------------------------------------------------------------------------------


def brief(body: bytes) -> list[str]:
    text = body.decode()
    assert not set("<>") & set(text)
    assert not re.search("@(?!\u200b)", text)
    assert "](" not in text
    return [calm(text)]
