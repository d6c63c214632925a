"""Comparison of what a user received with the stream in the database: complete, once, in order, and nothing else."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from agents.models import Run
from core.db import as_user
from core.models import Event, IsolationIncident, UserStream
from operators.isolation_test.canaries import CANARY_FIELDS, CanaryUser
from operators.isolation_test.findings import UserResults
from operators.isolation_test.stream_checks import TERMINAL_TYPES, RangeChain, hash_event


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStream:
    """`event_hashes` by number; `terminal_counts`: terminal events by run, of every run that the user has. `incidents`: what the server
    has itself stopped at its last door, from or to this user."""

    epoch: UUID
    head: int
    event_hashes: Mapping[int, int]
    terminal_counts: Mapping[str, int]
    incidents: int


def load_stored_stream(user_id: UUID) -> StoredStream | None:
    """None for a user whose stream was never begun."""
    with as_user(user_id):
        stream = UserStream.objects.filter(owner_id=user_id).first()
        if stream is None:
            return None
        rows = Event.objects.for_user(user_id).filter(epoch=stream.epoch).order_by("seq")
        events = list(rows.values_list("seq", "payload"))
        runs = [str(run) for run in Run.objects.for_user(user_id).values_list("id", flat=True)]
    last = [
        payload for _, payload in events if payload["type"] in TERMINAL_TYPES and payload["parent_request_id"] is None
    ]
    told = Counter(payload["run_id"] for payload in last)
    return StoredStream(
        epoch=stream.epoch,
        head=stream.head,
        event_hashes={seq: hash_event(payload) for seq, payload in events},
        terminal_counts={run: told[run] for run in runs},
        incidents=IsolationIncident.objects.filter(Q(expected_user=user_id) | Q(found_user=user_id)).count(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserObservations:
    """What one user has seen. `chains`: what sockets brought; `rest_chain`: the stream as REST tells it at the end."""

    user: CanaryUser
    results: UserResults
    chains: Sequence[RangeChain]
    rest_chain: RangeChain | None


def compare_observations(noted: UserObservations, kept: StoredStream | None) -> None:
    """Tell the tally of every difference."""
    tally = noted.results
    if kept is None:
        tally.add_finding("wrong", "the log", "the user has no stream")
        return
    chains = [*noted.chains, *([noted.rest_chain] if noted.rest_chain else [])]
    _check_holes(tally, kept, chains)
    for chain in chains:
        if chain.is_intact:  # else its ranges have told already
            _compare_chain(tally, chain, kept)
    for ends in kept.terminal_counts.values():
        if ends != 1:
            tally.add_finding(
                "double" if ends > 1 else "wrong", "the log", f"a run has more or less than one terminal event: {ends}"
            )
    if kept.incidents:
        tally.add_finding("wrong", "the server", "an isolation incident was recorded", kept.incidents)
    _check_coverage(tally)


def _compare_chain(tally: UserResults, chain: RangeChain, kept: StoredStream) -> None:
    if chain.position.epoch != kept.epoch:
        if chain.event_hashes:
            tally.add_finding("wrong", chain.where, "events of an epoch that is not the user's")
        return
    numbers = range(chain.start.seq + 1, chain.position.seq + 1)
    expected = [kept.event_hashes[number] for number in numbers if number in kept.event_hashes]
    known = set(expected)
    seen = [mark for mark in chain.event_hashes if mark in known or mark not in chain.transient_hashes]
    if seen == expected:
        return
    missing, more = Counter(expected) - Counter(seen), Counter(seen) - Counter(expected)
    doubled = sum(times for mark, times in more.items() if mark in known)
    strange = more.total() - doubled
    if missing:
        tally.add_finding("gap", chain.where, "an event within the ranges was not told", missing.total())
    if doubled:
        tally.add_finding("double", chain.where, "an event was told twice", doubled)
    if strange:
        tally.add_finding("wrong", chain.where, "an event was told that is not in the user's log", strange)
    if not missing and not more:
        tally.add_finding("wrong", chain.where, "events were told in another order than they are in the log")


def _check_holes(tally: UserResults, kept: StoredStream, chains: Sequence[RangeChain]) -> None:
    """These users delete nothing, so only texts that were being written may have left numbers without an event."""
    holes = kept.head - len(kept.event_hashes)
    if holes and not any(chain.transient_hashes for chain in chains):
        tally.add_finding("gap", "the log", "a number has no event", holes)


def _check_coverage(tally: UserResults) -> None:
    """A self-test that saw nothing would find nothing."""
    if not tally.events:
        tally.add_finding("wrong", "sockets", "no event was seen: this self-test proves nothing")
    missing = [field for field in CANARY_FIELDS if field not in tally.returned_fields]
    if missing:
        tally.add_finding("wrong", "canaries", f"did not come back to their own user: {', '.join(missing)}")
