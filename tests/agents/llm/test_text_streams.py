from dataclasses import dataclass, field

import pytest

from agents.llm.streaming import EMIT_INTERVAL_SECONDS, MAX_TEXT_CHARACTERS, MAX_TEXTS, TextStream
from agents.llm.turns import TextChunk


@dataclass
class Listening:
    """What is told, by a clock that is moved by hand."""

    told: list[TextChunk] = field(default_factory=list)
    now: float = 1000.0

    async def record_text(self, words: TextChunk) -> None:
        self.told.append(words)

    @property
    def writing(self) -> TextStream:
        return TextStream(self.record_text, lambda: self.now)

    @property
    def states(self) -> list[tuple[int, str, bool]]:
        return [(each.part, each.text, each.final) for each in self.told]


@pytest.fixture
def listening() -> Listening:
    return Listening()


async def test_a_text_is_sent_at_intervals_and_finally_complete(listening: Listening) -> None:
    writing = listening.writing
    writing.start_text("a")
    for _ in range(10):
        listening.now += EMIT_INTERVAL_SECONDS / 2
        await writing.extend_text("b")
    await writing.finish_text("a" + "b" * 10)
    states = [(0, "a" + "b" * count, False) for count in (2, 4, 6, 8, 10)]
    assert listening.states == [*states, (0, "a" + "b" * 10, True)]


async def test_at_most_four_states_a_second_are_sent(listening: Listening) -> None:
    writing = listening.writing
    for _ in range(10):  # texts of a second each, a word in every millisecond
        writing.start_text("")
        for _ in range(1000):
            listening.now += 0.001
            await writing.extend_text("x ")
        await writing.finish_text("x")
    assert 30 <= len([each for each in listening.told if not each.final]) <= 40


async def test_a_short_text_is_sent_once(listening: Listening) -> None:
    writing = listening.writing
    for text in ("one", "two"):
        listening.now += 60
        writing.start_text(text[0])
        await writing.extend_text(text[1:])
        await writing.finish_text(text)
    assert listening.states == [(0, "one", True), (1, "two", True)]


async def test_white_space_and_unchanged_text_are_not_sent(listening: Listening) -> None:
    writing = listening.writing
    writing.start_text("\n")
    for more in ("", "  ", "\n"):
        listening.now += 1
        await writing.extend_text(more)
    assert listening.told == []
    await writing.extend_text(" a")
    listening.now += 1
    await writing.extend_text("")
    await writing.finish_text("\n  \n a")
    writing.start_text(" ")
    await writing.finish_text(" ")
    assert listening.states == [(0, "a", False), (0, "a", True)]


async def test_an_interrupted_text_keeps_its_number(listening: Listening) -> None:
    writing = listening.writing
    writing.start_text("half a")
    listening.now += 1
    await writing.extend_text(" sent")
    writing.start_text("Once")
    await writing.finish_text("Once more.")
    assert listening.states == [(0, "half a sent", False), (1, "Once more.", True)]


async def test_an_endless_text_is_sent_up_to_its_limit(listening: Listening) -> None:
    writing = listening.writing
    writing.start_text("")
    for _ in range(100):
        listening.now += 1
        await writing.extend_text("x" * 1_000)
    await writing.finish_text("x" * 100_000)
    *states, whole = [len(each.text) for each in listening.told]
    assert states == [1_000, 2_000, 3_000, MAX_TEXT_CHARACTERS]
    assert MAX_TEXT_CHARACTERS - 100 < whole < MAX_TEXT_CHARACTERS  # its end may be the beginning of a number


async def test_the_number_of_texts_is_limited(listening: Listening) -> None:
    writing = listening.writing
    for _ in range(MAX_TEXTS + 50):
        writing.start_text("a")
        listening.now += 1
        await writing.extend_text("b")
        await writing.finish_text("ab")
    assert len(listening.told) == 2 * MAX_TEXTS
