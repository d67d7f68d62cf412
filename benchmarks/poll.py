"""How fast the monitor polls, beside other feed readers, in one run.

    python benchmarks/poll.py [--feeds 500] [--rounds 3] [--only monitor,reader] [--reader-python PATH]

Every program polls the same N feeds of ``origin.py`` on loopback, each feed on an address (so a host) of its own, in
four modes one after the other:

    first      nothing is known
    304        nothing changed, and the server says so
    5 %        5 % of the feeds have a new entry, the others answer 304
    same bytes nothing changed, and the server sends everything all the same

The programs take turns within each mode, so that a busy machine disturbs them alike. Start-up counts, of every program
alike: with more feeds the fast modes say more of polling and less of starting. Subscribing does not count. Beside feeds
a second (wall) stand CPU time a feed, with child processes, and the peak of memory over all of a program's processes;
each is the median over the rounds, and the ratio is the median of the ratios within a round.

reader (PyPI) is installed into a temporary environment, the newest version that this Python can run; newsboat and
sfeed take part where they are installed. The monitor runs twice: with the story of ``config/``, so that it matches what
it reads, and as "no story", which does what the others do. This Python must be able to ``import monitor``.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
#: Mode, and what the origin is told before it: edition, share of feeds that changed, whether validators are heeded.
MODES = {
    "first": "edition=1&share=0&conditional=1",
    "304": "edition=1&share=0&conditional=1",
    "5 %": "edition=2&share=5&conditional=1",
    "same bytes": "edition=2&share=5&conditional=0",
}
#: The monitor with a story and without; the others are compared with both.
OURS = ("monitor", "no story")
READER = ("reader", "sgmllib3k")
SUBSCRIBE = "import reader; r = reader.make_reader('db'); [r.add_feed(url) for url in open('urls').read().split()]"

UPDATE = "import reader; reader.make_reader('db').update_feeds(scheduled=False, workers=10)"
#: prctl(2): what a program leaves behind becomes our child, so that its CPU time is counted.
PR_SET_CHILD_SUBREAPER = 36
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    name: str
    #: Gets a fresh folder and the addresses.
    subscribe: Callable[[Path, Sequence[str]], None]
    #: Polls every feed once, run in that folder.
    command: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    seconds: float
    cpu_s: float
    peak_mb: float
    #: Of the origin: {"304": 500}.
    answered: dict[str, int] = field(default_factory=dict)


# --- The programs -----------------------------------------------------------------------------------------------------


def monitor(name: str, stories: Path | None) -> Program:
    def subscribe(folder: Path, urls: Sequence[str]) -> None:
        (folder / "config").mkdir()
        if stories:
            shutil.copytree(stories, folder / "config" / "stories")
        settings = {
            "storage": {"url": f"sqlite:///{folder}/monitor.db"},
            "network": {"allow": ["127.0.0.0/8"]},
            "feeds": [{"url": url} for url in urls],
        }
        (folder / "config" / "monitor.yaml").write_text(json.dumps(settings))  # JSON is YAML

    poll = ("-m", "monitor", "poll", "--all", "--json", "--config", "config")
    return Program(name=name, subscribe=subscribe, command=(sys.executable, *poll))


def reader(python: str) -> Program:
    def subscribe(folder: Path, urls: Sequence[str]) -> None:
        (folder / "urls").write_text("\n".join(urls))
        subprocess.run((python, "-c", SUBSCRIBE), cwd=folder, check=True)

    version = subprocess.run(
        (python, "-c", "import reader; print(reader.__version__)"), check=True, capture_output=True, text=True
    )
    return Program(name=f"reader {version.stdout.strip()}", subscribe=subscribe, command=(python, "-c", UPDATE))


def newsboat() -> Program:
    def subscribe(folder: Path, urls: Sequence[str]) -> None:
        (folder / "urls").write_text("\n".join(urls))
        (folder / "settings").write_text("reload-threads 10\n")

    return Program(
        name="newsboat",
        subscribe=subscribe,
        command=("newsboat", "-q", "-u", "urls", "-c", "cache.db", "-C", "settings", "-x", "reload"),
    )


def sfeed() -> Program:
    def subscribe(folder: Path, urls: Sequence[str]) -> None:
        feeds = "\n".join(f'feed "{number}" "{url}"' for number, url in enumerate(urls))
        (folder / "sfeedrc").write_text(f'sfeedpath="{folder}/feeds"\nmaxjobs=10\nfeeds() {{\n{feeds}\n}}\n')

    return Program(name="sfeed", subscribe=subscribe, command=("sfeed_update", "./sfeedrc"))


def taking_part(wanted: Sequence[str], reader_python: str | None, folder: Path) -> Iterator[Program]:
    """The programs that are wanted and there."""
    if "monitor" in wanted:
        yield monitor(OURS[0], HERE.parent / "config" / "stories")
        yield monitor(OURS[1], None)
    if "reader" in wanted:
        yield reader(reader_python or installed_reader(folder))
    if "newsboat" in wanted and shutil.which("newsboat"):
        yield newsboat()
    if "sfeed" in wanted and shutil.which("sfeed_update"):
        yield sfeed()


def installed_reader(folder: Path) -> str:
    """An environment with reader; the path of its Python."""
    venv.create(folder / "reader", with_pip=True)
    python = str(folder / "reader" / "bin" / "python")
    subprocess.run((python, "-m", "pip", "install", "--quiet", *READER), check=True)
    return python


# --- Measuring --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def origin(feeds: int) -> Iterator[int]:
    """The port of a running origin."""
    with subprocess.Popen(
        (sys.executable, HERE / "origin.py", str(feeds)), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def measured(command: Sequence[str], folder: Path) -> Run:
    """Run a command to its end. Wall time, CPU time of all its processes, and their peak of memory together."""
    environment = {**os.environ, "HOME": str(folder)}
    # Installed programs are compiled; from a checkout they shall be too.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with (folder / "log").open("ab") as log:
        guardian = subprocess.Popen(
            (sys.executable, __file__, "--guard", *command),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
        )
    ended = threading.Event()
    peak = 0.0

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.1):
            peak = max(peak, memory_mb(guardian.pid) - own_mb)

    own_mb = memory_mb(guardian.pid)
    watcher = threading.Thread(target=watch)
    watcher.start()
    told, _ = guardian.communicate()
    ended.set()
    watcher.join()
    if guardian.returncode:
        raise SystemExit(f"{command[0]} failed:\n{(folder / 'log').read_text(errors='replace')[-2000:]}")
    seconds, cpu_s = json.loads(told)
    return Run(seconds=seconds, cpu_s=cpu_s, peak_mb=peak)


def guard(command: Sequence[str]) -> None:
    """In a process of its own: run the command, wait for whatever it leaves behind as well, and tell what they took."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=sys.stderr)
    failed = process.wait()
    seconds = time.perf_counter() - began
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps([seconds, usage.ru_utime + usage.ru_stime]))
    raise SystemExit(failed)


def memory_mb(root: int) -> float:
    """Resident memory of a process and all below it; pages that they share count for each."""
    children: dict[int, list[int]] = {}
    sizes: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            sizes[int(place.name)] = int((place / "statm").read_text().split()[1])
        except (OSError, IndexError):  # it has just ended
            continue
        children.setdefault(parent, []).append(int(place.name))
    family, pages = [root], 0
    while family:
        process = family.pop()
        pages += sizes.get(process, 0)
        family += children.get(process, [])
    return pages * PAGE_MB


def address(number: int) -> str:
    """A loopback address for each feed: to everybody who polls, a host of its own."""
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


def ask(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        content: bytes = answer.read()
        return content


def round_of(programs: Sequence[Program], urls: Sequence[str], port: int, folder: Path) -> dict[tuple[str, str], Run]:
    """Every mode once, by (mode, program); each program begins with nothing."""
    runs = {}
    for program in programs:
        (folder / program.name).mkdir(parents=True)
        program.subscribe(folder / program.name, urls)
    for mode, scene in MODES.items():
        ask(port, f"/_set?{scene}")
        for program in programs:
            ask(port, "/_stats")
            run = measured(program.command, folder / program.name)
            answered = json.loads(ask(port, "/_stats"))
            print(f"{mode}, {program.name}: {run.seconds:.1f} s", file=sys.stderr)
            runs[mode, program.name] = Run(seconds=run.seconds, cpu_s=run.cpu_s, peak_mb=run.peak_mb, answered=answered)
    return runs


# --- The table --------------------------------------------------------------------------------------------------------


def table(rounds: Sequence[dict[tuple[str, str], Run]], feeds: int) -> Iterator[str]:
    yield f"{'mode':<11}{'program':<13}{'feeds/s':>8}{'CPU ms/feed':>13}{'peak MB':>9}" + "".join(
        f"{name + ' is':>14}" for name in OURS
    )
    for mode, name in rounds[0]:
        runs = [runs[mode, name] for runs in rounds]
        pace = statistics.median(feeds / run.seconds for run in runs)
        cpu = statistics.median(run.cpu_s * 1000 / feeds for run in runs)
        peak = statistics.median(run.peak_mb for run in runs)
        ratios = "".join(f"{ratio(rounds, mode, name, own):>14}" for own in OURS)
        answers = ", ".join(f"{number} x {status}" for status, number in runs[-1].answered.items())
        yield f"{mode:<11}{name:<13}{pace:>8.0f}{cpu:>13.2f}{peak:>9.0f}{ratios}  {answers}"


def ratio(rounds: Sequence[Mapping[tuple[str, str], Run]], mode: str, name: str, own: str) -> str:
    """How many times as fast as a program one of ours is; empty for ourselves."""
    if name in OURS or (mode, own) not in rounds[0]:
        return ""
    return f"{statistics.median(runs[mode, name].seconds / runs[mode, own].seconds for runs in rounds):.1f} x"


def main() -> None:
    options = argparse.ArgumentParser(description="See the docstring.")
    options.add_argument("--feeds", type=int, default=500)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="monitor,reader,newsboat,sfeed")
    options.add_argument("--reader-python", help="a Python that has reader, instead of installing it")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary, origin(given.feeds) as port:
        folder = Path(temporary)
        programs = list(taking_part(given.only.split(","), given.reader_python, folder))
        urls = [f"http://{address(number)}:{port}/feed/{number}" for number in range(given.feeds)]
        rounds = []
        for number in range(given.rounds):
            print(f"round {number + 1} of {given.rounds}", file=sys.stderr)
            rounds.append(round_of(programs, urls, port, folder / f"round {number}"))
        print(f"{given.feeds} feeds, {given.rounds} rounds, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
        print("\n".join(table(rounds, given.feeds)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--guard"]:
        guard(sys.argv[2:])
    main()
