"""Read one conversation, as its user sees it, under that user's current consent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import Field

from agents import queries
from agents.feedback import load_feedback
from agents.models import Feedback
from core.db import as_user, retry_on_conflict
from core.i18n.text import text
from core.stream.append import lock_head
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_conversation_target
from operators.consents import append_consent_event, require_consent
from operators.models import ConsentUse
from tools.base import DataKind, SideEffects, ToolInput


class ReadConversationInput(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    thread_id: UUID
    before: str = Field(
        default="", description="`earlier` of the previous page; empty for the last page", max_length=100
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPage:
    """A page of messages, oldest first, each with its answer, feedback and the events of its run as JSON data."""

    user: str
    thread_id: UUID
    title: str
    until: datetime | None
    messages: tuple[dict[str, Any], ...]
    earlier: str | None


def find_target(arguments: ReadConversationInput) -> OperatorTarget:
    return find_conversation_target(arguments.user, arguments.thread_id)


@retry_on_conflict
def run(arguments: ReadConversationInput, tool_context: OperatorToolContext) -> ConversationPage:
    """Read under a lock on the consent, so that it cannot be withdrawn meanwhile, and store its use."""
    target = tool_context.required_target
    with as_user(target.user_id), transaction.atomic():
        lock_head(target.user_id)
        consent = require_consent(tool_context.context.user_id, target.user_id, arguments.thread_id, lock=True)
        history = queries.get_thread_history(target.user_id, arguments.thread_id, before=arguments.before)
        feedback = load_feedback(target.user_id, [each.id for each in history.runs.values()])
        ConsentUse.objects.create(
            owner_id=target.user_id, consent=consent, thread_id=arguments.thread_id, at=datetime.now(UTC)
        )
        append_consent_event(consent, "used", publish=tool_context.publish)
    return ConversationPage(
        user=target.username,
        thread_id=arguments.thread_id,
        title=history.thread.title,
        until=consent.expires_at,
        messages=tuple(_render_message(history, feedback, each) for each in history.messages),
        earlier=history.earlier,
    )


def _render_message(
    history: queries.ThreadHistory, feedback: Mapping[UUID, list[Feedback]], message: Any
) -> dict[str, Any]:
    run_row = history.runs.get(message.id)
    events = [] if run_row is None else [each.payload for each in history.events if each.run_id == run_row.id]
    ending = {} if run_row is None else run_row.ending or {}
    opinions = [] if run_row is None else feedback.get(run_row.id, [])
    return {
        "at": message.created_at,
        "text": message.text,
        "state": None if run_row is None else run_row.state,
        "answer": ending.get("answer") or ending.get("message"),
        "feedback": [{"lever": each.lever, "helpful": each.helpful, "reason": each.reason} for each in opinions],
        "events": events,
    }


TOOL: OperatorTool[ReadConversationInput] = OperatorTool(
    name="read_conversation",
    title=text("Read a conversation"),
    description="Reads one conversation of a user who has consented to it.",
    input=ReadConversationInput,
    run=run,
    permission="operating.read_conversation",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.SENTENCES, DataKind.PROMPTS, DataKind.USER_NAMES}),
    find_target=find_target,
    requires_consent=True,
)
