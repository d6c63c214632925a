"""What part of a whole the figure before is, and what another number of something would save. Oracle: the rows."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from agents.answers.answer import Answer, AnswerKind
from tests.agents.answers.shop_log import (
    DAYS,
    FIRST,
    PRICES,
    ROWS,
    Row,
    Shop,
    count,
    open_shop,
    spend,
    write_log,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def get_first(answer: Answer) -> float:
    return float(str(answer.figures[0].value))


def of_model(name: str) -> Callable[[Row], bool]:
    return lambda row: row.model == name


def test_the_share_of_that_is_of_the_same_figure(shop: Shop) -> None:
    part = float(spend(of_model("gpt-4o")) / spend())
    slow = count(lambda row: row.latency > 2000) / count()
    failed = count(lambda row: bool(row.error)) / count()
    cached = sum(row.cached for row in ROWS) / sum(row.input for row in ROWS)
    for questions, expected in {
        ("What did we spend on gpt-4o?", "What percentage is that?"): part,
        ("What did we spend on gpt-4o?", "What share of the total is that?"): part,
        ("Was haben wir für gpt-4o ausgegeben?", "Wie viel Prozent sind das?"): part,
        ("Combien avons-nous dépensé pour gpt-4o ?", "Quel pourcentage est-ce ?"): part,
        ("¿Cuánto gastamos en gpt-4o?", "¿Qué porcentaje es eso?"): part,
        ("How much do we pay for gpt-4.1?", "And gpt-4o?", "What percentage is that?"): part,
        ("How many requests took longer than 2 seconds?", "What share of requests is that?"): slow,
        ("How many requests failed?", "what percentage is that?"): failed,
        ("How many tokens were cached?", "what share of the input is that?"): cached,
    }.items():
        assert get_first(shop.ask(*questions)) == pytest.approx(expected), questions


def test_a_period_is_a_part_of_the_log(shop: Shop) -> None:
    last = DAYS - 7
    week = spend(lambda row: (row.day - FIRST).days >= last)
    assert get_first(shop.ask("What did we spend in the last week?", "what share is that?")) == pytest.approx(
        float(week / spend())
    )


def test_a_whole_has_no_share(shop: Shop) -> None:
    for questions in (("What did we spend?", "What share is that?"), ("What percentage is that?",)):
        assert shop.ask(*questions).kind is AnswerKind.CLARIFY, questions


def find_difference(answer: Answer) -> Decimal:
    (figure,) = [each for each in answer.figures if str(each.name).startswith("Difference")]
    return Decimal(str(figure.value))


def test_fewer_output_tokens_save_a_part_of_their_cost(shop: Shop) -> None:
    written = sum((row.output * PRICES[row.model][2] for row in ROWS), Decimal(0)) / 1_000_000
    for question, part in {
        "What would 10% fewer output tokens save?": written / 10,
        "What would 20% more output tokens cost?": -written / 5,
        "Was würden 10 % weniger Ausgabetoken sparen?": written / 10,
        "Combien économiserait-on avec 10 % de tokens de sortie en moins ?": written / 10,
        "¿Cuánto ahorraríamos con un 10 % menos de tokens de salida?": written / 10,
        "What would 10% fewer requests save?": spend() / 10,
        "What would 10% more requests cost?": -spend() / 10,
    }.items():
        assert float(find_difference(shop.ask(question))) == pytest.approx(float(part)), question
    assert shop.ask("What would 10% fewer input tokens save?").kind is AnswerKind.CANNOT
