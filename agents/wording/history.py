"""The conversation so far, condensed for a language model: earlier questions and the beginnings of their answers."""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_QUESTIONS = 6
MAX_QUESTION, MAX_ANSWER = 300, 300  # characters
MAX_HISTORY = MAX_QUESTIONS * (MAX_QUESTION + MAX_ANSWER + 40)
"""Characters of a condensed conversation at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptExchange:
    """An earlier question of the same conversation, and the text of its answer, if it has one."""

    question: str
    answer: str = ""


def condense_history(earlier: Sequence[PromptExchange]) -> str:
    """Return the last MAX_QUESTIONS exchanges as a text, oldest first; an empty text if there are none.

    Of an answer only its first sentences are kept: its tables and figures are not those of the next question.
    """
    return "\n".join(
        f"User asked: {_shorten(each.question, MAX_QUESTION)}"
        + (f"\nIt was answered: {_shorten(each.answer, MAX_ANSWER)}" if each.answer.strip() else "")
        for each in earlier[-MAX_QUESTIONS:]
    )


def _shorten(words: str, most: int) -> str:
    line = " ".join(words[: 4 * most].split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"
