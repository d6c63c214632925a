"""Questions that refer to an answer before, or name something as what it is not. Oracle: the rows."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from agents.answers.answer import Answer, AnswerKind
from agents.language.questions import build_known_logs
from tests.agents.answers.shop_log import PRICES, ROWS, Row, Shop, between, count, open_shop, spend_by, write_log
from tests.agents.language.small_log import describe, read
from workloads.query.query import Filter

pytestmark = pytest.mark.slow

OCTOBER = between("10-01", "10-31")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def of(**values: str) -> Callable[[Row], bool]:
    return lambda row: all(getattr(row, name) == value for name, value in values.items())


def get_rows(answer: Answer) -> dict[object, object]:
    return {row[0]: row[1] for row in answer.tables[0].rows}


def test_that_team_is_the_one_that_was_named(shop: Shop) -> None:
    sums = spend_by(lambda row: row.team)
    first, second = sorted(sums, key=sums.__getitem__, reverse=True)[:2]
    for asked, referred in (
        ("which team has the highest spend?", "who are the heaviest users in that team?"),
        ("Welches Team hat die höchsten Kosten?", "Welche Nutzer hat dieses Team?"),
        ("Quelle équipe coûte le plus ?", "Quels utilisateurs dans cette équipe ?"),
        ("¿Qué equipo gasta más?", "¿Qué usuarios hay en ese equipo?"),
    ):
        users = spend_by(lambda row: row.user, of(team=first))
        assert get_rows(shop.ask(asked, referred)) == users, referred
    after_second = shop.ask("which team has the highest spend?", "and the second?", "which users does that team have?")
    assert get_rows(after_second) == spend_by(lambda row: row.user, of(team=second))


def test_its_spend_is_that_of_what_was_asked_about(shop: Shop) -> None:
    sums = spend_by(lambda row: row.team)
    first = max(sums, key=sums.__getitem__)
    weeks = shop.ask(
        "which team has the highest spend?", "who are the heaviest users in that team?", "how has its spend developed?"
    )
    spent = spend_by(lambda row: row.week, of(team=first))
    assert list(get_rows(weeks).values()) == [spent[week] for week in sorted(spent)]
    failed = sum(1 for row in ROWS if row.team == first and row.error) / count(of(team=first))
    for asked, referred in (
        ("which team costs most?", "what is its error rate?"),
        ("Welches Team kostet am meisten?", "Wie hoch ist seine Fehlerquote?"),
        ("Quelle équipe coûte le plus ?", "Quel est son taux d'erreur ?"),
    ):
        answer = shop.ask(asked, referred)
        assert float(str(answer.figures[0].value)) == pytest.approx(failed), referred


def test_what_is_referred_to_keeps_the_period(shop: Shop) -> None:
    sums = spend_by(lambda row: row.feature, OCTOBER)
    first = max(sums, key=sums.__getitem__)
    answer = shop.ask("which feature cost most in October?", "how many requests did that feature have?")
    assert answer.figures[0].value == count(lambda row: row.feature == first and OCTOBER(row))


def test_that_team_is_asked_back_where_no_answer_was_about_one(shop: Shop) -> None:
    for question in ("who are the heaviest users in that team?", "Welche Nutzer hat dieses Team?"):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.CLARIFY and not answer.figures, question
        assert all(shop.ask(choice.ask).kind is AnswerKind.ANSWER for choice in answer.choices)


def test_a_name_after_a_dimension_is_one_of_that_dimension(shop: Shop) -> None:
    for question in (
        "spend for team search excluding gpt-4.1",
        "spend for team doc-search",
        "Kosten von Team search",
        "Dépenses de l'équipe search",
        "gasto del equipo search",
        "what does user Research cost?",
    ):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.CANNOT and not answer.figures, question
        assert all(shop.ask(each).kind is AnswerKind.ANSWER for each in answer.suggestions), question
    assert "spend for doc-search" in shop.ask("spend for team doc-search").suggestions
    both = spend_by(lambda row: row.team, of(feature="doc-search"))
    assert get_rows(shop.ask("spend by team of doc-search")) == both
    assert get_rows(shop.ask("which team does doc-search cost most?")) == both


def test_an_ordinary_word_is_no_name_with_a_typing_error() -> None:
    users = describe({"user": ("quentin", "anna"), "status": ()}, date(2026, 3, 2), date(2026, 4, 15))
    known = build_known_logs([users])
    for question in ("what was the question again?", "quelle était la question ?"):
        assert not read(question, known=known).query.where, question
    assert read("what did quentim spend?", known=known).query.where == (Filter(field="user", values=("quentin",)),)


def test_what_is_left_out_by_its_rank_is_asked_back(shop: Shop) -> None:
    for asked, dropped in (
        ("Spend by week with share", "drop the cheapest ones"),
        ("Kosten pro Team", "lass die billigsten weg"),
        ("Dépenses par équipe", "enlève les moins chères"),
        ("Gasto por equipo", "quita las más baratas"),
    ):
        answer = shop.ask(asked, dropped)
        assert answer.kind is AnswerKind.CLARIFY and answer.choices, dropped
    kept = shop.ask("Spend by feature", "hide the most expensive one")
    sums = spend_by(lambda row: row.feature)
    first = max(sums, key=sums.__getitem__)
    assert kept.choices[0].ask == f"without {first}"
    rest = shop.ask("Spend by feature", "hide the most expensive one", kept.choices[0].ask)
    assert get_rows(rest) == {name: cost for name, cost in sums.items() if name != first}
    for asked, dropped in (("Spend by feature", "remove everything under $1"), ("Spend by team", "hide those over $5")):
        assert shop.ask(asked, dropped).kind is AnswerKind.CLARIFY, dropped


def test_what_is_left_out_by_name_is_left_out(shop: Shop) -> None:
    sums = spend_by(lambda row: row.feature, lambda row: row.feature != "doc-search")
    for dropped in ("drop doc-search", "and hide doc-search", "remove doc-search", "skip doc-search"):
        assert get_rows(shop.ask("Spend by feature", dropped)) == sums, dropped
    both = spend_by(lambda row: row.feature, lambda row: row.model != "gpt-4o" and not OCTOBER(row))
    assert get_rows(shop.ask("Spend by feature", "exclude October and gpt-4o")) == both
    supposed = shop.ask("What if we drop doc-search?")
    assert any(each.value == spend_by(lambda row: row.feature)["doc-search"] for each in supposed.figures)
    assert str(shop.ask("did spend drop?").text).startswith(("Yes", "No"))
    well = shop.ask("show me the 5 most expensive requests", "drop the failed ones")
    assert well.figures[0].value == count(lambda row: not row.error)
    assert shop.ask("Spend by feature", "drop those without a team").kind is AnswerKind.CLARIFY
    weeks = spend_by(lambda row: row.feature, lambda row: not OCTOBER(row))
    assert get_rows(shop.ask("Spend by feature", "drop October")) == weeks
    assert get_rows(shop.ask("Kosten pro Funktion", "streiche doc-search")) == sums
    assert get_rows(shop.ask("Dépenses par fonctionnalité", "enlève doc-search")) == sums
    assert get_rows(shop.ask("Gasto por función", "quita doc-search")) == sums


def test_that_day_is_the_one_that_was_named(shop: Shop) -> None:
    days, weeks = spend_by(lambda row: row.day), spend_by(lambda row: row.week)
    first, least = max(days, key=days.__getitem__), min(weeks, key=weeks.__getitem__)
    on_first = spend_by(lambda row: row.feature, lambda row: row.day == first)
    asked = "which day was the most expensive?"
    assert get_rows(shop.ask(asked, "which features cost most that day?")) == on_first
    answer = shop.ask("which week was the cheapest?", "how many requests were there that week?")
    assert answer.figures[0].value == count(lambda row: row.week == least)


def test_it_is_what_was_asked_about_where_it_changes(shop: Shop) -> None:
    sums = spend_by(lambda row: row.model)
    first = max(sums, key=sums.__getitem__)
    answer = shop.ask("which model costs most?", "is it getting more expensive?")
    assert str(answer.text).startswith(("Yes", "No"))
    assert answer.tables[0].rows[0][1] == spend_by(lambda row: row.week, of(model=first))[1]


def test_he_is_the_user_that_was_named(shop: Shop) -> None:
    sums = spend_by(lambda row: row.user)
    first = max(sums, key=sums.__getitem__)
    answer = shop.ask("which user costs most?", "how many requests does he make per day?")
    assert sum(int(str(row[1])) for row in answer.tables[0].rows) == count(of(user=first))
    for words in ("what did user 5 cost?", "Was kostet Team 7?"):
        assert shop.ask(words).kind is AnswerKind.CANNOT, words


def test_its_users_are_those_of_what_was_named(shop: Shop) -> None:
    sums = spend_by(lambda row: row.team)
    first = max(sums, key=sums.__getitem__)
    users = spend_by(lambda row: row.user, of(team=first))
    for asked in ("How many users are in it?", "how many users does it have?"):
        assert shop.ask("Which team spends the most?", asked).figures[0].value == len(users), asked
    for asked in ("Who is its biggest spender?", "who are its top users?"):
        assert get_rows(shop.ask("Which team spends the most?", asked)) == users, asked


def test_what_that_cost_is_of_what_was_counted(shop: Shop) -> None:
    failed = spend_by(lambda row: bool(row.error))[True]
    for asked in ("what did that cost?", "what did they cost?"):
        assert shop.ask("How many requests failed?", asked).figures[0].value == failed, asked
    slow = spend_by(lambda row: row.latency > 3_000)[True]
    asked = "How many requests took longer than 3 seconds?"
    assert shop.ask(asked, "what did that cost?").figures[0].value == slow
    output = sum((row.output * PRICES[row.model][2] for row in ROWS), Decimal(0)) / 1_000_000
    assert shop.ask("How many output tokens were there?", "what did that cost?").figures[0].value == output
