"""Whether what old code names is this turn's own: its user, its run, its conversation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from legacy.bridges.turn import Turn, as_id
from netra.core.context import PLACEHOLDERS
from netra.core.exceptions import InvalidContext, IsolationViolation

NAMED: Mapping[str, str] = MappingProxyType(
    {
        "user_id": "user",
        "run_id": "run",
        "thread_id": "conversation",
        "chat_thread_id": "conversation",
        "connection_id": "connection",
    }
)
"""Under which names old code passes ids, and of what."""


def require_own(turn: Turn, name: str, value: object, where: str) -> None:
    """Raises IsolationViolation, noted as an incident, for an id of anybody else or of anything else; InvalidContext
    where it is no id at all."""
    turn.here()
    wanted = _own(turn)[name]
    found = as_id(value)
    if found == wanted:
        return
    if found is None and str(value).strip().lower() in PLACEHOLDERS:
        raise InvalidContext(f"{where}: {name} is missing or a placeholder; this run's is {wanted}")
    mistaken = [other for other, own in _own(turn).items() if own == found]
    if mistaken:
        raise _noted(turn, f"{mistaken[0]} as {name}", where, value, f"{mistaken[0]} stands where {name} belongs")
    raise _noted(turn, f"foreign {name}", where, value, f"another {NAMED[name]}'s id was given as {name}")


def require_own_names(turn: Turn, holder: object, where: str) -> None:
    """The same for each id that a mapping or an object carries; what carries none is nobody's."""
    for name in NAMED:
        value = _read(holder, name)
        # Only what is an id: what a message calls its "user_id" may be a name in the user's own data.
        if as_id(value) is not None:
            require_own(turn, name, value, where)


def require_own_part(turn: Turn, part: object, where: str) -> None:
    """For a facade handed to a facade: None, or one of the same turn."""
    turn.here()
    theirs = getattr(part, "turn", None)
    if part is None or theirs is turn:
        return
    found = theirs.context.user_id if isinstance(theirs, Turn) else None
    raise _noted(turn, "foreign part", where, found, f"{type(part).__name__} is not of this run")


def _noted(turn: Turn, kind: str, where: str, found: object, says: str) -> IsolationViolation:
    return turn.trespasses.note(f"legacy: {kind}", f"legacy.bridges {where}", as_id(found), f"{where}: {says}")


def _own(turn: Turn) -> Mapping[str, Any]:
    mine = turn.context
    return {
        "user_id": mine.user_id,
        "run_id": mine.run_id,
        "thread_id": mine.thread_id,
        "chat_thread_id": mine.thread_id,
        "connection_id": mine.connection_id,
    }


def _read(holder: object, name: str) -> object:
    if isinstance(holder, Mapping):
        return cast(Mapping[str, object], holder).get(name)
    return getattr(holder, name, None)
