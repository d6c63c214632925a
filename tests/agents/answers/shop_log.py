"""A small made-up log of eight weeks, with its rows as an oracle, and its answers to questions.

Each weekday has more requests than a weekend's day. "night-report" begins in the fifth week; on one Wednesday
"doc-search" is asked far more often than on other days.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from agents.answers.answer import Answer, to_plain
from agents.answers.calls import Call, build_turn, list_calls
from agents.answers.causes import MAX_ROUNDS, is_open, settle
from agents.answers.composers.logs import compose_logs
from agents.answers.composition import compose_answer
from agents.answers.markdown import to_markdown
from agents.answers.two_logs import compare_logs
from agents.language.questions import KnownLogs, build_known_logs, load_grammar, read_question
from agents.language.reading import QuestionKind, Turn
from agents.language.vocabulary import fold_models
from core.exceptions import UserError
from core.i18n.text import Text, text
from tests.support.workloads.ingested_logs import ingest_log
from tools.builtin.inspect_workload import inspect
from workloads.analysis.analysis import Analysis
from workloads.analysis.opening import open_analysis
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.assumptions import Assumptions
from workloads.query.answers import QUESTIONS
from workloads.query.change.sides import ChangeSide, measure_side
from workloads.query.change.sides import compare_logs as compare_sides_of_logs
from workloads.query.measuring import measure
from workloads.query.query import Query
from workloads.query.result import compare_results
from workloads.query.values import describe_log

FIRST, DAYS = date(2026, 9, 14), 56
SPIKE = date(2026, 10, 21)
HEADER = (
    "timestamp,model,provider,input_tokens,output_tokens,cached_input_tokens,feature,team,user_id,status,error_type,"
    "latency_ms,cost"
)
MILLION = Decimal(1_000_000)
PRICES = {  # USD per million tokens: input, cached input, output
    "gpt-4o": (Decimal("2.5"), Decimal("1.25"), Decimal(10)),
    "gpt-4o-mini": (Decimal("0.15"), Decimal("0.075"), Decimal("0.6")),
    "gpt-4.1": (Decimal(2), Decimal("0.5"), Decimal(8)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    at: datetime
    feature: str
    team: str
    user: str
    model: str
    input: int
    cached: int
    output: int
    latency: int
    error: str = ""

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def week(self) -> int:
        return (self.day - FIRST).days // 7 + 1

    @property
    def cost(self) -> Decimal:
        price, cached, output = PRICES[self.model]
        return ((self.input - self.cached) * price + self.cached * cached + self.output * output) / MILLION


def iter_rows() -> Iterator[Row]:
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        is_weekend = day.weekday() > 4
        for i in range(2 if is_weekend else 6):
            yield _build_row(day, 8 + i, i, number, "chat-help", "Support", ("ana", "ben")[i % 2], "gpt-4o-mini")
        for i in range(0 if is_weekend else 24 if day == SPIKE else 4):
            yield _build_row(day, 9 + i % 9, i, number, "doc-search", "Research", ("cleo", "dan")[i % 2], "gpt-4o")
        for i in range(2):
            yield _build_row(day, 15, i, number, "code-review", "Platform", "finn", "gpt-4.1")
        if number >= 28:
            yield _build_row(day, 2, 0, number, "night-report", "Platform", "eve", "gpt-4o")


def _build_row(day: date, hour: int, i: int, number: int, feature: str, team: str, user: str, model: str) -> Row:
    failures = {0: "RateLimit", 5: "Timeout"}
    return Row(
        at=datetime.combine(day, time(hour, i), UTC),
        feature=feature,
        team=team,
        user=user,
        model=model,
        input=1_000 + 100 * i + 10 * number + (4_000 if feature == "night-report" else 0),
        cached=512 if feature == "chat-help" and i % 2 else 0,
        output=200 + 10 * i + number,
        latency=800 + 300 * i + 20 * number + (9_000 if feature == "night-report" else 0),
        error=failures.get(number % 10, "") if i == 1 else "",
    )


ROWS = tuple(iter_rows())
Keep = Callable[[Row], bool]


def keep_all(row: Row) -> bool:
    return True


def spend(keep: Keep = keep_all) -> Decimal:
    return sum((row.cost for row in ROWS if keep(row)), Decimal(0))


def count(keep: Keep = keep_all) -> int:
    return sum(1 for row in ROWS if keep(row))


def spend_by(key: Callable[[Row], Any], keep: Keep = keep_all) -> dict[Any, Decimal]:
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for row in ROWS:
        if keep(row):
            sums[key(row)] += row.cost
    return dict(sums)


def between(first: str, last: str) -> Keep:
    """Return whether a row is on one of these days of 2026, both included: "10-05"."""
    start, end = (date.fromisoformat(f"2026-{each}") for each in (first, last))
    return lambda row: start <= row.day <= end


def write_log(folder: Path, keep: Keep = keep_all) -> PricedLog:
    folder.mkdir()
    lines = [
        f"{row.at.isoformat()},{row.model},openai,{row.input},{row.output},{row.cached},{row.feature},{row.team},"
        f"{row.user},{'error' if row.error else 'success'},{row.error},{row.latency},"
        for row in ROWS
        if keep(row)
    ]
    out = ingest_log(folder, "\n".join((HEADER, *lines)) + "\n").out
    temp = folder / "temp"
    temp.mkdir(exist_ok=True)
    return open_analysis(out, temp, Assumptions())._priced_log


GRAMMAR = load_grammar()


def open_log(log: PricedLog) -> Analysis:
    """Return the analysis of a log that is open already."""
    return Analysis(lambda: log, log.assumptions)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One or two logs and what can be named in them."""

    logs: tuple[PricedLog, ...]
    known: KnownLogs

    @cached_property
    def analyses(self) -> tuple[Analysis, ...]:
        return tuple(open_log(log) for log in self.logs)

    def ask(self, *questions: str) -> Answer:
        """Return the answer to the last question of a conversation."""
        turns: list[Turn] = []
        for question in questions:
            reading = read_question(question, GRAMMAR, self.known, earlier=turns)
            results = [self._compute(call) for call in list_calls(reading)]
            for _ in range(MAX_ROUNDS):
                if is_open(reading):
                    settled = settle(reading, results, self.known)
                    reading, results = settled.reading, settled.fill([self._compute(call) for call in settled.calls])
            answer = compose_answer(reading, results, self.known)
            turns.append(build_turn(reading, results))
        return answer

    def compare(self, question: str, names: tuple[str, str]) -> Answer:
        """Return the answer to a question about both logs, as it is asked of two named logs."""
        reading = compare_logs(question, read_question(question, GRAMMAR, self.known_first), names)
        before, after = (part.query for part in reading.parts)
        if reading.kind is QuestionKind.EXPLAIN:
            return compose_logs(reading, compare_sides_of_logs(*self._measure_sides(before, after)))
        return compose_logs(reading, compare_results(measure(self.logs[0], before), measure(self.logs[1], after)))

    def _measure_sides(self, before: Query, after: Query) -> tuple[ChangeSide, ChangeSide]:
        first, second = (
            measure_side(log, query, with_values=True) for log, query in zip(self.logs, (before, after), strict=True)
        )
        return first, second

    def _ask_analysis(self, call: Call) -> object:
        """Return what a tool returns that is no question of a typed query."""
        analysis, names = self.analyses[call.log], call.arguments
        match call.tool:
            case "combine_levers":
                return analysis.combine(names["names"])
            case "estimate_lever":
                return analysis.estimate(names["name"])
            case "measure_group_savings":
                return analysis.group_savings(names["dimension"])
            case "inspect_workload":
                return inspect(analysis)
        raise KeyError(call.tool)

    @property
    def known_first(self) -> KnownLogs:
        return build_known_logs([describe_log(self.logs[0])])

    def _compute(self, call: Call) -> object:
        tool = QUESTIONS.get(call.tool)
        try:
            if tool is None:
                return self._ask_analysis(call)
            return tool.compute(self.logs[call.log], tool.arguments(**call.arguments))
        except UserError as refusal:
            return refusal.message if isinstance(refusal.message, Text) else text("{words}", words=refusal.message)


def open_shop(*logs: PricedLog) -> Shop:
    return Shop(
        logs=logs, known=build_known_logs([describe_log(log) for log in logs], fold_models(["gpt-4.1-nano", "o3"]))
    )


def show(question: str, answer: Answer) -> tuple[Mapping[str, Any], str]:
    """Return the answer as JSON data and as Markdown."""
    plain = to_plain(question, answer)
    return plain, to_markdown(plain)
