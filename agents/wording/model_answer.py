"""An answer in a language model's words: over the figures and tables of what tools returned, never its own. The words
are made safe to show.

They are Markdown without links, images, HTML and invisible characters, and with a mark behind each number that no
result backs, also while they are still being written."""

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.answers.answer import Answer, AnswerKind, to_plain
from agents.answers.backing.known_figures import KnownFigures, build_known_figures
from agents.answers.backing.matching import UnbackedNumber, find_unbacked_numbers
from agents.answers.composition import compose_answer
from agents.answers.joining import join_answers
from agents.answers.tool_results import compose_tool_result
from agents.language.questions import KnownLogs
from agents.language.reading import QuestionKind, Reading
from agents.llm.partial_texts import cut_unfinished, end_cut_off
from agents.llm.turns import UNUSABLE_ANSWER, TextChunk
from core.i18n.text import Text, join_texts, plural_text, text
from tools.base import ToolSpec
from tools.disclosure import PLACEHOLDER
from tools.results import ToolResult
from workloads.query.query import Query
from workloads.report.escaping import HIDDEN_CATEGORIES, LINK_PATTERN

UNVERIFIED = text("unverified")
"""Stands behind a number of a model's words that no result backs."""

MAX_WORDS = 4_000
"""Characters of an answer in a model's words."""

_LINK_SYNTAX = (("](", "] ("), ("][", "] ["), ("]:", "] :"))
_THOUGHTS = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_CALL_START = re.compile(r"(?:```\w{0,10}\s{0,2})?(?:[{\[]|<(?:tool|function|\|))")
_CALL_PART = re.compile(r"\"(?:name|arguments|parameters|query|tool)\"\s*:|<(?:tool|function|\|)")


def word_answer(
    base: Answer, words: str, results: Sequence[ToolResult], *, model: str, mark: str, language: str
) -> Answer:
    """Return the answer in a model's words, with a mark behind each number that no result of the run backs.

    Words without results, for a question that the log can't answer or that has choices, are not used, nor are words
    about names that were withheld from the model. Matching numbers takes time: call it off the event loop.
    """
    if is_written_call(words):
        return answer_without_model(base, str(UNUSABLE_ANSWER))
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
        "One number or sentence is marked as unverified: the language model wrote it, and no result of this question "
        "backs it.",
        "{n} numbers or sentences are marked as unverified: the language model wrote them, and no result of this "
        "question backs them.",
        n=count,
    )
    matched = text(
        "Worded by the language model {model}. Each number in it was matched against the results.", model=model
    )
    return replace(
        base,
        text=said,
        unbacked=marked.unbacked,
        worded_by=model,
        notes=(note if count else matched, *base.notes),
    )


def answer_without_model(base: Answer, reason: str) -> Answer:
    """Return the answer that was made without the model, and why."""
    note = text("Answered without the language model. {reason}", reason=reason)
    return replace(base, notes=(note, *base.notes))


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


def clean_words(words: str) -> str:
    """Return the words without what a page would load or follow: a model has no reason to write links.

    Emphasis, lists, tables and code stay. The words of links stay, too, but lead nowhere. Thoughts between <think>
    tags, as some servers send them, are no words of an answer.
    """
    said = _THOUGHTS.sub("", words[: 4 * MAX_WORDS])
    said = said if len(said) <= MAX_WORDS else end_cut_off(said[:MAX_WORDS])
    seen = "".join(each for each in said if each in "\n\t" or not _is_hidden(each)).strip()
    for syntax, plain in _LINK_SYNTAX:
        seen = seen.replace(syntax, plain)
    return LINK_PATTERN.sub(lambda match: f"&#{ord(match[0])};", seen.replace("<", "&lt;"))


def is_written_call(words: str, *, is_complete: bool = True) -> bool:
    """Return whether the words are a tool call in writing, as of a model that can't call tools; or may become one."""
    said = _THOUGHTS.sub("", words[: 4 * MAX_WORDS]).lstrip()
    return _CALL_START.match(said) is not None and (not is_complete or _CALL_PART.search(said) is not None)


def _is_hidden(letter: str) -> bool:
    return (not letter.isascii() and unicodedata.category(letter) in HIDDEN_CATEGORIES) or letter < " "


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """Markdown with a mark behind each unbacked number. `unbacked` are the numbers' places in it, without the marks."""

    text: str
    unbacked: tuple[UnbackedNumber, ...] = ()


def mark_unbacked(text: str, known: KnownFigures, mark: str, *, language: str = "en") -> MarkedText:
    """Return the text with `mark` behind each number that `known` does not back. `mark` is a word or two."""
    numbers = find_unbacked_numbers(text, known, language=language)
    behind = f" ({mark})"
    parts: list[str] = []
    placed: list[UnbackedNumber] = []
    end = length = 0
    for number in numbers:
        before = text[end : number.start]
        start = length + len(before)
        placed.append(UnbackedNumber(start=start, end=start + len(number.text), text=number.text))
        parts += [before, number.text, behind]
        length = start + len(number.text) + len(behind)
        end = number.end
    return MarkedText(text="".join((*parts, text[end:])), unbacked=tuple(placed))


class StreamMarker:
    """Revises the texts of one turn. `results` grows as tools are called; a text is matched against those so far."""

    def __init__(self, results: Sequence[ToolResult], mark: str, language: str) -> None:
        self._results = results
        self._mark = mark
        self._language = language
        self._known: tuple[int, KnownFigures] | None = None

    async def __call__(self, chunk: TextChunk) -> TextChunk:
        results = tuple(self._results)
        return await asyncio.to_thread(self._revise, chunk, results)

    def _revise(self, chunk: TextChunk, results: tuple[ToolResult, ...]) -> TextChunk:
        if self._known is None or self._known[0] != len(results):
            self._known = (len(results), build_known_figures(result.value for result in results))
        if is_written_call(chunk.text, is_complete=chunk.final):
            return TextChunk(chunk.part, "", chunk.final)
        words = clean_words(chunk.text if chunk.final else cut_unfinished(chunk.text))
        marked = mark_unbacked(words, self._known[1], self._mark, language=self._language)
        return TextChunk(chunk.part, marked.text, chunk.final)
