"""Questions of a conversation about costs that used to get another question's figure, or none. Oracle: the rows."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agents.answers.answer import Answer, AnswerKind, ChipKind
from agents.language.questions import build_known_logs
from agents.language.reading import QuestionKind
from agents.language.rules.reports import SAME_MODELS
from tests.agents.answers.shop_log import ROWS, Row, Shop, between, count, open_shop, spend, spend_by, write_log
from tests.agents.language.small_log import KNOWN, describe, read

pytestmark = pytest.mark.slow

EARLY_OCTOBER, LATE_OCTOBER = between("10-01", "10-15"), between("10-16", "10-31")
EARLY_NOVEMBER = between("11-01", "11-15")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def get_rows(answer: Answer) -> dict[object, Any]:
    return {row[0]: row[1] for row in answer.tables[0].rows}


def list_values(answer: Answer) -> list[object]:
    return [figure.value for figure in answer.figures]


def both(*keeps: Callable[[Row], bool]) -> Callable[[Row], bool]:
    return lambda row: all(keep(row) for keep in keeps)


def has_failed(row: Row) -> bool:
    return bool(row.error)


def test_a_list_of_requests_after_a_table_is_a_list_of_requests(shop: Shop) -> None:
    slowest = sorted((row.latency for row in ROWS), reverse=True)[:3]
    for question in ("List the 3 slowest requests", "The 3 slowest requests?"):
        assert [row["Latency"] for row in list_requests(shop, "p95 latency by feature and model", question)] == slowest
    of_research = max(row.latency for row in ROWS if row.team == "Research")
    (first, *_) = list_requests(shop, "What did Research cost by user?", "And the 3 slowest requests?")
    assert first["Latency"] == of_research


def list_requests(shop: Shop, *questions: str) -> list[dict[str, Any]]:
    table = shop.ask(*questions).tables[0]
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def test_only_the_failed_ones_are_the_failed_ones_of_the_figures_before(shop: Shop) -> None:
    failed = spend_by(lambda row: row.feature, has_failed)
    for question in ("And what about only the failed ones?", "only failed requests"):
        assert get_rows(shop.ask("Which three features cost the most?", question)) == failed, question
    others = spend_by(lambda row: row.model, lambda row: not row.error)
    assert get_rows(shop.ask("Cost by model", "without the failed ones")) == others
    sums = spend_by(lambda row: row.model, has_failed)
    for question in (
        "What did failed requests cost by model?",
        "¿Cuánto costaron las solicitudes fallidas por modelo?",
    ):
        answer = shop.ask(question)
        assert answer.figures[0].value == sum(sums.values()), question
    counted = shop.ask("How many requests failed by model, and what did they cost?")
    assert counted.figures[0].value == count(has_failed)


def test_halves_of_a_month_are_compared_and_follow_each_other(shop: Shop) -> None:
    change = shop.ask("Why did our spend double in the second half of October?")
    assert {spend(EARLY_OCTOBER), spend(LATE_OCTOBER)} <= set(list_values(change))
    half = shop.ask("Spend by team in the first half of the month")
    assert get_rows(half) == spend_by(lambda row: row.team, EARLY_NOVEMBER)
    known = build_known_logs([describe({"feature": ("night-job", "chat-help")}, date(2026, 4, 1), date(2026, 4, 30))])
    other = read("the same for the first half", "Spend by feature in the second half of April", known=known)
    assert other.query == read("Spend by feature in the first half of April", known=known).query
    unclear = read("the same for the first half", "Spend by feature in the second half of April", known=KNOWN)
    assert unclear.kind is QuestionKind.CLARIFY


def test_cached_tokens_and_requests_are_counted(shop: Shop) -> None:
    tokens, used = sum(row.cached for row in ROWS), sum(row.input for row in ROWS)
    answer = shop.ask("How many tokens did we read from the cache, and what did caching save us?")
    saved = shop.ask("What did caching save us?")
    assert list_values(answer) == [tokens, *list_values(saved)]
    assert not [chip for chip in answer.understood if chip.kind is ChipKind.UNREAD]
    for question in ("How many calls were served from the cache?", "Wie viele Anfragen kamen aus dem Cache?"):
        assert shop.ask(question).figures[0].value == count(lambda row: row.cached > 0), question
    share = shop.ask("Wie hoch war der Anteil der Cache-Tokens?")
    assert float(str(share.figures[0].value)) == pytest.approx(tokens / used)


def test_what_a_clause_asks_of_the_one_before_is_answered_or_named(shop: Shop) -> None:
    answer = shop.ask("Which user had the highest bill in October, and on what models?")
    sums = spend_by(lambda row: row.user, between("10-01", "10-31"))
    pairs = spend_by(lambda row: (row.user, row.model), between("10-01", "10-31"))
    assert str(answer.text).startswith(max(sums, key=sums.__getitem__))
    assert [get_rows(answer), {row[:2]: row[2] for row in answer.tables[1].rows}] == [sums, pairs]
    kinds = shop.ask("What did we spend in total, and for which kinds of calls?")
    assert kinds.figures[0].value == spend()
    assert any("kinds of calls" in str(note) for note in kinds.notes)


def test_requests_that_cost_nothing_are_none_here(shop: Shop) -> None:
    least = min(row.cost for row in ROWS)
    assert least > Decimal(0)
    for question in ("Which calls cost nothing?", "Which calls were free?"):
        free = shop.ask(question)
        assert ([figure.value for figure in free.figures], free.tables) == ([0, least], ()), question
    for question in (
        "How many calls cost nothing?",
        "Wie viele Aufrufe kosten nichts?",
        "Combien d'appels ne coûtent rien ?",
    ):
        assert shop.ask(question).figures[0].value == 0, question


def test_what_cannot_be_combined_is_said_instead_of_a_figure(shop: Shop) -> None:
    for questions in (
        ("p95 latency by feature as a share",),
        ("p95 latency by feature", "as a share"),
        ("cost per request by model as a percentage",),
    ):
        answer = shop.ask(*questions)
        assert (answer.kind, answer.figures, answer.tables) == (AnswerKind.CLARIFY, (), ()), questions
        assert answer.choices, questions
        for choice in answer.choices:
            assert shop.ask(choice.ask).kind in (AnswerKind.ANSWER, AnswerKind.CANNOT), choice.ask


def test_a_saving_without_other_models_is_a_report_that_keeps_them() -> None:
    for question in (
        "How much could I save without changing models?",
        "Wie viel könnte ich sparen, ohne die Modelle zu wechseln?",
        "Combien pourrais-je économiser sans changer de modèle ?",
        "¿Cuánto podría ahorrar sin cambiar de modelo?",
    ):
        reading = read(question, "Spend by model")
        assert (reading.kind, reading.topic) == (QuestionKind.REPORT, SAME_MODELS), question
    assert read("How much did changing models save?", "Spend by model").kind is not QuestionKind.REPORT


def test_a_figure_of_the_dearest_group_ranks_by_cost(shop: Shop) -> None:
    sums = spend_by(lambda row: row.feature)
    for question in ("p95 latency of the most expensive feature", "errors of the most expensive feature"):
        answer = shop.ask(question)
        assert str(answer.text).startswith(max(sums, key=sums.__getitem__)), question
        assert get_rows(answer) == sums, question
