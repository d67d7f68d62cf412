"""Whatever happens in whatever order: hypothesis looks for a life that breaks a promise, and makes it short."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from monitor.logs import configure
from monitor.storage import mutes, outbox
from tests.simulation.check import broken, spoilt
from tests.simulation.test_lives import START, WEEKLY, Struck
from tests.simulation.world import DAY, HOUR, Mood, Origin

#: Nothing happens by chance but the habits of origins and receivers: the rules do the rest.
QUIET = replace(WEEKLY, origins=10, receivers=4, a_day=0, deadly=0, refused=0, shaken=0, interval="1d")
ORIGINS = st.integers(0, QUIET.origins - 1)
RECEIVERS = st.integers(0, QUIET.receivers - 1)
MOODS = st.sampled_from([mood for mood in Mood if mood is not Mood.CLOSING])


class Lives(RuleBasedStateMachine):
    """A life that is led by rules. After each of them nothing is spoilt; in the end every promise was kept."""

    life: Struck

    @initialize(seed=st.integers(0, 9))
    def begins(self, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name)}/monitor.db"
        self.life = Struck(str(seed), QUIET, START, url, n=0, deadly=False)
        self.life.world.slack = HOUR
        self.life.moment()

    def origin(self, number: int) -> Origin:
        return list(self.life.world.origins.values())[number]

    @rule(origin=ORIGINS, belongs=st.booleans())
    def an_entry_is_published(self, origin: int, belongs: bool) -> None:
        self.life.world.publish(self.origin(origin), belongs)

    @rule(origin=ORIGINS)
    def an_entry_is_edited(self, origin: int) -> None:
        self.life.world.edit(self.origin(origin))

    @rule(origin=ORIGINS)
    def a_feed_fails_or_returns(self, origin: int) -> None:
        self.origin(origin).down ^= True

    @rule(receiver=RECEIVERS, mood=MOODS)
    def a_receiver_changes_its_mood(self, receiver: int, mood: Mood) -> None:
        list(self.life.world.receivers.values())[receiver].mood = mood

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        until = self.life.world.now + hours * HOUR
        while self.life.world.now < until:
            self.life.moment()
            self.life.pass_time()

    @rule(days=st.integers(1, 7))
    def the_machine_sleeps(self, days: int) -> None:
        self.life.sleep(days * DAY)

    @rule()
    def the_clock_is_set_back_or_put_right(self) -> None:
        self.life.skew = -HOUR - self.life.skew

    @rule(n=st.integers(1, 150), deadly=st.booleans())
    def the_process_will_die_or_be_refused(self, n: int, deadly: bool) -> None:
        """At its n-th statement, fetch, send or answer from now on."""
        self.life.left, self.life.deadly = n, deadly

    @rule(origins=st.sets(ORIGINS, max_size=3))
    def the_configuration_changes(self, origins: set[int]) -> None:
        self.life.configure(unlisted={self.origin(number).url for number in origins})

    @rule(storyline=st.sampled_from(["opening", "money", "people"]), hours=st.integers(1, 60))
    def a_storyline_is_muted(self, storyline: str, hours: int) -> None:
        with self.life.unharmed(), self.life.store.write() as c:
            mutes.mute(c, "bridge", storyline, now=self.life.now, until=self.life.now + timedelta(hours=hours))

    @rule(delivery=st.integers(1, 8))
    def a_delivery_is_tried_again(self, delivery: int) -> None:
        with self.life.unharmed(), self.life.store.write() as c:
            self.life.counts["retries"] += outbox.make_due(c, delivery, self.life.now) is not None

    @invariant()
    def nothing_is_spoilt(self) -> None:
        with self.life.unharmed():
            assert spoilt(self.life) == []

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        for receiver in self.life.world.receivers.values():
            receiver.mood = Mood.KIND
        self.life.rest()
        wrong = broken(self.life)
        self.life.store.close()
        self.folder.cleanup()
        assert wrong == []


def test_no_order_of_events_breaks_a_promise(examples: int):
    """A few lives in the suite, sixty in ``make prove``."""
    configure(sys.stderr, level="CRITICAL", fmt="text")
    many = settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Lives, settings=many)  # type: ignore[no-untyped-call]
