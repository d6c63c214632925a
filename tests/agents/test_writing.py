from dataclasses import dataclass, field

import pytest

from agents.thinking import Words
from agents.writing import LONGEST, MOST, PAUSE, Writing


@dataclass
class Listening:
    """What is told, by a clock that is moved by hand."""

    told: list[Words] = field(default_factory=list)
    now: float = 1000.0

    async def heard(self, words: Words) -> None:
        self.told.append(words)

    @property
    def writing(self) -> Writing:
        return Writing(self.heard, lambda: self.now)

    @property
    def states(self) -> list[tuple[int, str, bool]]:
        return [(each.part, each.text, each.final) for each in self.told]


@pytest.fixture
def listening() -> Listening:
    return Listening()


async def test_a_text_is_told_now_and_then_and_at_last_whole(listening: Listening) -> None:
    writing = listening.writing
    writing.begun("a")
    for _ in range(10):
        listening.now += PAUSE / 2
        await writing.went_on("b")
    await writing.ended("a" + "b" * 10)
    states = [(0, "a" + "b" * count, False) for count in (2, 4, 6, 8, 10)]
    assert listening.states == [*states, (0, "a" + "b" * 10, True)]


async def test_however_fast_a_model_writes_four_states_a_second_are_told(listening: Listening) -> None:
    writing = listening.writing
    for _ in range(10):  # texts of a second each, a word in every millisecond
        writing.begun("")
        for _ in range(1000):
            listening.now += 0.001
            await writing.went_on("x ")
        await writing.ended("x")
    assert 30 <= len([each for each in listening.told if not each.final]) <= 40


async def test_a_text_that_is_soon_whole_is_told_once(listening: Listening) -> None:
    writing = listening.writing
    for text in ("one", "two"):
        listening.now += 60
        writing.begun(text[0])
        await writing.went_on(text[1:])
        await writing.ended(text)
    assert listening.states == [(0, "one", True), (1, "two", True)]


async def test_white_space_is_no_text_and_nothing_new_is_not_told(listening: Listening) -> None:
    writing = listening.writing
    writing.begun("\n")
    for more in ("", "  ", "\n"):
        listening.now += 1
        await writing.went_on(more)
    assert listening.told == []
    await writing.went_on(" a")
    listening.now += 1
    await writing.went_on("")
    await writing.ended("\n  \n a")
    writing.begun(" ")
    await writing.ended(" ")
    assert listening.states == [(0, "a", False), (0, "a", True)]


async def test_a_text_that_broke_off_keeps_its_number(listening: Listening) -> None:
    writing = listening.writing
    writing.begun("half a")
    listening.now += 1
    await writing.went_on(" sent")
    writing.begun("Once")
    await writing.ended("Once more.")
    assert listening.states == [(0, "half a sent", False), (1, "Once more.", True)]


async def test_an_endless_text_is_told_up_to_its_limit(listening: Listening) -> None:
    writing = listening.writing
    writing.begun("")
    for _ in range(100):
        listening.now += 1
        await writing.went_on("x" * 1_000)
    await writing.ended("x" * 100_000)
    assert [len(each.text) for each in listening.told] == [1_000, 2_000, 3_000, LONGEST, LONGEST]


async def test_of_texts_without_number_only_so_many_are_told(listening: Listening) -> None:
    writing = listening.writing
    for _ in range(MOST + 50):
        writing.begun("a")
        listening.now += 1
        await writing.went_on("b")
        await writing.ended("ab")
    assert len(listening.told) == 2 * MOST
