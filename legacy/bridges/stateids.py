"""The ids that a state carries: set once, and the same wherever two states meet."""

import asyncio
import threading
from typing import Any
from uuid import UUID

from django.db import connection

from legacy.bridges.turn import Turn, as_id
from netra.core import incidents
from netra.core.exceptions import InvalidContext, IsolationViolation

IDS = ("user_id", "run_id", "chat_thread_id")
WHERE = "legacy.bridges DeepAgentState"


def require_own_id(state: Any, name: str, value: object, turn: Turn | None) -> str | None:
    """The id as text. Raises IsolationViolation, noted as an incident, where the state has another one already."""
    mine, given = getattr(state, name), None if value is None else str(value)
    if mine is None or given == mine:
        return given
    raise _noted(turn, name, mine, given, f"{name} of a state is not to be changed")


def require_same_ids(state: Any, other: Any, turn: Turn | None) -> None:
    """Raises the same where the other state is somebody else's, and InvalidContext where it does not say whose."""
    for name in IDS:
        mine, theirs = getattr(state, name), getattr(other, name)
        if mine == theirs:
            continue
        if mine is None or theirs is None:
            raise InvalidContext(f"a state was to be merged of which only one says its {name}")
        raise _noted(turn, name, mine, theirs, f"states of different {name} were to be merged")


def _noted(turn: Turn | None, name: str, mine: object, theirs: object, says: str) -> IsolationViolation:
    kind = f"legacy: foreign {name}"
    if turn is not None:
        return turn.trespasses.note(kind, WHERE, as_id(theirs), says)
    expected, found = as_id(mine), as_id(theirs)
    if _on_a_loop():
        # A state of no turn, in asynchronous code: nobody is there to wait for the database.
        # netra: allow[dropped-task] it is given all that it records
        threading.Thread(target=_recorded, args=(kind, expected, found), name="legacy-incident").start()
    else:
        incidents.record(kind, where=WHERE, expected=expected, found=found)
    return IsolationViolation(says)


def _recorded(kind: str, expected: UUID | None, found: UUID | None) -> None:
    try:
        incidents.record(kind, where=WHERE, expected=expected, found=found)
    finally:
        connection.close()


def _on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
