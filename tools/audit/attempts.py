"""What rows hold instead of content: it proves to who has the content that it is the same, and tells others nothing.

The key is the subject's own and goes with the user, so that nobody can try out afterwards what the content was.
"""

import hmac
from dataclasses import dataclass, field
from uuid import UUID

from tools.audit.attempt import Attempt

UNKNOWN = "unknown"
"""Stands for a name that no tool has: a model made it up, perhaps of the user's words."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who somebody is in the audit."""

    name: str
    key: bytes = field(repr=False)

    def run(self, run_id: UUID) -> str:
        """What a run is called in the audit: nobody finds it by the run's id once the user is erased."""
        return self._digest("run", str(run_id))[:32]

    def arguments(self, attempt: Attempt) -> str:
        """Of the tool's name too, which may be kept in no other way (`tool_named`)."""
        return self._digest("arguments", attempt.tool, attempt.arguments)

    def result(self, attempt: Attempt) -> str:
        return "" if attempt.result is None else self._digest("result", attempt.result)

    def _digest(self, *texts: str) -> str:
        told = "\0".join(texts).encode(errors="surrogatepass")
        return hmac.digest(self.key, told, "sha256").hex()


def tool_named(attempt: Attempt) -> str:
    return UNKNOWN if attempt.code == "unknown_tool" else attempt.tool
