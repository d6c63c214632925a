"""Nothing of a question is dropped in silence, and one that wants a yes or a no begins with it.

Oracle: sums over the rows of a small log in plain Python (shop_log.py)."""

from decimal import Decimal
from pathlib import Path
from statistics import mean, median

import pytest

from agents.answers.answer import Answer, AnswerKind, ChipKind
from agents.answers.formatting import format_figure
from tests.agents.answers.shop_log import DAYS, ROWS, Shop, between, count, open_shop, spend, spend_by, write_log

LAST = "2026-11-08"  # a Sunday, the last of eight whole weeks


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder: Path = tmp_path_factory.mktemp("shop")
    return open_shop(write_log(folder / "log"))


def get_rows(answer: Answer) -> dict[object, object]:
    """Return the first table's last column by its first."""
    return {row[0]: row[-1] for row in answer.tables[0].rows}


def usd(amount: Decimal) -> str:
    return str(format_figure(amount, "usd"))


YES = (
    "is gpt-4.1 more expensive than gpt-4o-mini?",
    "Is gpt-4o-mini cheaper than gpt-4.1?",
    "did spend rise?",
    "did spend rise in week 5?",
    "Sind die Kosten gestiegen?",
    "Les coûts ont-ils augmenté ?",
    "¿Ha subido el gasto?",
    "did we spend more than 1 cent in October?",
    "is the error rate below 50%?",
    "do we use gpt-4.1?",
    "does anyone use more than 1k tokens?",
    "will we stay under $100,000 this month?",
    "Bleiben wir diesen Monat unter 100000 Dollar?",
)
NO = (
    "is gpt-4o-mini more expensive than gpt-4.1?",
    "Ist gpt-4o-mini teurer als gpt-4.1?",
    "Est-ce que gpt-4o-mini est plus cher que gpt-4.1 ?",
    "¿Es gpt-4o-mini más caro que gpt-4.1?",
    "did spend fall?",
    "is ben our most expensive user?",
    "did we spend more than $5,000 in October?",
    "will we exceed $100,000 this month?",
    "does anyone use more than 900m tokens?",
    "are we spending more on weekends than on weekdays?",
)


@pytest.mark.parametrize("question", YES)
def test_what_is_so_is_answered_with_yes(shop: Shop, question: str) -> None:
    assert str(shop.ask(question).text).startswith("Yes")


@pytest.mark.parametrize("question", NO)
def test_what_is_not_so_is_answered_with_no(shop: Shop, question: str) -> None:
    assert str(shop.ask(question).text).startswith("No")


def test_a_month_that_is_not_over_is_compared_by_day(shop: Shop) -> None:
    answer = shop.ask("did spend fall in November?")
    october, november = spend(between("10-01", "10-31")) / 31, spend(between("11-01", "11-08")) / 8
    assert str(answer.text).startswith("Yes" if november < october else "No")
    assert usd(october) in str(answer.text)
    assert usd(november) in str(answer.text)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("spend by team on a blue moon", ("blue", "moon")),
        ("What is the salary of finn?", ("salary",)),
        ("Which users spend more than average?", ("more than average",)),
    ],
)
def test_what_is_not_understood_is_said(shop: Shop, question: str, words: tuple[str, ...]) -> None:
    answer = shop.ask(question)
    chips = [str(chip.label) for chip in answer.understood if chip.kind is ChipKind.UNREAD]
    assert all(f"“{word}”" in chips[0] for word in words)
    assert any("Not understood" in str(note) for note in answer.notes)


@pytest.mark.parametrize("question", ["spend of the Marketing team", "Kosten für Marketing", "spend for Zendesk"])
def test_a_name_that_the_log_lacks_is_no_total(shop: Shop, question: str) -> None:
    assert shop.ask(question).kind is AnswerKind.CANNOT


PERIODS = {
    "spend in october": ("10-01", "10-31"),
    "spend on 10/5": ("10-05", "10-05"),
    "spend on 5.10.": ("10-05", "10-05"),
    "spend in the last fortnight": ("10-26", "11-08"),
    "month to date spend": ("11-01", "11-08"),
    "spend this month so far": ("11-01", "11-08"),
    "spend since the launch on October 12": ("10-12", "11-08"),
    "spend since we launched night-report on October 12": ("10-12", "11-08"),
    "Kosten seit dem Start am 12. Oktober": ("10-12", "11-08"),
    "Coût depuis le lancement du 12 octobre": ("10-12", "11-08"),
    "Gasto desde el lanzamiento del 12 de octubre": ("10-12", "11-08"),
    "spend until the end of October": ("09-14", "10-31"),
    "spend since the beginning of November": ("11-01", "11-08"),
    "spend by the end of September": ("09-14", "09-30"),
}


@pytest.mark.parametrize("question", PERIODS)
def test_a_period_is_the_one_that_is_meant(shop: Shop, question: str) -> None:
    assert shop.ask(question).figures[0].value == spend(between(*PERIODS[question]))


LIMITS = {
    "how many requests were slower than 5s?": lambda row: row.latency > 5_000,
    "requests slower than 1.5 s": lambda row: row.latency > 1_500,
    "how many requests took over 900ms?": lambda row: row.latency > 900,
    "requests over 2k tokens": lambda row: row.input + row.output > 2_000,
    "tokens over 5000": lambda row: row.input + row.output > 5_000,
    "how many requests cost more than 1 cent?": lambda row: row.cost > Decimal("0.01"),
    "Wie viele Anfragen dauerten länger als 2 Sekunden?": lambda row: row.latency > 2_000,
}


@pytest.mark.parametrize("question", LIMITS)
def test_a_number_has_its_unit(shop: Shop, question: str) -> None:
    assert shop.ask(question).figures[0].value == count(LIMITS[question])


def test_a_limit_on_a_percentile_is_one_of_groups(shop: Shop) -> None:
    answer = shop.ask("features with a p95 latency above 8.05 s")
    assert set(get_rows(answer)) == {"night-report"}


@pytest.mark.parametrize(
    "question",
    [
        "how many users spent more than 10 cents?",
        "Wie viele Nutzer haben mehr als 10 Cent ausgegeben?",
        "Combien d'utilisateurs ont dépensé plus de 10 centimes ?",
        "¿Cuántos usuarios gastaron más de 10 centavos?",
    ],
)
def test_the_number_of_those_who_meet_a_condition_comes_first(shop: Shop, question: str) -> None:
    above = [name for name, amount in spend_by(lambda row: row.user).items() if amount > Decimal("0.1")]
    assert shop.ask(question).figures[0].value == len(above)


@pytest.mark.parametrize(
    "question",
    [
        "average weekly spend by team",
        "Durchschnittliche wöchentliche Kosten pro Team",
        "Dépense hebdomadaire moyenne par équipe",
        "Gasto semanal medio por equipo",
    ],
)
def test_a_mean_over_weeks_is_listed_by_team(shop: Shop, question: str) -> None:
    weeks = spend_by(lambda row: (row.team, row.week))
    teams = {team for team, _ in weeks}
    expected = {team: mean(float(amount) for (each, _), amount in weeks.items() if each == team) for team in teams}
    found = get_rows(shop.ask(question))
    assert {name: pytest.approx(value) for name, value in expected.items()} == {
        name: float(str(value)) for name, value in found.items()
    }


@pytest.mark.parametrize(
    "question", ["Top 1 user for each team", "top 1 user per team", "the most expensive user in each team"]
)
def test_the_first_of_each_group_are_listed(shop: Shop, question: str) -> None:
    sums = spend_by(lambda row: (row.team, row.user))
    expected = {}
    for (team, user), amount in sorted(sums.items(), key=lambda pair: pair[1]):
        expected[team] = (user, amount)
    found = {row[0]: (row[1], row[2]) for row in shop.ask(question).tables[0].rows}
    assert found == expected


@pytest.mark.parametrize(
    "question", ["cumulative spend by week", "Kumulierte Kosten pro Woche", "running total of spend per week"]
)
def test_a_running_total_ends_with_the_total(shop: Shop, question: str) -> None:
    answer = shop.ask(question)
    sums = list(get_rows(answer).values())
    assert len(sums) == DAYS // 7
    assert sums[-1] == spend()
    assert sums == sorted(sums)  # type: ignore[type-var]


def test_growth_is_the_change_since_the_week_before(shop: Shop) -> None:
    weeks = spend_by(lambda row: row.week)
    changes = list(get_rows(shop.ask("week over week growth of spend")).values())
    assert changes[0] is None
    assert changes[-1] == (weeks[8] - weeks[7]) / weeks[7]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("which features are new in week 5?", "night-report"),
        ("Welche Features sind in Woche 5 neu?", "night-report"),
        ("Quelles fonctionnalités sont nouvelles en semaine 5 ?", "night-report"),
    ],
)
def test_what_is_new_in_a_period_was_not_there_before(shop: Shop, question: str, name: str) -> None:
    answer = shop.ask(question)
    assert str(answer.text).startswith("New in")
    assert name in str(answer.text)
    assert answer.figures[0].value == 1


@pytest.mark.parametrize("question", ["What changed in week 5?", "Was hat sich in Woche 5 geändert?"])
def test_what_changed_names_the_causes(shop: Shop, question: str) -> None:
    answer = shop.ask(question)
    assert answer.figures[0].value == spend(lambda row: row.week == 5) - spend(lambda row: row.week == 4)
    assert "night-report" in str(answer.text)


def test_three_periods_stand_side_by_side(shop: Shop) -> None:
    answer = shop.ask("compare week 2, week 3 and week 4 by spend")
    assert list(get_rows(answer).values()) == [spend_by(lambda row: row.week)[week] for week in (2, 3, 4)]


def test_a_median_request_is_no_mean_request(shop: Shop) -> None:
    assert shop.ask("median cost per request").figures[0].value == median(row.cost for row in ROWS)
    by_model = get_rows(shop.ask("median cost per request by model"))
    assert by_model["gpt-4.1"] == median(row.cost for row in ROWS if row.model == "gpt-4.1")


def test_a_ratio_of_tokens_is_a_ratio(shop: Shop) -> None:
    expected = sum(row.output for row in ROWS) / sum(row.input for row in ROWS)
    assert float(str(shop.ask("output tokens per input token").figures[0].value)) == pytest.approx(expected)


def test_a_lower_case_may_is_a_verb_unless_a_month_is_meant(shop: Shop) -> None:
    assert shop.ask("may I see the spend?").figures[0].value == spend()
    assert shop.ask("spend in may").kind is AnswerKind.CANNOT


def test_a_slip_of_the_pen_is_not_made_much_of(shop: Shop) -> None:
    assert shop.ask("waht did we spned").notes == ()


def test_when_something_started_is_its_first_request(shop: Shop) -> None:
    first = min(row.at for row in ROWS if row.feature == "night-report")
    assert first.date().isoformat() in str(shop.ask("when did night-report start?").text)


def test_users_per_team_are_counted(shop: Shop) -> None:
    teams = {row.team: {each.user for each in ROWS if each.team == row.team} for row in ROWS}
    assert get_rows(shop.ask("users per team")) == {team: len(users) for team, users in teams.items()}


def test_a_cost_per_user_and_day_has_a_mean(shop: Shop) -> None:
    days = spend_by(lambda row: (row.user, row.day))
    assert usd(sum(days.values(), Decimal(0)) / len(days)) in str(shop.ask("cost per user per day").text)
