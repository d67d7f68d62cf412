"""`monitor deliveries ...` as people type it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.domain import Attempt, Coverage, DeliveryState, Digest, Outcome, Window
from monitor.storage import channels, digests, outbox
from monitor.storage.store import Store

NOW = datetime.now(UTC)


def owed(url: str, channel: str) -> int:
    """Owe an empty digest to a channel, which its receiver has closed; the number of the delivery."""
    digest = Digest(
        schema_version=1,
        digest_id="morning-1",
        sequence=1,
        channel=channel,
        story="bridge",
        title="",
        window=Window(start=NOW, end=NOW),
        reason="schedule",
        storylines=(),
        expectations=(),
        coverage=Coverage(feeds_ok=0, feeds_failing=0),
    )
    with Store.open(url) as store, store.write() as c:
        channels.register(c, [channel], NOW)
        digests.register(c, ["morning"], NOW)
        key = digests.save_digest(c, "morning", "1", "bridge", window=(NOW, NOW), now=NOW, withheld=False)
        delivery = outbox.save_delivery(c, digest_key=key, digest=digest, content_type="text/plain", body=b"-", now=NOW)
        channels.disable_channel(c, channel, NOW, "410 Gone")
    return delivery.id


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    (tmp_path / "monitor.yaml").write_text(f'storage: {{url: "sqlite:///{tmp_path}/monitor.db"}}\n', "utf-8")
    return lambda *words: CliRunner().invoke(app, ["deliveries", *words, "--config", str(tmp_path)])


def given_up(url: str, number: int) -> None:
    """Have the delivery refused, with a long answer."""
    said = Attempt(delivery_id=number, at=NOW, outcome=Outcome.REJECTED, duration_ms=7, status=422, detail="n" * 1000)
    with Store.open(url) as store, store.write() as c:
        outbox.record(c, said, state=DeliveryState.FAILED, next_attempt_at=None)


def test_what_was_given_up_is_listed_shown_with_its_answer_and_dismissed(run: Callable[..., Result], tmp_path: Path):
    url = f"sqlite:///{tmp_path}/monitor.db"
    number = owed(url, "desk")
    assert run("list", "--failed").stdout == "No delivery yet.\n"
    assert run("dismiss", str(number)).exit_code == 1
    given_up(url, number)
    assert '"state": "failed"' in run("list", "--failed", "--json").stdout
    shown = run("show", str(number)).stdout
    assert "rejected   422  7 ms" in shown
    assert "n" * 1000 in shown
    assert run("dismiss").exit_code == 2
    assert run("dismiss", "--all").stdout == "1 dismissed\n"
    assert '"state": "dismissed"' in run("list", "--json").stdout
    assert (
        CliRunner().invoke(app, ["health", "--config", str(tmp_path), "--json"]).stdout.count('"deliveries_failed": 0')
    )


def test_a_closed_channel_is_resumed_and_what_it_missed_replayed(run: Callable[..., Result], tmp_path: Path):
    url = f"sqlite:///{tmp_path}/monitor.db"
    given_up(url, owed(url, "desk"))
    assert "channel desk is open again" in run("resume", "desk").stdout
    assert run("resume", "desk").exit_code == 1
    assert run("replay").exit_code == 2
    assert run("replay", "--since", f"{NOW:%Y-%m-%d}", "--channel", "wall").stdout == "0 deliveries are due now\n"
    assert run("replay", "--since", f"{NOW:%Y-%m-%d}").stdout == "1 deliveries are due now\n"
    with Store.open(url) as store, store.read() as c:
        assert outbox.count_owed(c) == 1


def test_retry_opens_a_channel_that_its_receiver_had_closed(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    (tmp_path / "monitor.yaml").write_text(f'storage: {{url: "{url}"}}\n', "utf-8")
    number = owed(url, "desk")
    done = CliRunner().invoke(app, ["deliveries", "retry", str(number), "--config", str(tmp_path)])
    assert done.stdout == f"delivery {number} is due now\n"
    with Store.open(url) as store, store.read() as c:
        assert channels.closed_channels(c) == []
