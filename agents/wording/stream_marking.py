"""Mark a model's words while they are written: no number is published before it was matched."""

import asyncio
from collections.abc import Sequence

from agents.answers.backing.known_figures import KnownFigures, build_known_figures
from agents.llm.turns import TextChunk
from agents.wording.marking import cut_unfinished, mark_unbacked
from agents.wording.model_words import clean_words
from tools.dispatcher import ToolResult


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
        words = clean_words(chunk.text if chunk.final else cut_unfinished(chunk.text))
        marked = mark_unbacked(words, self._known[1], self._mark, language=self._language)
        return TextChunk(chunk.part, marked.text, chunk.final)
