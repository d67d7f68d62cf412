"""docs/webhook.md tells receivers the truth: its example is a real body, and its code runs."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from playwright._impl._driver import compute_driver_executable
from standardwebhooks import Webhook

from monitor.digests.render import payload
from tests.digests.samples import a_rich_digest

GUIDE = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text("utf-8")
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return found


def signed(body: bytes, *, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signature = Webhook(SECRET).sign("msg_1", at, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


@pytest.fixture
def receive() -> Any:
    names: dict[str, Any] = {}
    exec(compile(block("python"), "docs/webhook.md", "exec"), names)
    return names["receive"]


def test_the_example_is_what_the_renderer_makes_of_it():
    example = json.loads(block("json"))
    digest = payload.read(json.dumps(example).encode())
    body = payload.render(digest)
    assert json.loads(body) == example
    assert body.decode() == json.dumps(example, ensure_ascii=False, separators=(",", ":"))


def test_the_example_keeps_to_the_schema():
    schema = json.loads((files("monitor.digests.render") / "digest.schema.json").read_text("utf-8"))
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(json.loads(block("json")))


def test_the_receiver_of_the_guide_takes_a_signed_digest_once(receive: Any, capsys: pytest.CaptureFixture[str]):
    body, seen = payload.render(a_rich_digest()), set[str]()
    assert receive(signed(body), body, SECRET, seen) == 204
    assert "first Meta postpones Avocado to at least May" in capsys.readouterr().out
    assert receive(signed(body), body, SECRET, seen) == 204
    assert capsys.readouterr().out == ""
    assert seen == {"msg_1"}


def test_the_receiver_of_the_guide_refuses_a_changed_body_and_an_old_one(receive: Any):
    body = payload.render(a_rich_digest())
    assert receive(signed(body), body.replace(b"May", b"Jun"), SECRET, set()) == 401
    assert receive(signed(body, at=datetime(2026, 1, 1, tzinfo=UTC)), body, SECRET, set()) == 401


# --- The same in Node -------------------------------------------------------------------------------------------------

#: Calls ``receive`` with each message of standard input in turn, one ``seen`` for all; prints the statuses last.
DRIVER = """
import { readFileSync } from "node:fs";
import { receive } from "./receive.mjs";
const seen = new Set();
const messages = JSON.parse(readFileSync(0, "utf-8"));
const statuses = messages.map(([headers, body, secret]) => receive(headers, Buffer.from(body, "base64"), secret, seen));
console.log(JSON.stringify(statuses));
"""


def node(folder: Path, *messages: tuple[dict[str, str], bytes, str]) -> list[str]:
    """What the guide's Node receiver prints for these messages. Playwright brings a Node along."""
    (folder / "receive.mjs").write_text(block("js"), "utf-8")
    (folder / "driver.mjs").write_text(DRIVER, "utf-8")
    binary, _ = compute_driver_executable()
    given = json.dumps([(headers, base64.b64encode(body).decode(), secret) for headers, body, secret in messages])
    done = subprocess.run(
        [binary, "driver.mjs"], cwd=folder, input=given, capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout.splitlines()


def test_the_node_receiver_of_the_guide_takes_a_signed_digest_once_and_refuses_what_is_not_genuine(tmp_path: Path):
    body = payload.render(a_rich_digest())
    other = "whsec_" + base64.b64encode(b"another secret of another desk!!").decode()
    good, unsigned = signed(body), signed(body) | {"webhook-signature": ""}
    rotated = good | {"webhook-id": "msg_2"}
    rotated["webhook-signature"] = " ".join(
        Webhook(secret).sign("msg_2", datetime.fromtimestamp(int(good["webhook-timestamp"]), UTC), body.decode())
        for secret in (other, SECRET)
    )
    *told, statuses = node(
        tmp_path,
        (good, body, SECRET),
        (good, body, SECRET),
        (good, body.replace(b"May", b"Jun"), SECRET),
        (good, body, other),
        (signed(body, at=datetime(2026, 1, 1, tzinfo=UTC)), body, SECRET),
        (good | {"webhook-timestamp": "soon"}, body, SECRET),
        (unsigned, body, SECRET),
        ({}, body, SECRET),
        (rotated, body, SECRET),
    )
    assert json.loads(statuses) == [204, 204, 401, 401, 401, 401, 401, 401, 204]
    assert told.count("first Meta postpones Avocado to at least May") == 2
