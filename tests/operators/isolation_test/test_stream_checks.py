"""Ranges that may follow another, and findings about those that may not."""

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.stream.batches import Position
from operators.isolation_test.canaries import CANARY_FIELDS, UserResults
from operators.isolation_test.comparison import StoredStream, UserObservations, compare_observations
from operators.isolation_test.stream_checks import EventRange, RangeChain, hash_event
from tests.operators.isolation_test.test_canaries import ONE, scan

EPOCH = UUID("11111111-1111-4111-8111-111111111111")


def event(number: int, kind: str = "thread_changed") -> dict[str, Any]:
    return {"type": kind, "at": f"2026-01-01T00:00:{number:02}Z", "figure": number}


def event_range(after: int, upto: int, *numbers: int, epoch: UUID = EPOCH) -> EventRange:
    return EventRange(epoch=epoch, after=after, upto=upto, events=tuple(event(number) for number in numbers))


def kinds(results: UserResults) -> Counter[str]:
    return Counter(finding.kind for finding in results.findings)


def build_chain(*ranges: EventRange) -> tuple[RangeChain, UserResults]:
    chain, results = RangeChain(Position(epoch=EPOCH, seq=2), "here"), scan("")
    for each in ranges:
        chain.add_range(each, results)
    return chain, results


@pytest.mark.parametrize(
    ("ranges", "kind"),
    [
        ((event_range(2, 4, 3, 4), event_range(5, 6, 6)), "gap"),
        ((event_range(3, 4, 4),), "gap"),
        ((event_range(2, 4, 3, 4), event_range(2, 4, 3, 4)), "double"),
        ((event_range(2, 4, 3, 4), event_range(3, 5, 4, 5)), "double"),
        ((event_range(2, 4, 3, 3, 4),), "double"),
        ((event_range(2, 1),), "wrong"),
        ((event_range(2, 4, 3, 4, epoch=uuid4()),), "wrong"),
    ],
)
def test_a_range_that_does_not_continue_is_found(ranges: tuple[EventRange, ...], kind: str) -> None:
    chain, results = build_chain(*ranges)
    assert kinds(results) == {kind: 1}
    assert not chain.is_intact


def test_contiguous_ranges_have_no_findings() -> None:
    chain, results = build_chain(
        event_range(2, 4, 3, 4), event_range(4, 4), event_range(4, 9, 7)
    )  # erased ones leave none
    assert not results.findings
    assert chain.position.seq == 9


STORED = StoredStream(
    epoch=EPOCH,
    head=6,
    event_hashes={number: hash_event(event(number)) for number in range(1, 7)},
    terminal_counts={},
    incidents=0,
)


def compare_ranges(*ranges: EventRange, stored: StoredStream = STORED) -> Counter[str]:
    chain, results = build_chain(*ranges)
    results.events, results.returned_fields = 1, set(CANARY_FIELDS)
    compare_observations(UserObservations(user=ONE, results=results, chains=(chain,), rest_chain=None), stored)
    return kinds(results)


def test_the_complete_stream_in_order_has_no_findings() -> None:
    assert not compare_ranges(event_range(2, 4, 3, 4), event_range(4, 6, 5, 6))


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (event_range(2, 6, 3, 4, 6), "gap"),
        (event_range(2, 6, 3, 4, 4, 6), "double"),
        (event_range(2, 5, 3, 4, 6), "gap"),
        (event_range(2, 5, 3, 5, 4), "wrong"),
        (event_range(2, 5, 3, 9, 5), "wrong"),
    ],
)
def test_differences_from_the_stored_stream_are_found(given: EventRange, kind: str) -> None:
    assert compare_ranges(given)[kind] == 1


def test_missing_numbers_are_a_gap_unless_events_were_transient() -> None:
    marks = {number: mark for number, mark in STORED.event_hashes.items() if number != 3}
    stored = replace(STORED, event_hashes=marks)
    assert compare_ranges(event_range(2, 6, 4, 5, 6), stored=stored) == {"gap": 1}
    writing = EventRange(
        epoch=EPOCH, after=2, upto=6, events=(event(3, "agent_writing"), *(event(number) for number in (4, 5, 6)))
    )
    assert not compare_ranges(writing, stored=stored)


@pytest.mark.parametrize(("ends", "kind"), [(0, "wrong"), (2, "double")])
def test_a_run_ends_once(ends: int, kind: str) -> None:
    assert compare_ranges(stored=replace(STORED, terminal_counts={"run": ends, "other": 1})) == {kind: 1}


def test_an_isolation_incident_is_a_finding() -> None:
    assert compare_ranges(stored=replace(STORED, incidents=1)) == {"wrong": 1}


def test_numbers_do_not_change_an_events_hash() -> None:
    assert hash_event(event(1) | {"figure": 1.0}) == hash_event(event(1))
    assert hash_event(event(1) | {"at": "later"}) != hash_event(event(1))


def test_a_test_that_received_nothing_fails() -> None:
    _, results = build_chain()
    compare_observations(UserObservations(user=ONE, results=results, chains=(), rest_chain=None), STORED)
    assert {finding.where for finding in results.findings} == {"sockets", "canaries"}
