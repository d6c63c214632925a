"""One attempt at a tool, as the user is told of it and the audit has it: begun once, ended once."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import JsonValue

from netra.core.context import UserExecutionContext
from netra.core.events import ToolCompleted, ToolExecuting, who
from netra.core.jsonable import capped
from netra.core.whole import Whole
from netra.language.languages import language_of
from tools.admission import Admitted
from tools.audit.attempt import Attempt, Outcome
from tools.receipt import Receipt
from tools.recorder import CallRecorder
from tools.spending.entry import Entry

ARGUMENT_BYTES = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended. `data`: all that it answered; `shown`: what is told of it; `code` and `error`: what was wrong."""

    outcome: Outcome
    data: JsonValue = None
    shown: JsonValue = None
    whole: Whole | None = None
    code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`arguments` are those that were asked for, as JSON data. `cost` is due once the call is made."""

    recorder: CallRecorder
    context: UserExecutionContext
    agent: str
    tool: str
    title: str
    cost: Decimal
    call_id: str
    arguments: JsonValue
    started: float = field(default_factory=time.monotonic)

    async def executing(self) -> None:
        shown, _ = capped(self.arguments, ARGUMENT_BYTES)
        event = ToolExecuting(
            **who(self.context, self.agent),
            call_id=self.call_id,
            tool=self.tool,
            title=language_of(self.context.locale).say(self.title),
            arguments=shown,
        )
        await self.recorder.emit(event)

    async def completed(self, ended: Ended, admitted: Admitted) -> None:
        duration = round((time.monotonic() - self.started) * 1000, 3)
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
        await self.recorder.settle(event, self._receipt(ended, admitted, duration))

    def _receipt(self, ended: Ended, admitted: Admitted, duration: float) -> Receipt:
        now, mine = datetime.now(UTC), self.context
        cost = Decimal(0) if ended.outcome == "refused" else self.cost
        attempt = Attempt(
            user_id=mine.user_id,
            actor_id=None,
            run_id=mine.run_id,
            agent=self.agent,
            tool=self.tool,
            arguments=_canonical(self.arguments),
            result=None if ended.data is None else _canonical(ended.data),
            rule=admitted.rule,
            rule_version=admitted.version,
            outcome=ended.outcome,
            code=ended.code or "",
            duration_ms=duration,
            cost=cost,
            at=now,
        )
        return Receipt(
            attempt=attempt,
            slot=admitted.slot,
            reservation=admitted.reservation,
            entries=self._entries(cost, now),
            whole=ended.whole,
        )

    def _entries(self, cost: Decimal, now: datetime) -> tuple[Entry, ...]:
        if not cost:
            return ()
        mine = self.context
        return (Entry(user_id=mine.user_id, run_id=mine.run_id, kind="tool", name=self.tool, cost=cost, at=now),)


def _canonical(data: JsonValue) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
