"""Asking a user whether the operator may read what they said; the user answers in their own chat."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from netra.language.text import text
from netra.operating import consents
from netra.operating.base import Concern, OperatorTool, Reach
from netra.operating.whom import conversation_of
from tools.base import SideEffects, ToolInput
from tools.kinds import Kind


class Wanted(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    thread_id: UUID | None = Field(default=None, description="one conversation; not given: all of them")
    why: str = Field(description="what the user is told as the reason", min_length=3, max_length=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    consent_id: UUID
    user: str
    thread_id: UUID | None
    state: str = "asked"


def concern(wanted: Wanted) -> Concern:
    return conversation_of(wanted.user, wanted.thread_id)


def named(wanted: Wanted) -> tuple[str, ...]:
    return (wanted.user, *([str(wanted.thread_id)] if wanted.thread_id else []))


def run(wanted: Wanted, reach: Reach) -> Asked:
    whom = reach.about
    asked = consents.ask(reach.context.user_id, whom.user_id, whom.thread_id, wanted.why)
    return Asked(consent_id=asked.id, user=whom.username, thread_id=whom.thread_id)


TOOL: OperatorTool[Wanted] = OperatorTool(
    name="ask_consent",
    title=text("Ask for consent"),
    description="Asks a user whether you may read one conversation of theirs, or all, and says why.",
    input=Wanted,
    run=run,
    permission="operating.ask_consent",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS, Kind.USER_NAMES}),
    concerns=concern,
    named=named,
)
