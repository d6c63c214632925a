"""Hours of the day, means of users over time and of days of the week, answers' length, and parts that speak of the
figure before: questions that used to get the figure of another one. Oracle: the rows."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import pytest

from agents.answers.answer import Answer
from tests.agents.answers.shop_log import ROWS, Row, Shop, count, open_shop, spend, write_log
from tests.agents.answers.test_marks_and_periods import list_values

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def has_figure(answer: Answer, value: object) -> bool:
    wanted = float(str(value))
    return any(float(str(each)) == pytest.approx(wanted) for each in list_values(answer) if each is not None)


def get_rows(answer: Answer) -> dict[str, float]:
    return {str(row[0]): float(str(row[1])) for row in answer.tables[0].rows}


def group(key: Callable[[Row], str], value: Callable[[Row], float]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for row in ROWS:
        found[key(row)].append(value(row))
    return found


def test_an_hour_alone_is_a_limit(shop: Shop) -> None:
    early, late = spend(lambda row: row.at.hour < 10), spend(lambda row: row.at.hour >= 14)
    for question, amount in {
        "How much did we spend before 10 am?": early,
        "Was haben wir vor 10 Uhr ausgegeben?": early,
        "Combien avons-nous dépensé avant 10 h ?": early,
        "What did we spend after 2 pm?": late,
        "spend after 14:00": late,
    }.items():
        assert list_values(shop.ask(question)) == [amount], question


def test_a_mean_of_users_over_days_is_of_users_with_requests(shop: Shop) -> None:
    pairs = len({(row.user, row.day) for row in ROWS})
    for question in (
        "How many requests does a user make per day on average?",
        "requests per user and day",
        "Wie viele Anfragen macht ein Nutzer pro Tag?",
        "Combien de requêtes par utilisateur et par jour ?",
        "¿Cuántas solicitudes por usuario y día?",
    ):
        answer = shop.ask(question)
        assert has_figure(answer, Decimal(count()) / pairs), question
        assert answer.text.startswith("On average"), question


def test_a_mean_by_weekday_is_of_its_days(shop: Shop) -> None:
    days: dict[str, set[object]] = defaultdict(set)
    for row in ROWS:
        days[f"{row.day:%A}"].add(row.day)
    sums = {name: sum(each) for name, each in group(lambda row: f"{row.day:%A}", lambda row: float(row.cost)).items()}
    answer = shop.ask("Spend per weekday on average")
    assert get_rows(answer) == pytest.approx({name: sums[name] / len(days[name]) for name in sums})


def test_the_longest_answers_are_not_the_dearest(shop: Shop) -> None:
    means = {
        name: sum(each) / len(each) for name, each in group(lambda row: row.feature, lambda row: row.output).items()
    }
    longest = max(means, key=means.__getitem__)
    for question in (
        "Which feature makes the longest answers?",
        "Welche Funktion hat die längsten Antworten?",
        "Quelle fonctionnalité a les réponses les plus longues ?",
        "¿Qué función tiene las respuestas más largas?",
    ):
        answer = shop.ask(question)
        assert answer.text.startswith(f"{longest} has the highest"), question
        assert get_rows(answer) == pytest.approx(means), question


def test_a_part_speaks_of_the_figure_before(shop: Shop) -> None:
    failed = group(lambda row: row.feature, lambda row: float(row.cost) if row.error else 0.0)
    answer = shop.ask("What did we waste on failed requests, and in which feature?")
    assert get_rows(answer) == pytest.approx({name: sum(each) for name, each in failed.items()})


def test_a_rate_that_rose_is_compared_as_a_rate(shop: Shop) -> None:
    answer = shop.ask("Which feature's cost per request rose the most during the month?")
    assert "cost per request from" in answer.text
    table = {row[0]: (row[1], row[2]) for row in answer.tables[0].rows}
    middle = sorted({row.day for row in ROWS})[28]
    for name in ("chat-help", "doc-search", "code-review"):
        halves = [[r.cost for r in ROWS if r.feature == name and (r.day >= middle) == late] for late in (False, True)]
        means = [float(sum(half) / len(half)) for half in halves]
        assert [float(str(each)) for each in table[name]] == pytest.approx(means), name


def test_kinds_of_tokens_are_compared_by_their_cost(shop: Shop) -> None:
    answer = shop.ask("What do output tokens cost compared to input tokens?")
    assert answer.text.startswith("The difference is")
    assert len(answer.figures) == 3


def test_how_much_cheaper_something_is_supposes_nothing(shop: Shop) -> None:
    def price(model: str) -> Decimal:
        rows = [row for row in ROWS if row.model == model]
        return sum((row.cost for row in rows), Decimal(0)) * 1_000_000 / sum(row.input + row.output for row in rows)

    answer = shop.ask("How much cheaper is gpt-4o-mini than gpt-4o per million tokens?")
    assert get_rows(answer) == pytest.approx({m: float(price(m)) for m in ("gpt-4o", "gpt-4o-mini")})
    assert has_figure(answer, price("gpt-4o") - price("gpt-4o-mini"))
