"""One attempt at a tool, as the user is told of it: begun once, ended once."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import JsonValue

from netra.core.emitter import Emitter
from netra.core.events import ToolCompleted, ToolExecuting, Who
from netra.core.jsonable import capped, jsonable
from netra.core.whole import Whole

Outcome = Literal["ok", "refused", "failed", "timeout", "cancelled"]
ARGUMENT_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt, as the user is told of it."""

    emitter: Emitter
    who: Who
    tool: str
    title: str
    call_id: str
    started: float = field(default_factory=time.monotonic)

    async def executing(self, arguments: Mapping[str, Any]) -> None:
        shown, _ = capped(jsonable(arguments), ARGUMENT_BYTES)
        event = ToolExecuting(**self.who, call_id=self.call_id, tool=self.tool, title=self.title, arguments=shown)
        await self.emitter.emit(event)

    async def completed(
        self, outcome: Outcome, *, result: JsonValue = None, whole: Whole | None = None, error: str | None = None
    ) -> None:
        """`whole` is what `result` is a preview of, if it is one."""
        event = ToolCompleted(
            **self.who,
            call_id=self.call_id,
            tool=self.tool,
            outcome=outcome,
            result=result,
            truncated=whole is not None,
            error=error,
            duration_ms=round((time.monotonic() - self.started) * 1000, 3),
        )
        await self.emitter.emit(event, whole)
