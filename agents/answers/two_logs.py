"""Questions about two logs: which other log of the same user is meant, and the question asked of both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from agents.answers.calls import Call
from agents.language.reading import Part, QuestionKind, Reading
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES
from workloads.query.query import Order, Query, Statistic

OVERVIEW = ("spend", "requests", "cost_per_request")
"""What is compared if the question names nothing."""

MAX_QUESTION = 4_000  # characters that are searched
BOTH_LOGS = re.compile(
    r"\b(?:two|both|each|these|second|other|previous|earlier|zwei|beide[nr]?|zweite[nrs]?|anderen?|deux|second|autre|"
    r"dos|segundo|otro|ambos)\s+(?:logs?|files?|exports?|protokolle?|journaux|registros?)\b|\bthe logs\b",
    re.IGNORECASE,
)
WHY = re.compile(r"\b(?:why|how come|warum|wieso|weshalb|pourquoi|por qu[eé])\b", re.IGNORECASE)
COMPARING = re.compile(r"\b(?:compare|versus|vs|log|logs|file|vergleich\w*|compar\w*)\b", re.IGNORECASE)
MIN_STEM = 4  # characters of a file name without its ending
COMMON_STEMS = frozenset({"usage", "logs", "export", "costs", "cost", "data", "requests", "spend", "report", "model"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLog:
    """Another log of the user."""

    id: UUID
    name: str


def find_other_logs(ask: str, others: Sequence[OtherLog]) -> tuple[OtherLog, ...]:
    """Return the logs that a question may mean besides the selected one: those that it names, or all if it only says
    that there are two. None if it is about the selected log only."""
    words = ask[:MAX_QUESTION]
    named = tuple(each for each in others if _is_named(each.name, words.casefold()))
    if named or not BOTH_LOGS.search(words):
        return named
    return tuple(others)


def _is_named(name: str, words: str) -> bool:
    full = name.casefold().strip()
    stem = full.rpartition(".")[0] or full
    if len(full) > len(stem) and full in words:
        return True
    if len(stem) < MIN_STEM or stem in COMMON_STEMS or not COMPARING.search(words):
        return False
    place = words.find(stem)
    return place >= 0 and not words[max(place - 1, 0) : place].isalnum() and not _at(words, place + len(stem)).isalnum()


def _at(words: str, place: int) -> str:
    return words[place : place + 1]


def compare_logs(ask: str, reading: Reading, names: Sequence[str]) -> Reading:
    """Return the reading of a question that is about two logs: the same query of each, or why they differ.

    A figure per day, week or month is its mean over the days of each log.
    """
    first, second = names
    if reading.kind is QuestionKind.CLARIFY and WHY.search(ask[:MAX_QUESTION]):
        reading = replace(reading, kind=QuestionKind.EXPLAIN)
    query = _to_comparable(reading)
    if query is None:
        return reading
    parts = (Part(label=first, query=query), Part(label=second, query=query, log=1))
    kind = QuestionKind.EXPLAIN if reading.kind is QuestionKind.EXPLAIN else QuestionKind.COMPARE
    return Reading(kind=kind, parts=parts, premise=reading.premise, language=reading.language)


def _to_comparable(reading: Reading) -> Query | None:  # noqa: PLR0911 - one for each kind of question
    if reading.kind is QuestionKind.EXPLAIN:
        return Query(where=reading.query.where, zone=reading.query.zone)
    if reading.kind is QuestionKind.CLARIFY or reading.topic in ("off_topic", "upload", "ok"):
        return Query(measures=OVERVIEW, zone=reading.query.zone)
    if reading.kind is QuestionKind.COMPARE and reading.parts:
        return reading.parts[0].query
    if reading.kind is not QuestionKind.MEASURE:
        return None
    query = replace(reading.query, limit=None, shares=False)
    if query.by and get_dimension(query.by[0]).is_time:
        if not all(MEASURES[name].is_sum for name in query.measures):
            return replace(query, by=(), order=None)
        return replace(query, by=query.by[:1], order=None, statistics=(Statistic.MEAN,))
    return replace(query, order=Order(by=query.measures[0]) if query.by else None)


def plan_log_call(reading: Reading, other: OtherLog) -> Call:
    """Return the one call that asks both logs."""
    before, after = (part.query for part in reading.parts)
    tool = "explain_change" if reading.kind is QuestionKind.EXPLAIN else "compare"
    return Call(tool=tool, arguments={"before": before, "after": after, "other_log": str(other.id)})


def is_about_two_logs(reading: Reading) -> bool:
    return len(reading.parts) == 2 and reading.parts[1].log == 1
