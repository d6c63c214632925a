"""Nothing of a question is dropped in silence, and one that wants a yes or a no begins with it.

Oracle: sums over the rows of a small log in plain Python (shop_log.py)."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import mean, median, quantiles

import pytest

from agents.answers.answer import Answer, AnswerKind, ChipKind
from agents.answers.formatting import format_figure
from tests.agents.answers.shop_log import (
    DAYS,
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
from workloads.pricing.price_list import LIST_DATE

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
    "was the dearest day a Wednesday?",
    "did our most expensive day fall on a weekday?",
    "was the most expensive day in October?",
    "was October our most expensive month?",
    "war der teuerste Tag ein Mittwoch?",
    "le jour le plus cher était-il un mercredi ?",
    "¿el día más caro fue un miércoles?",
    "was 21 October more expensive than an average day?",
    "did we spend more in week 6 than in week 2?",
    "were there fewer requests in week 2 than in week 6?",
    "is gpt-4o-mini cheaper per request than gpt-4.1?",
    "ist gpt-4o-mini pro Anfrage günstiger als gpt-4.1?",
    "¿es gpt-4o-mini más barato que gpt-4.1?",
    "est-ce que gpt-4o-mini est plus lent que gpt-4o ?",
    "¿es gpt-4o más rápido que gpt-4o-mini?",
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
    "was the dearest day a Monday?",
    "was the cheapest day in week 2 a Tuesday?",
    "was the most expensive day in September?",
    "is the busiest hour in the evening?",
    "do we use any Mistral models?",
    "do we use gpt-4.1-nano?",
    "nutzen wir Mistral?",
    "¿usamos Mistral?",
    "are Sundays above average?",
    "did we spend more in week 2 than in week 6?",
    "est-ce que gpt-4o-mini est plus rapide que gpt-4o ?",
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


def test_what_is_not_understood_is_said(shop: Shop) -> None:
    for question, words in (
        ("spend by team on a blue moon", ("blue", "moon")),
        ("What is the salary of finn?", ("salary",)),
        ("Was kostet Research an Vollmond?", ("Vollmond",)),
    ):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.CLARIFY, question
        assert all(f"“{word}”" in str(answer.text) for word in words), question
    answer = shop.ask("The board wants a flurb. What did Research cost?")
    assert answer.kind is AnswerKind.ANSWER
    chips = [str(chip.label) for chip in answer.understood if chip.kind is ChipKind.UNREAD]
    assert "“flurb”" in chips[0]
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
    assert "Not understood" not in " ".join(map(str, shop.ask("waht did we spned").notes))


def test_an_answer_about_money_states_the_date_of_the_price_list(shop: Shop) -> None:
    assert f"as of {LIST_DATE.isoformat()}" in str(shop.ask("spend by model").notes[-1])
    assert shop.ask("how many requests were there?").notes == ()


def test_when_something_started_is_its_first_request(shop: Shop) -> None:
    first = min(row.at for row in ROWS if row.feature == "night-report")
    assert first.date().isoformat() in str(shop.ask("when did night-report start?").text)


def test_users_per_team_are_counted(shop: Shop) -> None:
    teams = {row.team: {each.user for each in ROWS if each.team == row.team} for row in ROWS}
    assert get_rows(shop.ask("users per team")) == {team: len(users) for team, users in teams.items()}


def test_a_cost_per_user_and_day_has_a_mean(shop: Shop) -> None:
    days = spend_by(lambda row: (row.user, row.day))
    assert usd(sum(days.values(), Decimal(0)) / len(days)) in str(shop.ask("cost per user per day").text)


DAILY = spend_by(lambda row: row.day)
BY_USER = spend_by(lambda row: row.user)
BY_FEATURE = spend_by(lambda row: row.feature)
SLOWEST = sorted(ROWS, key=lambda row: -row.latency)[: -(-len(ROWS) // 10)]
DEAREST = sorted((row.cost for row in ROWS), reverse=True)[: -(-len(ROWS) // 20)]


@pytest.mark.parametrize(
    "question",
    [
        "which days cost more than average?",
        "days above average",
        "welche Tage kosten mehr als der Durchschnitt?",
        "quels jours coûtent plus que la moyenne ?",
        "¿qué días cuestan más que la media?",
    ],
)
def test_days_are_compared_with_the_mean_day(shop: Shop, question: str) -> None:
    answer, middle = shop.ask(question), mean(DAILY.values())
    found = [str(row[0]) for row in answer.tables[0].rows]
    assert found == [day.isoformat() for day, cost in DAILY.items() if cost > middle]
    assert usd(middle) in str(answer.text)


@pytest.mark.parametrize(
    ("question", "factor", "sign"),
    [
        ("which users are above the median?", 1, 1),
        ("users below the median", 1, -1),
        ("welche Nutzer liegen über dem Median?", 1, 1),
        ("quels utilisateurs sont au-dessus de la médiane ?", 1, 1),
        ("usuarios por encima de la mediana", 1, 1),
        ("which users spent less than twice the median?", 2, -1),
    ],
)
def test_users_are_compared_with_the_median_user(shop: Shop, question: str, factor: int, sign: int) -> None:
    limit = factor * median(BY_USER.values())
    expected = {user for user, cost in BY_USER.items() if (cost - limit) * sign > 0}
    assert set(get_rows(shop.ask(question))) == expected


def test_the_number_of_days_above_the_mean_comes_first(shop: Shop) -> None:
    expected = sum(cost > mean(DAILY.values()) for cost in DAILY.values())
    assert shop.ask("how many days were above average?").figures[0].value == expected


def test_a_rate_is_compared_with_that_of_all_requests(shop: Shop) -> None:
    errors = {name: [bool(row.error) for row in ROWS if row.feature == name] for name in BY_FEATURE}
    rates = {name: Fraction(sum(failed), len(failed)) for name, failed in errors.items()}
    answer = shop.ask("which features have a higher error rate than average?")
    failed = Fraction(count(lambda row: bool(row.error)), len(ROWS))
    assert set(get_rows(answer)) == {name for name, rate in rates.items() if rate > failed}


@pytest.mark.parametrize(
    "question",
    [
        "cost of the slowest 10% of requests",
        "what do the slowest 10% of requests cost?",
        "Kosten der langsamsten 10 % der Anfragen",
        "coût des 10 % de requêtes les plus lentes",
        "coste del 10% de peticiones más lentas",
    ],
)
def test_a_share_of_the_requests_is_those_that_rank_first(shop: Shop, question: str) -> None:
    spent, number = (each.value for each in shop.ask(question).figures)
    assert number == len(SLOWEST)
    assert spent == sum(row.cost for row in SLOWEST)


def test_a_share_of_the_dearest_requests_is_a_share_of_spend(shop: Shop) -> None:
    answer = shop.ask("what share of spend comes from the most expensive 5% of requests?")
    assert answer.figures[0].value == sum(DEAREST) / spend()


@pytest.mark.parametrize("question", ["what do the top 50% of users cost together?", "share of the top 50% of users"])
def test_a_share_of_the_users_is_those_that_rank_first(shop: Shop, question: str) -> None:
    answer, first = shop.ask(question), sorted(BY_USER, key=lambda user: -BY_USER[user])[:3]
    assert [row[0] for row in answer.tables[0].rows[:-1]] == first
    assert sum(BY_USER[user] for user in first) / spend() in [figure.value for figure in answer.figures]


@pytest.mark.parametrize(
    "question",
    [
        "requests per minute at peak",
        "what is our peak RPM?",
        "Anfragen pro Minute in der Spitze",
        "requêtes par minute au pic",
        "peticiones por minuto en el pico",
    ],
)
def test_requests_per_minute_at_peak_are_those_of_the_busiest_minute(shop: Shop, question: str) -> None:
    counts: dict[str, int] = {}
    for row in ROWS:
        at = row.at.strftime("%Y-%m-%d %H:%M")
        counts[at] = counts.get(at, 0) + 1
    answer = shop.ask(question)
    first, number = answer.tables[0].rows[0]
    assert number == max(counts.values()) == counts[str(first)]
    assert str(answer.text).startswith(str(first))


def test_requests_per_minute_without_a_peak_are_a_mean(shop: Shop) -> None:
    minutes = (max(row.at for row in ROWS) - min(row.at for row in ROWS)).total_seconds() / 60
    value = shop.ask("how many requests per minute do we make on average?").figures[0].value
    assert float(str(value)) == pytest.approx(len(ROWS) / minutes)


@pytest.mark.parametrize(
    ("questions", "place"),
    [
        (("which feature costs the most?", "and the second?"), 2),
        (("which feature costs the most?", "and the second?", "and the next?"), 3),
        (("spend by feature", "what about the third?"), 3),
        (("welches Feature ist am teuersten?", "und das zweite?"), 2),
        (("quelle fonctionnalité coûte le plus ?", "et la deuxième ?"), 2),
        (("¿qué función cuesta más?", "¿y la segunda?"), 2),
        (("second most expensive feature",), 2),
        (("what is our third most expensive feature?",), 3),
    ],
)
def test_another_place_of_a_ranking_is_asked_for(shop: Shop, questions: tuple[str, ...], place: int) -> None:
    name = sorted(BY_FEATURE, key=lambda each: -BY_FEATURE[each])[place - 1]
    answer = shop.ask(*questions)
    assert str(answer.text).startswith(f"{name} is number {place} by")
    assert usd(BY_FEATURE[name]) in str(answer.text)


def test_a_place_that_a_ranking_does_not_have_is_said(shop: Shop) -> None:
    assert "There is no number 8" in str(shop.ask("spend by feature", "and the eighth?").text)


@pytest.mark.parametrize(
    "questions",
    [
        ("spend by feature in week 6", "and the week before?"),
        ("Kosten nach Feature in Woche 6", "und die Woche davor?"),
        ("dépenses par fonctionnalité en semaine 6", "et la semaine précédente ?"),
        ("gasto por función en la semana 6", "¿y la semana anterior?"),
    ],
)
def test_the_week_before_is_that_before_the_one_that_was_asked_about(shop: Shop, questions: tuple[str, str]) -> None:
    expected = spend_by(lambda row: row.feature, lambda row: row.week == 5)
    found = {row[0]: row[1] for row in shop.ask(*questions).tables[0].rows}
    assert found == expected


def test_the_week_before_nothing_is_asked_back(shop: Shop) -> None:
    assert shop.ask("what did we spend the week before?").kind is AnswerKind.CLARIFY


def test_the_previous_week_beside_the_last_one_is_that_before_it(shop: Shop) -> None:
    answer = shop.ask("spend last week vs the previous week")
    by_week = spend_by(lambda row: row.week)
    assert [row[1] for row in answer.tables[0].rows] == [by_week[7], by_week[8]]


@pytest.mark.parametrize("question", ["what % of spend is cached tokens?", "what share of our spend is output?"])
def test_a_kind_of_token_has_a_share_of_spend(shop: Shop, question: str) -> None:
    answer = shop.ask(question)
    cached = sum(row.cached * PRICES[row.model][1] for row in ROWS) / Decimal(1_000_000)
    output = sum(row.output * PRICES[row.model][2] for row in ROWS) / Decimal(1_000_000)
    expected = cached if "cached" in question else output
    assert answer.figures[0].value == pytest.approx(expected / spend())


def test_a_share_of_that_is_a_share_of_the_figure_before(shop: Shop) -> None:
    answer = shop.ask("how many tokens were cached and what share of input is that?")
    share = Decimal(sum(row.cached for row in ROWS)) / sum(row.input for row in ROWS)
    assert share in [figure.value for figure in answer.figures]


def test_a_percentage_that_fails_is_a_limit_on_the_error_rate(shop: Shop) -> None:
    answer = shop.ask("which features have more than 2% of requests fail?")
    errors = {name: [bool(row.error) for row in ROWS if row.feature == name] for name in BY_FEATURE}
    assert {row[0] for row in answer.tables[0].rows} == {
        name for name, failed in errors.items() if Fraction(sum(failed), len(failed)) > Fraction(2, 100)
    }


@pytest.mark.parametrize(
    ("question", "reverse"),
    [
        ("welches Modell ist am langsamsten?", True),
        ("cuál es el modelo más lento?", True),
        ("quel est le modèle le plus rapide ?", False),
    ],
)
def test_slow_and_fast_are_about_latency_in_all_languages(shop: Shop, question: str, reverse: bool) -> None:
    latencies: dict[str, list[int]] = {}
    for row in ROWS:
        if not row.error:
            latencies.setdefault(row.model, []).append(row.latency)
    first = sorted(latencies, key=lambda model: quantiles(latencies[model], n=20)[-1], reverse=reverse)[0]
    answer = shop.ask(question)
    assert str(answer.text).startswith(first)
    assert str(answer.tables[0].columns[1].name) == "Latency p95"


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("how many users make up half of our spend?", Decimal("0.5")),
        ("how many users account for 80% of the cost?", Decimal("0.8")),
    ],
)
def test_the_users_who_make_up_a_share_are_counted_from_the_first(shop: Shop, question: str, share: Decimal) -> None:
    together, expected = Decimal(0), 0
    for cost in sorted(BY_USER.values(), reverse=True):
        if together < share * spend():
            together, expected = together + cost, expected + 1
    answer = shop.ask(question)
    assert [each.value for each in answer.figures[:2]] == [expected, together]
    assert "Not understood" not in " ".join(map(str, answer.notes))


def test_mean_days_are_compared_where_they_are_asked_for(shop: Shop) -> None:
    answer = shop.ask("what does the average weekday cost compared with the average weekend day?")
    expected = [mean(cost for day, cost in DAILY.items() if (day.weekday() > 4) == late) for late in (False, True)]
    assert [float(str(row[1])) for row in answer.tables[0].rows] == pytest.approx([float(each) for each in expected])


@pytest.mark.parametrize(
    "question",
    [
        "how much more expensive is gpt-4.1 than gpt-4o per request?",
        "ist gpt-4.1 pro Anfrage teurer als gpt-4o?",
        "gpt-4.1 est-il plus cher que gpt-4o par requête ?",
    ],
)
def test_dearer_per_request_is_about_the_cost_of_a_request(shop: Shop, question: str) -> None:
    answer = shop.ask(question)
    assert [str(column.name) for column in answer.tables[0].columns][1:] == ["Cost per request"]
    assert {str(row[0]) for row in answer.tables[0].rows} == {"gpt-4.1", "gpt-4o"}


@pytest.mark.parametrize("question", ["top 3 models by requests", "top 3 models by requests; drop"])
def test_by_requests_is_no_rate(shop: Shop, question: str) -> None:
    counts = Counter(row.model for row in ROWS)
    answer = shop.ask(question)
    assert {row[0]: row[1] for row in answer.tables[0].rows} == counts
