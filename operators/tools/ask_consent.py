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
    thread_id: UUID | None = Field(default=None, description="id of one conversation; omit for all of them")
    why: str = Field(description="the reason, which the user sees", min_length=3, max_length=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskConsentResult:
    consent_id: UUID
    user: str
    thread_id: UUID | None
    state: str = "asked"


def find_target(arguments: AskConsentInput) -> OperatorTarget:
    return find_conversation_target(arguments.user, arguments.thread_id)


def list_required_words(arguments: AskConsentInput) -> tuple[str, ...]:
    return (arguments.user, *([str(arguments.thread_id)] if arguments.thread_id else []))


def run(arguments: AskConsentInput, tool_context: OperatorToolContext) -> AskConsentResult:
    target = tool_context.required_target
    consent = consents.ask_consent(
        tool_context.context.user_id,
        target.user_id,
        target.thread_id,
        arguments.why,
        publish=tool_context.publish,
    )
    return AskConsentResult(consent_id=consent.id, user=target.username, thread_id=target.thread_id)


TOOL: OperatorTool[AskConsentInput] = OperatorTool(
    name="ask_consent",
    title=text("Request consent"),
    description="Asks a user for consent to read one of their conversations, or all of them, and gives a reason.",
    input=AskConsentInput,
    run=run,
    permission="operating.ask_consent",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.USER_NAMES}),
    find_target=find_target,
    list_required_words=list_required_words,
)
