"""One attempt at a tool, allowed or refused, and the digests that are stored instead of its content.

With the content, one can prove that a digest is of it. The key of digests is the subject's own and is deleted with
the user, so that nobody can guess the content afterwards."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

CallOutcome = Literal["ok", "failed", "timeout", "cancelled", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAttempt:
    """One attempt at a tool. `user_id` owns the data; `actor_id` is the operator who acted, None in the user's own run.

    `arguments` and `result` are JSON texts, of which only digests are stored; `result` is None without success. `rule`
    and `rule_version` decided. `code` says why the call was refused or failed. `cost` is in US dollars.
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
"""Replaces a name that no tool has: a model made it up, perhaps from the user's words."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A user's pseudonym in the audit, and the key of their digests."""

    name: str
    key: bytes = field(repr=False)

    def digest_run(self, run_id: UUID) -> str:
        """Return the run's name in the audit. Once the user is erased, nobody finds it by the run's id."""
        return self._digest("run", str(run_id))[:32]

    def digest_arguments(self, attempt: CallAttempt) -> str:
        """Includes the tool's name, which may be stored in no other way (`get_audited_tool`)."""
        return self._digest("arguments", attempt.tool, attempt.arguments)

    def digest_result(self, attempt: CallAttempt) -> str:
        return "" if attempt.result is None else self._digest("result", attempt.result)

    def _digest(self, *texts: str) -> str:
        message = "\0".join(texts).encode(errors="surrogatepass")
        return hmac.digest(self.key, message, "sha256").hex()


def get_audited_tool(attempt: CallAttempt) -> str:
    return UNKNOWN_TOOL if attempt.code == "unknown_tool" else attempt.tool
