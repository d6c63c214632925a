"""How much of something one may use: a bucket that fills with time and empties by use."""

import time
from collections.abc import Callable, Hashable

MOST_KEPT = 10_000


class Allowance:
    __slots__ = ("_at", "_at_once", "_clock", "_left", "_per_second")

    def __init__(self, per_second: float, at_once: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._clock = clock
        self._left = float(at_once)
        self._at = clock()

    def take(self) -> bool:
        """Whether one more is within the allowance."""
        self._fill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def give_back(self) -> None:
        """One use is undone, or was earned."""
        self._left = min(self._at_once, self._left + 1)

    @property
    def is_full(self) -> bool:
        self._fill()
        return self._left >= self._at_once

    def _fill(self) -> None:
        now = self._clock()
        self._left = min(self._at_once, self._left + (now - self._at) * self._per_second)
        self._at = now


class Allowances:
    """One allowance per key. Only those that are in use are kept, so keys that come once cost no memory for long."""

    def __init__(self, per_second: float, at_once: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._clock = clock
        self._kept: dict[Hashable, Allowance] = {}

    def of(self, key: Hashable) -> Allowance:
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._drop_unused()
            found = self._kept[key] = Allowance(self._per_second, self._at_once, self._clock)
        return found

    def _drop_unused(self) -> None:
        self._kept = {key: each for key, each in self._kept.items() if not each.is_full}
        # All are in use: the older half begins anew, which gives it one more allowance at most.
        for key in list(self._kept)[: max(0, len(self._kept) - MOST_KEPT // 2)]:
            del self._kept[key]
