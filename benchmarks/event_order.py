"""Validation of the order in which a run publishes its events."""

from collections.abc import Sequence
from typing import Any

Event = dict[str, Any]
INNER_TYPES = ("agent_thinking", "tool_executing", "tool_completed")
END_TYPES = ("agent_completed", "agent_error")
REQUIRED_TYPES = {"agent_started", *INNER_TYPES, "agent_completed"}


def find_order_errors(events: Sequence[Event]) -> list[str]:
    """Return what is wrong with the events of a finished run; nothing if they are right."""
    if not events or events[0]["type"] != "run_queued":
        return [f"a run begins with {events[0]['type'] if events else 'nothing'}"]
    rest = events[1:]
    wrong = [f"a run has no {kind}" for kind in REQUIRED_TYPES - {event["type"] for event in rest}]
    wrong += [f"attempt {event['attempt']}" for event in rest if event["attempt"] != 1][:1]
    terminal = [place for place, event in enumerate(rest) if _is_terminal(event)]
    if terminal != [len(rest) - 1]:
        wrong.append(f"of {len(rest)} events these are terminal: {terminal}")
    return wrong + _find_agent_errors(rest) + _find_call_errors(rest)


def _is_terminal(event: Event) -> bool:
    return event["type"] in END_TYPES and event["parent_request_id"] is None


def _find_agent_errors(events: Sequence[Event]) -> list[str]:
    """Each agent starts once, within its parent, and ends once, after all its other events."""
    wrong: list[str] = []
    working: set[str] = set()
    over: set[str] = set()
    for event in events:
        who, kind = event["request_id"], event["type"]
        if kind == "agent_started":
            if who in working | over or event["parent_request_id"] not in working | {None}:
                wrong.append(f"{event['agent']} starts out of turn")
            working.add(who)
        elif who not in working:
            wrong.append(f"{kind} of {event['agent']}, which is not running")
        elif kind in END_TYPES:
            working.discard(who)
            over.add(who)
    return wrong + ([f"{len(working)} agents never ended"] if working else [])


def _find_call_errors(events: Sequence[Event]) -> list[str]:
    """Each call of a tool is published as executing, then as completed, once each."""
    wrong, waiting = [], set()
    for event in events:
        if event["type"] == "tool_executing":
            waiting.add((event["request_id"], event["call_id"]))
        elif event["type"] == "tool_completed":
            call = (event["request_id"], event["call_id"])
            if call not in waiting:
                wrong.append(f"{event['tool']} completed without executing")
            waiting.discard(call)
    return wrong + ([f"{len(waiting)} calls never completed"] if waiting else [])
