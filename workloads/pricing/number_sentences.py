"""Answers in numbers to the report's questions: 'answers of "chat" need 300 tokens', "a unit of capacity costs 12.50
USD per hour". A message is such an answer as a whole, or none; the sentences are in English."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from workloads.pricing.assumptions import MAX_SCOPE_LENGTH, LeverAnswer

CAPACITY = "capacity"
"""What "forget what I said about" calls the unit of provisioned capacity."""

_NAME = rf'(?:"(?P<name>.{{1,{MAX_SCOPE_LENGTH}}})"|(?P<word>[^\s"]{{1,100}}))'
_VALUE = r"\$?(?P<value>\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,6})?|\d{1,12}(?:\.\d{1,6})?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSentence:
    """A sentence with a number. `scope` is the answer's; None if the sentence has it as {name}."""

    lever: str
    scope: str | None
    words: str

    @property
    def pattern(self) -> re.Pattern[str]:
        words = re.escape(self.words).replace(r"\ ", r"\s{1,9}")
        for field, value in (("name", _NAME), ("value", _VALUE)):
            words = words.replace(rf'"\{{{field}\}}"', value).replace(rf"\{{{field}\}}", value)
        return re.compile(rf"^\s*{words}\s*[.!]?\s*$", re.IGNORECASE | re.DOTALL)


SENTENCES = (
    NumberSentence(lever="output_length", scope=None, words='answers of "{name}" need {value} tokens'),
    NumberSentence(lever="context_length", scope=None, words='prompts of "{name}" need {value} tokens'),
    NumberSentence(
        lever="provisioned",
        scope="tokens_per_second",
        words="a unit of capacity processes {value} tokens per second",
    ),
    NumberSentence(lever="provisioned", scope="usd_per_hour", words="a unit of capacity costs {value} USD per hour"),
)
_PATTERNS = tuple((sentence, sentence.pattern) for sentence in SENTENCES)


def parse_number(message: str, *, now: datetime | None = None) -> LeverAnswer | None:
    """Return the answer that the message is, or None. The time is linear in the length; call it with a short one."""
    for sentence, pattern in _PATTERNS:
        if found := pattern.match(message):
            named = found.groupdict()
            scope = sentence.scope or named.get("name") or named.get("word") or ""
            value = Decimal(found["value"].replace(",", ""))
            return LeverAnswer(lever=sentence.lever, scope=scope, value=value, at=now)
    return None


def list_forgotten(scope: str) -> Iterable[tuple[str, str]]:
    """Yield the lever and scope of each number that "forget what I said about {scope}" takes back."""
    for sentence in SENTENCES:
        if sentence.scope is None:
            yield sentence.lever, scope
        elif scope.casefold() == CAPACITY:
            yield sentence.lever, sentence.scope


def build_number_replies(lever: str, scope: str) -> dict[str, str]:
    """Return the messages that give a number, with {value} in its place, and that take it back."""
    for sentence in SENTENCES:
        if sentence.lever == lever and sentence.scope in (None, scope):
            about = CAPACITY if sentence.scope else f'"{scope}"'
            return {
                "value": sentence.words.replace("{name}", scope),
                "forget": f"forget what I said about {about}",
            }
    return {}
