"""Canaries: secrets in every field that a user can fill in, the users that carry them, and their sample log."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

CANARY_PREFIX = "netracanary"
SECRET_BYTES = 12

CANARY_FIELDS = (
    "text",  # of a question, over the websocket
    "ask",  # of a question, over REST
    "title",  # of a conversation, as it was made
    "retitle",  # as it was renamed
    "log",  # a log's file name
    "relog",  # as it was renamed
    "column",  # a column's name, which the mapping names
    "feature",  # these three: values in a log
    "model",
    "session",
    "pending",  # the name of an upload that is never finished
    "fingerprint",  # of that upload
    "assumed",  # the model that a question says to assume
)
"""Every field that a user can fill over the product's own interfaces and that it tells that user again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One user's. Letters and digits only: no way of writing JSON, URLs or HTML changes it."""

    secret: str

    def for_field(self, field: str) -> str:
        """What goes into a field, so that a sighting tells which one leaked."""
        return f"{CANARY_PREFIX}{self.secret}-{field}"


def create_canary() -> Canary:
    return Canary(secret=secrets.token_hex(SECRET_BYTES))


USERNAME_PREFIX = "selftest-"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryUser:
    """A user made by this self-test, with a token and a secret of their own."""

    user_id: UUID
    name: str
    token: str = field(repr=False)
    canary: Canary


LOG_ROWS = 24


def build_log(canary: Canary) -> bytes:
    """CSV. Most rows name a model that has a price, so that there is a report to compute."""
    lines = [f"timestamp,model,input_tokens,output_tokens,session_id,{canary.for_field('column')}"]
    for row in range(LOG_ROWS):
        model = canary.for_field("model") if row % 6 == 1 else "gpt-4o"
        session, feature = canary.for_field("session"), canary.for_field("feature")
        lines.append(f"2026-01-01T00:{row:02}:00Z,{model},{1000 + row},{10 + row},{session},{feature}")
    return ("\n".join(lines) + "\n").encode()


def build_log_mapping(canary: Canary) -> dict[str, str]:
    return {"feature": canary.for_field("column"), "session": "session_id"}
