"""Ask a user for consent to read their conversations; the user answers in their own chat."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from core.i18n.text import text
from operators import consents
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_conversation_target
from tools.base import DataKind, SideEffects, ToolInput


class AskConsentInput(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    thread_id: UUID | None = Field(default=None, description="one conversation; not given: all of them")
    why: str = Field(description="what the user is told as the reason", min_length=3, max_length=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskConsentResult:
    consent_id: UUID
    user: str
    thread_id: UUID | None
    state: str = "asked"


def find_target(wanted: AskConsentInput) -> OperatorTarget:
    return find_conversation_target(wanted.user, wanted.thread_id)


def list_required_words(wanted: AskConsentInput) -> tuple[str, ...]:
    return (wanted.user, *([str(wanted.thread_id)] if wanted.thread_id else []))


def run(wanted: AskConsentInput, reach: OperatorToolContext) -> AskConsentResult:
    whom = reach.required_target
    asked = consents.ask_consent(reach.context.user_id, whom.user_id, whom.thread_id, wanted.why)
    return AskConsentResult(consent_id=asked.id, user=whom.username, thread_id=whom.thread_id)


TOOL: OperatorTool[AskConsentInput] = OperatorTool(
    name="ask_consent",
    title=text("Ask for consent"),
    description="Asks a user whether you may read one conversation of theirs, or all, and says why.",
    input=AskConsentInput,
    run=run,
    permission="operating.ask_consent",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.USER_NAMES}),
    find_target=find_target,
    list_required_words=list_required_words,
)
