"""Follow-ups about what an answer before listed, spent or ranked. Oracle: the rows."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest

from agents.answers.answer import Answer, AnswerKind
from tests.agents.answers.shop_log import (
    FIRST,
    PRICES,
    ROWS,
    Row,
    Shop,
    open_shop,
    spend,
    spend_by,
    write_log,
)

pytestmark = pytest.mark.slow

FEATURES = spend_by(lambda row: row.feature)
FEATURE = max(FEATURES, key=FEATURES.__getitem__)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def of(**values: str) -> Callable[[Row], bool]:
    return lambda row: all(getattr(row, name) == value for name, value in values.items())


def get_rows(answer: Answer, column: int = 1) -> dict[object, object]:
    return {row[0]: row[column] for row in answer.tables[0].rows}


def output_spend(keep: Callable[[Row], bool] = lambda _: True) -> Decimal:
    return sum((row.output * PRICES[row.model][2] for row in ROWS if keep(row)), Decimal(0)) / 1_000_000


def test_who_made_them_are_the_users_of_the_listed_requests(shop: Shop) -> None:
    dearest = sorted(ROWS, key=lambda row: row.cost, reverse=True)[:40]
    users, models = Counter(row.user for row in dearest), Counter(row.model for row in dearest)
    cost = {user: sum((row.cost for row in dearest if row.user == user), Decimal(0)) for user in users}
    assert len(users) > 1 and users != Counter(row.user for row in ROWS)
    asked = {
        "Who made them?": "Show me the 40 most expensive requests",
        "Which users are those?": "Show me the 40 most expensive requests",
        "Wer hat sie gestellt?": "Zeig mir die 40 teuersten Anfragen",
        "Qui les a faites ?": "Montre les 40 requêtes les plus chères",
        "¿Quién las hizo?": "Muestra las 40 solicitudes más caras",
    }
    for question, before in asked.items():
        answer = shop.ask(before, question)
        assert get_rows(answer) == users and get_rows(answer, 2) == cost, question
    assert get_rows(shop.ask("Show me the 40 most expensive requests", "Which models are those?")) == models
    provider = shop.ask("Show me the 40 most expensive requests", "From which providers are they?")
    assert provider.kind is AnswerKind.CLARIFY and not provider.figures
    failed = Counter(row.user for row in ROWS if row.error)
    assert set(get_rows(shop.ask("Which requests failed?", "Who made them?"))) == set(failed)


def test_what_they_cost_is_the_sum_of_the_listed_requests(shop: Shop) -> None:
    dearest = sum(sorted((row.cost for row in ROWS), reverse=True)[:5])
    asked = {
        "What did they cost together?": "Show me the five most expensive requests",
        "How much did those cost?": "Show me the five most expensive requests",
        "What share of spend is that?": "Show me the five most expensive requests",
        "Was haben sie zusammen gekostet?": "Zeig mir die fünf teuersten Anfragen",
        "Combien ont-elles coûté ensemble ?": "Montre les 5 requêtes les plus chères",
        "¿Cuánto costaron ellas en total?": "Muestra las 5 solicitudes más caras",
    }
    for question, before in asked.items():
        values = [figure.value for figure in shop.ask(before, question).figures]
        assert values[:2] == [dearest, dearest / spend()], question
    failed = shop.ask("Which requests failed?", "What did they cost?")
    assert failed.figures[0].value == spend(lambda row: bool(row.error))


def test_how_much_of_that_is_output_is_a_part_of_the_money_before(shop: Shop) -> None:
    for before, question in (
        ("What did we spend?", "How much of that is output?"),
        ("Spend by feature", "How much of it is output tokens?"),
        ("Was haben wir ausgegeben?", "Wie viel davon ist Output?"),
        ("Combien avons-nous dépensé ?", "Combien de cela pour la sortie ?"),
        ("¿Cuánto gastamos?", "¿Cuánto de eso es salida?"),
    ):
        values = [figure.value for figure in shop.ask(before, question).figures]
        assert output_spend() / spend() == values[0] and output_spend() in values, question
    first = shop.ask("Which feature costs most?", "How much of that is output?").figures
    assert first[0].value == output_spend(of(feature=FEATURE)) / FEATURES[FEATURE]
    dearest = max(ROWS, key=lambda row: row.cost)
    part = dearest.output * PRICES[dearest.model][2] / 1_000_000
    for before in ("What was the most expensive single call and why?", "What was the most expensive request?"):
        answer = shop.ask(before, "How much of that is output?")
        assert [each.value for each in answer.figures[:2]] == [part, part / dearest.cost], before
    for before in ("What will December cost?", "Show me the 5 most expensive requests", "Spend of the top 2 features"):
        assert shop.ask(before, "How much of that is output?").kind is AnswerKind.CLARIFY, before
    cached = sum(row.cached for row in ROWS)
    assert shop.ask("How many tokens did we use?", "How much of that is cached?").figures[1].value == cached


def test_what_is_supposed_of_it_is_of_what_came_first(shop: Shop) -> None:
    for before, question in (
        ("Which feature costs most?", "What would happen if we used gpt-4o-mini for it?"),
        ("Welche Funktion kostet am meisten?", "Was wäre, wenn wir dafür gpt-4o-mini nähmen?"),
        ("Quelle fonctionnalité coûte le plus ?", "Et si on utilisait gpt-4o-mini pour ça ?"),
        ("¿Qué función cuesta más?", "¿Y si usáramos gpt-4o-mini para eso?"),
    ):
        assert shop.ask(before, question).figures[0].value == FEATURES[FEATURE], question
    table = ("What did we spend by feature?", "How much is that per request, compared with the other features?")
    asked = shop.ask(*table, "What would happen if we used gpt-4o-mini for it?")
    assert asked.kind is AnswerKind.CLARIFY and not asked.figures and asked.choices
    chosen = {shop.ask(*table, choice.ask).figures[0].value for choice in asked.choices}
    assert chosen <= set(FEATURES.values()) and len(chosen) == len(asked.choices)
    whole = shop.ask("Spend by model", "What would it cost if prices rose by 10%?")
    assert whole.figures[0].value == spend()


def test_which_got_slower_compares_the_figure_before_in_both_halves(shop: Shop) -> None:
    def measure_p95(feature: str, *, is_second: bool) -> float:
        times = sorted(
            row.latency
            for row in ROWS
            if row.feature == feature and not row.error and ((row.day - FIRST).days >= 28) is is_second
        )
        place = 0.95 * (len(times) - 1)
        low = times[int(place)]
        return low + (times[min(int(place) + 1, len(times) - 1)] - low) * (place - int(place))

    both = {
        name: (measure_p95(name, is_second=False), measure_p95(name, is_second=True))
        for name in FEATURES
        if name != "night-report"
    }
    slowest = max(both, key=lambda name: both[name][1] - both[name][0])
    for before, question in (
        ("Show the p95 latency of each feature", "Which of them got slower?"),
        ("Zeig die p95-Latenz pro Funktion", "Welche davon wurden langsamer?"),
        ("Latence p95 par fonctionnalité", "Lesquelles sont devenues plus lentes ?"),
        ("Latencia p95 por función", "¿Cuáles se volvieron más lentas?"),
    ):
        answer = shop.ask(before, question)
        assert str(answer.text).startswith(slowest), question
        rows = {row[0]: row[1:3] for row in answer.tables[0].rows}
        assert rows.keys() == FEATURES.keys() and rows["night-report"][0] is None, question
        for name, values in both.items():
            assert tuple(map(float, map(str, rows[name]))) == pytest.approx(values), question
    none = shop.ask("Show the p95 latency of each feature", "Which of them got faster?")
    assert str(none.text).startswith("None fell")


def test_what_it_spends_the_money_on_is_taken_apart(shop: Shop) -> None:
    users = spend_by(lambda row: row.user, of(feature=FEATURE))
    models = spend_by(lambda row: row.model, of(feature=FEATURE))
    for before, question in (
        ("Which feature costs most?", "What exactly does it spend the money on?"),
        ("Welche Funktion kostet am meisten?", "Wofür genau gibt sie das Geld aus?"),
        ("Quelle fonctionnalité coûte le plus ?", "À quoi dépense-t-elle l'argent exactement ?"),
        ("¿Qué función cuesta más?", "¿En qué gasta el dinero?"),
    ):
        answer = shop.ask(before, question)
        parts = [{row[0]: row[1] for row in table.rows} for table in answer.tables]
        assert parts == [models, users], question
    user = max(sums := spend_by(lambda row: row.user), key=sums.__getitem__)
    features = spend_by(lambda row: row.feature, of(user=user))
    assert get_rows(shop.ask("Which user costs most?", "What does he spend it on?")) == features
    assert shop.ask("Spend by feature", "What does it spend the money on?").kind is AnswerKind.CLARIFY


def test_the_users_of_it_are_not_one_user(shop: Shop) -> None:
    ask = "Who are the five heaviest users of it?"
    answer = shop.ask("Which feature costs the most?", ask, ask)
    assert get_rows(answer) == spend_by(lambda row: row.user, of(feature=FEATURE))
