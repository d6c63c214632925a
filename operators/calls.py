"""One attempt of an operator's: audited for the user concerned, and told in the operator's own run if there is one."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from asgiref.sync import sync_to_async
from pydantic import JsonValue

from netra.core.context import ConnectionContext, UserExecutionContext
from netra.core.emitter import Emitter
from netra.core.events import ToolCompleted, ToolExecuting, who
from netra.core.jsonable import capped
from netra.language.languages import language_of
from netra.operating.base import Concern
from tools.audit.attempt import Attempt
from tools.audit.trail import append_now
from tools.call import Ended

ARGUMENT_BYTES = 8_000


@dataclass(slots=True, kw_only=True)
class OperatorCall:
    """`concern`, `rule` and `version` are filled in as they become known."""

    context: ConnectionContext
    recorder: Emitter | None
    agent: str
    tool: str
    title: str
    call_id: str
    arguments: JsonValue
    concern: Concern | None = None
    rule: str = ""
    version: int = 0
    started: float = field(default_factory=time.monotonic)

    async def executing(self) -> None:
        if self.recorder is None or not isinstance(self.context, UserExecutionContext):
            return
        shown, _ = capped(self.arguments, ARGUMENT_BYTES)
        mine, title = who(self.context, self.agent), language_of(self.context.locale).say(self.title)
        await self.recorder.emit(
            ToolExecuting(**mine, call_id=self.call_id, tool=self.tool, title=title, arguments=shown)
        )

    async def completed(self, ended: Ended) -> None:
        """Audited first: what is told has been audited."""
        duration = round((time.monotonic() - self.started) * 1000, 3)
        await sync_to_async(append_now)(self._attempt(ended, duration))
        if self.recorder is None or not isinstance(self.context, UserExecutionContext):
            return
        event = ToolCompleted(
            **who(self.context, self.agent),
            call_id=self.call_id,
            tool=self.tool,
            outcome=ended.outcome,
            code=ended.code,
            result=ended.shown,
            truncated=ended.whole is not None,
            error=None if ended.error is None else language_of(self.context.locale).say(ended.error),
            duration_ms=duration,
        )
        await self.recorder.emit(event)

    def _attempt(self, ended: Ended, duration: float) -> Attempt:
        return Attempt(
            user_id=self.concern.user_id if self.concern else self.context.user_id,
            actor_id=self.context.user_id,
            run_id=self._run(),
            agent=self.agent,
            tool=self.tool,
            arguments=_canonical(self.arguments),
            result=None if ended.data is None else _canonical(ended.data),
            rule=self.rule,
            rule_version=self.version,
            outcome=ended.outcome,
            code=ended.code or "",
            duration_ms=duration,
            cost=Decimal(0),
            at=datetime.now(UTC),
        )

    def _run(self) -> UUID | None:
        """A run of the user whose row it is: theirs that it is about, or the operator's own that it was made in."""
        if self.concern is not None:
            return self.concern.run_id
        return self.context.run_id if isinstance(self.context, UserExecutionContext) else None


def _canonical(data: JsonValue) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
