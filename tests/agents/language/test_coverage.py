"""What a reading leaves out of its question is found by the question's words, whatever the grammar makes of them."""

from datetime import date, datetime

import pytest

from agents.language.coverage.checks import list_left_out
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.scanner import scan_question
from agents.language.times.calendar import LogDays
from tests.agents.language.small_log import GRAMMAR, KNOWN, read
from workloads.query.query import Filter, Order, Period, Query, Statistic

EXTENT = LogDays(date(2026, 3, 2), date(2026, 4, 15))
MARCH = Period(start=datetime.fromisoformat("2026-03-01"), end=datetime.fromisoformat("2026-04-01"))
OPUS = Filter(field="model", values=("opus-9",))


def scan(question: str, language: str = "en") -> Scan:
    return scan_question(question, GRAMMAR.combined[language], KNOWN.vocabulary, EXTENT)


def measured(*measures: str, by: tuple[str, ...] = (), rest: tuple[Reading, ...] = (), **more: object) -> Reading:
    query = Query(measures=measures or ("spend",), by=by, **more)  # type: ignore[arg-type]
    return Reading(kind=QuestionKind.MEASURE, query=query, rest=rest)


LEFT_OUT: dict[str, tuple[str, Reading, tuple[str, ...]]] = {
    "a figure": ("spend and latency by model", measured(by=("model",)), ("latency",)),
    "a group": ("spend by team", measured(), ("team",)),
    "a grain": ("spend per day", measured(), ("day",)),
    "a statistic": ("median spend by user", measured(by=("user",)), ("median",)),
    "a name": ("what did opus-9 cost", measured(), ("opus-9",)),
    "a period": ("what did we spend in March", measured(), ("March",)),
    "when": ("when did requests fail", measured("failures"), ("when",)),
    "why, of two questions": ("what did we spend and why", measured(), ("why",)),
    "a ranking": ("what does the most expensive day cost", measured(statistics=(Statistic.MEAN,)), ("the most", "day")),
    "a share": ("what share of spend is output", measured("output_spend"), ("share",)),
    "a rate": ("how many tokens do we send per request by model", measured("tokens", by=("model",)), ("per",)),
    "a comparison": ("compare the spend", measured(), ("compare",)),
    "what a what-if can't tell": (
        "what if we move to opus-9, and the latency?",
        Reading(kind=QuestionKind.WHAT_IF, query=Query(where=(OPUS,))),
        ("latency",),
    ),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_left_no_trace_is_found(case: str) -> None:
    question, reading, expected = LEFT_OUT[case]
    found = list_left_out(scan(question), reading)
    assert set(expected) <= set(found), found


ANSWERED: dict[str, Reading] = {
    "spend and latency by model": measured("spend", "latency_p50", by=("model",)),
    "how many teams are there": measured("teams"),
    "spend per day": measured(by=("day",)),
    "median spend by user": measured(by=("user",), statistics=(Statistic.P50,)),
    "what did opus-9 cost in March": measured(where=(OPUS,), period=MARCH),
    "when did requests fail": measured("failures", by=("day",)),
    "the most expensive model": measured(by=("model",), order=Order(by="spend")),
    "tokens per request by model": measured("tokens_per_request", by=("model",)),
    "compare March with April": Reading(
        kind=QuestionKind.COMPARE,
        parts=(Part(label="March", query=Query(period=MARCH)), Part(label="April", query=Query())),
    ),
    "why did latency rise in March": Reading(
        kind=QuestionKind.EXPLAIN, parts=(Part(label="March", query=Query(period=MARCH)),)
    ),
    "what if we got 15 % off": Reading(kind=QuestionKind.WHAT_IF),
}


@pytest.mark.parametrize("question", ANSWERED)
def test_what_is_answered_is_not_left_out(question: str) -> None:
    assert list_left_out(scan(question), ANSWERED[question]) == ()


def test_of_two_rankings_that_are_read_alike_the_second_is_left_out() -> None:
    question = "which model is used the most, and which one is the most expensive?"
    ranked = Query(measures=("spend",), by=("model",), order=Order(by="spend"))
    again = measured(by=("model",), order=Order(by="spend"))
    found = list_left_out(scan(question), Reading(kind=QuestionKind.MEASURE, query=ranked, rest=(again,)))
    assert found == ("expensive",)
    other = measured("requests", by=("model",), order=Order(by="requests"), rest=(again,))
    assert list_left_out(scan(question), other) == ()


def test_words_of_other_languages_are_found_too() -> None:
    for question, language, word in (
        ("Wann sind Anfragen fehlgeschlagen?", "de", "Wann"),
        ("Quand les requêtes ont-elles échoué ?", "fr", "Quand"),
        ("¿Cuándo fallaron las peticiones?", "es", "Cuándo"),
    ):
        assert word in list_left_out(scan(question, language), measured("failures")), question


def test_refusals_and_questions_back_leave_nothing_out() -> None:
    for kind in (QuestionKind.CANNOT, QuestionKind.CLARIFY, QuestionKind.TALK, QuestionKind.REPORT):
        assert list_left_out(scan("when and why did opus-9 fail?"), Reading(kind=kind)) == ()


def test_a_reading_says_what_it_leaves_out() -> None:
    reading = read("what did we spend by model in March?")
    assert reading.unread == ()
    assert reading.query.by == ("model",)


def test_a_word_that_may_change_what_is_wanted_is_asked_about() -> None:
    for question in (
        "how many requests were flurbs?",
        "which teams drove the flurb?",
        "spend of invoice-reader as flurb",
    ):
        reading = read(question)
        assert reading.kind is QuestionKind.CLARIFY, question
        assert "flurb" in str(reading.message), question
        assert len(reading.choices) == 3, question
        assert all(read(choice).kind is QuestionKind.MEASURE for choice in reading.choices), question


def test_small_words_and_stories_before_a_question_are_not_asked_about() -> None:
    for question in (
        "which team causes the most spend?",
        "The board wants a flurb on Friday. What did invoice-reader cost?",
        "What did invoice-reader cost? The flurb is for the board.",
    ):
        assert read(question).kind is QuestionKind.MEASURE, question
