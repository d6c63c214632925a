"""Questions of the person who pays the bill about where the money goes, and when. Oracle: the rows of the log."""

from collections import Counter

import pytest

from agents.answers.answer import Answer, AnswerKind
from tests.agents.answers.shop_log import ROWS, Shop, open_shop, spend, spend_by, write_log

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def get_rows(answer: Answer, column: int = 1) -> dict[object, object]:
    return {row[0]: row[column] for row in answer.tables[0].rows}


def test_where_the_money_goes_is_broken_down(shop: Shop) -> None:
    for question in (
        "Where does my money go?",
        "where is all the money going?",
        "What eats our budget?",
        "Wofür geben wir unser Geld aus?",
        "Où va notre argent ?",
        "¿A dónde va el dinero?",
    ):
        assert get_rows(shop.ask(question)) == spend_by(lambda row: row.feature), question


def test_what_is_used_most_is_ranked_by_requests(shop: Shop) -> None:
    models = Counter(row.model for row in ROWS)
    for question in (
        "Which model do we use the most?",
        "Which model do we use the most, and which one costs the most?",
        "Welches Modell nutzen wir am meisten?",
        "¿Qué modelo usamos más?",
    ):
        answer = shop.ask(question)
        assert get_rows(answer) == models, question
        assert str(answer.text).startswith(models.most_common(1)[0][0]), question
    dearest = max(costs := spend_by(lambda row: row.model), key=costs.__getitem__)
    both = shop.ask("Which model do we use the most, and which one costs the most?")
    assert f"{dearest} has the highest spend" in str(both.text)


def test_verbs_of_money_mean_spend(shop: Shop) -> None:
    failed = spend(lambda row: bool(row.error))
    for question in (
        "How much money do we lose to failed requests?",
        "Wie viel verlieren wir durch fehlgeschlagene Anfragen?",
    ):
        answer = shop.ask(question)
        assert failed in [figure.value for figure in answer.figures], question
        assert not any("Not understood" in str(note) for note in answer.notes), question
    assert spend() in [figure.value for figure in shop.ask("How much did we burn in total?").figures]


def test_when_is_answered_by_days(shop: Shop) -> None:
    failed = Counter(row.day.isoformat() for row in ROWS if row.error)
    for question in ("When did requests fail?", "Wann sind Anfragen fehlgeschlagen?"):
        assert get_rows(shop.ask(question)) == failed, question
    timeouts = Counter(row.day.isoformat() for row in ROWS if row.error == "Timeout")
    assert get_rows(shop.ask("When were the timeouts?")) == timeouts
    reports = Counter(row.day.isoformat() for row in ROWS if row.feature == "night-report")
    assert get_rows(shop.ask("When did we run night-report?")) == reports


def test_an_exact_number_of_requests_is_a_limit(shop: Shop) -> None:
    users = Counter(row.user for row in ROWS)
    least = min(users.values())
    found = get_rows(shop.ask(f"Which users made only {least} requests?"))
    assert found == {name: n for name, n in users.items() if n == least}
    for question in ("Which models did we use only once?", "Welche Modelle haben wir nur einmal verwendet?"):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.ANSWER
        assert not answer.tables, question  # each was used more often
