"""The loop below the ticks: what it asks, what it begins, and what it never does at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.scheduling import drain


def lane_of(job: str) -> str:
    return job[0]


def run(
    due: Callable[[Collection[str]], list[str]],
    do: Callable[[str], str],
    *,
    threads: int = 4,
    stop: threading.Event | None = None,
) -> list[str]:
    return list(drain(due, do, key=str, lane=lane_of, threads=threads, stop=stop or threading.Event()))


class Jobs:
    """What is due, as a database would tell it: a job is due until it is done."""

    def __init__(self, *jobs: str) -> None:
        self.left = list(jobs)
        self.questions = 0

    def due(self, in_hand: Collection[str]) -> list[str]:
        self.questions += 1
        return [job for job in self.left if job not in in_hand]

    def do(self, job: str) -> str:
        self.left.remove(job)
        return job


def test_everything_that_is_due_is_done_once() -> None:
    jobs = Jobs("a1", "a2", "b1", "a3", "c1")
    assert sorted(run(jobs.due, jobs.do)) == ["a1", "a2", "a3", "b1", "c1"]


def test_many_jobs_of_different_lanes_are_asked_for_at_once() -> None:
    jobs = Jobs(*(chr(ord("A") + number) for number in range(50)))
    assert len(run(jobs.due, jobs.do, threads=2)) == 50
    assert jobs.questions < 10


def test_jobs_of_a_lane_are_done_one_after_the_other_and_in_their_order() -> None:
    jobs, order, at_once, lock = Jobs("a1", "a2", "a3", "b1"), list[str](), list[int](), threading.Lock()

    def do(job: str) -> str:
        if lane_of(job) == "a":
            at_once.append(lock.locked())
            with lock:
                order.append(job)
                return jobs.do(job)
        return jobs.do(job)

    run(jobs.due, do)
    assert order == ["a1", "a2", "a3"]
    assert not any(at_once)


def test_what_one_job_changes_in_its_lane_is_heeded_by_the_next_question() -> None:
    """As when a receiver that answers "gone" takes its other deliveries off the list."""
    jobs = Jobs("a1", "a2", "b1")

    def do(job: str) -> str:
        if job == "a1":
            jobs.left.remove("a2")
        return jobs.do(job)

    assert sorted(run(jobs.due, do)) == ["a1", "b1"]


def test_a_slow_job_holds_up_nothing_in_other_lanes() -> None:
    jobs, others_done = Jobs("a1", "b1", "b2", "c1"), threading.Event()

    def do(job: str) -> str:
        if job == "a1":
            assert others_done.wait(timeout=120)
        jobs.do(job)
        if jobs.left == ["a1"]:
            others_done.set()
        return job

    assert run(jobs.due, do, threads=2)[-1] == "a1"


def test_once_told_to_stop_it_begins_nothing_more_and_ends_what_it_began() -> None:
    jobs, stop, begun = Jobs("a1", "b1", "c1"), threading.Event(), threading.Event()

    def do(job: str) -> str:
        begun.set()
        assert stop.wait(timeout=120)
        return jobs.do(job)

    with ThreadPoolExecutor(1) as caller:
        loop = caller.submit(run, jobs.due, do, threads=1, stop=stop)
        assert begun.wait(timeout=120)
        stop.set()
        assert loop.result(timeout=120) == ["a1"]
    assert jobs.left == ["b1", "c1"]


def test_a_job_that_raises_is_passed_over_and_the_others_are_done() -> None:
    jobs = Jobs("a1", "b1", "c1")

    def do(job: str) -> str:
        jobs.do(job)
        if job == "b1":
            raise OSError("unforeseen")
        return job

    assert sorted(run(jobs.due, do)) == ["a1", "c1"]


def test_a_question_that_fails_begins_nothing_twice() -> None:
    """The database is away for a moment while a job is under way: the job is not begun again beside itself."""
    jobs, began, release = Jobs("a1", "b1"), list[str](), threading.Event()

    def due(in_hand: Collection[str]) -> list[str]:
        if jobs.questions == 1 and in_hand:
            jobs.questions += 1
            release.set()
            raise OSError("the database is away")
        return jobs.due(in_hand)[:1]

    def do(job: str) -> str:
        began.append(job)
        release.wait(5)
        return jobs.do(job)

    assert sorted(run(due, do)) == ["a1", "b1"]
    assert sorted(began) == ["a1", "b1"]


def test_a_question_that_fails_with_nothing_under_way_is_told() -> None:
    def due(in_hand: Collection[str]) -> list[str]:
        raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        run(due, str)
