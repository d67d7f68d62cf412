"""The whole of it: a daemon subscribes by itself, a hub pushes, and the reader is told without another poll."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.hub import Hub
from tests.servers import Desk, Site, rss, serve
from tests.test_daemon import House, wait_for
from tests.test_pushes import naming


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_what_a_hub_pushes_is_told_without_another_poll(tmp_path: Path):
    site, desk, hub = Site(), Desk(), Hub()
    with serve(site), serve(desk), serve(hub):
        site.documents["/feed.xml"] = naming(hub, site, "Cats")
        house = House(tmp_path, site, desk)
        bind = f"127.0.0.1:{a_free_port()}"
        house.settings |= {"web": {"bind": bind, "public_url": f"http://{bind}"}, "polling": {"interval": "1h"}}
        house.write()
        with house.running():
            wait_for(lambda: hub.subscribers)
            assert hub.push(rss("Arden bridge delayed")) == [202]
            wait_for(lambda: desk.received)
            polls = [path for path, _ in site.requests if path == "/feed.xml"]
        assert desk.titles == ["Arden bridge delayed"]
        assert len(polls) == 1
        log = house.log.read_text("utf-8")
        assert " websub feed=" in log
        assert " push feed=" in log
        assert next(iter(hub.subscribers)).rpartition("/")[2] not in log
