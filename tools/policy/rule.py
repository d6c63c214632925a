"""A policy as it is judged: plain values, read from its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tools.base import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`tool` and `category` are empty where it is for all; group, plan and user None where it is to everyone.

    `limits` is the JSON of tools/policy/limits.py, as stored. It holds from `valid_from` on, before `valid_until`.
    """

    id: int
    version: int
    effect: Effect
    tool: str = ""
    category: str = ""
    group_id: int | None = None
    plan_id: int | None = None
    user_id: UUID | None = None
    limits: Mapping[str, Any] | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    priority: int = 0
    enabled: bool = True
    reason: str = ""

    @property
    def name(self) -> str:
        return f"policy {self.id}"

    @property
    def names_somebody(self) -> bool:
        """Whether it is to one user or one group, as against a plan or everyone."""
        return self.user_id is not None or self.group_id is not None
