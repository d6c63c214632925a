"""Questions that refer to an answer before, or name something as what it is not. Oracle: the rows."""

from collections.abc import Callable
from datetime import date

import pytest

from agents.answers.answer import Answer, AnswerKind
from agents.language.questions import build_known_logs
from tests.agents.answers.shop_log import ROWS, Row, Shop, between, count, open_shop, spend_by, write_log
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
