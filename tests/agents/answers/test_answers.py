"""Questions about a small log, answered with its figures. Oracle: sums over its rows in plain Python."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.answers.answer import Answer, AnswerKind, ChartType
from agents.answers.calls import Call, build_turn, list_calls
from agents.answers.composition import compose_answer
from agents.answers.follow_ups import CLOSE
from agents.answers.period_notes import list_zone_notes
from agents.language.questions import KnownLogs, build_known_logs, load_grammar, read_question
from agents.language.reading import Turn
from agents.language.vocabulary import fold_models
from core.exceptions import BadInput
from core.i18n.text import Text, text
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.opening import open_analysis
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.assumptions import Assumptions
from workloads.query.answers import QUESTIONS as TOOLS
from workloads.query.values import describe_log

DAYS = 42
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADER = "timestamp,model,provider,input_tokens,output_tokens,feature,team,user_id,status,latency_ms,cost"
LEGAL, SALES = "Legal", "Sales"


@dataclass(frozen=True, slots=True)
class Row:
    at: datetime
    feature: str
    team: str
    user: str
    ok: bool
    latency: int
    input: int
    output: int


def iter_rows() -> Iterator[Row]:
    for day in range(DAYS):
        at = START + timedelta(days=day)
        for i in range(2 + day % 3):
            is_legal = i == 0
            yield Row(
                at=at + timedelta(hours=i),
                feature="contract-check" if is_legal else "mail-writer",
                team=LEGAL if is_legal else SALES,
                user="lea" if is_legal else f"sam-{i}",
                ok=not (day % 10 == 0 and i == 1),
                latency=1_000 * (i + 1) + day,
                input=(4_000 if is_legal else 1_000) + day,
                output=200 + i,
            )


ROWS = tuple(iter_rows())
PRICE_IN, PRICE_OUT = Decimal("2.5") / 1_000_000, Decimal(10) / 1_000_000
"""gpt-4o, USD per token."""


def cost(row: Row) -> Decimal:
    return row.input * PRICE_IN + row.output * PRICE_OUT


def spend(keep: Callable[[Row], bool] = lambda row: True) -> Decimal:
    return sum((cost(row) for row in ROWS if keep(row)), Decimal(0))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> PricedLog:
    folder = tmp_path_factory.mktemp("answers")
    lines = [
        f"{row.at.isoformat()},gpt-4o,openai,{row.input},{row.output},{row.feature},{row.team},{row.user},"
        f"{'success' if row.ok else 'error'},{row.latency},"
        for row in ROWS
    ]
    out = ingest_log(folder, "\n".join((HEADER, *lines)) + "\n").out
    return open_analysis(out, _make(folder / "temp"), Assumptions())._priced_log


def _make(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def known_logs(log: PricedLog) -> KnownLogs:
    return build_known_logs([describe_log(log)], fold_models(["gpt-4o-mini"]))


GRAMMAR = load_grammar()


def run(log: PricedLog, call: Call) -> object:
    tool = TOOLS[call.tool]
    try:
        return tool.compute(log, tool.arguments(**call.arguments))
    except BadInput as refusal:
        return refusal.args[0] if isinstance(refusal.args[0], Text) else text("no")


def ask(log: PricedLog, known_logs: KnownLogs, *questions: str) -> Answer:
    turns: list[Turn] = []
    for question in questions:
        reading = read_question(question, GRAMMAR, known_logs, earlier=turns)
        results = [run(log, call) for call in list_calls(reading)]
        answer = compose_answer(reading, results, known_logs)
        turns.append(build_turn(reading, results))
    return answer


def figure(answer: Answer, start: str) -> Decimal:
    return next(Decimal(str(each.value)) for each in answer.figures if each.name.startswith(start))


def rows(answer: Answer) -> dict[object, Decimal]:
    return {row[0]: Decimal(str(row[1])) for row in answer.tables[0].rows}


def group(key: Callable[[Row], object], keep: Callable[[Row], bool] = lambda row: True) -> dict[object, Decimal]:
    sums: dict[object, Decimal] = defaultdict(Decimal)
    for row in ROWS:
        if keep(row):
            sums[key(row)] += cost(row)
    return dict(sums)


def is_march(row: Row) -> bool:
    return row.at.month == 3


@pytest.mark.slow
def test_totals_are_those_of_the_rows(log: PricedLog, known_logs: KnownLogs) -> None:
    assert figure(ask(log, known_logs, "What did we spend in total?"), "Spend") == spend()
    assert figure(ask(log, known_logs, "How many requests failed?"), "Failed") == sum(not row.ok for row in ROWS)
    march = ask(log, known_logs, "What did Legal spend in March?")
    assert figure(march, "Spend") == spend(lambda row: is_march(row) and row.team == LEGAL)


def test_groups_are_those_of_the_rows(log: PricedLog, known_logs: KnownLogs) -> None:
    assert rows(ask(log, known_logs, "spend by team")) == group(lambda row: row.team)
    only = ask(log, known_logs, "Spend by user, without lea")
    assert rows(only) == group(lambda row: row.user, lambda row: row.user != "lea")
    days = ask(log, known_logs, "spend per day in March")
    assert list(rows(days).values()) == list(group(lambda row: row.at.date(), is_march).values())


def test_a_follow_up_changes_one_thing(log: PricedLog, known_logs: KnownLogs) -> None:
    answer = ask(log, known_logs, "spend by team", "only in March", "by user", "without lea")
    assert rows(answer) == group(lambda row: row.user, lambda row: is_march(row) and row.user != "lea")


def test_a_filter_and_its_complement_add_up(log: PricedLog, known_logs: KnownLogs) -> None:
    one, rest = ask(log, known_logs, "spend of Legal"), ask(log, known_logs, "spend without Legal")
    assert figure(one, "Spend") + figure(rest, "Spend") == spend()


def test_several_questions_are_answered_together(log: PricedLog, known_logs: KnownLogs) -> None:
    answer = ask(log, known_logs, "What did we spend, and how many requests failed?")
    assert figure(answer, "Spend") == spend()
    assert figure(answer, "Failed") == sum(not row.ok for row in ROWS)
    assert [shown.figures for shown in answer.shown] == [(0,), (1,)]


@pytest.mark.slow
def test_a_wrong_premise_is_corrected(log: PricedLog, known_logs: KnownLogs) -> None:
    assert ask(log, known_logs, "Why did spend fall from March to April?").text
    claimed = ask(log, known_logs, "We have twelve teams. What does each of them spend?")
    assert str(claimed.text).startswith("Teams in the log: 2, not 12.")
    superlative = ask(log, known_logs, "Why is Sales our most expensive team?")
    assert str(superlative.text).startswith("No: Legal comes first")


def test_incomplete_periods_are_said(log: PricedLog, known_logs: KnownLogs) -> None:
    notes = [str(note) for note in ask(log, known_logs, "Compare March with April").notes]
    assert notes[:2] == [
        "The log starts on 2026-03-02, so 2026-03-01 to 2026-03-31 is not complete.",
        "The log ends on 2026-04-12, so 2026-04-01 to 2026-04-30 is not complete.",
    ]
    assert "The last month is not complete" in " ".join(ask(log, known_logs, "spend by month").notes)
    assert ask(log, known_logs, "requests by day").notes == ()


def test_times_of_requests_are_said_to_be_in_a_zone(known_logs: KnownLogs) -> None:
    reading = read_question("List the 3 most expensive requests", GRAMMAR, known_logs)
    zoned = replace(reading, query=replace(reading.query, zone="Europe/Berlin"))
    assert list_zone_notes(zoned, known_logs) == ("Days and hours are in the time zone Europe/Berlin.",)
    assert list_zone_notes(reading, known_logs) == list_zone_notes(zoned, None) == ()


@pytest.mark.slow
def test_a_trend_leaves_out_what_is_not_complete(log: PricedLog, known_logs: KnownLogs) -> None:
    whole = ask(log, known_logs, "spend by week")
    cut = replace(known_logs, extents=(replace(known_logs.extent, last=known_logs.extent.last - timedelta(days=1)),))
    (first, *_, before_last, last) = whole.tables[0].rows
    for known, end in ((known_logs, last), (cut, before_last)):
        said = str(ask(log, known, "Is our spend growing?").text)
        assert f"(week from {first[0]})" in said
        assert f"(week from {end[0]})" in said
    assert str(ask(log, known_logs, "Is spend growing month over month?").text).startswith("Spend ")
    month = replace(known_logs.extent, last=date(2026, 3, 31))
    only = str(ask(log, replace(known_logs, extents=(month,)), "Is spend in March growing month over month?").text)
    assert only.startswith("The log covers only one period of this length")


@pytest.mark.slow
def test_what_has_no_name_is_said_and_leads_no_ranking(tmp_path: Path) -> None:
    lines = ("2026-03-02T09:00:00Z,gpt-4o,3000000,0,", "2026-03-02T09:00:01Z,gpt-4o,1000000,0,lea")
    content = "\n".join(("timestamp,model,input_tokens,output_tokens,user_id", *lines))
    out = ingest_log(tmp_path, content + "\n").out
    small = open_analysis(out, _make(tmp_path / "temp"), Assumptions())._priced_log
    known = build_known_logs([describe_log(small)])
    said = str(ask(small, known, "Who spends the most?").text)
    assert said.startswith("lea has the highest spend: $2.50 (25.0% of $10.00). No value for “User”: $7.50 (75.0%).")


def test_all_requests_in_batch_is_no_saving_to_count_on(log: PricedLog, known_logs: KnownLogs) -> None:
    everything = str(ask(log, known_logs, "Could we use the batch API?").text)
    assert everything.startswith("Only requests that nobody waits for can move to batch")
    one = str(ask(log, known_logs, "What would batch save for contract-check?").text)
    assert one.startswith("It would have cost")


@pytest.mark.slow
def test_what_no_group_has_is_unknown(tmp_path: Path) -> None:
    rows = ("2026-03-02,gpt-4o,3000000,0", "2026-03-02,gpt-4.1,1000000,0", "2026-03-03,gpt-4o,1000000,0")
    content = "\n".join(("date,model,total_input_tokens,total_output_tokens", *rows)) + "\n"
    out = ingest_log(tmp_path, content).out
    small = open_analysis(out, _make(tmp_path / "temp"), Assumptions())._priced_log
    answer = ask(small, build_known_logs([describe_log(small)]), "requests by model")
    assert answer.kind is AnswerKind.CANNOT
    assert "unknown" in str(answer.text)


def test_two_named_groups_are_set_in_proportion(log: PricedLog, known_logs: KnownLogs) -> None:
    answer = ask(log, known_logs, "How much more expensive is Legal than Sales?")
    teams = group(lambda row: row.team)
    assert figure(answer, "Spend, ratio") == teams[LEGAL] / teams[SALES]
    assert figure(answer, "Spend, difference") == teams[LEGAL] - teams[SALES]
    assert f"Legal is {teams[LEGAL] / teams[SALES]:.2f} times Sales" in str(answer.text)


def test_a_chart_fits_the_groups(log: PricedLog, known_logs: KnownLogs) -> None:
    charts = {
        "spend by team": ChartType.BARS,
        "spend by week": ChartType.LINES,
        "share of spend by team": ChartType.SHARES,
    }
    for question, kind in charts.items():
        answer = ask(log, known_logs, question)
        assert answer.chart is not None
        assert answer.chart.type is kind
        names = [str(column.name) for column in answer.tables[answer.chart.table].columns]
        assert {answer.chart.x, *answer.chart.y} <= set(names)
    assert ask(log, known_logs, "spend by team and user").chart is None


QUESTIONS = (
    *("What did we spend in total?", "spend by team", "top 2 users by spend", "share of spend by team"),
    *("What share of spend is Legal?", "Compare March with April", "Why did spend rise from March to April?"),
    *("average daily spend", "p95 latency by team", "requests slower than 2 seconds", "spend by week"),
    *("What share of requests took longer than 2 seconds?", "List the 3 most expensive requests", "latest request"),
    *("Any anomalies in daily spend?", "Forecast next week", "Is Sales getting more expensive?", "cached tokens"),
    *("What did nobody spend?", "Which team's costs rose most from March to April?", "spend by cost center"),
    *("Which model is best?", "thanks", "What period does this log cover?", "error rate in week 2 and week 3"),
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_reads_as_english(log: PricedLog, known_logs: KnownLogs, question: str) -> None:
    answer = ask(log, known_logs, question)
    for words in (str(answer.text), *map(str, answer.notes)):
        assert words.strip()
        assert not re.search(r"\bNone\b|\{|\}|Decimal|\bnan\b|00:00:00|\.\.(?!\.)|\s[.,;:]", words), words
        for sentence in re.split(r"(?<=[.?!])\s+(?=[A-Z])", words.strip()):
            assert re.match(r"""[A-Z0-9$“"(a-z]""", sentence), sentence
        assert words.rstrip()[-1] in ".?!)", words


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS[::4])
def test_what_can_be_clicked_is_answered(log: PricedLog, known_logs: KnownLogs, question: str) -> None:
    answer = ask(log, known_logs, question)
    clicked = [option.ask for chip in answer.understood for option in chip.options]
    for follow_up in (*clicked, *answer.suggestions, *(choice.ask for choice in answer.choices)):
        reply = ask(log, known_logs, question, follow_up)
        assert reply.kind in (AnswerKind.ANSWER, AnswerKind.REPORT), (question, follow_up, str(reply.text))


MOST_UNMATCHED = 31
"""Whole numbers up to this may be days, or "8 of 10"."""


@pytest.mark.slow
def test_what_comes_close_to_a_question_without_an_answer_has_one(log: PricedLog, known_logs: KnownLogs) -> None:
    suggested = ask(log, known_logs, "How many retries were there?").suggestions
    assert suggested[:2] == CLOSE["retries"]
    assert "Spend by customer" not in ask(log, known_logs, "Which of our customers are profitable?").suggestions
    for follow_up in {each for listed in CLOSE.values() for each in listed if not each.endswith("customer")}:
        assert ask(log, known_logs, follow_up).kind is AnswerKind.ANSWER, follow_up


def numbers(words: str) -> Iterator[Decimal]:
    for match in re.finditer(
        r"(?<![\d-])\d[\d,]*(?:\.\d+)?", re.sub(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|p\d\d|sam-\d", "", words)
    ):
        yield Decimal(match[0].replace(",", ""))


@pytest.mark.parametrize("question", QUESTIONS[:-6])
def test_every_number_of_a_text_is_a_figure(log: PricedLog, known_logs: KnownLogs, question: str) -> None:
    answer = ask(log, known_logs, question)
    if answer.kind is not AnswerKind.ANSWER:
        return
    cells: Sequence[object] = [cell for table in answer.tables for row in table.rows for cell in row]
    known_values = [
        abs(Decimal(str(value))) for value in (*(each.value for each in answer.figures), *cells) if _is_number(value)
    ]
    for number in numbers(str(answer.text)):
        scaled = [value * scale for value in known_values for scale in (1, 100, Decimal("0.001"))]
        is_small = number == number.to_integral() and number <= MOST_UNMATCHED
        assert is_small or any(_is_rounded(value, number) for value in scaled), (number, str(answer.text))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_rounded(value: Decimal, shown: Decimal) -> bool:
    places = -int(shown.as_tuple().exponent)
    return abs(value - shown) <= Decimal(10) ** -places * Decimal("0.51")
