"""One conversation as its user sees it, for the operator who has that user's consent at this moment."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import Field

from agents import reading
from netra.core.heads import lock_head
from netra.core.retries import retry_on_conflict
from netra.core.scope import as_user
from netra.language.text import text
from netra.operating.base import Concern, OperatorTool, Reach
from netra.operating.consents import holding, tell
from netra.operating.models import ConsentUse
from netra.operating.whom import conversation_of
from tools.base import SideEffects, ToolInput
from tools.kinds import Kind


class Wanted(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    thread_id: UUID
    before: str = Field(default="", description="`earlier` of the page read before; empty: the last", max_length=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`messages`, a page of them, oldest first: what was asked, what was answered, its run's events as JSON data."""

    user: str
    thread_id: UUID
    title: str
    until: datetime | None
    messages: tuple[dict[str, Any], ...]
    earlier: str | None


def concern(wanted: Wanted) -> Concern:
    return conversation_of(wanted.user, wanted.thread_id)


@retry_on_conflict
def run(wanted: Wanted, reach: Reach) -> Words:
    """The consent is looked at once more, held until the words are read, and its use is stored with them."""
    whom = reach.about
    with as_user(whom.user_id), transaction.atomic():
        lock_head(whom.user_id)
        consent = holding(reach.context.user_id, whom.user_id, wanted.thread_id, lock=True)
        found = reading.conversation(whom.user_id, wanted.thread_id, before=wanted.before)
        ConsentUse.objects.create(
            owner_id=whom.user_id, consent=consent, thread_id=wanted.thread_id, at=datetime.now(UTC)
        )
        tell(consent, "used")
    return Words(
        user=whom.username,
        thread_id=wanted.thread_id,
        title=found.thread.title,
        until=consent.expires_at,
        messages=tuple(_message(found, each) for each in found.messages),
        earlier=found.earlier,
    )


def _message(found: reading.Conversation, message: Any) -> dict[str, Any]:
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


TOOL: OperatorTool[Wanted] = OperatorTool(
    name="read_conversation",
    title=text("Read a conversation"),
    description="Reads one conversation of a user who has agreed to it.",
    input=Wanted,
    run=run,
    permission="operating.read_conversation",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    holds=frozenset({Kind.WORDS, Kind.PROMPTS, Kind.USER_NAMES}),
    concerns=concern,
    words=True,
)
