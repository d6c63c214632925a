"""Readings of many kinds of questions. Oracle: the query, written by hand."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from agents.language.questions import build_known_logs, read_question
from agents.language.reading import QuestionKind, SupposedChange, Turn, dump_turn, load_turn
from tests.agents.language.small_log import DESCRIPTION, GRAMMAR, KNOWN, describe, read
from workloads.query.dimensions import DIMENSIONS
from workloads.query.query import Filter, Having, Operator, Order, Period, Query, Statistic
from workloads.query.validation import check_query


def where(**values: object) -> tuple[Filter, ...]:
    return tuple(
        Filter(field=field, values=each if isinstance(each, tuple) else (each,)) for field, each in values.items()
    )


def days(first: str, end: str) -> Period:
    return Period(start=datetime.fromisoformat(first), end=datetime.fromisoformat(end))


QUERIES: dict[str, Query] = {
    "What did we spend?": Query(),
    "how many calls did we make": Query(measures=("requests",)),
    "Number of different users": Query(measures=("users",)),
    "What's the grand total?": Query(measures=("spend", "requests")),
    "spend of invoice-reader": Query(where=where(feature="invoice-reader")),
    "cost of invioce reader": Query(where=where(feature="invoice-reader")),
    "spend on mini-2 in March": Query(where=where(model="mini-2"), period=days("2026-03-01", "2026-04-01")),
    "Top 2 features by spend": Query(by=("feature",), order=Order(by="spend"), limit=2),
    "bottom 2 teams by spend": Query(by=("team",), order=Order(by="spend", descending=False), limit=2),
    "Who are my 2 most expensive teams?": Query(
        measures=("spend", "requests"), by=("team",), order=Order(by="spend"), limit=2
    ),
    "Wer sind die 2 teuersten Teams?": Query(
        measures=("spend", "requests"), by=("team",), order=Order(by="spend"), limit=2
    ),
    "Who are the 3 most expensive users?": Query(
        measures=("spend", "requests"), by=("user",), order=Order(by="spend"), limit=3
    ),
    "busiest team": Query(measures=("requests",), by=("team",), order=Order(by="requests")),
    "Spend by team, without night-job": Query(
        by=("team",), where=(Filter(field="feature", operator=Operator.IS_NOT, values=("night-job",)),)
    ),
    "users with at least $2 of spend": Query(
        by=("user",), having=(Having(measure="spend", operator=Operator.AT_LEAST, value=Decimal(2)),)
    ),
    "models with an error rate above 5%": Query(
        measures=("error_rate",),
        by=("model",),
        having=(Having(measure="error_rate", operator=Operator.ABOVE, value=Decimal("0.05")),),
    ),
    "How many requests took longer than 30 seconds?": Query(
        measures=("requests",),
        where=(Filter(field="latency_ms", operator=Operator.ABOVE, values=(Decimal(30_000),)),),
    ),
    "What did output tokens cost us?": Query(measures=("output_tokens", "output_spend")),
    "spend and output tokens by model": Query(measures=("spend", "output_tokens"), by=("model",)),
    "cost per 1k tokens by model": Query(measures=("cost_per_thousand_tokens",), by=("model",)),
    "When did we spend the most?": Query(by=("day",), order=Order(by="spend")),
    "average daily spend": Query(by=("day",), statistics=(Statistic.MEAN,)),
    "What do weekends cost on average?": Query(by=("day",), where=where(weekday=(6, 7)), statistics=(Statistic.MEAN,)),
    "spend between 9 and 15 March": Query(period=days("2026-03-09", "2026-03-16")),
    "spend in week 2": Query(period=days("2026-03-09", "2026-03-16")),
    "spend in the last 7 days": Query(period=days("2026-04-09", "2026-04-16")),
    "spend last week": Query(period=days("2026-04-06", "2026-04-13")),
    "spend in the last week of the log": Query(period=days("2026-04-09", "2026-04-16")),
    "Combien avons-nous dépensé la semaine dernière ?": Query(period=days("2026-04-06", "2026-04-13")),
    "¿Cuánto gastamos el mes pasado?": Query(period=days("2026-03-01", "2026-04-01")),
    "spend in Q2": Query(period=days("2026-04-01", "2026-07-01")),
    "spend in Q2 2026": Query(period=days("2026-04-01", "2026-07-01")),
    "spend in 2026-Q2": Query(period=days("2026-04-01", "2026-07-01")),
    "spend in H1": Query(period=days("2026-01-01", "2026-07-01")),
    "spend in 2026-H1": Query(period=days("2026-01-01", "2026-07-01")),
    "spend in 2026-W12": Query(period=days("2026-03-16", "2026-03-23")),
    "spend in week 12 of 2026": Query(period=days("2026-03-16", "2026-03-23")),
    "Was haben wir in KW 12 2026 ausgegeben?": Query(period=days("2026-03-16", "2026-03-23")),
    "spend from Q1 2026 to Q2 2026": Query(period=days("2026-01-01", "2026-07-01")),
    "spend in 2026": Query(period=days("2026-01-01", "2027-01-01")),
    "spend on the second weekend of March": Query(period=days("2026-03-14", "2026-03-16")),
    "share of input served from the cache": Query(measures=("cache_share",)),
    "p95 latency by model": Query(measures=("latency_p95",), by=("model",)),
    "average cost of a failed request": Query(measures=("cost_per_request",), where=where(status="failed")),
    "number of timeouts": Query(measures=("failures", "failed_spend"), where=where(error="Timeout")),
    "tokens month by month": Query(measures=("tokens",), by=("month",)),
    "Kosten pro Team im März": Query(by=("team",), period=days("2026-03-01", "2026-04-01")),
    "Combien avons-nous dépensé en mars ?": Query(period=days("2026-03-01", "2026-04-01")),
    "¿Cuánto gastamos en marzo?": Query(period=days("2026-03-01", "2026-04-01")),
}


@pytest.mark.parametrize("question", QUERIES)
def test_a_question_is_read_as_the_query_that_it_means(question: str) -> None:
    reading = read(question)
    assert reading.kind is QuestionKind.MEASURE
    check_query(replace(reading.query, zone="UTC"), DIMENSIONS)
    assert reading.query == QUERIES[question]


KINDS: dict[str, QuestionKind] = {
    "Compare March with April": QuestionKind.COMPARE,
    "this week against last week": QuestionKind.COMPARE,
    "Why did spend rise in week 3?": QuestionKind.EXPLAIN,
    "Which team's costs rose most from March to April?": QuestionKind.EXPLAIN,
    "What if traffic doubled?": QuestionKind.WHAT_IF,
    "What would chat-help cost on mini-2?": QuestionKind.WHAT_IF,
    "Forecast May": QuestionKind.FORECAST,
    "Any anomalies in daily spend?": QuestionKind.ANOMALIES,
    "List the 5 most expensive requests": QuestionKind.REQUESTS,
    "latest 3 requests": QuestionKind.REQUESTS,
    "What period does this log cover?": QuestionKind.PERIOD,
    "Cut our costs by 20% but keep chat-help": QuestionKind.REPORT,
    "thanks!": QuestionKind.TALK,
    "Write me a poem": QuestionKind.TALK,
    "Are you using GPT?": QuestionKind.TALK,
    "export this as CSV": QuestionKind.OPERATE,
    "Compare them": QuestionKind.CLARIFY,
    "What if we used mini-2 instead of titan?": QuestionKind.CLARIFY,
    "What if we used mini-2 instead of the giant-1?": QuestionKind.CLARIFY,
    "Give me an executive summary": QuestionKind.REPORT,
    "How much did he spend?": QuestionKind.CLARIFY,
    "Which model is best?": QuestionKind.CLARIFY,
    "How many?": QuestionKind.CLARIFY,
    "What if everything changed?": QuestionKind.CLARIFY,
    "spend of mini-7": QuestionKind.CLARIFY,
    "spend by cost center": QuestionKind.CANNOT,
    "What does team Marketing spend?": QuestionKind.CANNOT,
    "Spend by customer": QuestionKind.CANNOT,
    "Which customer costs the most?": QuestionKind.CANNOT,
    "How good were the answers?": QuestionKind.CANNOT,
    "What did we spend in 2019?": QuestionKind.CANNOT,
    "When will we reach $200?": QuestionKind.MEASURE,
    "How much do retries cost us?": QuestionKind.SAVINGS,
    "How many retries were there?": QuestionKind.CANNOT,
}


@pytest.mark.parametrize("question", KINDS)
def test_a_question_is_triaged_by_what_it_asks_for(question: str) -> None:
    assert read(question).kind is KINDS[question]


@pytest.mark.slow
def test_choices_to_click_can_be_read_themselves() -> None:
    for question in ("Which model is best?", "How many?", "What if everything changed?", "Compare with last month"):
        reading = read(question)
        assert 2 <= len(reading.choices) <= 4
        for choice in reading.choices:
            assert read(choice).kind not in (QuestionKind.CLARIFY, QuestionKind.CANNOT, QuestionKind.TALK), choice


def test_several_questions_in_one_are_read_one_by_one() -> None:
    reading = read("What did we spend, how many requests failed, and who are the top 3 users?")
    assert [each.query.measures for each in (reading, *reading.rest)] == [
        ("spend",),
        ("failures",),
        ("spend", "requests"),
    ]
    assert reading.rest[1].query.limit == 3
    months = read("How much did we spend in March and how much in April?")
    assert [each.query.period.start.month for each in (months, *months.rest) if each.query.period.start] == [3, 4]


def test_no_period_of_several_is_dropped() -> None:
    reading = read("error rate in week 2 and week 3")
    periods = [each.query.period for each in (reading, *reading.rest)]
    assert periods == [days("2026-03-09", "2026-03-16"), days("2026-03-16", "2026-03-23")]
    assert read("over the whole log", "spend in March").query == Query()


def test_a_story_around_a_question_changes_nothing() -> None:
    story = "So my boss called this morning, you know how she is, and before lunch I need one thing: "
    assert read(story + "what did Sales spend in March?").query == read("what did Sales spend in March?").query


def test_suppositions_say_what_changes() -> None:
    doubled, discount = read("What if traffic doubled?"), read("What if we got 20% discount?")
    assert doubled.supposition is not None and discount.supposition is not None
    assert (doubled.supposition.change, doubled.supposition.factor) == (SupposedChange.TRAFFIC, Decimal(2))
    assert (discount.supposition.change, discount.supposition.factor) == (SupposedChange.PRICE, Decimal("0.8"))


def test_all_queries_are_in_the_users_time_zone() -> None:
    reading = read_question("Compare March with April", GRAMMAR, KNOWN, zone="Asia/Tokyo")
    assert {part.query.zone for part in reading.parts} == {"Asia/Tokyo"}


@pytest.mark.slow
def test_a_turn_is_recorded_exactly() -> None:
    for question in (*QUERIES, *KINDS):
        turn = Turn(reading=read(question), subject=("team", "Sales"))
        assert load_turn(dump_turn(turn)) == turn


def test_a_log_without_dates_has_no_periods() -> None:
    undated = build_known_logs([describe(DESCRIPTION.values, None, None)])
    assert read("spend by model", known=undated).query == Query(by=("model",))
    assert read("spend in March", known=undated).kind is QuestionKind.CANNOT
    assert read("spend by week", known=undated).kind is QuestionKind.CANNOT


def test_a_group_that_the_log_lacks_is_never_dropped() -> None:
    values = {"model": DESCRIPTION.values["model"]}
    nameless = build_known_logs([describe(values, DESCRIPTION.first, DESCRIPTION.last)])
    for question in ("Which user costs the most?", "Who are my top 3 users?", "spend per user", "Spend by team"):
        assert read(question, known=nameless).kind is QuestionKind.CANNOT, question


def test_figures_of_two_logs_stand_side_by_side() -> None:
    both = build_known_logs([DESCRIPTION, DESCRIPTION])
    reading = read("What did we spend?", known=both)
    assert [(part.log, part.query.measures) for part in reading.parts] == [(0, ("spend",)), (1, ("spend",))]
    assert read("What did we spend in the second log?", known=both).log == 1


def test_a_measure_of_several_words_is_no_part_of_a_name() -> None:
    named = {"model": ("opus-9",), "error": ("429 rate_limited", "cost_center_missing", "error")}
    known = build_known_logs([describe(named, DESCRIPTION.first, DESCRIPTION.last)])
    assert read("What is our error rate by model?", known=known).query == Query(measures=("error_rate",), by=("model",))
    assert read("How many rate_limited errors?", known=known).query.where != ()
    assert read("What will we spend next month at this rate?", known=known).query.where == ()


def test_what_a_bill_payer_adds_to_a_question_is_no_name() -> None:
    moved = read("What would we save by moving chat-help to mini-2?")
    assert moved.supposition is not None
    assert moved.supposition.model == "mini-2"
    for question in (
        "Show me spend by team and model for chargeback",
        "What will we spend next month if nothing changes?",
    ):
        reading = read(question)
        assert reading.kind in (QuestionKind.MEASURE, QuestionKind.FORECAST)
        assert not reading.unread


def test_a_table_after_a_list_of_requests_is_a_table() -> None:
    listed = "Show me the 2 most expensive requests"
    assert read("spend by user and model", listed) == read("spend by user and model")
    by_model = read("and by model?", listed)
    assert (by_model.kind, by_model.query.by, by_model.query.limit) == (QuestionKind.MEASURE, ("model",), None)
    assert read("spend by user", "Top 2 features by spend").query.limit is None
    assert read("and by user?", "Top 2 features by spend").query.limit == 2


@pytest.mark.slow
def test_a_whole_question_keeps_nothing_of_the_one_before() -> None:
    before = "What does mini-2 cost for Finance?"
    for question in (
        *("requests per day", "Which model has the highest error rate?", "how many users do we have?"),
        *("top 3 features and their p95 latency", "Welches Team kostet am meisten?", "what is the price of opus-9?"),
        "what's driving our costs?",
    ):
        assert read(question, before) == read(question)
    for fragment, group in {"by feature": "feature", "and requests per day": "day", "which team?": "team"}.items():
        reading = read(fragment, before).query
        assert (reading.by, reading.where) == ((group,), read(before).query.where)


def test_an_amount_is_no_part_of_a_name() -> None:
    known = build_known_logs([describe({"user": ("user-250", "user-251")}, DESCRIPTION.first, DESCRIPTION.last)])
    assert read("Will we stay under $250 next month?", known=known).query.where == ()
    assert read("Spend of user 250", known=known).query.where == where(user="user-250")


def test_a_period_before_the_question_belongs_to_it() -> None:
    assert read("In March, which team has the highest spend?") == read("Which team has the highest spend in March?")


def test_a_figure_beside_a_ranking_does_not_rank() -> None:
    beside = read("top 3 features and their p95 latency").query
    assert (beside.measures, beside.order) == (("spend", "latency_p95"), Order(by="spend"))
    assert read("top 3 features by p95 latency").query.order == Order(by="latency_p95")


def test_what_a_query_cannot_say_is_not_answered() -> None:
    cached = read("What would it cost if we cached 50% of the input?")
    assert (cached.kind, cached.supposition) == (QuestionKind.CANNOT, None)
    exclusive = read("Which users only use mini-2?")
    assert (exclusive.kind, exclusive.choices) == (
        QuestionKind.CLARIFY,
        ("Spend by user and model", "Spend of mini-2 by user"),
    )
    nested = read("requests per day in the most expensive hour of the day")
    assert (nested.kind, nested.choices) == (QuestionKind.CLARIFY, ("Which hour_of_day had the highest spend?",))
    absent = read("Which customers cost us the most?")
    instead = ("Which users cost us the most?", "Which teams cost us the most?", "Spend by team", "Spend by user")
    assert (absent.kind, absent.choices) == (QuestionKind.CANNOT, instead)


def test_shares_of_input_and_drivers_of_cost_have_their_own_measures() -> None:
    assert read("what percentage of input is cached per feature?").query == Query(
        measures=("cache_share",), by=("feature",)
    )
    drivers = read("what's driving our costs?").query
    assert (drivers.by, drivers.order) == (("feature",), Order(by="spend"))


def test_a_price_per_request_ranks_by_it() -> None:
    for question, descending in {"most expensive per request": True, "cheapest per call": False}.items():
        query = read(f"Which model is {question}?").query
        assert (query.measures[0], query.order) == (
            "cost_per_request",
            Order(by="cost_per_request", descending=descending),
        )
