"""An answer with the words of a language model: over the figures and tables of what tools returned, never its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.answers.answer import Answer, AnswerKind, to_plain
from agents.answers.backing.known_figures import build_known_figures
from agents.answers.composition import compose_answer, join_answers
from agents.answers.tool_results import compose_tool_result
from agents.language.questions import KnownLogs
from agents.language.reading import QuestionKind, Reading
from agents.wording.model_words import clean_words, mark_unbacked
from core.i18n.text import Text, join_texts, plural_text, text
from tools.base import ToolSpec
from tools.dispatcher import ToolResult
from tools.marking import PLACEHOLDER
from workloads.query.query import Query

UNVERIFIED = text("unverified")
"""Stands behind a number of a model's words that no result backs."""


def word_answer(
    base: Answer, words: str, results: Sequence[ToolResult], *, model: str, mark: str, language: str
) -> Answer:
    """Return the answer in a model's words, with a mark behind each number that no result of the run backs.

    Words without results, for a question that the log can't answer or that has choices, are not used, nor are words
    about names that were withheld from the model. Matching numbers takes time: call it off the event loop.
    """
    cleaned = clean_words(words)
    is_computed = base.kind is AnswerKind.ANSWER or (base.kind is AnswerKind.CLARIFY and not base.choices)
    if not cleaned or not is_computed or PLACEHOLDER in words:
        return base
    known = build_known_figures([*(result.value for result in results), to_plain("", base)])
    marked = mark_unbacked(cleaned, known, mark, language=language)
    said = Text(marked.text)
    if base.figures and not any(letter.isdigit() for letter in marked.text):
        said = join_texts("\n\n", (said, base.text))  # words without a figure leave the question open
    count = len(marked.unbacked)
    note = plural_text(
        "One number is marked as unverified: the language model wrote it, and no result of this question backs it.",
        "{n} numbers are marked as unverified: the language model wrote them, and no result of this question backs "
        "them.",
        n=count,
    )
    return replace(
        base,
        text=said,
        unbacked=marked.unbacked,
        worded_by=model,
        notes=(
            *base.notes,
            note
            if count
            else text(
                "Worded by the language model {model}. Each number in it was matched against the results.", model=model
            ),
        ),
    )


def answer_without_model(base: Answer, reason: str) -> Answer:
    """Return the answer that was made without the model, and why."""
    note = text("Answered without the language model. {reason}", reason=reason)
    return replace(base, notes=(*base.notes, note))


def compose_called(
    called: Sequence[ToolResult], tools: Mapping[str, ToolSpec[Any]], known: KnownLogs | None
) -> tuple[Answer, Reading | None]:
    """Return what the tools returned that a model has called, and the reading of its first query.

    A query of `measure` is composed as if a question had been read so.
    """
    answers: list[Answer] = []
    first: Reading | None = None
    for result in called:
        query = getattr(result.arguments, "query", None)
        if result.tool == "measure" and isinstance(query, Query):
            reading = Reading(kind=QuestionKind.MEASURE, query=query)
            first = first or reading
            answers.append(compose_answer(reading, [result.value], known))
        else:
            answers.append(compose_tool_result(result.tool, tools[result.tool].title, result.value))
    return (answers[0] if len(answers) == 1 else join_answers(answers)), first
