"""Questions about what comes first in a ranking, about all others, and about what money went into. Oracle: the rows."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

import pytest

from agents.answers.answer import Answer, AnswerKind, ChipKind
from tests.agents.answers.shop_log import (
    FIRST,
    ROWS,
    SPIKE,
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

OCTOBER = between("10-01", "10-31")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def get_values(answer: Answer) -> list[Any]:
    return [figure.value for figure in answer.figures]


def get_rows(answer: Answer, table: int = 0) -> dict[object, Any]:
    return {row[0]: row[1] for row in answer.tables[table].rows}


def list_firsts(key: Callable[[Row], Any], n: int = 1, keep: Callable[[Row], bool] = lambda row: True) -> list[Any]:
    sums = spend_by(key, keep)
    return sorted(sums, key=lambda name: -sums[name])[:n]


def list_unread(answer: Answer) -> str:
    return " ".join(str(chip.label) for chip in answer.understood if chip.kind is ChipKind.UNREAD)


def of(**values: str) -> Callable[[Row], bool]:
    return lambda row: all(getattr(row, name) == value for name, value in values.items())


def both(*keeps: Callable[[Row], bool]) -> Callable[[Row], bool]:
    return lambda row: all(keep(row) for keep in keeps)


def has_failed(row: Row) -> bool:
    return bool(row.error)


(USER,), (TEAM,), (FEATURE,), (MODEL,) = (
    list_firsts(key)
    for key in (lambda row: row.user, lambda row: row.team, lambda row: row.feature, lambda row: row.model)
)


def test_a_figure_of_the_first_one_is_of_that_one(shop: Shop) -> None:
    failed = count(lambda row: has_failed(row) and row.user == USER)
    rates = {name: count(both(of(team=name), has_failed)) / count(of(team=name)) for name in {row.team for row in ROWS}}
    for question, expected in {
        "How many requests of the top user failed?": failed,
        "How many of our most expensive user's requests failed?": failed,
        "Combien d'erreurs a l'utilisateur le plus cher ?": failed,
        "What is the error rate of our dearest team?": rates[TEAM],
        "Fehlerquote des teuersten Teams": rates[TEAM],
        "How many requests did the team with the highest error rate make?": count(
            lambda row: row.team == max(rates, key=rates.__getitem__)
        ),
        "How many requests does the top user make on Mondays?": count(
            lambda row: row.user == USER and row.day.weekday() == 0
        ),
        "What did the user with the most requests cost?": spend(lambda row: row.user == most_active()),
        "requests of the second most expensive user on Mondays": count(
            lambda row: row.user == list_firsts(lambda row: row.user, 2)[1] and row.day.weekday() == 0
        ),
    }.items():
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.ANSWER, question
        assert float(str(answer.figures[0].value)) == pytest.approx(float(str(expected))), question
        assert list_unread(answer) == "", question


def most_active() -> str:
    return Counter(row.user for row in ROWS).most_common(1)[0][0]


def test_who_is_first_is_said_before_the_figure(shop: Shop) -> None:
    answer = shop.ask("How many requests of the top user failed?")
    assert str(answer.text).startswith(f"{USER} has the highest spend")
    assert answer.text.index("Failed requests") > answer.text.index(USER)
    assert next(iter(get_rows(answer))) == USER


def test_groups_and_lists_of_the_first_one_are_of_that_one(shop: Shop) -> None:
    for question, by, keep in (
        ("Which model does the most expensive user use?", "model", lambda row: row.user == USER),
        ("¿Qué modelos usa el equipo más caro?", "model", lambda row: row.team == TEAM),
        ("Spend by user of the dearest team in October", "user", lambda row: row.team == TEAM and OCTOBER(row)),
        ("Spend by model on the most expensive day", "model", lambda row: row.day == SPIKE),
        ("spend by team in the most expensive week", "team", lambda row: row.week == dearest_week()),
    ):
        assert get_rows(shop.ask(question)) == spend_by(attrgetter(by), keep), question
    slowest = max(row.latency for row in ROWS if row.feature == FEATURE)
    for question in (
        "The slowest requests of the dearest feature",
        "Zeige die langsamsten Anfragen des teuersten Features",
    ):
        table = shop.ask(question).tables[0]
        assert table.rows[0][[str(column.name) for column in table.columns].index("Latency")] == slowest, question
    hours = shop.ask("hourly spend on the most expensive day").tables[0].rows
    assert sum(Decimal(str(row[1])) for row in hours) == spend(lambda row: row.day == SPIKE)


def dearest_week() -> int:
    return int(list_firsts(lambda row: row.week)[0])


def test_a_supposition_and_a_cause_may_be_about_the_first_one(shop: Shop) -> None:
    moved = shop.ask("What if the dearest feature moved to gpt-4o-mini?")
    assert moved.figures[0].value == spend(lambda row: row.feature == FEATURE)
    day = list_firsts(lambda row: row.day, keep=lambda row: row.user == USER)[0]
    cause = shop.ask("Which day of the top user was the most expensive, and why?")
    of_day = spend(lambda row: row.user == USER and row.day == day)
    before = spend(lambda row: row.user == USER and row.day == day - timedelta(days=1))
    assert {of_day - before, of_day, before} <= set(get_values(cause))


def test_the_next_question_is_about_the_one_that_came_first(shop: Shop) -> None:
    answer = shop.ask("How many requests of the top user failed?", "and in October?")
    assert answer.figures[0].value == count(lambda row: has_failed(row) and row.user == USER and OCTOBER(row))
    by_model = shop.ask("Error rate by model", "and of the dearest user?")
    assert list(get_rows(by_model)) == sorted({row.model for row in ROWS if row.user == USER})


def test_the_first_requests_and_groups_are_added_up(shop: Shop) -> None:
    costs = sorted((row.cost for row in ROWS), reverse=True)
    for question, n in {
        "What do the ten dearest requests cost together?": 10,
        "How much did the 20 dearest calls cost in total?": 20,
        "Was kosten die zehn teuersten Anfragen zusammen?": 10,
    }.items():
        answer = shop.ask(question)
        assert answer.figures[0].value == sum(costs[:n]), question
        assert float(str(answer.figures[1].value)) == pytest.approx(float(sum(costs[:n]) / spend())), question
    part = shop.ask("What share of the bill are the 100 dearest requests?")
    assert float(str(part.figures[1].value)) == pytest.approx(float(sum(costs[:100]) / spend()))
    many = shop.ask("What do the 500 dearest requests cost?")
    assert (many.kind, many.figures) == (AnswerKind.CLARIFY, ())
    assert len(shop.ask("List the 500 dearest requests").tables[0].rows) == 200
    three = sum(spend(of(user=name)) for name in list_firsts(lambda row: row.user, 3))
    for question in ("the sum of the top 3 users", "total cost of the top 3 users", "Summe der drei teuersten Nutzer"):
        assert three in get_values(shop.ask(question)), question


def test_all_others_are_all_but_the_named_or_the_first_ones(shop: Shop) -> None:
    two = list_firsts(lambda row: row.user, 2)
    rest = spend(lambda row: row.user not in two)
    asked: tuple[tuple[str, ...], ...] = (
        ("how much of spend is outside the top 2 users?",),
        ("What do all others cost besides the top 2 users?",),
        ("spend without the top 2 users",),
        ("Top 2 users", "and what do the others cost?"),
    )
    for questions in asked:
        answer = shop.ask(*questions)
        assert answer.figures[0].value == rest, questions
        assert list_unread(answer) == "", questions
    conversations: dict[tuple[str, ...], Decimal] = {
        ("What did Research cost?", "and all others?"): spend(lambda row: row.team != "Research"),
        ("What did Research cost in October?", "and the rest?"): spend(
            lambda row: row.team != "Research" and OCTOBER(row)
        ),
        ("Which team is the most expensive?", "and what do the others cost?"): spend(lambda row: row.team != TEAM),
        ("What do all models but the dearest cost?",): spend(lambda row: row.model != MODEL),
        ("Everything except the top model",): spend(lambda row: row.model != MODEL),
        ("Spend without the most expensive day",): spend(lambda row: row.day != SPIKE),
        ("What do all features besides doc-search cost?",): spend(lambda row: row.feature != "doc-search"),
        ("What do all other features than doc-search cost?",): spend(lambda row: row.feature != "doc-search"),
    }
    for questions, expected in conversations.items():
        assert shop.ask(*questions).figures[0].value == expected, questions
    assert shop.ask("What do all others cost?").kind is AnswerKind.CLARIFY


def test_one_is_compared_with_all_others_together(shop: Shop) -> None:
    one, others = spend(lambda row: row.feature == "doc-search"), spend(lambda row: row.feature != "doc-search")
    for question, is_so in {
        "Is doc-search dearer than all others together?": one > others,
        "Ist doc-search teurer als alle anderen zusammen?": one > others,
        "Do all others cost more than doc-search?": others > one,
        "Is chat-help dearer than everything else together?": False,
    }.items():
        answer = shop.ask(question)
        assert str(answer.text).startswith("Yes" if is_so else "No"), question
    gap = get_values(shop.ask("How much more does doc-search cost than all other features together?"))
    assert {one, others, others - one} <= set(gap)


def test_neither_nor_and_a_dimension_before_a_name_leave_out(shop: Shop) -> None:
    platform = spend(lambda row: row.team not in ("Research", "Support"))
    for question in (
        "spend of neither Research nor Support",
        "spend without Research and Support",
        "Ausgaben weder für Research noch für Support",
        "dépenses ni Research ni Support",
    ):
        assert shop.ask(question).figures[0].value == platform, question
    others = spend(lambda row: row.team != "Research")
    for question in ("spend without team Research", 'spend except "Research"', "cost of everyone except Research"):
        assert shop.ask(question).figures[0].value == others, question
    some = shop.ask("requests of Research or Platform but not finn")
    assert some.figures[0].value == count(lambda row: row.team in ("Research", "Platform") and row.user != "finn")
    assert shop.ask("Was kostet gpt-4o noch?").figures[0].value == spend(lambda row: row.model == "gpt-4o")


def test_what_money_went_into_is_shown_beside_the_sum(shop: Shop) -> None:
    features = spend_by(lambda row: row.feature)
    for question in (
        "What did we spend, and on what?",
        "What did we spend, and for what?",
        "How much did we spend and where did it go?",
        "Total spend and where did the money go?",
        "Was haben wir ausgegeben, und wofür?",
        "Combien avons-nous dépensé, et pour quoi ?",
        "¿Cuánto gastamos y en qué?",
    ):
        answer = shop.ask(question)
        assert answer.figures[0].value == spend(), question
        assert get_rows(answer) == features, question
    october = shop.ask("What did we spend in October, and on what exactly?")
    assert get_rows(october) == spend_by(lambda row: row.feature, OCTOBER)
    assert get_rows(shop.ask("What did we spend, and for whom?")) == spend_by(lambda row: row.user)
    first = shop.ask("Which user costs most, and on what?")
    assert get_rows(first) == spend_by(lambda row: row.feature, lambda row: row.user == USER)


def test_that_is_what_the_clause_before_is_about(shop: Shop) -> None:
    failures = Counter(row.feature for row in ROWS if row.error)
    (most, _), *_ = sorted(failures.items(), key=lambda item: (-item[1], item[0]))
    wasted = spend(both(of(feature=most), has_failed))
    assert shop.ask("Which feature fails most often, and how much does that cost?").figures[0].value == wasted
    assert spend(has_failed) in get_values(shop.ask("How many requests failed, and what did that cost?"))
    used = max(Counter(row.model for row in ROWS).items(), key=lambda item: item[1])[0]
    latency = shop.ask("p95 latency of the model we use most")
    assert str(latency.text).startswith(used)
    assert str(latency.figures[0].name).endswith(used)


def test_pairs_get_their_difference_and_names_with_a_preposition_a_figure_each(shop: Shop) -> None:
    large, small = (spend(of(model=name)) for name in ("gpt-4o", "gpt-4o-mini"))
    assert large - small in get_values(shop.ask("How much more does gpt-4o cost than gpt-4o-mini?"))
    assert get_rows(shop.ask("spend with gpt-4o, with gpt-4o-mini")) == {"gpt-4o": large, "gpt-4o-mini": small}
    assert shop.ask("How many users pay for half of the bill?").figures[0].value == count_to_half()
    assert shop.ask('spend of model "gpt-4o"').figures[0].value == large


def count_to_half() -> int:
    together, needed = Decimal(0), 0
    for cost in sorted(spend_by(lambda row: row.user).values(), reverse=True):
        if together >= spend() / 2:
            break
        together, needed = together + cost, needed + 1
    return needed


def test_forecasts_are_multiplied_with_their_interval(shop: Shop) -> None:
    plain = get_values(shop.ask("What will December cost?"))[:3]
    for question, factor in {
        "What will next month cost at twice the volume?": Decimal(2),
        "How much will December cost if volume doubles?": Decimal(2),
        "forecast next month with 20% more traffic": Decimal("1.2"),
        "Forecast for December with 10% fewer requests": Decimal("0.9"),
        "If prices fall by 15 %, what is the December bill?": Decimal("0.85"),
        "Combien coûterait le mois prochain si le volume doublait ?": Decimal(2),
    }.items():
        answer = shop.ask(question)
        assert get_values(answer)[:3] == [value * factor for value in plain], question
        assert get_values(answer)[-1] == factor, question
    partly = get_values(shop.ask("What will this month cost?"))
    twice = get_values(shop.ask("What will this month cost if volume doubles?"))
    known = spend(between("11-01", "11-30"))
    assert (partly[3], twice[3], twice[0] - known) == (known, known, 2 * (partly[0] - known))
    shorter = shop.ask("Forecast for December with 20% shorter answers")
    assert "20" in list_unread(shorter)


def test_times_outside_of_the_log_get_its_days(shop: Shop) -> None:
    last = max(row.day for row in ROWS)
    outside: tuple[tuple[str, ...], ...] = (
        ("What did we spend on 20 December?",),
        ("Spend by team in December",),
        ("Spend on Nov 30",),
        ("Spend on 8 Nov", "and the day after?"),
    )
    for questions in outside:
        answer = shop.ask(*questions)
        assert (answer.kind, answer.figures) == (AnswerKind.CANNOT, ()), questions
        assert f"{FIRST} to {last}" in str(answer.text), questions
        for question in answer.suggestions:
            assert shop.ask(question).kind is not AnswerKind.CANNOT, question
    assert "to before 2026-11-10" in str(shop.ask("Spend tomorrow").text)


def test_halves_and_the_last_week_are_those_of_the_log(shop: Shop) -> None:
    middle = FIRST + timedelta(days=28)
    first, second = (spend_by(lambda row: row.team, keep) for keep in (before(middle), after(middle)))
    asked = shop.ask("Spend by team", "first half")
    assert asked.kind is AnswerKind.CLARIFY
    assert get_rows(shop.ask("Spend by team", asked.choices[0].ask)) == first
    assert get_rows(shop.ask("Spend by team in the second half of the log")) == second
    assert get_rows(shop.ask("Spend by team", "in the second half of the log")) == second


def before(day: date) -> Callable[[Row], bool]:
    return lambda row: row.day < day


def after(day: date) -> Callable[[Row], bool]:
    return lambda row: row.day >= day


def test_two_names_that_are_compared_differ_for_reasons(shop: Shop) -> None:
    one, other = (spend(of(feature=name)) for name in ("doc-search", "chat-help"))
    for questions in (("Compare doc-search with chat-help", "why?"), ("Why is chat-help cheaper than doc-search?",)):
        answer = shop.ask(*questions)
        assert {one, other} <= set(get_values(answer)), questions
        effects = next(table for table in answer.tables if str(table.title) == "What the difference is made of")
        assert abs(sum(Decimal(str(row[1])) for row in effects.rows)) == one - other, questions
        assert "rose" not in answer.text and "fell" not in answer.text, questions
