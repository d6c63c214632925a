"""What agents compose of tools' results, kept with them: equal results are composed, translated and formatted once."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from agents.run_rows import StepRecord
from core.i18n.text import to_json
from core.json_data import serialize_storable, to_jsonable
from workloads.analysis.session import AnalysisSession

T = TypeVar("T")
DEFAULT_SIZE = 1_000


def assume_default_size(value: object) -> int:
    return DEFAULT_SIZE


def get_itself(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True)
class Composed(Generic[T]):
    """What was composed of these parts, which are held, so that no other object has their ids."""

    parts: tuple[object, ...]
    value: T


@dataclass(frozen=True, slots=True)
class Composer:
    """Composes for one agent in one language. What it keeps belongs to the log of the run's session, and to its owner.

    Kept values of tools are the same objects in each run. So a composition is found by the objects that it was made of;
    of others, which are as new as the run, it is made anew.
    """

    session: AnalysisSession
    agent: str
    language: str

    async def compose(
        self,
        parts: tuple[object, ...],
        make: Callable[[], T],
        *,
        key: Hashable = None,
        measure: Callable[[T], int] = assume_default_size,
        get_part: Callable[[T], object] = get_itself,
    ) -> T:
        """Return what `make` makes of `parts`, and of `key` if it depends on more than them, the log and the language.

        `measure` returns about how many bytes it takes, `get_part` the object of which others are composed.
        """

        async def make_at_once() -> T:
            return make()

        return await self.compose_with(parts, make_at_once, key=key, measure=measure, get_part=get_part)

    async def compose_with(
        self,
        parts: tuple[object, ...],
        make: Callable[[], Awaitable[T]],
        *,
        key: Hashable = None,
        measure: Callable[[T], int] = assume_default_size,
        get_part: Callable[[T], object] = get_itself,
    ) -> T:
        """Do what `compose` does where making it takes a thread or a question."""
        kept = await self.session.open_kept()
        if kept is None or not all(part is None or kept.has_part(part) for part in parts):
            return await make()
        name = ("composed", self.agent, self.language, key, tuple(map(id, parts)))
        found = kept.get(name)
        if isinstance(found, Composed):
            return cast("T", found.value)
        value = await make()
        if await self.session.open_kept() is kept:
            kept.put(name, Composed(parts, value), measure(value), part=get_part(value))
        return value

    async def build_step(self, output: Any, messages: Any) -> StepRecord:
        """Return the record of an output. One that is kept is converted to JSON once."""
        kept = await self.session.open_kept()
        if kept is None or not kept.has_part(output):
            return StepRecord(agent=self.agent, output=to_jsonable(to_json(output)), messages=messages)
        name = ("step", self.agent, self.language, id(output))
        found = kept.get(name)
        if not isinstance(found, Composed):
            data, serialized = serialize_storable(to_jsonable(to_json(output)))
            found = Composed((output,), (data, serialized.decode()))
            kept.put(name, found, 2 * len(found.value[1]))
        data, text = found.value
        return StepRecord(agent=self.agent, output=data, messages=messages, output_json=text)
