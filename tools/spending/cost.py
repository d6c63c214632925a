"""What runs cost, for the user whose they are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum

from netra.core.scope import as_user
from tools.spending.dollars import written
from tools.spending.models import Kind, Spend

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCost:
    """So far. `known` is the sum of the steps whose price is known, in US dollars, and `unknown` how many have none."""

    known: Decimal = NOTHING
    unknown: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0

    def as_json(self) -> dict[str, Any]:
        """Without a price for every step there is no sum: then `usd` is null, and `known_usd` is the least it was."""
        return {
            "usd": None if self.unknown else written(self.known),
            "known_usd": written(self.known),
            "unknown": self.unknown,
            "model_tokens": {
                "input": self.input_tokens,
                "output": self.output_tokens,
                "cached": self.cached_tokens,
            },
        }


def costs_of(user_id: UUID, run_ids: Collection[UUID]) -> Mapping[UUID, RunCost]:
    """Of each of these runs that has spent something; one query for all."""
    by_model = Q(kind=Kind.MODEL)
    sums = {
        "known": Sum("cost"),
        "unknown": Count("id", filter=Q(cost=None)),
        "input_tokens": Sum("input_tokens", filter=by_model),
        "output_tokens": Sum("output_tokens", filter=by_model),
        "cached_tokens": Sum("cached_tokens", filter=by_model),
    }
    with as_user(user_id):
        rows = Spend.objects.for_user(user_id).filter(run_id__in=run_ids).values("run_id").annotate(**sums)
        return {row["run_id"]: _cost(row) for row in rows}


def _cost(row: Mapping[str, Any]) -> RunCost:
    return RunCost(
        known=row["known"] or NOTHING,
        unknown=row["unknown"],
        input_tokens=row["input_tokens"] or 0,
        output_tokens=row["output_tokens"] or 0,
        cached_tokens=row["cached_tokens"] or 0,
    )
