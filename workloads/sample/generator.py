"""Write the sample: a month of synthetic LLM usage in Netra's own format, with waste whose amount is known.

The same seed, days and requests give the same file, byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.sample import efficient_scenes, wasteful_scenes
from workloads.sample.scene import PlantedWaste, Scene, SceneResult, SceneSettings, SeededRandom

SCENES: Mapping[str, tuple[int, Scene]] = MappingProxyType(
    {
        "ticket-triage": (20, wasteful_scenes.generate_triage),
        "faq-answers": (15, wasteful_scenes.generate_faq),
        "support-chat": (14, wasteful_scenes.generate_support),
        "handbook-questions": (12, wasteful_scenes.generate_handbook),
        "coding-assistant": (9, efficient_scenes.generate_coding),
        "nightly-summaries": (10, wasteful_scenes.generate_nightly),
        "invoice-extraction": (8, wasteful_scenes.generate_invoices),
        "autocomplete": (5, efficient_scenes.generate_autocomplete),
        "translation": (4, efficient_scenes.generate_translation),
        "moderation": (3, efficient_scenes.generate_moderation),
    }
)
"""Features, their shares of the requests in percent, and the functions that generate them."""

MIN_DAYS, MIN_REQUESTS = 2, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample that was written: its number of requests, their cost and the planted waste."""

    requests: int
    cost: Decimal
    planted_waste: tuple[PlantedWaste, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the sample as JSON data, with money as decimal strings."""
        entries = [
            {"lever": planted.lever, "feature": planted.feature, "saving_usd": str(planted.saving), **planted.counts}
            for planted in self.planted_waste
        ]
        return {"synthetic": True, "requests": self.requests, "cost_usd": str(self.cost), "planted": entries}


def write_sample(out: Path, *, seed: int = 7, days: int = 30, requests: int = 20_000) -> Sample:
    """Write about `requests` requests over `days` days to `out` as JSON lines, in the order of their times.

    Raises BadInput for fewer days or requests than the planted waste needs to show.
    """
    if days < MIN_DAYS or requests < MIN_REQUESTS:
        raise BadInput(
            text(
                "A sample needs at least {days} days and {requests:,} requests.",
                days=MIN_DAYS,
                requests=MIN_REQUESTS,
            )
        )
    results = [_generate_scene(name, seed=seed, days=days, requests=requests) for name in SCENES]
    calls = sorted((call for result in results for call in result.calls), key=lambda call: call.at)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for number, call in enumerate(calls, start=1):
            file.write(f"{call.to_line(number)}\n")
    return Sample(
        requests=len(calls),
        cost=sum((call.cost for call in calls), Decimal(0)),
        planted_waste=tuple(planted for result in results for planted in result.planted_waste),
    )


def _generate_scene(name: str, *, seed: int, days: int, requests: int) -> SceneResult:
    share, scene = SCENES[name]
    settings = SceneSettings(
        seed=seed, days=days, requests=max(1, requests * share // 100), random=SeededRandom(seed, name)
    )
    return scene(settings)
