"""Who takes part in a self-test."""

from dataclasses import dataclass, field
from uuid import UUID

from netra.selftest.canaries import Canary

PREFIX = "selftest-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user made by this self-test, with a token and a secret of their own."""

    user_id: UUID
    name: str
    token: str = field(repr=False)
    canary: Canary
