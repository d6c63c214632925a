import pytest

from operators.isolation_test.stream_checks import EventOrderChecker
from tests.operators.isolation_test.test_canaries import scan

QUEUED = {"type": "run_queued", "run_id": "r"}


def of(kind: str, request: str = "top", attempt: int = 1, call: str = "c") -> dict[str, object]:
    parent = None if request == "top" else "top"
    return {
        "type": kind,
        "run_id": "r",
        "request_id": request,
        "parent_request_id": parent,
        "attempt": attempt,
        "call_id": call,
    }


START, END, ERROR = of("agent_started"), of("agent_completed"), of("agent_error")
CHILD = (of("agent_started", "kid"), of("tool_executing", "kid"), of("tool_completed", "kid"))


@pytest.mark.parametrize(
    "events",
    [
        (QUEUED, START, of("agent_thinking"), *CHILD, of("agent_completed", "kid"), END),
        (QUEUED, ERROR),  # never taken up
        (QUEUED, START, {"type": "run_cancel_requested", "run_id": "r"}, ERROR),
        (QUEUED, START, of("agent_started", "again", 2), of("agent_started", "top", 2), of("agent_error", "top", 2)),
        ({"type": "thread_changed"},),
    ],
)
def test_a_run_in_the_documented_order_has_no_findings(events: tuple[dict[str, object], ...]) -> None:
    results = scan("")
    checker = EventOrderChecker(results, "here")
    for event in events:
        checker.check_event(event)
    assert not results.findings
    assert not checker.open_runs


@pytest.mark.parametrize(
    ("events", "kind", "what"),
    [
        ((START,), "wrong", "before its run_queued"),
        ((QUEUED, QUEUED), "double", "queued twice"),
        ((QUEUED, START, START), "double", "started twice"),
        ((QUEUED, of("agent_thinking")), "wrong", "before agent_started"),
        ((QUEUED, START, of("tool_completed")), "wrong", "before its tool_executing"),
        ((QUEUED, *CHILD, of("agent_error", "kid"), of("agent_thinking", "kid")), "wrong", "after the agent's end"),
        ((QUEUED, START, END, of("agent_thinking")), "wrong", "continued after its end"),
        ((QUEUED, START, END, ERROR), "double", "ended twice"),
        ((QUEUED, of("agent_started", "top", 2), of("agent_started", "kid", 1)), "wrong", "earlier attempt"),
    ],
)
def test_events_out_of_order_are_found(events: tuple[dict[str, object], ...], kind: str, what: str) -> None:
    results = scan("")
    checker = EventOrderChecker(results, "here")
    for event in events:
        checker.check_event(event)
    (finding,) = results.findings
    assert finding.kind == kind
    assert what in finding.what
