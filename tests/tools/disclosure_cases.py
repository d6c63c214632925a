"""Data as a remote model gets it, for tests of private values in it."""

import asyncio
from collections.abc import Callable
from typing import Any

from tools.base import DataKind
from tools.disclosure import Disclosure

FIGURES = frozenset({DataKind.FIGURES})


def taken_out(data: Any, find: Callable[[frozenset[str]], frozenset[str]]) -> Any:
    """What a model is told of the data; what is private is found outside of the loop."""
    asked: list[frozenset[str]] = []

    async def note(words: frozenset[str]) -> frozenset[str]:
        asked.append(words)
        return frozenset()

    async def private(words: frozenset[str]) -> frozenset[str]:
        return found

    asyncio.run(Disclosure(note).redact_result(data, FIGURES, 10_000))
    found = find(asked[0])
    return asyncio.run(Disclosure(private).redact_result(data, FIGURES, 10_000))
