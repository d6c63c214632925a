"""Questions about the log as a whole, its parts and its limits. Oracle: the rows."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from agents.answers.answer import Answer, AnswerKind
from tests.agents.answers.shop_log import DAYS, PRICES, ROWS, Shop, count, open_shop, spend, spend_by, write_log

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def list_values(answer: Answer) -> list[object]:
    return [figure.value for figure in answer.figures]


def test_it_is_the_log_where_no_question_came_before(shop: Shop) -> None:
    for question in (
        "what did it cost",
        "How much was it?",
        "how much does all this cost?",
        "Was hat das gekostet?",
        "Combien ça a coûté ?",
        "¿Cuánto costó?",
    ):
        assert spend() in list_values(shop.ask(question)), question
    for question in ("How much did he spend?", "Compare it with gpt-4o", "Is it safe?", "How do I do that?"):
        assert shop.ask(question).kind is AnswerKind.CLARIFY, question


def test_a_log_ran_from_its_first_request_to_its_last(shop: Shop) -> None:
    times = sorted(row.at for row in ROWS)
    lasted = (times[-1] - times[0]) // timedelta(milliseconds=1)
    for question in ("How long did it run?", "Wie lange lief es?", "Combien de temps ça a duré ?", "¿Cuánto duró?"):
        answer = shop.ask(question)
        assert list_values(answer) == [lasted] and not any("Not understood" in str(note) for note in answer.notes), (
            question
        )
        assert str(answer.text).startswith(f"{DAYS - 1} days"), question
    assert list_values(shop.ask("when did it start?")) == [lasted]
    of_one = sorted(row.at for row in ROWS if row.feature == "night-report")
    answer = shop.ask("How long did it run for night-report?")
    assert list_values(answer) == [(of_one[-1] - of_one[0]) // timedelta(milliseconds=1)]


def test_the_most_expensive_message_is_a_request(shop: Shop) -> None:
    most = max(row.cost for row in ROWS)
    for question in (
        "What was the most expensive message?",
        "Was war die teuerste Nachricht?",
        "Quel était le message le plus cher ?",
        "¿Cuál fue el mensaje más caro?",
    ):
        answer = shop.ask(question)
        names = [str(column.name) for column in answer.tables[0].columns]
        assert [row[names.index("Spend")] for row in answer.tables[0].rows] == [most], question


def test_requests_per_hour_are_a_mean_and_the_hours_of_the_day(shop: Shop) -> None:
    hours = {(row.day, row.at.hour) for row in ROWS}
    by_hour = Counter(row.at.hour for row in ROWS)
    for question in ("how many calls were there per hour", "Anfragen pro Stunde", "Requêtes par heure"):
        answer = shop.ask(question)
        assert float(str(answer.figures[0].value)) == pytest.approx(len(ROWS) / len(hours)), question
        assert {row[0]: row[1] for row in answer.tables[-1].rows} == {f"{h:02}:00": n for h, n in by_hour.items()}
    plain = shop.ask("requests by hour of the day")
    assert {row[0]: row[1] for row in plain.tables[0].rows} == {f"{h:02}:00": n for h, n in by_hour.items()}


def test_no_request_is_above_a_limit_and_the_highest_is_said(shop: Shop) -> None:
    most, slowest = max(row.cost for row in ROWS), max(row.latency for row in ROWS)
    for question in ("list requests over $1", "Liste die Anfragen über 1 Dollar"):
        assert list_values(shop.ask(question)) == [0, most], question
    assert float(str(list_values(shop.ask("list requests over 100 seconds"))[1])) == slowest
    least = min(row.input for row in ROWS)
    assert list_values(shop.ask("list requests with less than 10 input tokens")) == [0, least]


def test_requests_above_the_mean_are_listed(shop: Shop) -> None:
    mean = spend() / len(ROWS)
    for question in ("Which requests cost more than average?", "Which calls cost more than average?"):
        assert list_values(shop.ask(question)) == [count(lambda row: row.cost > mean)], question


def test_tokens_by_kind_are_told_apart(shop: Shop) -> None:
    fresh, cached = sum(row.input - row.cached for row in ROWS), sum(row.cached for row in ROWS)
    kinds = [fresh, cached, sum(row.output for row in ROWS)]
    for question in ("sum of tokens by kind", "Tokens nach Art", "tokens par type", "tokens por tipo"):
        answer = shop.ask(question)
        assert list_values(answer) == kinds, question


def test_spanish_limits_are_limits(shop: Shop) -> None:
    sums = spend_by(lambda row: row.team)
    limit = sorted(sums.values())[-2]
    for verb in ("gasta", "gastan", "gastaron", "cuestan"):
        rows = shop.ask(f"¿Qué equipos {verb} más de {limit:.6f} dólares?".replace(".", ",")).tables[0].rows
        assert {row[0]: row[1] for row in rows} == {n: s for n, s in sums.items() if s > round(limit, 6)}, verb


def test_what_became_of_requests_is_by_status_and_by_error(shop: Shop) -> None:
    failed = count(lambda row: bool(row.error))
    for question in (
        "what status codes do we see?",
        "Welche Statuscodes gibt es?",
        "how many succeeded and how many failed?",
    ):
        statuses, errors = ({row[0]: row[1] for row in table.rows} for table in shop.ask(question).tables)
        assert statuses == {"succeeded": len(ROWS) - failed, "failed": failed}, question
        assert errors == Counter(row.error for row in ROWS if row.error), question


def test_the_first_day_stands_beside_the_mean(shop: Shop) -> None:
    days = spend_by(lambda row: row.day)
    for question in (
        "how much did the most expensive day cost compared to the average day?",
        "Was hat der teuerste Tag im Vergleich zum durchschnittlichen Tag gekostet?",
    ):
        answer = shop.ask(question)
        values = [float(str(each)) for each in list_values(answer)]
        assert any(value == pytest.approx(float(sum(days.values()) / len(days))) for value in values), question
        first = max(days, key=days.__getitem__)
        assert first.isoformat() in str(answer.text), question
        assert float(days[first]) in [pytest.approx(value) for value in values] or days[first] in {
            row[1] for row in answer.tables[0].rows
        }


def test_whether_figures_go_together_is_not_computed(shop: Shop) -> None:
    for question in (
        "does spend correlate with latency?",
        "Is there a relationship between prompt length and latency?",
        "Hängt die Latenz von der Promptlänge ab?",
        "Y a-t-il un lien entre la dépense et la latence ?",
    ):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.CANNOT and not answer.figures, question
        assert all(shop.ask(each).kind is AnswerKind.ANSWER for each in answer.suggestions), question


def test_shorter_prompts_save_at_most_what_input_costs(shop: Shop) -> None:
    price, cached, _ = PRICES["gpt-4o-mini"]
    rows = [row for row in ROWS if row.feature == "chat-help"]
    cost = sum(((row.input - row.cached) * price + row.cached * cached for row in rows), Decimal(0)) / 1_000_000
    answer = shop.ask("What if we cut the chat-help prompt by half?")
    assert answer.kind is AnswerKind.CANNOT
    assert list_values(answer) == [cost]


def test_small_talk_is_the_whole_message(shop: Shop) -> None:
    for words in ("ok", "thanks!", "Great, thank you"):
        assert shop.ask(words).kind is AnswerKind.TALK, words
    for words in ("what's in here?", "Is it safe?", "how do I do that?"):
        assert "Good." not in str(shop.ask(words).text), words


def test_kinds_of_tokens_have_a_cost_each(shop: Shop) -> None:
    output = sum((row.output * PRICES[row.model][2] for row in ROWS), Decimal(0)) / 1_000_000
    cached = sum((row.cached * PRICES[row.model][1] for row in ROWS), Decimal(0)) / 1_000_000
    for question in ("spend by kind of token", "cost by token type", "which kind of tokens costs most?"):
        values = list_values(shop.ask(question))
        assert {output, cached} <= set(values) and spend() not in values, question


def test_one_message_costs_what_a_request_does(shop: Shop) -> None:
    for question in ("how much is one message?", "how much is one request?"):
        value = float(str(list_values(shop.ask(question))[0]))
        assert value == pytest.approx(float(spend() / len(ROWS))), question
