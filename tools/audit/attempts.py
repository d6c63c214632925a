"""One attempt at a tool, allowed or refused, and the digests that are stored instead of its content.

A digest proves to whoever has the content that it is the same. Its key is the subject's own and is deleted with the
user, so that nobody can try out afterwards what the content was."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

CallOutcome = Literal["ok", "failed", "timeout", "cancelled", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAttempt:
    """`user_id` is whose data it was about. `actor_id` is the operator who acted; None in the user's own run.

    `arguments` and `result` are JSON texts, of which digests are kept; a call that came to nothing has no result.
    `rule` and `rule_version` are what decided. `code` says why it was refused or failed; empty where it was neither.
    `cost` is in US dollars.
    """

    user_id: UUID
    actor_id: UUID | None
    run_id: UUID | None
    agent: str
    tool: str
    arguments: str
    result: str | None
    rule: str
    rule_version: int
    outcome: CallOutcome
    code: str
    duration_ms: float
    cost: Decimal
    at: datetime


UNKNOWN_TOOL = "unknown"
"""Stands for a name that no tool has: a model made it up, perhaps of the user's words."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """Who somebody is in the audit."""

    name: str
    key: bytes = field(repr=False)

    def digest_run(self, run_id: UUID) -> str:
        """What a run is called in the audit: nobody finds it by the run's id once the user is erased."""
        return self._digest("run", str(run_id))[:32]

    def digest_arguments(self, attempt: CallAttempt) -> str:
        """Of the tool's name too, which may be kept in no other way (`get_audited_tool`)."""
        return self._digest("arguments", attempt.tool, attempt.arguments)

    def digest_result(self, attempt: CallAttempt) -> str:
        return "" if attempt.result is None else self._digest("result", attempt.result)

    def _digest(self, *texts: str) -> str:
        told = "\0".join(texts).encode(errors="surrogatepass")
        return hmac.digest(self.key, told, "sha256").hex()


def get_audited_tool(attempt: CallAttempt) -> str:
    return UNKNOWN_TOOL if attempt.code == "unknown_tool" else attempt.tool
