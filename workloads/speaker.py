"""Who says a report's words in one language, as Markdown."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from netra.language.language import Language
from netra.language.text import Text, joined, text
from workloads.escape import name, prose
from workloads.estimate import Basis
from workloads.figures import sentence

BASES: Mapping[Basis, Text] = MappingProxyType(
    {
        Basis.OBSERVED: text("observed"),
        Basis.MODELLED: text("modelled"),
        Basis.NEEDS_EVALUATION: text("needs evaluation"),
        Basis.UNKNOWN: text("unknown"),
    }
)
LEVELS: Mapping[str, Text] = MappingProxyType({"low": text("low"), "medium": text("medium"), "high": text("high")})
"""What a step's effort and risk begin with."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Every method gives what may stand in Markdown. What is said in a sentence must be so already."""

    language: Language

    def say(self, words: str) -> str:
        """A sentence of ours, with Markdown of its own."""
        return self.language.say(words)

    def prose(self, words: str) -> str:
        """Words that may hold some of the log's."""
        return prose(self.language.say(words))

    def sentence(self, words: str) -> str:
        """The same with a full stop at their end."""
        return self.prose(sentence(self.language.say(words)))

    def within(self, title: str) -> str:
        """A title within a sentence."""
        return prose(self.language.within(title))

    def name(self, given: str | None) -> str:
        """A name from the log."""
        return self.language.say(name(given))

    def basis(self, basis: Basis) -> str:
        return self.language.say(BASES[basis])

    def level(self, words: str) -> str:
        """ "low - why", as a step's effort and risk are told."""
        level, dash, why = self.language.say(words).partition(" - ")
        return self.prose(joined(dash, (LEVELS.get(level, level), why)) if dash else LEVELS.get(level, level))

    def head(self, *titles: str) -> tuple[str, ...]:
        """Those of a table's columns."""
        return tuple(self.language.say(each) for each in titles)
