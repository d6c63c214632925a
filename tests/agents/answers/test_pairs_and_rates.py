"""How many times and how much more, so much for so much, makers and families of models: questions that used to get the
figure of another one. Oracle: the rows."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from agents.answers.answer import Answer, AnswerKind
from agents.answers.formatting import format_aligned, format_json_rows
from agents.answers.spoken_asks import say_ask
from agents.language.lexicon import LANGUAGES
from tests.agents.answers.shop_log import FIRST, ROWS, Row, Shop, count, keep_all, open_shop, spend, spend_by, write_log
from tests.agents.answers.test_marks_and_periods import list_values, open_lines

pytestmark = pytest.mark.slow

LARGE, SMALL = "gpt-4o", "gpt-4o-mini"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


@pytest.fixture(scope="module")
def makers(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A log without a column of providers."""
    rows = (("openai/gpt-4o", 4), ("claude-sonnet-4-5", 2), ("claude-haiku-4-5", 1), ("models/gemini-2.5-pro", 3))
    lines = [
        f"2026-11-03T10:{minute:02}:{second:02}Z,{model},1000,100"
        for minute, (model, times) in enumerate(rows)
        for second in range(times)
    ]
    return open_lines(
        tmp_path_factory.mktemp("makers") / "log",
        "\n".join(("timestamp,model,input_tokens,output_tokens", *lines)) + "\n",
    )


def of(model: str) -> Callable[[Row], bool]:
    return lambda row: row.model == model


def is_chat(row: Row) -> bool:
    return row.feature == "chat-help"


def is_search(row: Row) -> bool:
    return row.feature == "doc-search"


def week(number: int) -> Callable[[Row], bool]:
    return lambda row: row.week == number


def count_tokens(keep: Callable[[Row], bool] = keep_all) -> int:
    return sum(row.input + row.output for row in ROWS if keep(row))


def count_failures(keep: Callable[[Row], bool] = keep_all) -> int:
    return count(lambda row: keep(row) and bool(row.error))


def has_figure(answer: Answer, value: object) -> bool:
    wanted = float(str(value))
    return any(float(str(each)) == pytest.approx(wanted) for each in list_values(answer) if each is not None)


def test_a_factor_between_two_is_exact(shop: Shop) -> None:
    total = spend(of(LARGE)) / spend(of(SMALL))
    for question in (
        "How many times as expensive is gpt-4o as gpt-4o-mini?",
        "What is the ratio of gpt-4o spend to gpt-4o-mini spend?",
        "By what factor is gpt-4o more expensive than gpt-4o-mini?",
        "Wie viel Mal so teuer ist gpt-4o wie gpt-4o-mini?",
        "Um welchen Faktor ist gpt-4o teurer als gpt-4o-mini?",
        "Combien de fois gpt-4o est-il plus cher que gpt-4o-mini ?",
        "¿Cuántas veces más caro es gpt-4o que gpt-4o-mini?",
    ):
        answer = shop.ask(question)
        assert has_figure(answer, total), question
        assert f"gpt-4o is {total:,.1f} times gpt-4o-mini" in answer.text, question
        assert not answer.notes or "Not understood" not in str(answer.notes), question
    backwards = shop.ask("How many times as expensive is gpt-4o-mini as gpt-4o?")
    assert has_figure(backwards, 1 / total)
    requests = shop.ask("How many times more requests did chat-help get than doc-search?")
    assert has_figure(requests, Decimal(count(is_chat)) / count(is_search))
    failures = shop.ask("How many times did doc-search fail?")
    assert list_values(failures)[0] == count_failures(is_search)


def test_a_factor_between_two_periods(shop: Shop) -> None:
    factor = spend(week(8)) / spend(week(1))
    answer = shop.ask("By what factor did spend grow from the first week to the last week?")
    assert has_figure(answer, factor)
    assert f"is {factor:,.2f} times {FIRST}" in answer.text


def test_a_difference_of_two_is_exact(shop: Shop) -> None:
    gap = abs(spend(is_chat) - spend(is_search))
    for question in (
        "What is the difference between chat-help and doc-search?",
        "difference in spend between chat-help and doc-search",
        "Was ist der Unterschied zwischen chat-help und doc-search?",
        "Quelle est la différence entre chat-help et doc-search ?",
        "¿Cuál es la diferencia entre chat-help y doc-search?",
    ):
        answer = shop.ask(question)
        assert has_figure(answer, gap), question
        assert f"The difference is ${gap:,.2f}" in answer.text, question
    rate = spend(of(LARGE)) / count(of(LARGE)) - spend(of(SMALL)) / count(of(SMALL))
    for question in (
        "How much more does gpt-4o cost than gpt-4o-mini per request?",
        "Wie viel mehr kostet gpt-4o als gpt-4o-mini pro Anfrage?",
    ):
        assert has_figure(shop.ask(question), rate), question


def test_a_difference_of_two_measures(shop: Shop) -> None:
    cached = sum(row.cached for row in ROWS)
    answer = shop.ask("What is the difference between prompt tokens and uncached tokens?")
    assert list_values(answer)[0] == cached
    assert list_values(shop.ask("uncached tokens")) == [sum(row.input for row in ROWS) - cached]


def test_the_success_rate_is_what_did_not_fail(shop: Shop) -> None:
    rate = 1 - Decimal(count_failures()) / count()
    for question in (
        "What is our success rate?",
        "Wie hoch ist unsere Erfolgsquote?",
        "Quel est notre taux de réussite ?",
        "¿Cuál es nuestra tasa de éxito?",
    ):
        assert has_figure(shop.ask(question), rate), question
    rates = {m: Decimal(count_failures(of(m))) / count(of(m)) for m in {row.model for row in ROWS}}
    worst = max(rates, key=rates.__getitem__)
    assert str(shop.ask("Which model has the worst success rate?").text).startswith(f"{worst} has the lowest")


def test_so_much_for_so_much(shop: Shop) -> None:
    hundred = spend(is_chat) / count(is_chat) * 100
    for question in (
        "What do 100 requests to chat-help cost?",
        "cost of chat-help per 100 requests",
        "chat-help: cost per hundred requests",
        "Was kosten 100 Anfragen an chat-help?",
        "Combien coûtent 100 requêtes de chat-help ?",
        "¿Cuánto cuestan 100 solicitudes de chat-help?",
    ):
        assert has_figure(shop.ask(question), hundred), question
    errors = Decimal(count_failures()) * 1000 / count()
    for question in (
        "How many errors do we have per 1,000 requests?",
        "Wie viele Fehler gibt es pro 1.000 Anfragen?",
        "Combien d'erreurs pour 1 000 requêtes ?",
        "¿Cuántos errores hay por cada 1.000 solicitudes?",
    ):
        answer = shop.ask(question)
        assert has_figure(answer, errors), question
        assert "Not understood" not in str(answer.notes), question
    tokens = count_tokens() / spend()
    for question in (
        "How many tokens do we get per dollar?",
        "How many tokens does one dollar buy?",
        "Wie viele Token bekommen wir für einen Dollar?",
        "Combien de jetons pour un dollar ?",
        "¿Cuántos tokens obtenemos por dólar?",
    ):
        assert has_figure(shop.ask(question), tokens), question
    assert has_figure(shop.ask("errors per million tokens"), Decimal(count_failures()) * 1_000_000 / count_tokens())


def test_so_much_for_so_much_of_each_group(shop: Shop) -> None:
    answer = shop.ask("Tokens per dollar by model")
    rows = {row[0]: float(str(row[1])) for row in answer.tables[0].rows}
    models = {row.model for row in ROWS}
    assert rows == pytest.approx({m: float(count_tokens(of(m)) / spend(of(m))) for m in models})
    best = max(rows, key=rows.__getitem__)
    assert f"{best} has the highest" in shop.ask("Which model has the most tokens per dollar?").text
    followed = shop.ask("How many errors per 1,000 requests?", "and by model?")
    failed = {m: float(Decimal(count_failures(of(m))) * 1000 / count(of(m))) for m in models}
    assert {row[0]: float(str(row[1])) for row in followed.tables[0].rows} == pytest.approx(failed)


def test_single_requests_are_no_rate(shop: Shop) -> None:
    assert "per 100 requests" not in shop.ask("What did the last 100 requests cost?").text
    dear = shop.ask("How many requests cost more than $0.01?")
    assert dear.figures[0].value == count(lambda row: row.cost > Decimal("0.01"))


def test_a_maker_stands_for_its_models(makers: Shop) -> None:
    for question, requests in {
        "How many requests went to OpenAI?": 4,
        "How many requests went to Anthropic?": 3,
        "How many requests did Google get?": 3,
        "How many requests went to all Gemini models?": 3,
        "How many requests went to the Claude models?": 3,
        "Wie viele Anfragen gingen an die Claude-Modelle?": 3,
        "Combien de requêtes pour les modèles d'Anthropic ?": 3,
        "¿Cuántas solicitudes a los modelos de Claude?": 3,
    }.items():
        assert list_values(makers.ask(question))[0] == requests, question
    answer = makers.ask("How many requests went to Anthropic?")
    assert "claude-sonnet-4-5" in answer.text
    assert "claude-haiku-4-5" in answer.text
    compared = makers.ask("Compare the number of requests of OpenAI and Anthropic")
    assert {4, 3} <= set(list_values(compared))


def test_a_family_stands_for_its_models(shop: Shop) -> None:
    family = spend(lambda row: row.model.startswith("gpt-4o"))
    every = spend(lambda row: row.model.startswith("gpt-4"))
    assert list_values(shop.ask("What do the gpt-4 models cost?")) == [every]
    assert list_values(shop.ask("What do the gpt-4o models cost?")) == [family]
    assert list_values(shop.ask("Was kosten die GPT-Modelle?")) == [every]
    by_feature = {row[0]: row[1] for row in shop.ask("Spend on the gpt-4o models by feature").tables[0].rows}
    assert sum(Decimal(str(each)) for each in by_feature.values()) == family
    costs = {m: spend(of(m)) for m in (LARGE, SMALL)}
    first = max(costs, key=costs.__getitem__)
    assert str(shop.ask("Which gpt-4o model is the most expensive?").text).startswith(first)


def test_a_model_that_the_log_lacks_is_never_left_out(shop: Shop) -> None:
    for question in ("Spend on o3", "What did we spend on gpt-4.1-nano?"):
        answer = shop.ask(question)
        assert answer.kind is not AnswerKind.ANSWER, question
        assert not answer.figures, question
    choices = shop.ask("What did we spend on gpt-4.1-nano?").choices
    assert "What did we spend on gpt-4.1?" in [each.ask for each in choices]


def test_as_many_are_shown_as_a_word_says(shop: Shop) -> None:
    costs = spend_by(lambda row: row.feature)
    first = sorted(costs, key=costs.__getitem__, reverse=True)
    for number, questions in {
        2: (
            "Which two features cost most?",
            "¿Qué dos funciones cuestan más?",
            "Quelles deux fonctionnalités coûtent le plus ?",
        ),
        3: (
            "Which three features are the most expensive?",
            "Welche drei Funktionen kosten am meisten?",
            "Die drei teuersten Funktionen",
            "Quelles sont les trois fonctionnalités les plus chères ?",
            "¿Cuáles son las tres funciones más caras?",
        ),
    }.items():
        for question in questions:
            answer = shop.ask(question)
            names = [str(row[0]) for row in answer.tables[0].rows]
            assert names == [*first[:number], "(all others)"], question
            assert all(name in answer.text for name in first[:number]), question


def test_free_is_not_without_a_price(shop: Shop, makers: Shop) -> None:
    for question in ("What are the free models?", "Welche Modelle sind kostenlos?", "¿Qué modelos son gratis?"):
        answer = shop.ask(question)
        assert "cost nothing: none" in answer.text, question
        assert "every request has a price" in answer.text, question


def test_cancelled_requests_are_not_all_requests(shop: Shop) -> None:
    for question in (
        "How many cancelled requests are there?",
        "Wie viele Anfragen wurden abgebrochen?",
        "Combien de requêtes ont été annulées ?",
        "¿Cuántas solicitudes fueron canceladas?",
    ):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.CANNOT, question
        assert answer.suggestions[0] in {say_ask("How many requests failed?", each) for each in LANGUAGES}, question


def test_cancelled_requests_are_counted_by_their_column(tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = [f"2026-11-03T10:00:{i:02}Z,gpt-4o,1000,100,{str(i % 3 == 0).lower()}" for i in range(10)]
    header = "timestamp,model,input_tokens,output_tokens,is_cancelled"
    log = open_lines(tmp_path_factory.mktemp("cancelled") / "log", "\n".join((header, *lines)) + "\n")
    for question in (
        "How many requests were cancelled?",
        "Wie viele Anfragen wurden abgebrochen?",
        "Combien de requêtes ont été annulées ?",
        "¿Cuántas solicitudes fueron canceladas?",
    ):
        assert 4 in list_values(log.ask(question)), question


def test_amounts_side_by_side_have_the_same_decimals() -> None:
    small, large = Decimal("0.07168935"), Decimal("77.8215875")
    assert format_aligned((large, small), "usd") == ["$77.82", "$0.07"]
    assert format_aligned((small, Decimal("0.007318")), "usd_per_request") == ["$0.0717", "$0.0073"]
    assert format_aligned((large, Decimal("0.00003735"), Decimal(0), -small), "usd") == [
        "$77.82",
        "$0.000037",
        "$0.00",
        "-$0.07",
    ]
    assert format_json_rows([["0.0408"], ["0.006178"], [None]], ["usd_per_request"]) == [
        ["$0.0408"],
        ["$0.0062"],
        ["unknown"],
    ]


def test_no_answer_has_two_spaces_or_ends_with_one(shop: Shop) -> None:
    for question in (
        "What did we spend?",
        "spend by team and failures by team",
        "What did we waste, and on which team?",
    ):
        text = str(shop.ask(question).text)
        assert "  " not in text, question
        assert text == text.strip(), question
    assert str(shop.ask("Compare gpt-4o and gpt-4.1").tables[0].title) == (
        "Spend, number of requests and cost per request by model"
    )


def test_paid_requests_are_not_the_free_ones(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> None:
    kinds = ("Free", "On-Demand", "Included")
    lines = [f"2026-11-03T10:00:{i:02}Z,gpt-4o,{1000 * (i + 1)},0,{kinds[i % 3]}" for i in range(9)]
    header = "timestamp,model,input_tokens,output_tokens,kind"
    log = open_lines(tmp_path_factory.mktemp("paid") / "log", "\n".join((header, *lines)) + "\n")
    paid = sum(Decimal("0.0025") * (i + 1) for i in range(9) if i % 3)
    for question in ("What did the paid requests cost?", "Was kosten die kostenpflichtigen Anfragen?"):
        assert paid in [Decimal(str(each)) for each in list_values(log.ask(question))], question
    for question in ("How many requests were free?", "Combien de requêtes étaient gratuites ?"):
        assert 3 in list_values(log.ask(question)), question
    for question in ("Which kind of usage costs the most?", "spend by kind"):
        assert {str(row[0]) for row in log.ask(question).tables[0].rows} == set(kinds), question
    assert count(lambda row: row.cost > 0) in list_values(shop.ask("How many paid requests are there?"))


def test_each_side_of_two_makers_is_named(makers: Shop) -> None:
    answer = makers.ask("Compare Google and Anthropic")
    assert "Anthropic: claude-sonnet-4-5, claude-haiku-4-5." in answer.text


def test_a_family_that_is_left_out_is_not_asked_about(makers: Shop) -> None:
    for question in (
        "How many requests are there without the Claude models?",
        "Wie viele Anfragen gibt es ohne die Claude-Modelle?",
        "Combien de requêtes sans les modèles Claude ?",
        "¿Cuántas solicitudes hay sin los modelos de Claude?",
        "requests except the models of Anthropic",
    ):
        assert list_values(makers.ask(question))[0] == 7, question


def test_the_first_and_the_last_are_compared(shop: Shop) -> None:
    costs = sorted(spend_by(lambda row: row.model).values())
    answer = shop.ask("How much is the cost difference between the cheapest and the most expensive model?")
    assert has_figure(answer, costs[-1] - costs[0])
    assert has_figure(answer, costs[-1] / costs[0])


def test_who_uses_nothing_else_is_asked_back(shop: Shop) -> None:
    answer = shop.ask("Welche Nutzer nutzen nur gpt-4o?")
    assert answer.kind is AnswerKind.CLARIFY
    assert len(answer.choices) == 2


def test_more_requests_cost_so_much_each(shop: Shop) -> None:
    thousand = spend(is_chat) / count(is_chat) * 1000
    assert has_figure(shop.ask("What would 1,000 more requests to chat-help cost?"), thousand)
    assert has_figure(shop.ask("How many requests do we get for $10?"), count() / spend() * 10)


def test_what_failures_cost_for_so_many_requests(shop: Shop) -> None:
    failed = spend(lambda row: bool(row.error)) * 1000 / count()
    assert has_figure(shop.ask("Cost of failed requests per 1,000 requests"), failed)


def test_a_rate_and_two_periods_keep_what_they_ask_after_other_questions(shop: Shop) -> None:
    failed = Decimal(count_failures(of(LARGE))) * 1000 / count(of(LARGE))
    assert has_figure(shop.ask("What did gpt-4o cost?", "failures per 1,000 calls"), failed)
    gap = spend(week(8)) - spend(week(1))
    last = "How much more did we spend in the last week than in the first week?"
    assert has_figure(shop.ask("Spend by team", "Requests by model", last), gap)
