"""Chance that falls the same everywhere: only `Random.random`, whose sequence Python promises, and plain arithmetic."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random

DAY_MS = 86_400_000
HOURS = (2, 1, 1, 1, 1, 2, 4, 9, 16, 22, 24, 23, 18, 20, 24, 23, 21, 16, 11, 8, 7, 6, 5, 3)
"""How busy each hour of a UTC day is: an office day with a dip at noon."""

WEEKDAYS = (20, 22, 21, 21, 18, 6, 5)
"""How busy each day from Monday to Sunday is."""


class Dice:
    """A seeded source of numbers, names and moments; each scene has its own, so that they do not shift one another."""

    def __init__(self, seed: int, scene: str) -> None:
        self._random = Random(f"{seed} {scene}")  # noqa: S311 - a sample, not a secret

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def happens(self, percent: int) -> bool:
        return self._random.random() * 100 < percent

    def place(self, weights: Sequence[int]) -> int:
        """An index, as likely as its weight."""
        sums = list(accumulate(weights))
        return bisect(sums, self._random.random() * sums[-1])

    def user(self, users: int) -> str:
        """One of `users`, the first ones more often."""
        return f"user-{min(self.between(1, users), self.between(1, users)):03d}"

    def moments(self, count: int, days: int) -> list[int]:
        """`count` moments in ms since the start, in order, busy as an office is."""
        week = [WEEKDAYS[day % 7] for day in range(days)]
        return sorted(self._moment(week) for _ in range(count))

    def nights(self, count: int, days: int) -> list[int]:
        """`count` moments in order, the same number each night, within 75 minutes from 02:05."""
        start, length = 125 * 60_000, 75 * 60_000
        return sorted(index % days * DAY_MS + start + self.between(0, length) for index in range(count))

    def _moment(self, week: Sequence[int]) -> int:
        return self.place(week) * DAY_MS + self.place(HOURS) * 3_600_000 + self.between(0, 3_599_999)
