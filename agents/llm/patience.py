"""Wait for a language model only so long: for each piece of its answers, and for all of them together."""

import asyncio
from types import TracebackType
from typing import Self

from agents.llm.turns import TurnLimits
from core.exceptions import ModelUnavailable
from core.i18n.text import text

ANSWER_REQUESTS, ANSWER_CALLS = 5, 8
PATIENCES_OF_ANSWER = 3
"""A question takes two requests to a model: for the plan and for the words. The others are for mistaken calls."""


def build_answer_limits(silence_seconds: float) -> TurnLimits:
    """Return the limits of a model that answers a question, which is otherwise answered without it."""
    return TurnLimits(
        requests=ANSWER_REQUESTS,
        calls=ANSWER_CALLS,
        silence_seconds=silence_seconds,
        seconds=PATIENCES_OF_ANSWER * silence_seconds,
    )


class Patience:
    """Use it with `async with` around a turn, and call `notice` at each event of it. Raises ModelUnavailable when the
    model is silent for too long or takes too long in all; time in which a tool runs does not count."""

    def __init__(self, limits: TurnLimits) -> None:
        self._silence = limits.silence_seconds
        self._left = limits.seconds
        self._timeout = asyncio.timeout(None)
        self._waiting_since: float | None = None

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as timeout:
            if not self._timeout.expired():
                raise
            raise ModelUnavailable(text("The language model didn't respond in time. Try again later.")) from timeout

    def notice(self, *, is_tool_running: bool) -> None:
        """Start to wait anew: an event has come. Until the next one, no time counts while a tool runs."""
        if self._timeout.expired():
            return
        now = asyncio.get_running_loop().time()
        if self._left is not None and self._waiting_since is not None:
            self._left -= now - self._waiting_since
        if is_tool_running:
            self._waiting_since = None
            self._timeout.reschedule(None)
        else:
            self._wait()

    def _wait(self) -> None:
        self._waiting_since = asyncio.get_running_loop().time()
        limits = [limit for limit in (self._silence, self._left) if limit is not None]
        self._timeout.reschedule(self._waiting_since + min(limits) if limits else None)
