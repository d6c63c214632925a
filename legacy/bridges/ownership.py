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
"""Under which names old code passes ids, and of what."""


def require_own_id(turn: BridgeTurn, name: str, value: object, where: str) -> None:
    """Raises IsolationViolation, noted as an incident, for an id of anybody else or of anything else; InvalidContext
    where it is no id at all."""
    turn.ensure_active()
    wanted = _get_own_ids(turn)[name]
    found = to_uuid(value)
    if found == wanted:
        return
    if found is None and str(value).strip().lower() in PLACEHOLDERS:
        raise InvalidContext(f"{where}: {name} is missing or a placeholder; this run's is {wanted}")
    mistaken = [other for other, own in _get_own_ids(turn).items() if own == found]
    if mistaken:
        raise _record_violation(
            turn, f"{mistaken[0]} as {name}", where, value, f"{mistaken[0]} stands where {name} belongs"
        )
    raise _record_violation(
        turn, f"foreign {name}", where, value, f"another {ID_SUBJECTS[name]}'s id was given as {name}"
    )


def require_own_ids_in(turn: BridgeTurn, holder: object, where: str) -> None:
    """The same for each id that a mapping or an object carries; what carries none is nobody's."""
    for name in ID_SUBJECTS:
        value = _read_id(holder, name)
        # Only what is an id: what a message calls its "user_id" may be a name in the user's own data.
        if to_uuid(value) is not None:
            require_own_id(turn, name, value, where)


def require_own_facade(turn: BridgeTurn, part: object, where: str) -> None:
    """For a facade handed to a facade: None, or one of the same turn."""
    turn.ensure_active()
    theirs = getattr(part, "turn", None)
    if part is None or theirs is turn:
        return
    found = theirs.context.user_id if isinstance(theirs, BridgeTurn) else None
    raise _record_violation(turn, "foreign part", where, found, f"{type(part).__name__} is not of this run")


def _record_violation(turn: BridgeTurn, kind: str, where: str, found: object, says: str) -> IsolationViolation:
    return turn.violations.record(f"legacy: {kind}", f"legacy.bridges {where}", to_uuid(found), f"{where}: {says}")


def _get_own_ids(turn: BridgeTurn) -> Mapping[str, Any]:
    mine = turn.context
    return {
        "user_id": mine.user_id,
        "run_id": mine.run_id,
        "thread_id": mine.thread_id,
        "chat_thread_id": mine.thread_id,
        "connection_id": mine.connection_id,
    }


def _read_id(holder: object, name: str) -> object:
    if isinstance(holder, Mapping):
        return cast(Mapping[str, object], holder).get(name)
    return getattr(holder, name, None)


STATE_IDS = ("user_id", "run_id", "chat_thread_id")
STATE_LOCATION = "legacy.bridges DeepAgentState"


def require_unchanged_id(state: Any, name: str, value: object, turn: BridgeTurn | None) -> str | None:
    """The id as text. Raises IsolationViolation, noted as an incident, where the state has another one already."""
    mine, given = getattr(state, name), None if value is None else str(value)
    if mine is None or given == mine:
        return given
    raise _record_state_violation(turn, name, mine, given, f"{name} of a state is not to be changed")


def require_same_ids(state: Any, other: Any, turn: BridgeTurn | None) -> None:
    """Raises the same where the other state is somebody else's, and InvalidContext where it does not say whose."""
    for name in STATE_IDS:
        mine, theirs = getattr(state, name), getattr(other, name)
        if mine == theirs:
            continue
        if mine is None or theirs is None:
            raise InvalidContext(f"a state was to be merged of which only one says its {name}")
        raise _record_state_violation(turn, name, mine, theirs, f"states of different {name} were to be merged")


def _record_state_violation(
    turn: BridgeTurn | None, name: str, mine: object, theirs: object, says: str
) -> IsolationViolation:
    kind = f"legacy: foreign {name}"
    if turn is not None:
        return turn.violations.record(kind, STATE_LOCATION, to_uuid(theirs), says)
    expected, found = to_uuid(mine), to_uuid(theirs)
    if _is_on_event_loop():
        # A state of no turn, in asynchronous code: nobody is there to wait for the database.
        # netra: allow[dropped-task] it is given all that it records
        threading.Thread(target=_store_incident_in_thread, args=(kind, expected, found), name="legacy-incident").start()
    else:
        incidents.record_incident(kind, where=STATE_LOCATION, expected=expected, found=found)
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
