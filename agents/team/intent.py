"""Classify a question by rules: its category, its goal in per cent, and what must not get worse."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.team.question_limits import limits_savings, parse_latency_limit, parse_limits
from core.i18n.language import ENGLISH
from core.i18n.text import Text, text
from workloads.pricing.lever_answers import parse_sentences

AskCategory = Literal["cost", "latency", "reliability", "usage", "unrelated"]

DEFAULT_ASK = "Where does my spend go, and how can I lower it?"


class AskClassification(BaseModel):
    """The classified question. `goal_percent`: the requested saving in per cent; `guard`: what must not get worse."""

    model_config = ConfigDict(frozen=True)

    category: AskCategory
    intent: str = Field(max_length=200)
    goal_percent: float | None = Field(default=None, gt=0, le=100)
    guard: Literal["p50", "p95", "p99", "latency", "quality"] | None = None


# The first matching category wins. Cost is first, because "cut spend without hurting latency" is about cost.
CATEGORY_PATTERNS: Mapping[AskCategory, str] = MappingProxyType(
    {
        "cost": (
            r"cost|spen[dt]|bill|budget|cheap|expensive|sav(e|ing)|price|money|dollar|usd|\$|€|invoice|optimi[sz]"
            r"|cut\b|reduc|lower"
        ),
        "latency": r"latenc|slow|fast|speed|p50|p95|p99|ttft|response time|time to first",
        "reliability": r"error|retr(y|ies)|fail|time-?out|reliab|429|5\d\d\b",
        "usage": r"usage|token|request|traffic|model|feature|peak|cache|prompt|batch|log\b|who uses|llm",
    }
)
INTENTS: Mapping[AskCategory, Text] = MappingProxyType(
    {
        "cost": text("reduce spend"),
        "latency": text("understand and reduce latency"),
        "reliability": text("understand and reduce failures"),
        "usage": text("understand usage"),
        "unrelated": text("not answerable from a usage log"),
    }
)
FRACTIONS: Mapping[str, float] = MappingProxyType(
    {"half": 50.0, "a third": 100 / 3, "one third": 100 / 3, "a quarter": 25.0, "one quarter": 25.0, "a fifth": 20.0}
)
PERCENT_PATTERN = re.compile(
    r"(\d{1,3}(?:[.,]\d+)?)\s*(?:%|per ?cent\b|pct\b|pro[zc]ent\b|por ?ciento\b|pour ?cent\b)", re.IGNORECASE
)
CLAUSE_PATTERN = re.compile(r"[^.;]+")
GOAL_CLAUSE_PATTERN = re.compile(r"[.;!?](?:\s|$)|,\s|\n|\s(?:but|and|while|because|since|after)\s")
SAVING_PATTERN = re.compile(
    r"\b(?:sav|cut|reduc|lower|halve|trim|shave|slash|cheap|less|shrink|decreas|spar|senk|kürz|redu|baj|ahorr|recort|"
    r"rédui|économ|baiss|goal|target|ziel|objeti|objecti)",
    re.IGNORECASE,
)
CHANGE_PATTERN = re.compile(
    r"\b(?:rose|risen|rise|rising|increas|grew|grow|went up|gone up|up by|up \d|jump|higher|more expensive|climb|doubl|"
    r"fell|fallen|dropped|went down|is|are|was|were|makes? up|account|stieg|gestiegen|subi|aument|augment)",
    re.IGNORECASE,
)
"""What a sentence reports, not asks for."""
LIMITED_PATTERN = re.compile(r"\b(?:without|losing|no more than|not more than|at most|p50|p95|p99|latency|quality)\b")
MAX_LOOKBACK = 200  # characters before a percentage
CONSTRAINT_PATTERN = re.compile(r"without|not|keep|hold|maintain|protect|same|no worse|don't|do not", re.IGNORECASE)
GUARD_PATTERN = re.compile(r"p50|p95|p99|latency|quality", re.IGNORECASE)


def classify_ask(question: str) -> AskClassification:
    """Classify a question in English. An empty question means DEFAULT_ASK."""
    question = (question.strip() or DEFAULT_ASK).lower()
    category: AskCategory = next(
        (each for each, words in CATEGORY_PATTERNS.items() if re.search(rf"(?:{words})", question)), "unrelated"
    )
    if category == "unrelated" and (limits_savings(parse_limits(question)) or parse_sentences(question)):
        category = "cost"
    intent = ENGLISH.translate(INTENTS[category])
    return AskClassification(
        category=category, intent=intent, goal_percent=_parse_goal(question), guard=_parse_guard(question)
    )


def correct_classification(verdict: AskClassification, question: str) -> AskClassification:
    """Correct a model's classification: a model may understand more than the rules, but not overrule them or invent.

    A goal or guard that the rules find in the question stands. Otherwise a model's goal counts only if its figure is in
    the question, and its guard only if the question mentions it. Only a question that no rule matches is "unrelated".
    """
    by_rules = classify_ask(question)
    percentages = _parse_percentages(question.lower())
    goal = verdict.goal_percent if any(abs((verdict.goal_percent or 0) - each) < 0.5 for each in percentages) else None
    guard = verdict.guard if verdict.guard and _is_guard_mentioned(verdict.guard, question.lower()) else None
    overruled = verdict.category == "unrelated" and by_rules.category != "unrelated"
    return verdict.model_copy(
        update={
            "category": by_rules.category if overruled else verdict.category,
            "goal_percent": by_rules.goal_percent or goal,
            "guard": by_rules.guard or guard,
        }
    )


def _is_guard_mentioned(guard: str, question: str) -> bool:
    # Word stems that many languages share: latency, Latenz, latencia; quality, Qualität, calidad.
    stems = {"quality": ("qualit", "calidad", "kwalit")}.get(guard, (guard, "laten"))
    return any(stem in question for stem in stems)


def _parse_percentages(question: str) -> list[float]:
    percents = [_to_percent(match) for match in PERCENT_PATTERN.finditer(question)]
    return percents + [value for words, value in FRACTIONS.items() if words in question]


def _parse_goal(question: str) -> float | None:
    """Return the saving in per cent that is asked for. A percentage that reports a rise, or limits something else, is
    no goal: "costs rose 40 %, why?"."""
    for clause in GOAL_CLAUSE_PATTERN.split(question):
        if SAVING_PATTERN.search(clause) or not CHANGE_PATTERN.search(clause):
            percents = (
                _to_percent(match) for match in PERCENT_PATTERN.finditer(clause) if not _is_limited(clause, match)
            )
            fractions = (value for words, value in FRACTIONS.items() if words in clause)
            goal = next((value for value in (*percents, *fractions) if 0 < value <= 100), None)
            if goal is not None:
                return goal
    return None


def _is_limited(clause: str, percent: re.Match[str]) -> bool:
    """Whether the percentage limits something, as in "without losing 5 % quality": the last such word before it is not
    followed by a word for saving."""
    start = max(0, percent.start() - MAX_LOOKBACK)
    limits = [match.end() for match in LIMITED_PATTERN.finditer(clause, start, percent.start())]
    return bool(limits) and SAVING_PATTERN.search(clause, limits[-1], percent.start()) is None


def _to_percent(match: re.Match[str]) -> float:
    return float(match.group(1).replace(",", "."))


def _parse_guard(question: str) -> Literal["p50", "p95", "p99", "latency", "quality"] | None:
    # Clause by clause, with two searches each: a single expression would search on from every "not" in a clause.
    limit = parse_latency_limit(question)
    if limit is not None:
        return _to_guard(limit.metric)
    for clause in CLAUSE_PATTERN.findall(question):
        constraint = CONSTRAINT_PATTERN.search(clause)
        match = GUARD_PATTERN.search(clause, constraint.end()) if constraint else None
        if match is not None:
            return _to_guard(match.group())
    return None


def _to_guard(word: str) -> Literal["p50", "p95", "p99", "latency", "quality"]:
    guards: dict[str, Literal["p50", "p95", "p99", "latency", "quality"]] = {
        "p50": "p50", "p95": "p95", "p99": "p99", "latency": "latency", "quality": "quality",
    }  # fmt: skip
    return guards[word.lower()]
