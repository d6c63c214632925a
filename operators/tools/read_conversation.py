"""Read one conversation, as its user sees it, under that user's current consent."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import Field

from agents import queries
from core.db import as_user, retry_on_conflict
from core.i18n.text import text
from core.stream.sequence import lock_head
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_conversation_target
from operators.consents import append_consent_event, require_consent
from operators.models import ConsentUse
from tools.base import DataKind, SideEffects, ToolInput


class ReadConversationInput(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    thread_id: UUID
    before: str = Field(default="", description="`earlier` of the page read before; empty: the last", max_length=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPage:
    """`messages`, a page of them, oldest first: what was asked, what was answered, its run's events as JSON data."""

    user: str
    thread_id: UUID
    title: str
    until: datetime | None
    messages: tuple[dict[str, Any], ...]
    earlier: str | None


def find_target(wanted: ReadConversationInput) -> OperatorTarget:
    return find_conversation_target(wanted.user, wanted.thread_id)


@retry_on_conflict
def run(wanted: ReadConversationInput, reach: OperatorToolContext) -> ConversationPage:
    """The consent is looked at once more, held until the words are read, and its use is stored with them."""
    whom = reach.required_target
    with as_user(whom.user_id), transaction.atomic():
        lock_head(whom.user_id)
        consent = require_consent(reach.context.user_id, whom.user_id, wanted.thread_id, lock=True)
        found = queries.get_thread_history(whom.user_id, wanted.thread_id, before=wanted.before)
        ConsentUse.objects.create(
            owner_id=whom.user_id, consent=consent, thread_id=wanted.thread_id, at=datetime.now(UTC)
        )
        append_consent_event(consent, "used")
    return ConversationPage(
        user=whom.username,
        thread_id=wanted.thread_id,
        title=found.thread.title,
        until=consent.expires_at,
        messages=tuple(_render_message(found, each) for each in found.messages),
        earlier=found.earlier,
    )


def _render_message(found: queries.ThreadHistory, message: Any) -> dict[str, Any]:
    answered = found.runs.get(message.id)
    told = [] if answered is None else [each.payload for each in found.events if each.run_id == answered.id]
    ending = {} if answered is None else answered.ending or {}
    return {
        "at": message.created_at,
        "text": message.text,
        "state": None if answered is None else answered.state,
        "answer": ending.get("answer") or ending.get("message"),
        "events": told,
    }


TOOL: OperatorTool[ReadConversationInput] = OperatorTool(
    name="read_conversation",
    title=text("Read a conversation"),
    description="Reads one conversation of a user who has agreed to it.",
    input=ReadConversationInput,
    run=run,
    permission="operating.read_conversation",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.SENTENCES, DataKind.PROMPTS, DataKind.USER_NAMES}),
    find_target=find_target,
    requires_consent=True,
)
