"""One operator's call: audited for the user it is about, and published in the operator's run if there is one."""

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
from tools.calls import MAX_ARGUMENT_BYTES, CallCompletion, to_canonical_json


@dataclass(slots=True, kw_only=True)
class OperatorCall:
    """One call. `target`, `rule` and `version` are set when they are known."""

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
        arguments, _ = truncate_json(self.arguments, MAX_ARGUMENT_BYTES)
        agent_fields = build_agent_fields(self.context, self.agent)
        title = match_language(self.context.locale).translate(self.title)
        await self.recorder.emit(
            ToolExecuting(**agent_fields, call_id=self.call_id, tool=self.tool, title=title, arguments=arguments)
        )

    async def end(self, completion: CallCompletion) -> None:
        """Audit the call and publish its end, in this order: whatever is published has been audited."""
        duration = round((time.monotonic() - self.started_at) * 1000, 3)
        await sync_to_async(commit_attempt)(self._build_attempt(completion, duration))
        if self.recorder is None or not isinstance(self.context, UserExecutionContext):
            return
        event = ToolCompleted(
            **build_agent_fields(self.context, self.agent),
            call_id=self.call_id,
            tool=self.tool,
            outcome=completion.outcome,
            code=completion.code,
            result=completion.user_view,
            truncated=completion.full_result is not None,
            error=None if completion.error is None else match_language(self.context.locale).translate(completion.error),
            duration_ms=duration,
        )
        await self.recorder.emit(event)

    def _build_attempt(self, completion: CallCompletion, duration: float) -> CallAttempt:
        return CallAttempt(
            user_id=self.target.user_id if self.target else self.context.user_id,
            actor_id=self.context.user_id,
            run_id=self._get_run_id(),
            agent=self.agent,
            tool=self.tool,
            arguments=to_canonical_json(self.arguments),
            result=None if completion.data is None else to_canonical_json(completion.data),
            rule=self.rule,
            rule_version=self.version,
            outcome=completion.outcome,
            code=completion.code or "",
            duration_ms=duration,
            cost=Decimal(0),
            at=datetime.now(UTC),
        )

    def _get_run_id(self) -> UUID | None:
        """Return the run for the audit row: the target's run if there is a target, otherwise the operator's own."""
        if self.target is not None:
            return self.target.run_id
        return self.context.run_id if isinstance(self.context, UserExecutionContext) else None
