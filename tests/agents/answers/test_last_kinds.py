"""What grows, which requests used the cache, a bill without something, and where a month ends. Oracle: the rows."""

from datetime import timedelta
from decimal import Decimal

import pytest

from agents.answers.answer import AnswerKind
from tests.agents.answers.shop_log import FIRST, ROWS, Row, Shop, between, count, open_shop, spend, spend_by, write_log
from tests.agents.answers.test_first_ones_and_others import get_rows, get_values, list_unread, of

pytestmark = pytest.mark.slow

OCTOBER = between("10-01", "10-31")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def has_cached(row: Row) -> bool:
    return row.cached > 0


def sum_tokens(side: str) -> Decimal:
    return Decimal(sum(getattr(row, side) for row in ROWS))


def test_what_grows_is_measured_between_two_times(shop: Shop) -> None:
    middle = FIRST + timedelta(days=28)
    halves = [spend_by(lambda row: row.model, keep) for keep in (lambda r: r.day < middle, lambda r: r.day >= middle)]
    grown = max(halves[1], key=lambda name: halves[1][name] - halves[0].get(name, Decimal(0)))
    for question in (
        "Which model is growing?",
        "Which models are getting more expensive?",
        "Welche Modelle wachsen?",
        "Quels modèles augmentent ?",
        "¿Qué modelos crecen?",
    ):
        answer = shop.ask(question)
        assert str(answer.text).startswith(f"{grown} rose most"), question
        assert get_values(answer)[:2] == [sum(half.values()) for half in halves], question
        assert list_unread(answer) == "", question
    for question in (
        "Which features are shrinking?",
        "which features shrank?",
        "Welche Teams schrumpfen?",
        "Quelles équipes diminuent ?",
        "¿Qué equipos disminuyen?",
    ):
        assert str(shop.ask(question).text).startswith("None fell."), question
    week = get_values(shop.ask("Which features grew in the last week?"))
    assert week[:2] == [spend(between("10-26", "11-01")), spend(between("11-02", "11-08"))]


def test_a_change_that_is_not_answered_is_said_to_be_left_out(shop: Shop) -> None:
    for question, word in {
        "which models are not growing?": "growing",
        "which model is growing and which is shrinking?": "shrinking",
        "How much does the growing team spend?": "growing",
        "Wächst doc-search?": "Wächst",
        "How many requests could use caching?": "caching",
    }.items():
        assert word in list_unread(shop.ask(question)), question


def test_requests_that_used_the_cache_have_cached_tokens(shop: Shop) -> None:
    for question in (
        "How many requests used caching?",
        "how many calls used the cache",
        "Wie viele Anfragen nutzten den Cache?",
        "Combien de requêtes ont utilisé le cache ?",
        "¿Cuántas peticiones usaron la caché?",
    ):
        answer = shop.ask(question)
        assert answer.figures[0].value == count(has_cached), question
        assert list_unread(answer) == "", question
    october = shop.ask("How many chat-help requests used caching in October?")
    assert october.figures[0].value == count(lambda row: has_cached(row) and OCTOBER(row))


def test_without_something_is_the_same_without_its_requests(shop: Shop) -> None:
    def is_other(row: Row) -> bool:
        return row.model != "gpt-4o"

    october = spend(lambda row: is_other(row) and OCTOBER(row))
    for questions, expected in {
        ("What did I spend?", "What would it be without gpt-4o?"): spend(is_other),
        ("What did I spend in October?", "What would it be without gpt-4o?"): october,
        ("Was haben wir im Oktober ausgegeben?", "Wie wäre es ohne gpt-4o?"): october,
        ("What would it cost without gpt-4o?",): spend(is_other),
    }.items():
        assert shop.ask(*questions).figures[0].value == expected, questions
    whole = get_values(shop.ask("What will next month cost without gpt-4o?"))
    for follow_up in ("What would it be without gpt-4o?", "Et sans gpt-4o ?", "¿Y sin gpt-4o?", "and without gpt-4o?"):
        assert get_values(shop.ask("What will next month cost?", follow_up)) == whole, follow_up
    assert shop.ask("What did I spend?", "What would it be without o3?").kind is AnswerKind.CLARIFY


def test_tokens_that_go_in_are_divided_by_those_that_come_out(shop: Shop) -> None:
    inputs, outputs = sum_tokens("input"), sum_tokens("output")
    for question, expected in {
        "How many tokens go in for each one that comes out?": inputs / outputs,
        "How many input tokens per output token?": inputs / outputs,
        "How many tokens come out for each one that goes in?": outputs / inputs,
    }.items():
        answer = shop.ask(question)
        assert answer.figures[0].value == expected, question
        assert list_unread(answer) == "", question
    assert list_unread(shop.ask("How many tokens per second do they give me?")) == ""


def test_a_sum_and_its_rate_are_both_answered(shop: Shop) -> None:
    models = spend_by(lambda row: row.model)
    for question in (
        "How much did each model cost, and per request?",
        "Was hat jedes Modell gekostet, und pro Anfrage?",
    ):
        answer = shop.ask(question)
        assert get_rows(answer) == models, question
        rates = {row[0]: float(str(row[2])) for row in answer.tables[0].rows}
        for name, cost in models.items():
            requests = count(of(model=name))
            assert rates[name] == pytest.approx(float(cost) / requests), question


def test_where_a_month_ends_is_the_log_and_the_rest(shop: Shop) -> None:
    known = spend(between("11-01", "11-30"))
    rest = get_values(shop.ask("What will we spend by the end of the month?"))
    for question in (
        "What will the month end at?",
        "Where will the month end up?",
        "Wo landet der Monat?",
        "À combien finira le mois ?",
    ):
        values = get_values(shop.ask(question))
        assert (values[0], values[3]) == (known + rest[0], known), question
    assert get_values(shop.ask("What will the bill be for the rest of the month?")) == rest


def test_the_worst_is_asked_back_with_questions_that_are_answered(shop: Shop) -> None:
    for question in ("Which week was the worst, and why?", "Welche Woche war die schlechteste, und warum?"):
        asked = shop.ask(question)
        assert (asked.kind, str(asked.text)[:14]) == (AnswerKind.CLARIFY, "Worst in what:"), question
        assert len(asked.choices) == 3, question
        for choice in asked.choices:
            assert shop.ask(choice.ask).kind is AnswerKind.ANSWER, choice.ask
    weeks = spend_by(lambda row: row.week)
    cause = shop.ask(shop.ask("Which week was the worst, and why?").choices[0].ask)
    dearest = max(weeks, key=lambda week: weeks[week])
    assert {weeks[dearest], weeks[dearest - 1]} <= set(get_values(cause))
