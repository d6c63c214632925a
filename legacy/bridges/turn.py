"""Turn: all that stands behind the facades that one legacy agent is handed; one per agent's turn, then closed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from legacy.bridges.trespass import Trespasses
from legacy.deprecations.storing import add
from legacy.deprecations.uses import Uses
from netra.core.context import UserExecutionContext
from netra.core.exceptions import ScopeClosed
from netra.core.jsonable import storable

log = logging.getLogger(__name__)

TEXT = 8_000  # characters of one thought


@dataclass(slots=True)
class Turn:
    """Bound to one context for good. `think` tells the user; `task` is the one that the agent's turn runs in."""

    context: UserExecutionContext
    agent: str
    think: Callable[[str], Awaitable[None]]
    uses: Uses
    trespasses: Trespasses
    task: "asyncio.Task[Any] | None"
    told: int = 0
    _open: bool = field(default=True, repr=False)

    def here(self) -> None:
        """Raises where the turn is over, or is being stopped: a bare `except:` must not keep it going."""
        if not self._open:
            raise ScopeClosed(f"the turn of {self.agent} is over")
        if self.task is not None and self.task.cancelling():
            raise asyncio.CancelledError

    async def tell(self, text: str) -> bool:
        """Tell the own user, as a thought of the agent's. False where there is nothing to tell."""
        self.here()
        said = storable(text).strip()
        if not said:
            return False
        await self.think(said if len(said) <= TEXT else said[: TEXT - 1] + "…")
        self.told += 1
        return True

    async def end(self) -> None:
        """Close, and store what was counted and noted. Counts that cannot be stored do not fail a user's run."""
        self._open = False
        await self.trespasses.written()
        try:
            await sync_to_async(add)(dict(self.uses.counts))
        except DatabaseError:
            log.exception("uses of the old pattern by %s could not be stored", self.agent)

    def __deepcopy__(self, memo: Mapping[int, Any]) -> "Turn":
        """A copied state is of the same turn."""
        return self


def begin(context: UserExecutionContext, agent: str, think: Callable[[str], Awaitable[None]]) -> Turn:
    return Turn(
        context=context,
        agent=agent,
        think=think,
        uses=Uses(agent),
        trespasses=Trespasses(context.user_id, asyncio.get_running_loop()),
        task=asyncio.current_task(),
    )


def as_id(value: object) -> UUID | None:
    """What old code passes around as an id: a UUID or its text; None for what names nothing."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        return None
