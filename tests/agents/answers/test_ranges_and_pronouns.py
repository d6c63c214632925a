"""Ranges of days, and questions about "them", "him" and "it" of the answer before. Oracle: the rows."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

import pytest

from agents.answers.answer import Answer, AnswerKind, ChipKind
from tests.agents.answers.shop_log import (
    DAYS,
    FIRST,
    ROWS,
    Row,
    Shop,
    between,
    count,
    open_shop,
    spend,
    spend_by,
    write_log,
)

pytestmark = pytest.mark.slow

FIRST_WEEK, SECOND_WEEK = between("10-01", "10-07"), between("10-08", "10-14")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def get_values(answer: Answer) -> list[Any]:
    return [figure.value for figure in answer.figures]


def list_unread(answer: Answer) -> str:
    return " ".join(str(chip.label) for chip in answer.understood if chip.kind is ChipKind.UNREAD)


def of(**values: str) -> Callable[[Row], bool]:
    return lambda row: all(getattr(row, name) == value for name, value in values.items())


def is_failed_chat(row: Row) -> bool:
    return bool(row.error) and row.feature == "chat-help"


def test_ranges_of_days_are_periods(shop: Shop) -> None:
    for question in (
        "Spend October 1-7",
        "How much did we spend from October 1 to 7?",
        "Spend in October 1 \u2013 7, 2026",
        "Spend between October 1 and 7",
        "Spend 1\u20137 October",
        "Kosten 1.-7. Oktober",
        "Kosten 1. - 7. Oktober",
        "Kosten vom 1. bis 7. Oktober",
        "Coût du 1 au 7 octobre",
        "Coût du 1er au 7 octobre",
        "Gasto del 1 al 7 de octubre",
        "Gasto entre el 1 y el 7 de octubre",
    ):
        answer = shop.ask(question)
        assert answer.figures[0].value == spend(FIRST_WEEK), question
        assert list_unread(answer) == "", question
    ends = spend(between("09-28", "10-04"))
    assert shop.ask("Spend from September 28 to October 4").figures[0].value == ends


def test_ranges_of_days_are_compared(shop: Shop) -> None:
    before, after = (spend_by(lambda row: row.feature, keep) for keep in (FIRST_WEEK, SECOND_WEEK))
    for question in (
        "Compare October 1-7 with October 8-14 by feature",
        "Compare 1-7 October with 8-14 October by feature",
        "Vergleiche 1.-7. Oktober mit 8.-14. Oktober nach Funktion",
        "Compara del 1 al 7 de octubre con del 8 al 14 de octubre por función",
    ):
        answer = shop.ask(question)
        assert get_values(answer)[:2] == [sum(before.values()), sum(after.values())], question
        rows = {row[0]: (row[1] or 0, row[2] or 0) for row in answer.tables[0].rows}
        assert rows == {name: (before.get(name, 0), cost) for name, cost in after.items()}, question
    assert shop.ask("Compare 1-7 and 8-14 October").kind is AnswerKind.CLARIFY


def test_how_many_of_them_are_counted_among_the_groups_before(shop: Shop) -> None:
    costs = spend_by(lambda row: row.user)
    above = sum(cost > Decimal("0.3") for cost in costs.values())
    october = spend_by(lambda row: row.user, between("10-01", "10-31"))
    for first, second, expected in (
        ("Rank users by spend", "How many of them spend more than $0.3?", above),
        ("Which user costs the most?", "How many of them spend more than $0.3?", above),
        ("Ausgaben nach Nutzer", "Wie viele davon geben mehr als 0,3 $ aus?", above),
        ("Dépenses par utilisateur", "Combien d'entre eux dépensent plus de 0,3 $ ?", above),
        ("Gasto por usuario", "¿Cuántos de ellos gastan más de 0,3 $?", above),
        (
            "Rank users by spend in October",
            "How many of them spend more than $0.3?",
            sum(cost > Decimal("0.3") for cost in october.values()),
        ),
    ):
        assert shop.ask(first, second).figures[0].value == expected, (first, second)
    dear = {name: cost for name, cost in costs.items() if cost > Decimal("0.3")}
    for question in ("Which of them spend more than $0.3?", "Welche davon kosten mehr als 0,3 $?"):
        listed = shop.ask("Rank users by spend", question)
        assert {row[0]: row[1] for row in listed.tables[0].rows} == dear, question
    for first in ("Top 3 users by spend", "Spend by week"):
        assert shop.ask(first, "How many of them cost more than $0.3?").kind is AnswerKind.CLARIFY, first


def test_days_beside_a_mean_are_counted(shop: Shop) -> None:
    costs = spend_by(lambda row: row.day)
    above = sum(cost > spend() / DAYS for cost in costs.values())
    for first, second, expected in (
        ("What is the mean spend per day?", "How many days were above it?", above),
        ("What is the mean spend per day?", "How many days were below it?", DAYS - above),
        ("Durchschnittliche Ausgaben pro Tag", "Wie viele Tage lagen darüber?", above),
    ):
        assert shop.ask(first, second).figures[0].value == expected, (first, second)
    assert shop.ask("What did we spend?", "How many days were above it?").kind is AnswerKind.CLARIFY


def test_he_is_the_user_that_an_answer_was_about(shop: Shop) -> None:
    rates = {name: float(spend(of(user=name)) / count(of(user=name))) for name in ("cleo", "dan")}
    for questions in (
        ("What does cleo do?", "On which days is he most active?", "Is he more expensive than dan per request?"),
        ("What does cleo cost?", "Is she more expensive than dan per request?"),
        ("Was kostet cleo?", "Ist er teurer als dan pro Anfrage?"),
        ("Combien coûte cleo ?", "Est-il plus cher que dan par requête ?"),
    ):
        answer = shop.ask(*questions)
        assert str(answer.text).startswith("Yes" if rates["cleo"] > rates["dan"] else "No"), questions
        assert {row[0]: row[1] for row in answer.tables[0].rows} == pytest.approx(rates), questions
    open_pair = "Is he more expensive than dan per request?"
    assert shop.ask(open_pair).kind is AnswerKind.CLARIFY
    assert shop.ask("What did we spend?", open_pair).kind is AnswerKind.CLARIFY


def test_what_changed_most_is_of_the_periods_before(shop: Shop) -> None:
    middle = FIRST + timedelta(days=DAYS // 2)
    halves = (lambda row: row.day < middle), (lambda row: row.day >= middle)
    for questions, key, keeps in (
        (("Compare October 1-7 with October 8-14 by feature", "Which feature changed the most?"), "feature", None),
        (("Compare October 1-7 with October 8-14", "Which model changed the most?"), "model", None),
        (("Which feature changed the most?",), "feature", halves),
        (("Welche Funktion hat sich am meisten verändert?",), "feature", halves),
    ):
        first, second = (spend_by(attrgetter(key), keep) for keep in keeps or (FIRST_WEEK, SECOND_WEEK))
        changes = {name: abs(second.get(name, Decimal(0)) - first.get(name, 0)) for name in {**first, **second}}
        answer = shop.ask(*questions)
        most = max(changes, key=changes.__getitem__)
        assert (str(answer.text).split()[0], answer.tables[0].rows[0][0]) == (most, most), questions
        assert list_unread(answer) == "", questions


def test_another_last_day_changes_the_period_before(shop: Shop) -> None:
    expected = spend(between("11-01", "11-04"))
    for questions in (
        ("How much have we spent this month?", "and until the 4th?"),
        ("Ausgaben diesen Monat", "und bis zum 4.?"),
        ("Dépenses ce mois", "et jusqu'au 4 ?"),
        ("Gasto este mes", "¿y hasta el 4?"),
    ):
        assert shop.ask(*questions).figures[0].value == expected, questions
    assert shop.ask("What did we spend?", "and until the 4th?").kind is AnswerKind.CLARIFY


def test_a_summary_of_spend_is_that_of_the_log(shop: Shop) -> None:
    expected = get_values(shop.ask("Summarise the log"))
    assert expected[:2] == [spend(), count()]
    for question in (
        "Give me a summary of our AI spend for the management",
        "Gib mir eine Zusammenfassung unserer KI-Ausgaben für das Management",
        "Donne-moi un résumé de nos dépenses d'IA pour la direction",
        "Dame un resumen de nuestro gasto en IA para la dirección",
    ):
        assert get_values(shop.ask(question)) == expected, question
    october = between("10-01", "10-31")
    assert get_values(shop.ask("Summary of our spend in October"))[:2] == [spend(october), count(october)]


def test_reliability_is_the_error_rate_and_one_of_two_groups_will_do(shop: Shop) -> None:
    requests = [row for row in ROWS if row.model == "gpt-4o"]
    rate = sum(bool(row.error) for row in requests) / len(requests)
    for question in (
        "How reliable is gpt-4o?",
        "Wie zuverlässig ist gpt-4o?",
        "Quelle est la fiabilité de gpt-4o ?",
        "¿Qué tan fiable es gpt-4o?",
    ):
        assert get_values(shop.ask(question)) == [pytest.approx(rate)], question
    features, teams = spend_by(lambda row: row.feature), spend_by(lambda row: row.team)
    answer = shop.ask("Which customer or feature is responsible for it?")
    assert {row[0]: row[1] for row in answer.tables[0].rows} == features
    both = shop.ask("Which team or feature is responsible for it?")
    assert [{row[0]: row[1] for row in table.rows} for table in both.tables] == [teams, features]
    assert shop.ask("Which customer is responsible for it?").kind is AnswerKind.CANNOT


def test_the_errors_before_have_a_most_common_one_and_hours(shop: Shop) -> None:
    errors = Counter(row.error for row in ROWS if is_failed_chat(row))
    hours = Counter(f"{row.at:%H}:00" for row in ROWS if is_failed_chat(row))
    listed = "Show me the errors of chat-help"
    common = shop.ask(listed, "What is the most common one?")
    assert {row[0]: row[1] for row in common.tables[0].rows} == errors
    for questions in (
        (listed, "Does it happen at a particular time?"),
        (listed, "What is the most common one?", "Does it happen at a particular time?"),
    ):
        answer = shop.ask(*questions)
        assert {row[0]: row[1] for row in answer.tables[0].rows if row[1]} == hours, questions


def test_a_numbered_user_that_the_log_lacks_is_not_everybody(shop: Shop) -> None:
    for question in ("What does user-009 cost?", "What did feature-9 cost?", "Was kostet user-900?"):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.CANNOT, question
        assert not answer.figures, question
    assert shop.ask("What did the top-3 users cost?").kind is AnswerKind.ANSWER
