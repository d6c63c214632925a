"""Questions about limits, savings, and how sure the figures are. Oracle: the rows of the log, and the levers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest

from agents.answers.answer import Answer, AnswerKind
from agents.answers.composers.money.savings import compose_lever
from agents.language.reading import QuestionKind, Reading
from tests.agents.answers.shop_log import PRICES, ROWS, Row, Shop, open_shop, spend, spend_by, write_log
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.estimate import Basis, Bound
from workloads.analysis.opening import open_analysis
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.assumptions import Assumptions
from workloads.query.measuring import measure
from workloads.query.query import Query

pytestmark = pytest.mark.slow

FIRST_AT = datetime(2026, 10, 5, 8, tzinfo=UTC)
REPEATED = 5
"""Questions that are asked again though they were answered."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def get_figure(answer: Answer, name: str) -> Decimal:
    return next(Decimal(str(each.value)) for each in answer.figures if each.name == name)


def starts(answer: Answer, words: str) -> bool:
    return str(answer.text).startswith(words)


def test_a_limit_is_held_against_the_last_whole_period(shop: Shop) -> None:
    october = spend(lambda row: f"{row.day:%m}" == "10")
    for question, word in {
        f"Can we stay below ${october + 1:.2f} a month?": "Yes.",
        f"Can we stay below ${october - 1:.2f} a month?": "No.",
        f"Können wir unter ${october - 1:.2f} im Monat bleiben?": "No.",
        f"Pouvons-nous rester sous ${october - 1:.2f} par mois ?": "No.",
        f"¿Podemos quedarnos por debajo de ${october - 1:.2f} al mes?": "No.",
    }.items():
        answer = shop.ask(question)
        assert starts(answer, word), question
        assert october in [figure.value for figure in answer.figures], question
    week = shop.ask("Is our spend below $5 a week?")
    assert get_figure(week, "Weeks within the limit") == sum(
        each <= 5 for each in spend_by(lambda row: row.week).values()
    )
    assert shop.ask("Can you set a budget of $100 for me?").kind is AnswerKind.CANNOT


def test_what_should_change_names_the_levers_that_save(shop: Shop) -> None:
    found = shop.analyses[0].combine()
    for question in (
        "What are we doing wrong?",
        "What should we change?",
        "Is there any waste?",
        "Was machen wir falsch?",
        "Que faisons-nous mal ?",
        "¿Qué deberíamos cambiar?",
    ):
        answer = shop.ask(question)
        assert get_figure(answer, "Confirmed savings") == found.total, question
        assert all(Decimal(str(row[1])) > 0 for row in answer.tables[0].rows), question
    failed = spend(lambda row: bool(row.error))
    assert failed in [figure.value for figure in shop.ask("How much is wasted on failed requests?").figures]


def test_savings_by_group_add_up_to_those_of_all_levers(shop: Shop) -> None:
    total = shop.analyses[0].combine().total
    for question, dimension in {
        "Which features should I look at first to save money?": "feature",
        "Which model should we look at first to save money?": "model",
    }.items():
        found = shop.analyses[0].group_savings(dimension)
        assert sum((each.confirmed for each in found.groups), Decimal(0)) == total == found.confirmed
        answer = shop.ask(question)
        assert get_figure(answer, "Confirmed savings") == total
    three = shop.ask("Which two features should I look at first to save money?")
    assert len(three.tables[0].rows) <= 2


def test_one_lever_is_named_with_its_basis(shop: Shop) -> None:
    for question, name in {
        "How much of the bill is caused by retries?": "retries",
        "Could we use a cheaper model?": "right_size",
        "Könnten wir ein günstigeres Modell verwenden?": "right_size",
    }.items():
        estimate, answer = shop.analyses[0].estimate(name), shop.ask(question)
        if estimate.saving is None:
            assert answer.kind is AnswerKind.CANNOT, question
        else:
            assert get_figure(answer, str(estimate.title)) == estimate.saving, question
            assert answer.notes[: len(estimate.assumptions)] == estimate.assumptions, question


def test_only_what_needs_evaluation_is_said_to_need_it(shop: Shop) -> None:
    found = shop.analyses[0].estimate("right_size")
    whole = measure(shop.logs[0], Query())
    for basis, bound, word in (
        (Basis.NEEDS_EVALUATION, Bound.UPPER, "evaluate it first"),
        (Basis.MODELLED, Bound.UPPER, "up to"),
        (Basis.MODELLED, Bound.ESTIMATE, ": $1.00"),
    ):
        estimate = replace(found, basis=basis, bound=bound, saving=Decimal(1))
        said = str(compose_lever(Reading(kind=QuestionKind.SAVINGS), estimate, whole).text)
        assert word in said, said
        assert ("evaluate" in said) == (basis is Basis.NEEDS_EVALUATION), said


def test_what_caching_saved_is_not_what_it_could(shop: Shop) -> None:
    saved = sum((row.cached * (PRICES[row.model][0] - PRICES[row.model][1]) / 1_000_000 for row in ROWS), Decimal(0))
    for question in (
        "How much did we save by prompt caching?",
        "What has caching saved us?",
        "What does caching save us?",
    ):
        assert get_figure(shop.ask(question), "Saved by caching") == saved, question


def test_trust_in_figures_is_about_prices_and_rows(shop: Shop) -> None:
    for question in (
        "How accurate are these figures?",
        "Can I trust this?",
        "Where do the prices come from?",
        "Wie genau sind diese Zahlen?",
        "Ces chiffres sont-ils fiables ?",
        "¿Son fiables estas cifras?",
    ):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.ANSWER, question
        assert get_figure(answer, "Rows") == len(ROWS), question
        assert get_figure(answer, "Tokens with a price") == 1, question
    assert shop.ask("How accurate are the model's answers?").kind is AnswerKind.CANNOT
    assert shop.ask("Delete all my logs, I do not trust this").kind is AnswerKind.CANNOT


def test_an_unusual_share_is_about_the_largest_ones(shop: Shop) -> None:
    users = spend_by(lambda row: row.user)
    first = max(users, key=users.__getitem__)
    for question in (
        "Do any users share an unusual amount of the spend?",
        "Verursachen einige wenige Nutzer die Kosten?",
    ):
        answer = shop.ask(question)
        assert get_figure(answer, f"Share of the total, {first}") == users[first] / spend(), question


def test_the_most_expensive_call_is_taken_apart(shop: Shop) -> None:
    dearest = max(ROWS, key=lambda row: row.cost)
    middle = median(row.cost for row in ROWS)
    for question in (
        "What was the most expensive single call and why?",
        "Which request was the most expensive, and why?",
    ):
        answer = shop.ask(question)
        assert get_figure(answer, "Spend of the request") == dearest.cost, question
        assert get_figure(answer, "Spend of the median request") == middle, question
        parts = {str(row[0]): row[1] for row in answer.tables[0].rows}
        assert parts["Output"] == dearest.output
        assert parts["Fresh input"] == dearest.input - dearest.cached
    again = shop.ask("What was the most expensive single call?", "why?")
    assert get_figure(again, "Spend of the request") == dearest.cost


def test_speed_is_output_by_time(shop: Shop) -> None:
    def measure(model: str) -> float:
        rows = [row for row in ROWS if row.model == model and not row.error]
        return sum(row.output for row in rows) / sum(row.latency for row in rows) * 1000

    answer = shop.ask("How many tokens per second do we get?")
    found = {row[0]: float(str(row[1])) for row in answer.tables[0].rows}
    assert found == pytest.approx({model: measure(model) for model in PRICES})


def test_growth_and_change_are_of_the_two_halves(shop: Shop) -> None:
    def is_second(row: Row) -> bool:
        return row.week > 4

    change = {
        model: spend_by(lambda row: row.model, is_second).get(model, Decimal(0))
        - spend_by(lambda row: row.model, lambda row: not is_second(row)).get(model, Decimal(0))
        for model in PRICES
    }
    most = max(change, key=change.__getitem__)
    for question in ("Which model drives the growth?", "Which model is driving the growth?"):
        assert starts(shop.ask(question), f"{most} rose most"), question
    whole = shop.ask("Did anything change over time?")
    assert get_figure(whole, "Difference in spend") == sum(change.values())


def test_the_cheapest_seller_of_each_model_is_by_price(shop: Shop) -> None:
    answer = shop.ask("Which provider is the cheapest for the same model?")
    assert {row[0] for row in answer.tables[0].rows} == {*PRICES}
    assert [row[1] for row in answer.tables[0].rows] == ["openai"] * len(PRICES)


def test_a_gateways_cache_is_not_the_providers(shop: Shop) -> None:
    assert shop.ask("Which requests were cached by the proxy?").kind is AnswerKind.CANNOT


def write_retries(folder: Path) -> PricedLog:
    """Write a log in which each question of "faq" fails, is answered, and is asked once more; those of "chat" are not.

    A request costs 1,000 × $2.50 + 200 × $10 per million tokens: $0.0045.
    """
    folder.mkdir()
    lines, at = ["timestamp,model,provider,input_tokens,output_tokens,feature,user_id,prompt_hash,status"], FIRST_AT
    for number in range(12):
        for status in ("error", "success", "success") if number < REPEATED else ("success",):
            at += timedelta(seconds=10)
            feature = "faq" if number < REPEATED else "chat"
            lines.append(f"{at.isoformat()},gpt-4o,openai,1000,200,{feature},ana,hash-{number},{status}")
        at += timedelta(hours=1)
    out = ingest_log(folder, "\n".join(lines) + "\n").out
    (folder / "temp").mkdir()
    return open_analysis(out, folder / "temp", Assumptions())._priced_log


def test_what_retries_cost_is_what_the_lever_finds(tmp_path: Path) -> None:
    shop = open_shop(write_retries(tmp_path / "log"))
    unnecessary = REPEATED * Decimal("0.0045")
    for question in ("How much of the bill is caused by retries?", "What do retries cost us?"):
        answer = shop.ask(question)
        assert get_figure(answer, "Reduce failed calls and retries") == unnecessary, question
        assert starts(answer, "Retries that were not necessary cost"), question
    assert shop.ask("How many retries were there?").kind is AnswerKind.CANNOT
    groups = shop.ask("Which features should I look at first to save money?")
    assert starts(groups, "Look at these first: faq"), groups.text
    assert get_figure(groups, "Confirmed savings, faq") == unnecessary == get_figure(groups, "Confirmed savings")
    wrong = shop.ask("What are we doing wrong?")
    assert get_figure(wrong, "Confirmed savings") == unnecessary
    assert ("Reduce failed calls and retries", unnecessary) == wrong.tables[0].rows[0][:2]
