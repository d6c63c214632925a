"""One operator's call: audited for the user it is about, and published in the operator's run if there is one."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from asgiref.sync import sync_to_async
from pydantic import JsonValue

from core.context import ConnectionContext, UserExecutionContext
from core.events import Emitter, ToolCompleted, ToolExecuting, build_agent_fields
from core.i18n.language import match_language
from core.json_data import truncate_json
from operators.base import OperatorTarget
from tools.audit.attempts import CallAttempt
from tools.audit.record import commit_attempt
from tools.calls import CallCompletion

MAX_ARGUMENT_BYTES = 8_000


@dataclass(slots=True, kw_only=True)
class OperatorCall:
    """`target`, `rule` and `version` are filled in as they become known."""

    context: ConnectionContext
    recorder: Emitter | None
    agent: str
    tool: str
    title: str
    call_id: str
    arguments: JsonValue
    target: OperatorTarget | None = None
    rule: str = ""
    version: int = 0
    started_at: float = field(default_factory=time.monotonic)

    async def begin(self) -> None:
        if self.recorder is None or not isinstance(self.context, UserExecutionContext):
            return
        shown, _ = truncate_json(self.arguments, MAX_ARGUMENT_BYTES)
        mine, title = (
            build_agent_fields(self.context, self.agent),
            match_language(self.context.locale).translate(self.title),
        )
        await self.recorder.emit(
            ToolExecuting(**mine, call_id=self.call_id, tool=self.tool, title=title, arguments=shown)
        )

    async def end(self, ended: CallCompletion) -> None:
        """Audited first: what is told has been audited."""
        duration = round((time.monotonic() - self.started_at) * 1000, 3)
        await sync_to_async(commit_attempt)(self._build_attempt(ended, duration))
        if self.recorder is None or not isinstance(self.context, UserExecutionContext):
            return
        event = ToolCompleted(
            **build_agent_fields(self.context, self.agent),
            call_id=self.call_id,
            tool=self.tool,
            outcome=ended.outcome,
            code=ended.code,
            result=ended.user_view,
            truncated=ended.full_result is not None,
            error=None if ended.error is None else match_language(self.context.locale).translate(ended.error),
            duration_ms=duration,
        )
        await self.recorder.emit(event)

    def _build_attempt(self, ended: CallCompletion, duration: float) -> CallAttempt:
        return CallAttempt(
            user_id=self.target.user_id if self.target else self.context.user_id,
            actor_id=self.context.user_id,
            run_id=self._get_run_id(),
            agent=self.agent,
            tool=self.tool,
            arguments=_to_canonical_json(self.arguments),
            result=None if ended.data is None else _to_canonical_json(ended.data),
            rule=self.rule,
            rule_version=self.version,
            outcome=ended.outcome,
            code=ended.code or "",
            duration_ms=duration,
            cost=Decimal(0),
            at=datetime.now(UTC),
        )

    def _get_run_id(self) -> UUID | None:
        """A run of the user whose row it is: theirs that it is about, or the operator's own that it was made in."""
        if self.target is not None:
            return self.target.run_id
        return self.context.run_id if isinstance(self.context, UserExecutionContext) else None


def _to_canonical_json(data: JsonValue) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
