from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.delivery.channels import Answer
from monitor.delivery.channels.file import FEED_DIGESTS, FileChannel
from monitor.domain import Outcome
from monitor.errors import DeliveryError
from tests.delivery.factories import BODY, a_delivery
from tests.factories import NOON


def channel(path: Path) -> FileChannel:
    writers = {"html": lambda body: f"<p>{body.decode()}</p>", "txt": lambda body: body.decode()}
    return FileChannel(id="folder", path=path, render=lambda digest: [], writers=writers)


def test_a_delivery_becomes_three_files_and_nothing_else(tmp_path: Path):
    folder = tmp_path / "a" / "b"
    answer = channel(folder).send(a_delivery(), NOON)
    assert answer == Answer(detail=str(folder / "morning-2026-03-12T08-00.json"))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "morning-2026-03-12T08-00.json": BODY,
        "morning-2026-03-12T08-00.html": b"<p>" + BODY + b"</p>",
        "morning-2026-03-12T08-00.txt": BODY,
    }


def test_a_repeat_changes_nothing(tmp_path: Path):
    answers = {channel(tmp_path).send(a_delivery(), NOON).detail for _ in range(2)}
    assert len(answers) == 1
    assert len(list(tmp_path.iterdir())) == 3


def test_no_slot_leads_out_of_the_folder(tmp_path: Path):
    channel(tmp_path / "digests").send(a_delivery(slot="../../etc/x"), NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["digests"]


def test_a_reading_that_cannot_be_made_leaves_no_file(tmp_path: Path):
    def fails(body: bytes) -> str:
        raise RuntimeError("no such template")

    broken = FileChannel(id="folder", path=tmp_path, render=lambda digest: [], writers={"html": fails})
    with pytest.raises(RuntimeError, match="no such template"):
        broken.send(a_delivery(), NOON)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_tried_again(tmp_path: Path):
    (tmp_path / "taken").write_text("a file stands where the folder should be")
    with pytest.raises(DeliveryError, match="cannot write to") as caught:
        channel(tmp_path / "taken").send(a_delivery(), NOON)
    assert caught.value.outcome is Outcome.RETRY


def test_a_feed_is_made_of_the_latest_digests_that_are_in_the_folder(tmp_path: Path):
    kept = FileChannel(
        id="folder",
        path=tmp_path,
        render=lambda digest: [],
        writers={},
        feed=lambda bodies: b"\n".join(sorted(bodies)),
    )
    for number in range(FEED_DIGESTS + 1):
        kept.send(a_delivery(slot=f"s{number}", body=b"%03d" % number), NOON)
        written = tmp_path / f"morning-s{number}.json"
        os.utime(written, (number, number))
    kept.send(a_delivery(slot="s30", body=b"030"), NOON)
    assert (tmp_path / "digests.atom").read_bytes().split() == [b"%03d" % n for n in range(1, FEED_DIGESTS + 1)]
