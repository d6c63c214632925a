"""A model's words are marked before they are published; and the conversation as the model gets it."""

from uuid import uuid4

from agents.llm.turns import TextChunk
from agents.wording.model_answer import StreamMarker
from tests.support.fakes import FakeRecorder, anything, context, no_log
from tools.base import NoInput, RunFacts
from tools.disclosure import PLACEHOLDER, Disclosure
from tools.results import ToolResult
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory


def result(**figures: int) -> ToolResult:
    return ToolResult(tool="measure", requested={}, arguments=NoInput(), value=figures, user_view=None)


async def test_a_text_is_marked_while_it_is_written() -> None:
    results: list[ToolResult] = []
    marker = StreamMarker(results, "unverified", "en")
    early = await marker(TextChunk(0, "You made 40 requests, and that is all of them", final=False))
    assert early.text == "You made 40 requests (unverified), and that is all of"
    results.append(result(requests=40))
    late = await marker(TextChunk(1, "You made 40 requests, 9 in vain: that is many of th", final=False))
    assert late.text == "You made 40 requests, 9 (unverified) in vain: that is many of"
    assert (late.part, late.final) == (1, False)
    whole = await marker(TextChunk(1, "You made 40 requests, 99", final=True))
    assert (whole.text, whole.final) == ("You made 40 requests, 99 (unverified)", True)


async def test_nothing_is_published_of_a_number_that_is_being_written() -> None:
    marker = StreamMarker([result(requests=40)], "unverified", "en")
    words = "You made 40 requests, and 9,999 of them in vain, so relax a little."
    for end in range(len(words)):
        shown = (await marker(TextChunk(0, words[:end], final=False))).text
        assert "9" not in shown or "9,999 (unverified)" in shown


def dispatcher(disclosure: Disclosure | None) -> ToolDispatcher:
    factory = ToolDispatcherFactory(catalog={}, admit=anything)
    made = factory.for_context(
        context(uuid4()), agent="analyst", tools=(), recorder=FakeRecorder(), session=no_log(), facts=RunFacts(ask="?")
    )
    made.disclosure = disclosure
    return made


async def test_a_text_of_ours_is_disclosed_without_private_names() -> None:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return words & {"ana"}

    assert await dispatcher(Disclosure(find)).disclose_text("It was ana.") == f"It was {PLACEHOLDER}."
    assert await dispatcher(None).disclose_text("It was ana.") == "It was ana."
