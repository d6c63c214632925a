"""Canaries: secrets in every field that a user can fill in, the users that carry them, and their sample log."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

CANARY_PREFIX = "netracanary"
SECRET_BYTES = 12
USERNAME_PREFIX = "selftest-"
LOG_ROWS = 24

CANARY_FIELDS = (
    "text",  # of a question, over the websocket
    "ask",  # of a question, over REST
    "title",  # a conversation's first title
    "retitle",  # its title after renaming
    "log",  # a log's file name
    "relog",  # its name after renaming
    "column",  # the name of a column in the log and in its mapping
    "feature",  # this and the next two: values in the log
    "model",
    "session",
    "pending",  # the name of an upload that is never finished
    "fingerprint",  # of that upload
    "assumed",  # the model that a question assumes
)
"""The fields that a user can fill in through the public interfaces, and that the server sends back to that user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One user's secret. It has letters and digits only, so that JSON, URLs and HTML all write it alike."""

    secret: str

    def for_field(self, field: str) -> str:
        """Return the text for a field. It contains the field's name, so that a leak shows which field leaked."""
        return f"{CANARY_PREFIX}{self.secret}-{field}"


def create_canary() -> Canary:
    return Canary(secret=secrets.token_hex(SECRET_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryUser:
    """A user created for the test, with a token and a canary of their own."""

    user_id: UUID
    name: str
    token: str = field(repr=False)
    canary: Canary


def build_log(canary: Canary) -> bytes:
    """Return a log as CSV. Most rows name a model with a known price, so that a report can be computed."""
    lines = [f"timestamp,model,input_tokens,output_tokens,session_id,{canary.for_field('column')}"]
    for row in range(LOG_ROWS):
        model = canary.for_field("model") if row % 6 == 1 else "gpt-4o"
        session, feature = canary.for_field("session"), canary.for_field("feature")
        lines.append(f"2026-01-01T00:{row:02}:00Z,{model},{1000 + row},{10 + row},{session},{feature}")
    return ("\n".join(lines) + "\n").encode()


def build_log_mapping(canary: Canary) -> dict[str, str]:
    return {"feature": canary.for_field("column"), "session": "session_id"}
