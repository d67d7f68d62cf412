"""The values that flow through the house. No behaviour beyond reading themselves, no I/O, no third-party imports.

feeds:    Feed -> Document -> ParsedFeed -> Entry
stories:  Entry + Story -> Match -> Report -> Event
digests:  Event -> Digest -> Delivery -> Attempt

Every datetime is aware UTC. A tuple is in the order a reader would expect. None always means "not known" or "not set",
never zero. ``Story`` and what it is made of are written by people in ``config/stories/``; the rest is made by the flow.
"""

from monitor.domain.briefs import Brief, BriefEvent, BriefQuestion, BriefReport
from monitor.domain.deliveries import Attempt, ChannelState, Delivery, DeliveryState, Outcome
from monitor.domain.digests import (
    Closed,
    Coverage,
    Digest,
    DigestEntry,
    DigestEvent,
    DigestExpectation,
    DigestProposal,
    DigestQuiet,
    DigestStatement,
    DigestStoryline,
    Gap,
    HeldBack,
    Why,
    Window,
)
from monitor.domain.drift import Proposal, ProposalState
from monitor.domain.events import Event, Mute, Novelty, Report
from monitor.domain.expectations import Bearing, ExpectationState, Statement, StatementKind
from monitor.domain.feeds import (
    Document,
    Enclosure,
    Entry,
    Feed,
    FeedState,
    ParsedFeed,
    Subscription,
    SubscriptionState,
    Validators,
    Wishes,
    without_login,
)
from monitor.domain.matching import Feedback, Hit, Match, Part, Place, Role, StorylineMatch, TopicMatch
from monitor.domain.story import Expectation, Seed, Story, Storyline, StoryTest, Topic

__all__ = [
    "Attempt",
    "Bearing",
    "Brief",
    "BriefEvent",
    "BriefQuestion",
    "BriefReport",
    "ChannelState",
    "Closed",
    "Coverage",
    "Delivery",
    "DeliveryState",
    "Digest",
    "DigestEntry",
    "DigestEvent",
    "DigestExpectation",
    "DigestProposal",
    "DigestQuiet",
    "DigestStatement",
    "DigestStoryline",
    "Document",
    "Enclosure",
    "Entry",
    "Event",
    "Expectation",
    "ExpectationState",
    "Feed",
    "FeedState",
    "Feedback",
    "Gap",
    "HeldBack",
    "Hit",
    "Match",
    "Mute",
    "Novelty",
    "Outcome",
    "ParsedFeed",
    "Part",
    "Place",
    "Proposal",
    "ProposalState",
    "Report",
    "Role",
    "Seed",
    "Statement",
    "StatementKind",
    "Story",
    "StoryTest",
    "Storyline",
    "StorylineMatch",
    "Subscription",
    "SubscriptionState",
    "Topic",
    "TopicMatch",
    "Validators",
    "Why",
    "Window",
    "Wishes",
    "without_login",
]
