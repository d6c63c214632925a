"""What the users of a self-test fill in: secrets that are known again wherever they come out."""

import secrets
from dataclasses import dataclass

MARK = "netracanary"
SECRET_BYTES = 12

FIELDS = (
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

    def of(self, field: str) -> str:
        """What goes into a field, so that a sighting tells which one leaked."""
        return f"{MARK}{self.secret}-{field}"


def fresh_canary() -> Canary:
    return Canary(secret=secrets.token_hex(SECRET_BYTES))
