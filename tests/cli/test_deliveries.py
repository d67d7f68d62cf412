"""`monitor deliveries ...` as people type it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from monitor.cli import app
from monitor.domain import Coverage, Digest, Window
from monitor.storage import outbox
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
        outbox.register(c, channels=[channel], digests=["morning"], now=NOW)
        key = outbox.save_digest(c, "morning", "1", "bridge", window=(NOW, NOW), now=NOW, withheld=False)
        delivery = outbox.save_delivery(c, digest_key=key, digest=digest, content_type="text/plain", body=b"-", now=NOW)
        outbox.disable_channel(c, channel, NOW, "410 Gone")
    return delivery.id


def test_retry_opens_a_channel_that_its_receiver_had_closed(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    (tmp_path / "monitor.yaml").write_text(f'storage: {{url: "{url}"}}\n', "utf-8")
    number = owed(url, "desk")
    done = CliRunner().invoke(app, ["deliveries", "retry", str(number), "--config", str(tmp_path)])
    assert done.stdout == f"delivery {number} is due now\n"
    with Store.open(url) as store, store.read() as c:
        assert outbox.closed_channels(c) == []
