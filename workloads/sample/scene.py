"""The building blocks of the sample: scenes, their settings and results, and a portable source of random numbers.

Only `Random.random`, whose sequence Python guarantees, and plain arithmetic are used, so that a seed gives the same
numbers everywhere."""

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate
from random import Random
from types import MappingProxyType

from workloads.sample.requests import MODELS, Prompt, SampleRequest

DAY_MS = 86_400_000
HOUR_WEIGHTS = (2, 1, 1, 1, 1, 2, 4, 9, 16, 22, 24, 23, 18, 20, 24, 23, 21, 16, 11, 8, 7, 6, 5, 3)
"""The load of each hour of a UTC day: an office day with a dip at noon."""

WEEKDAY_WEIGHTS = (20, 22, 21, 21, 18, 6, 5)
"""The load of each day from Monday to Sunday."""


class SeededRandom:
    """A seeded source of numbers, names and times. Each scene has its own, so that scenes do not affect one another."""

    def __init__(self, seed: int, scene: str) -> None:
        self._random = Random(f"{seed} {scene}")  # noqa: S311 - a sample, not a secret

    def draw_integer(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def draw_event(self, percent: int) -> bool:
        return self._random.random() * 100 < percent

    def draw_index(self, weights: Sequence[int]) -> int:
        """Return an index, with a probability proportional to its weight."""
        sums = list(accumulate(weights))
        return bisect(sums, self._random.random() * sums[-1])

    def draw_user(self, users: int) -> str:
        """Return the name of one of `users` users, the first ones more often."""
        return f"user-{min(self.draw_integer(1, users), self.draw_integer(1, users)):03d}"

    def draw_moments(self, count: int, days: int) -> list[int]:
        """Return `count` times in ms since the start, in order, distributed like office hours."""
        week = [WEEKDAY_WEIGHTS[day % 7] for day in range(days)]
        return sorted(self._draw_moment(week) for _ in range(count))

    def draw_night_moments(self, count: int, days: int) -> list[int]:
        """Return `count` times in order, the same number each night, within 75 minutes from 02:05."""
        start, length = 125 * 60_000, 75 * 60_000
        return sorted(index % days * DAY_MS + start + self.draw_integer(0, length) for index in range(count))

    def _draw_moment(self, week: Sequence[int]) -> int:
        return (
            self.draw_index(week) * DAY_MS + self.draw_index(HOUR_WEIGHTS) * 3_600_000 + self.draw_integer(0, 3_599_999)
        )


NO_COUNTS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedWaste:
    """Waste of a known amount: the lever that should find it, and its exact cost in USD at the sample's prices.

    `counts` are its requests and tokens.
    """

    lever: str
    feature: str
    saving: Decimal
    counts: Mapping[str, int] = field(default_factory=lambda: NO_COUNTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSettings:
    """The settings of a scene. `requests`: about how many it should generate."""

    seed: int
    days: int
    requests: int
    random: SeededRandom


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneResult:
    calls: tuple[SampleRequest, ...]
    planted_waste: tuple[PlantedWaste, ...] = ()


Scene = Callable[[SceneSettings], SceneResult]


def build_request(
    random: SeededRandom,
    prompt: Prompt,
    *,
    at: int,
    feature: str,
    model: str,
    output: int,
    user: str | None,
    streamed: bool,
    read: int = 0,
    write: int = 0,
    temperature: float = 0.7,
    tools: bool = False,
    session: str | None = None,
) -> SampleRequest:
    """Return a successful request, as slow as its model and tokens make it, give or take a third."""
    speed = MODELS[model]
    first = (speed.first_token_ms + (prompt.tokens - read) // 40) * random.draw_integer(70, 140) // 100
    whole = first + output * speed.token_ms * random.draw_integer(80, 130) // 100
    return SampleRequest(
        at=at,
        feature=feature,
        user=user,
        model=model,
        input=prompt.tokens,
        output=output,
        prompt=prompt.hash,
        blocks=prompt.blocks,
        read=read,
        write=write,
        latency=whole,
        first_token=first if streamed else None,
        temperature=temperature,
        tools=tools,
        session=session,
    )
