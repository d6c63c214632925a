"""Checks that an id or object used by legacy code belongs to the turn: its user, run, conversation and connection.
Every mismatch is recorded as an isolation incident."""

import asyncio
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID

from django.db import connection

from core import incidents
from core.context import PLACEHOLDERS
from core.exceptions import InvalidContext, IsolationViolation
from legacy.bridges.turn import BridgeTurn, to_uuid

ID_SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "user_id": "user",
        "run_id": "run",
        "thread_id": "conversation",
        "chat_thread_id": "conversation",
        "connection_id": "connection",
    }
)
"""The names under which legacy code passes ids, and what they identify."""
STATE_IDS = ("user_id", "run_id", "chat_thread_id")
STATE_LOCATION = "legacy.bridges DeepAgentState"


def require_own_id(turn: BridgeTurn, name: str, value: object, where: str) -> None:
    """Raises IsolationViolation, recorded as an incident, if the id is another one than the turn's.

    Raises InvalidContext for a missing id or a placeholder.
    """
    turn.ensure_active()
    wanted = _get_own_ids(turn)[name]
    found = to_uuid(value)
    if found == wanted:
        return
    if found is None and str(value).strip().lower() in PLACEHOLDERS:
        raise InvalidContext(f"{where}: {name} is missing or a placeholder; this run has {wanted}")
    mistaken = [other for other, own in _get_own_ids(turn).items() if own == found]
    if mistaken:
        raise _record_violation(turn, f"{mistaken[0]} as {name}", where, value, f"{mistaken[0]} was used as {name}")
    raise _record_violation(
        turn, f"foreign {name}", where, value, f"the id of another {ID_SUBJECTS[name]} was used as {name}"
    )


def require_own_ids_in(turn: BridgeTurn, holder: object, where: str) -> None:
    """Like `require_own_id`, for each id in a mapping or an object."""
    for name in ID_SUBJECTS:
        value = _read_id(holder, name)
        # Only ids: the "user_id" of a message may be a name in the user's own data.
        if to_uuid(value) is not None:
            require_own_id(turn, name, value, where)


def require_own_facade(turn: BridgeTurn, part: object, where: str) -> None:
    """Raises IsolationViolation for a facade of another turn. None is accepted."""
    turn.ensure_active()
    other = getattr(part, "turn", None)
    if part is None or other is turn:
        return
    found = other.context.user_id if isinstance(other, BridgeTurn) else None
    raise _record_violation(
        turn, "foreign part", where, found, f"this {type(part).__name__} does not belong to this run"
    )


def _record_violation(turn: BridgeTurn, kind: str, where: str, found: object, says: str) -> IsolationViolation:
    return turn.violations.record(f"legacy: {kind}", f"legacy.bridges {where}", to_uuid(found), f"{where}: {says}")


def _get_own_ids(turn: BridgeTurn) -> Mapping[str, Any]:
    context = turn.context
    return {
        "user_id": context.user_id,
        "run_id": context.run_id,
        "thread_id": context.thread_id,
        "chat_thread_id": context.thread_id,
        "connection_id": context.connection_id,
    }


def _read_id(holder: object, name: str) -> object:
    if isinstance(holder, Mapping):
        return cast(Mapping[str, object], holder).get(name)
    return getattr(holder, name, None)


def require_unchanged_id(state: Any, name: str, value: object, turn: BridgeTurn | None) -> str | None:
    """Return the id as text. Raises IsolationViolation, recorded as an incident, if the state has another one."""
    current, new = getattr(state, name), None if value is None else str(value)
    if current is None or new == current:
        return new
    raise _record_state_violation(turn, name, current, new, f"the {name} of a state can't be changed")


def require_same_ids(state: Any, other: Any, turn: BridgeTurn | None) -> None:
    """Raises IsolationViolation if the states' ids differ, and InvalidContext if only one has an id."""
    for name in STATE_IDS:
        expected, found = getattr(state, name), getattr(other, name)
        if expected == found:
            continue
        if expected is None or found is None:
            raise InvalidContext(f"states can't be merged: only one of them has a {name}")
        raise _record_state_violation(turn, name, expected, found, f"states with different {name} can't be merged")


def _record_state_violation(
    turn: BridgeTurn | None, name: str, expected: object, found: object, says: str
) -> IsolationViolation:
    kind = f"legacy: foreign {name}"
    if turn is not None:
        return turn.violations.record(kind, STATE_LOCATION, to_uuid(found), says)
    ids = to_uuid(expected), to_uuid(found)
    if _is_on_event_loop():
        # A state without a turn, in asynchronous code: nothing can wait for the database.
        # netra: allow[dropped-task] the thread gets everything that it records
        threading.Thread(target=_store_incident_in_thread, args=(kind, *ids), name="legacy-incident").start()
    else:
        incidents.record_incident(kind, where=STATE_LOCATION, expected=ids[0], found=ids[1])
    return IsolationViolation(says)


def _store_incident_in_thread(kind: str, expected: UUID | None, found: UUID | None) -> None:
    try:
        incidents.record_incident(kind, where=STATE_LOCATION, expected=expected, found=found)
    finally:
        connection.close()


def _is_on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
