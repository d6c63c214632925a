"""Comparison of what a user received with the stream in the database: complete, once, in order, and nothing else."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from agents.models import Run
from core.db import as_user
from core.models import Event, IsolationIncident, UserStream
from operators.isolation_test.canaries import CANARY_FIELDS, CanaryUser, IsolationFindingKind, UserResults
from operators.isolation_test.stream_checks import TERMINAL_TYPES, RangeChain, hash_event


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStream:
    """A user's stream in the database.

    `event_hashes` are by sequence number, `terminal_counts` by run. `incidents` counts foreign batches, from or to this
    user, that the server itself stopped before delivery.
    """

    epoch: UUID
    head: int
    event_hashes: Mapping[int, int]
    terminal_counts: Mapping[str, int]
    incidents: int


def load_stored_stream(user_id: UUID) -> StoredStream | None:
    """Return the stored stream, or None if the user has none."""
    with as_user(user_id):
        stream = UserStream.objects.filter(owner_id=user_id).first()
        if stream is None:
            return None
        rows = Event.objects.for_user(user_id).filter(epoch=stream.epoch).order_by("seq")
        events = list(rows.values_list("seq", "payload"))
        runs = [str(run) for run in Run.objects.for_user(user_id).values_list("id", flat=True)]
    terminal_events = [
        payload for _, payload in events if payload["type"] in TERMINAL_TYPES and payload["parent_request_id"] is None
    ]
    ends_by_run = Counter(payload["run_id"] for payload in terminal_events)
    return StoredStream(
        epoch=stream.epoch,
        head=stream.head,
        event_hashes={seq: hash_event(payload) for seq, payload in events},
        terminal_counts={run: ends_by_run[run] for run in runs},
        incidents=IsolationIncident.objects.filter(Q(expected_user=user_id) | Q(found_user=user_id)).count(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserObservations:
    """What one user received: `chains` over sockets, `rest_chain` over REST at the end."""

    user: CanaryUser
    results: UserResults
    chains: Sequence[RangeChain]
    rest_chain: RangeChain | None


def compare_observations(observations: UserObservations, stored: StoredStream | None) -> None:
    """Add a finding for each difference from the stored stream."""
    results = observations.results
    if stored is None:
        results.add_finding("wrong", "database", "the user has no stream")
        return
    chains = [*observations.chains, *([observations.rest_chain] if observations.rest_chain else [])]
    _check_holes(results, stored, chains)
    for chain in chains:
        if chain.is_intact:  # otherwise its ranges are findings already
            _compare_chain(results, chain, stored)
    for ends in stored.terminal_counts.values():
        if ends != 1:
            kind: IsolationFindingKind = "double" if ends > 1 else "wrong"
            results.add_finding(kind, "database", f"a run does not have exactly one terminal event but {ends}")
    if stored.incidents:
        results.add_finding("wrong", "server", "an isolation incident was recorded", stored.incidents)
    _check_coverage(results)


def _compare_chain(results: UserResults, chain: RangeChain, stored: StoredStream) -> None:
    if chain.position.epoch != stored.epoch:
        if chain.event_hashes:
            results.add_finding("wrong", chain.where, "events of an epoch other than the user's")
        return
    numbers = range(chain.start.seq + 1, chain.position.seq + 1)
    expected = [stored.event_hashes[number] for number in numbers if number in stored.event_hashes]
    known = set(expected)
    seen = [
        event_hash
        for event_hash in chain.event_hashes
        if event_hash in known or event_hash not in chain.transient_hashes
    ]
    if seen == expected:
        return
    missing, extra = Counter(expected) - Counter(seen), Counter(seen) - Counter(expected)
    doubled = sum(times for event_hash, times in extra.items() if event_hash in known)
    strange = extra.total() - doubled
    if missing:
        results.add_finding("gap", chain.where, "an event within the ranges was not received", missing.total())
    if doubled:
        results.add_finding("double", chain.where, "an event was received twice", doubled)
    if strange:
        results.add_finding("wrong", chain.where, "an event was received that is not in the user's stream", strange)
    if not missing and not extra:
        results.add_finding("wrong", chain.where, "events were received in a different order than they were stored")


def _check_holes(results: UserResults, stored: StoredStream, chains: Sequence[RangeChain]) -> None:
    """Check for numbers without an event: these users delete nothing, so only transient texts may leave some."""
    holes = stored.head - len(stored.event_hashes)
    if holes and not any(chain.transient_hashes for chain in chains):
        results.add_finding("gap", "database", "a sequence number has no event", holes)


def _check_coverage(results: UserResults) -> None:
    """Check that there was something to find: a test that received nothing would always pass."""
    if not results.events:
        results.add_finding("wrong", "sockets", "no event was received, so this test proves nothing")
    missing = [field for field in CANARY_FIELDS if field not in results.returned_fields]
    if missing:
        results.add_finding("wrong", "canaries", f"not returned to their own user: {', '.join(missing)}")
