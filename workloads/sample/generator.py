"""Write the sample: a month of made-up LLM usage in Netra's own format, with waste whose amount is known.

The same seed, days and requests give the same file, byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from netra.core.exceptions import BadInput
from netra.language.text import text
from workloads.sample import healthy, waste
from workloads.sample.chance import Dice
from workloads.sample.scene import Planted, Played, Scene, Setting

SCENES: Mapping[str, tuple[int, Scene]] = MappingProxyType(
    {
        "ticket-triage": (20, waste.triage),
        "faq-answers": (15, waste.faq),
        "support-chat": (14, waste.support),
        "handbook-questions": (12, waste.handbook),
        "coding-assistant": (9, healthy.coding),
        "nightly-summaries": (10, waste.nightly),
        "invoice-extraction": (8, waste.invoices),
        "autocomplete": (5, healthy.autocomplete),
        "translation": (4, healthy.translation),
        "moderation": (3, healthy.moderation),
    }
)
"""Feature to its share of the requests in percent, and what plays it."""

FEWEST_DAYS, FEWEST_REQUESTS = 2, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was written: the number of requests, what they cost, and what was planted."""

    requests: int
    cost: Decimal
    planted: tuple[Planted, ...]

    def saving(self, lever: str) -> Decimal:
        """USD planted for one lever, over all features."""
        return sum((one.saving for one in self.planted if one.lever == lever), Decimal(0))

    def data(self) -> dict[str, Any]:
        """The same in a form that JSON can hold; money as decimal strings."""
        planted = [
            {"lever": one.lever, "feature": one.feature, "saving_usd": str(one.saving), **one.counts}
            for one in self.planted
        ]
        return {"synthetic": True, "requests": self.requests, "cost_usd": str(self.cost), "planted": planted}


def write_sample(out: Path, *, seed: int = 7, days: int = 30, requests: int = 20_000) -> Sample:
    """Write about `requests` requests over `days` days to `out` as JSON lines, in the order of their times.

    Raises BadInput for fewer days or requests than the planted waste needs to show.
    """
    if days < FEWEST_DAYS or requests < FEWEST_REQUESTS:
        raise BadInput(
            text(
                "A sample has at least {days} days and {requests:,} requests.",
                days=FEWEST_DAYS,
                requests=FEWEST_REQUESTS,
            )
        )
    played = [_play(name, seed=seed, days=days, requests=requests) for name in SCENES]
    calls = sorted((call for scene in played for call in scene.calls), key=lambda call: call.at)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for number, call in enumerate(calls, start=1):
            file.write(f"{call.line(number)}\n")
    return Sample(
        requests=len(calls),
        cost=sum((call.cost for call in calls), Decimal(0)),
        planted=tuple(planted for scene in played for planted in scene.planted),
    )


def _play(name: str, *, seed: int, days: int, requests: int) -> Played:
    share, scene = SCENES[name]
    setting = Setting(seed=seed, days=days, requests=max(1, requests * share // 100), dice=Dice(seed, name))
    return scene(setting)
