"""What agents compose of kept results is composed once; of others it is composed anew, and not kept."""

import json
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import uuid4

from agents.framework.composition import DEFAULT_SIZE, Composer
from core.i18n.text import text
from tests.support.fakes import no_log
from tests.support.workloads.kept_state import STATE
from workloads.analysis.session import AnalysisSession
from workloads.kept_values import KeptLog, KeptValues


@dataclass(frozen=True)
class Output:
    words: str


@dataclass
class KeptSession:
    kept: KeptLog

    async def open_kept(self) -> KeptLog:
        return self.kept


def open_composer(values: KeptValues, **changes: Any) -> tuple[Composer, KeptLog, KeptSession]:
    session = KeptSession(values.open(uuid4(), uuid4(), STATE))
    fields: dict[str, Any] = {"session": cast(AnalysisSession, session), "agent": "data", "language": "en"} | changes
    return Composer(**fields), session.kept, session


async def test_a_composition_of_kept_parts_is_made_once_for_each_agent_language_and_key() -> None:
    composer, kept, _ = open_composer(KeptValues())
    part, other = Output("a"), Output("a")
    kept.put("result", "converted", 1, part=part)
    kept.put("another result", "converted", 1, part=other)
    made: list[Output] = []

    async def compose(composer: Composer = composer, parts: tuple[object, ...] = (part,), key: str = "") -> Output:
        made.append(await composer.compose(parts, lambda: Output("composed"), key=key))
        return made[-1]

    first = await compose()
    assert await compose() is first
    others = [
        await compose(parts=(other,)),  # equal, but another object
        await compose(parts=(part, None)),
        await compose(key="other"),
        await compose(replace(composer, agent="actions")),
        await compose(replace(composer, language="de")),
        await compose(open_composer(KeptValues())[0], parts=()),
    ]
    assert all(each is not first for each in others)
    assert len({id(each) for each in others}) == len(others)


async def test_what_is_composed_of_new_objects_is_not_kept() -> None:
    values = KeptValues()
    composer, kept, session = open_composer(values)
    part = Output("new")
    assert await composer.compose((part,), lambda: Output("1")) != await composer.compose((part,), lambda: Output("2"))
    assert not kept.has_part(part)
    step = await composer.build_step(part, None)
    assert (step.output, step.output_json, values.size) == ({"words": "new"}, None, 0)

    async def change() -> Output:
        session.kept = values.open(uuid4(), uuid4(), STATE)  # as when the question's own limits are read
        return Output("of another state")

    await composer.compose_with((), change)
    assert values.size == 0
    without_log = replace(composer, session=no_log())
    assert (await without_log.compose((), lambda: Output("1"))) == Output("1")
    assert (await without_log.build_step(part, None)).output == {"words": "new"}


async def test_a_composed_output_is_converted_once_and_counted() -> None:
    values = KeptValues()
    composer, _, _ = open_composer(values)
    output = await composer.compose((), lambda: Output(text("{n} requests", n=2)))
    steps = [await composer.build_step(output, messages) for messages in (None, [1])]
    data = {"words": {"text": "{n} requests", "values": {"n": 2}}}
    serialized = json.dumps(data, separators=(",", ":"))
    assert [(step.output, step.output_json, step.messages) for step in steps] == [
        (data, serialized, None),
        (data, serialized, [1]),
    ]
    assert steps[0].output is steps[1].output
    assert values.size == DEFAULT_SIZE + 2 * len(serialized)


async def test_compositions_make_room_like_results() -> None:
    values = KeptValues(max_bytes=3 * DEFAULT_SIZE)
    composers = [open_composer(values)[0] for _ in range(4)]
    for composer in composers:
        await composer.compose((), lambda: Output("1"))
    assert values.size == 3 * DEFAULT_SIZE
    assert len(values.list_logs()) == 3
