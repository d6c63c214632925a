"""The part of the log that a question is about: the whole is never given for a part that was not understood.

Oracle: sums over the rows of a small log in plain Python (shop_log.py)."""

from collections.abc import Callable
from datetime import date
from statistics import mean, median

import pytest

from agents.answers.answer import AnswerKind
from tests.agents.answers.shop_log import ROWS, Row, Shop, between, count, open_shop, spend, spend_by, write_log

WEEKEND = 5


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


REFUSED = (
    "What do we spend on embeddings?",
    "what did we spend on GPUs in October?",
    "spend by model for our newsletters",
    "is gpt-4.1 more expensive than mistral?",
    "Kosten für Einbettungen",
    "were there duplicates?",  # without request IDs
    "gab es doppelte Anfragen?",
    "total spend net of the discount",  # none is known
    "Was haben wir nach Rabatt ausgegeben?",
    "coût par modèle après remise",
    "¿cuánto gastamos después del descuento?",
    "Is checkout-bot getting worse?",
    "has our onboarding become cheaper?",
    "What if input tokens doubled?",
    "What would the bill be if all prompts were 10% shorter?",
)


def test_a_part_that_the_log_lacks_is_refused(shop: Shop) -> None:
    for question in REFUSED:
        assert shop.ask(question).kind is AnswerKind.CANNOT, question
    assert shop.ask("spend by model for my boss").kind is AnswerKind.ANSWER


def is_office(row: Row) -> bool:
    return 9 <= row.at.hour < 17


COUNTS: dict[str, Callable[[Row], bool]] = {
    "how many requests between 9 and 17h on weekdays?": lambda row: (
        9 <= row.at.hour < 17 and row.day.weekday() < WEEKEND
    ),
    "how many requests between 9am and 5pm?": is_office,
    "requests from 9:00 to 17:00": is_office,
    "requests since Friday": lambda row: row.day >= date(2026, 11, 6),
    "how many requests cost more than twice the average?": lambda row: row.cost > 2 * mean(each.cost for each in ROWS),
    "how many requests were slower than 3 times the median?": lambda row: (
        row.latency > 3 * median(each.latency for each in ROWS)
    ),
    "is any request more than 100 times the mean?": lambda row: False,
    "which requests have no price?": lambda row: False,
}


def test_the_requests_that_are_meant_are_counted(shop: Shop) -> None:
    for question, keep in COUNTS.items():
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.ANSWER, question
        assert answer.figures[0].value == count(keep), question
    assert shop.ask("is any request more than 100 times the mean?").text.startswith("No")
    assert shop.ask("is any request more than twice the mean?").text.startswith("Yes")


def test_a_period_is_that_of_all_parts(shop: Shop) -> None:
    week = between("10-05", "10-11")
    after = shop.ask("How many requests, and what did we spend, in the week of October 5?")
    before = shop.ask("What did we spend in the week of October 5, and how many requests were there?")
    assert [figure.value for figure in after.figures] == [count(week), spend(week)]
    assert [figure.value for figure in before.figures] == [spend(week), count(week)]


def test_two_weeks_are_set_side_by_side(shop: Shop) -> None:
    answer = shop.ask("what did chat-help cost last week and the week before")
    weeks = (between("10-26", "11-01"), between("11-02", "11-08"))
    expected = [spend_by(lambda row: row.feature, week)["chat-help"] for week in weeks]
    assert [row[1] for row in answer.tables[0].rows] == expected


def test_days_are_compared_with_days(shop: Shop) -> None:
    answer = shop.ask("Did we spend more per day on weekends than on weekdays?")
    days = {row.day for row in ROWS}
    ends = [day for day in days if day.weekday() >= WEEKEND]
    weekend = spend(lambda row: row.day.weekday() >= WEEKEND)
    expected = [weekend / len(ends), (spend() - weekend) / (len(days) - len(ends))]
    assert answer.text.startswith("No")
    assert [float(str(row[1])) for row in answer.tables[0].rows] == pytest.approx([float(each) for each in expected])


def test_a_rank_is_by_what_is_said(shop: Shop) -> None:
    ranked = shop.ask("top 2 features by tokens, and their cost per 1k tokens")
    tokens = {name: sum(r.input + r.output for r in ROWS if r.feature == name) for name in {r.feature for r in ROWS}}
    assert ranked.tables[0].rows[0][:2] == max(tokens.items(), key=lambda item: item[1])
    price = shop.ask("which model is cheapest per output token?")
    assert (price.tables[0].rows[0][0], float(str(price.tables[0].rows[0][1]))) == ("gpt-4o-mini", 0.6)
    one = shop.ask("which user sent the most expensive request?")
    assert max(row.cost for row in ROWS) in one.tables[0].rows[0]


def test_nothing_is_no_highest(shop: Shop) -> None:
    assert "No request failed." in shop.ask("errors by model in week 1 on Tuesday").text
    assert shop.ask("what share of gpt-4.1 spend comes from chat-help?").figures[0].value == 0


def test_what_takes_more_than_a_log_is_asked_back(shop: Shop) -> None:
    saved = shop.ask("since we turned gpt-4o off on October 20, what did we save?")
    assert saved.kind is AnswerKind.CLARIFY
    assert shop.ask("requests of the top user per day").kind is AnswerKind.ANSWER


def test_a_run_rate_and_fallen_traffic_are_understood(shop: Shop) -> None:
    assert "2026-12-09" in shop.ask("what's our monthly run rate?").text
    assert "as many requests" in shop.ask("if chat-help traffic fell by 30%, what would October have cost?").text


def test_the_same_is_offered_for_owners_that_the_log_has(shop: Shop) -> None:
    answer = shop.ask("Who are my ten most expensive customers?")
    assert answer.suggestions[0] == "Who are my ten most expensive users?"
    assert shop.ask(answer.suggestions[0]).kind is AnswerKind.ANSWER
