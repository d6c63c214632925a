"""Who and what makes the bill, how fast it grows, and what of a budget is left. Oracle: the rows."""

from datetime import date, timedelta
from decimal import Decimal
from math import ceil

import pytest

from agents.answers.answer import Answer, AnswerKind, ChipKind
from agents.answers.report_answer import summarize_report
from agents.language.reading import QuestionKind, Reading, Turn, dump_turn
from tests.agents.answers.shop_log import (
    DAYS,
    FIRST,
    PRICES,
    ROWS,
    Shop,
    between,
    count,
    open_shop,
    spend,
    spend_by,
    write_log,
)

pytestmark = pytest.mark.slow

LAST = FIRST + timedelta(days=DAYS - 1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def get_figure(answer: Answer, name: str) -> float:
    return next(float(str(each.value)) for each in answer.figures if str(each.name) == name)


def list_values(answer: Answer) -> list[float]:
    return [float(str(figure.value)) for figure in answer.figures]


def has_unread(answer: Answer) -> bool:
    return any(chip.kind is ChipKind.UNREAD for chip in answer.understood)


def test_the_burn_rate_is_spend_per_day_of_the_log(shop: Shop) -> None:
    for question in ("What is our burn rate?", "Wie hoch ist unsere Burn Rate?", "Quel est notre rythme de dépense ?"):
        answer = shop.ask(question)
        assert get_figure(answer, "Spend per day") == pytest.approx(float(spend() / DAYS)), question
        assert get_figure(answer, "30 days at that pace") == pytest.approx(float(spend() / DAYS * 30)), question
    october = shop.ask("What was our burn rate in October?")
    assert get_figure(october, "Spend per day") == pytest.approx(float(spend(between("10-01", "10-31")) / 31))
    report = shop.ask("What is our burn rate?", "and per team?")
    assert {row[0]: row[1] for row in report.tables[0].rows} == spend_by(lambda row: row.team)


def test_an_amount_is_reached_at_the_pace_of_the_last_weeks(shop: Shop) -> None:
    half, so_far = spend() / 2, Decimal(0)
    by_day = spend_by(lambda row: row.day)
    for day in sorted(by_day):
        so_far += by_day[day]
        if so_far >= half:
            break
    assert str(day) in str(shop.ask(f"When will we reach ${half:.6f}?").text)
    recent = spend(lambda row: row.day > LAST - timedelta(days=28)) / 28
    goal = round(spend() * 2, 2)
    expected = LAST + timedelta(days=ceil((goal - spend()) / recent))
    for question in (f"When will we reach ${goal}?", f"Wann erreichen wir {goal} Dollar?"):
        answer = shop.ask(question)
        assert str(expected) in str(answer.text), question
        assert not has_unread(answer), question


def test_a_budget_is_compared_with_what_was_spent(shop: Shop) -> None:
    low, high = round(spend() / 2, 2), round(spend() * 2, 2)
    for question in (
        f"How much of our budget of ${high} have we used?",
        f"How much of our ${high} budget is left?",
        f"Combien de notre budget de {high} dollars avons-nous utilisé ?",
    ):
        answer = shop.ask(question)
        assert get_figure(answer, "Share of the budget") == pytest.approx(float(spend() / high)), question
        assert get_figure(answer, "Left of the budget") == pytest.approx(float(high - spend())), question
        assert not has_unread(answer), question
    assert str(shop.ask(f"Are we within our budget of ${high}?").text).startswith("Yes.")
    assert str(shop.ask(f"Are we within our budget of ${low}?").text).startswith("No.")
    assert str(shop.ask(f"Have we exceeded our budget of ${low}?").text).startswith("Yes.")
    assert shop.ask("How much of our budget is left?").kind is AnswerKind.CLARIFY
    assert shop.ask(f"Will we stay within our budget of ${high}?").kind is AnswerKind.CLARIFY


def test_input_is_all_that_was_read(shop: Shop) -> None:
    written = sum((row.output * PRICES[row.model][2] for row in ROWS), Decimal(0)) / 1_000_000
    for question in (
        "What costs us more: input or output?",
        "Do we spend more on input or output?",
        "Was kostet uns mehr: Eingabe oder Ausgabe?",
        "Qu'est-ce qui coûte plus cher, l'entrée ou la sortie ?",
        "¿Qué nos cuesta más, la entrada o la salida?",
    ):
        answer = shop.ask(question)
        assert get_figure(answer, "Input") == pytest.approx(float(spend() - written)), question
        assert get_figure(answer, "Output") == pytest.approx(float(written)), question
        assert str(answer.text).startswith("Output" if written > spend() / 2 else "Input"), question


def test_a_part_of_the_members_makes_a_part_of_the_bill(shop: Shop) -> None:
    users = sorted(spend_by(lambda row: row.user).values(), reverse=True)
    first = ceil(len(users) * 0.4)
    share = float(sum(users[:first]) / spend())
    for question in (
        "Which 40% of users cause most of the cost?",
        "Do 40% of users cause 99% of the cost?",
        "Welche 40 % der Nutzer verursachen den größten Teil der Kosten?",
        "Est-ce que 40 % des utilisateurs représentent 99 % des coûts ?",
        "¿El 40 % de los usuarios genera el 99 % del gasto?",
    ):
        answer = shop.ask(question)
        assert get_figure(answer, "Share, together") == pytest.approx(share), question
        assert f"{first} of {len(users)}" in str(answer.text), question
        assert not has_unread(answer), question
    assert str(shop.ask("Do 40% of users cause 99% of the cost?").text).startswith("No.")
    assert str(shop.ask("Do 40% of users cause 10% of the cost?").text).startswith("Yes.")
    features = sorted(spend_by(lambda row: row.feature).values(), reverse=True)
    after = shop.ask("Which 40% of users cause most of the cost?", "and of the features?")
    together = float(sum(features[: ceil(len(features) * 0.4)]) / spend())
    assert get_figure(after, "Share, together") == pytest.approx(together)


def test_who_is_responsible_is_who_spends(shop: Shop) -> None:
    users, teams = spend_by(lambda row: row.user), spend_by(lambda row: row.team)
    for question, expected in {
        "Who is responsible for the bill?": users,
        "Which team is responsible for the bill?": teams,
        "Wer ist verantwortlich für die Rechnung?": users,
    }.items():
        rows = shop.ask(question).tables[0].rows
        assert {row[0]: row[1] for row in rows} == expected, question


def test_the_week_before_is_that_of_the_last_whole_week(shop: Shop) -> None:
    answer = shop.ask("What did we spend?", "How does that compare with the week before?")
    monday = LAST + timedelta(days=1) - timedelta(days=(LAST + timedelta(days=1)).weekday())

    def week(start: date) -> float:
        return float(spend(lambda row: start <= row.day < start + timedelta(days=7)))

    values = list_values(answer)
    assert pytest.approx(week(monday - timedelta(days=7))) in values
    assert pytest.approx(week(monday - timedelta(days=14))) in values
    assert str(monday - timedelta(days=7)) in str(answer.text)


def test_groups_that_meet_a_limit_are_counted_first(shop: Shop) -> None:
    days = sorted(spend_by(lambda row: row.day).values())
    limit = round(days[-4], 3)
    met = sum(1 for each in days if each > limit)
    assert f": {met}." in str(shop.ask(f"Which days were over ${limit}?").text)


def test_reasons_of_failures_are_their_errors(shop: Shop) -> None:
    errors = {e: count(lambda row, e=e: row.error == e) for e in ("RateLimit", "Timeout")}  # type: ignore[misc]
    for questions in (
        ("Why do requests fail?",),
        ("Warum schlagen Anfragen fehl?",),
        ("Show me the errors", "Why do they fail?"),
    ):
        rows = shop.ask(*questions).tables[0].rows
        assert {row[0]: row[1] for row in rows} == errors, questions
    hours = shop.ask("Show me the errors", "Why do they fail?", "what time do they happen?").tables[0].rows
    assert sum(int(str(row[1])) for row in hours) == sum(errors.values())


def test_a_log_is_summed_up(shop: Shop) -> None:
    for question in (
        "Summarise the log for me",
        "what's in here?",
        "Fasse das Log zusammen",
        "Was steht in diesem Log?",
    ):
        values = list_values(shop.ask(question))
        assert values[:2] == [pytest.approx(float(spend())), count()], question
    columns = shop.ask("What columns does this log have?")
    assert {"model", "feature", "team", "user_id"} <= {row[1] for row in columns.tables[0].rows}
    assert get_figure(columns, "Rows") == count()
    surprise = shop.ask("Tell me something I don't know")
    assert surprise.kind is AnswerKind.ANSWER
    assert surprise.tables


def test_the_first_step_is_that_of_the_plan(shop: Shop) -> None:
    assert shop.ask("What's the quickest win?").kind is AnswerKind.REPORT
    turn = Turn(reading=Reading(kind=QuestionKind.REPORT, topic="first_lever"))
    report = {
        "ask": "What should I do first?",
        "spend": {"total": "12.5"},
        "combination": {"total": "3.25"},
        "plan": [{"step": "Cache prompts.", "saving": "2", "promised": True}],
    }
    answer = summarize_report(report, {"goal_percent": None, "guard": None, "turn": dump_turn(turn)})
    assert answer["text"].startswith("First: Cache prompts. It saves $2.00.")
