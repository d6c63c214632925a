"""Read questions without a language model: the words of all languages and the models of the price list, loaded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agents.language.conversation import Turn
from agents.language.lexicon import detect_language
from agents.language.questions import Grammar, KnownLogs, build_known_logs, load_grammar, read_question
from agents.language.reading import Reading
from agents.language.tokens import tokenize
from workloads.pricing.price_list import list_known_models
from workloads.query.values import LogDescription


@dataclass(frozen=True)
class QuestionReader:
    """Reads questions about logs. What it needs is loaded once, when it is first needed, and never changes."""

    def know(self, logs: Sequence[LogDescription]) -> KnownLogs:
        """Return what a question about these logs can name."""
        return build_known_logs(logs, self._listed_models)

    def read(self, ask: str, known: KnownLogs, earlier: Sequence[Turn], zone: str) -> Reading:
        """Return what the question asks for, as a follow-up to `earlier` ones, with periods in a time zone.

        It takes milliseconds and is linear in the question's length: call it off the event loop.
        """
        return read_question(ask, self._grammar, known, earlier=earlier, zone=zone)

    def detect(self, ask: str) -> str:
        """Return the language of a question, one of those that the grammar has; English if it is unclear."""
        return detect_language(tokenize(ask), self._grammar.own)

    def load(self) -> None:
        """Load everything now, which would otherwise delay the first question."""
        _ = (self._grammar, self._listed_models)

    @cached_property
    def _grammar(self) -> Grammar:
        return load_grammar()

    @cached_property
    def _listed_models(self) -> tuple[str, ...]:
        return list_known_models()
