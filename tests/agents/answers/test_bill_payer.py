"""Questions of the person who pays the bill that used to get another figure than they ask for. Oracle: the rows."""

from collections.abc import Callable
from decimal import Decimal
from statistics import median
from typing import Any

import pytest

from agents.answers.answer import Answer, AnswerKind, ChipKind
from tests.agents.answers.shop_log import ROWS, Row, Shop, between, count, open_shop, spend, spend_by, write_log

pytestmark = pytest.mark.slow

OCTOBER, NOVEMBER = between("10-01", "10-31"), between("11-01", "11-30")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def of(**values: str) -> Callable[[Row], bool]:
    return lambda row: all(getattr(row, name) == value for name, value in values.items())


def get_rows(answer: Answer) -> dict[object, Any]:
    return {row[0]: row[1] for row in answer.tables[0].rows}


def list_values(answer: Answer) -> list[object]:
    return [figure.value for figure in answer.figures]


def list_unread(answer: Answer) -> str:
    return " ".join(str(chip.label) for chip in answer.understood if chip.kind is ChipKind.UNREAD)


def test_per_request_is_of_the_figure_before(shop: Shop) -> None:
    research = of(team="Research")
    cost = shop.ask("what did Research cost?", "and per request?")
    assert float(str(cost.figures[0].value)) == pytest.approx(float(spend(research) / count(research)))
    tokens = shop.ask("how many tokens did Research use?", "and per request?")
    used = sum(row.input + row.output for row in ROWS if research(row))
    assert float(str(tokens.figures[0].value)) == pytest.approx(used / count(research))


def test_a_name_that_is_compared_with_stands_beside_the_one_before(shop: Shop) -> None:
    answer = shop.ask("what did Research cost in October?", "compared with Support")
    sums = spend_by(lambda row: row.team, OCTOBER)
    assert get_rows(answer) == {name: sums[name] for name in ("Research", "Support")}


def test_a_limit_in_cents_leaves_what_is_asked_for(shop: Shop) -> None:
    for question in ("what did requests over 1 cent cost in total?", "what do requests over $0.01 cost?"):
        assert spend(lambda row: row.cost > Decimal("0.01")) in list_values(shop.ask(question)), question


def test_groups_of_two_periods_are_compared_by_group(shop: Shop) -> None:
    before, after = (spend_by(lambda row: row.team, keep) for keep in (OCTOBER, NOVEMBER))
    for question in ("Compare October with November per team", "spend in October vs November by team"):
        rows = {row[0]: row[1:3] for row in shop.ask(question).tables[0].rows}
        assert rows == {name: (before[name], after[name]) for name in before}, question


def test_names_said_apart_get_a_figure_each(shop: Shop) -> None:
    sums = spend_by(lambda row: row.model)
    both = {name: sums[name] for name in ("gpt-4o", "gpt-4.1")}
    for question in (
        "spend on gpt-4o and spend on gpt-4.1",
        "What did we spend on gpt-4o, and on gpt-4.1?",
        "Was ist teurer, gpt-4o oder gpt-4.1?",
    ):
        assert get_rows(shop.ask(question)) == both, question
    apart = list_values(shop.ask("How much do we spend on gpt-4o and how much on gpt-4.1?"))
    assert set(both.values()) <= set(apart)
    assert shop.ask("spend of gpt-4o and gpt-4.1").figures[0].value == sum(both.values())


def test_the_faster_or_cheaper_one_is_named_first(shop: Shop) -> None:
    latencies = {m: median(r.latency for r in ROWS if r.model == m and not r.error) for m in ("gpt-4o", "gpt-4o-mini")}
    fastest = min(latencies, key=latencies.__getitem__)
    assert str(shop.ask("Which is faster, gpt-4o or gpt-4o-mini?").text).startswith(fastest)
    assert str(shop.ask("Which model is cheaper, gpt-4o or gpt-4o-mini?").text).startswith("gpt-4o-mini")


def test_a_share_of_the_first_ones_is_of_them_together(shop: Shop) -> None:
    first = sorted(spend_by(lambda row: row.user).values(), reverse=True)[:2]
    answer = shop.ask("What share of our spend goes to the two most expensive users?")
    assert any(float(str(each)) == pytest.approx(float(sum(first) / spend())) for each in list_values(answer))


def test_a_share_of_errors_is_not_an_error_rate(shop: Shop) -> None:
    failed = count(lambda row: bool(row.error))
    part = count(lambda row: bool(row.error) and row.feature == "doc-search")
    answer = shop.ask("What share of errors comes from doc-search?")
    assert any(float(str(each)) == pytest.approx(part / failed) for each in list_values(answer))


def find_difference(answer: Answer) -> Decimal:
    (figure,) = [each for each in answer.figures if str(each.name).startswith("Difference")]
    return Decimal(str(figure.value))


def test_a_part_that_is_moved_saves_its_part(shop: Shop) -> None:
    whole = find_difference(shop.ask("What if gpt-4o moved to gpt-4o-mini?"))
    assert whole > 0
    for question, part in {
        "What if half of our gpt-4o traffic moved to gpt-4o-mini?": Decimal("0.5"),
        "What if 30% of gpt-4o went to gpt-4o-mini?": Decimal("0.3"),
        "What if we moved a quarter of gpt-4o to gpt-4o-mini?": Decimal("0.25"),
        "What if a third of gpt-4o moved to gpt-4o-mini?": Decimal(1) / 3,
        "Was wäre, wenn ein Drittel von gpt-4o auf gpt-4o-mini liefe?": Decimal(1) / 3,
        "Et si la moitié de gpt-4o passait à gpt-4o-mini ?": Decimal("0.5"),
    }.items():
        answer = shop.ask(question)
        assert float(find_difference(answer)) == pytest.approx(float(whole * part)), question
        assert list_unread(answer) == "", question
    second = shop.ask("What did gpt-4o cost?", "What if half of it moved to gpt-4o-mini?")
    assert find_difference(second) == whole / 2


def test_what_ends_is_saved_and_not_moved(shop: Shop) -> None:
    for question, keep in {
        "What if we turned off doc-search?": lambda row: row.feature == "doc-search",
        "What if we switched off doc-search?": lambda row: row.feature == "doc-search",
        "What would we save without doc-search?": lambda row: row.feature == "doc-search",
        "What if we stopped using gpt-4o?": lambda row: row.model == "gpt-4o",
        "Was wäre, wenn wir doc-search abschalten?": lambda row: row.feature == "doc-search",
        "Et si on arrêtait doc-search ?": lambda row: row.feature == "doc-search",
        "¿Y si apagáramos doc-search?": lambda row: row.feature == "doc-search",
    }.items():
        assert find_difference(shop.ask(question)) == spend(keep), question


def test_hours_after_a_day_are_hours(shop: Shop) -> None:
    whole = shop.ask("What did we spend on 12 October between 9:00 and 12:00?")
    for question in (
        "What did we spend on 12 October between 9 and 12?",
        "What did we spend on 12 October from 9 to 12?",
        "Was haben wir am 12. Oktober zwischen 9 und 12 ausgegeben?",
        "Combien avons-nous dépensé le 12 octobre entre 9 et 12 ?",
        "¿Cuánto gastamos el 12 de octubre entre las 9 y las 12?",
    ):
        answer = shop.ask(question)
        assert list_values(answer) == list_values(whole), question
        assert list_unread(answer) == "", question
    days = shop.ask("What did we spend between 9 and 12 October?")
    assert list_values(days) == [spend(lambda row: "10-09" <= f"{row.day:%m-%d}" <= "10-12")]


def test_a_week_is_called_one_and_groups_are_in_lower_case(shop: Shop) -> None:
    answer = shop.ask("Which week had the highest spend?")
    assert str(answer.text).startswith("The week from 2026-")
    assert str(answer.tables[0].title) == "Spend by week"
    assert "by week" in [str(chip.label) for chip in answer.understood]


def test_the_share_of_a_time_is_of_all_or_of_the_name_before_it(shop: Shop) -> None:
    def weekend(row: Row) -> bool:
        return row.day.weekday() > 4

    research = of(team="Research")
    part = spend(lambda row: weekend(row) and research(row)) / spend(research)
    for question, share in {
        "What share of the spend is on weekends?": spend(weekend) / spend(),
        "Welcher Anteil der Kosten fällt auf das Wochenende?": spend(weekend) / spend(),
        "What share of October's spend was on weekends?": spend(lambda row: weekend(row) and OCTOBER(row))
        / spend(OCTOBER),
        "What percentage of Research spend is on weekends?": part,
    }.items():
        values = [float(str(each)) for each in list_values(shop.ask(question))]
        assert any(value == pytest.approx(float(share)) for value in values), question
    answer = shop.ask("What share of October's requests has no team?")
    assert answer.kind in (AnswerKind.ANSWER, AnswerKind.CANNOT)
    change = list_values(shop.ask("Um wie viel Prozent stiegen die Kosten von Oktober auf November?"))
    assert any(float(str(each)) == pytest.approx(float(spend(NOVEMBER) / spend(OCTOBER) - 1)) for each in change)


def test_what_is_left_out_and_what_is_added_up_is_said_in_many_words(shop: Shop) -> None:
    others = spend(lambda row: row.team != "Research")
    for question in (
        "Spend of everything but Research",
        "Spend of all teams but Research",
        "¿Cuánto gastamos sin contar Research?",
        "Dépenses sans compter Research",
    ):
        assert others in list_values(shop.ask(question)), question
    three = sum(sorted(spend_by(lambda row: row.user).values(), reverse=True)[:3])
    for question in (
        "How much did the top 3 users cost in total?",
        "Combien coûtent les 3 utilisateurs les plus chers ensemble ?",
    ):
        assert three in list_values(shop.ask(question)), question
    failed = spend(lambda row: bool(row.error))
    assert failed in list_values(shop.ask("How much of our spend is wasted on failed requests?"))


def test_prices_change_only_where_prices_are_named(shop: Shop) -> None:
    lower = shop.ask("What would the bill be if prices were 10% lower?")
    assert spend() * Decimal("0.9") in list_values(lower)
    assert shop.ask("What would the bill be if prompts were 10% shorter?").kind is AnswerKind.CANNOT


def test_the_end_of_a_month_or_a_year_ends_a_forecast(shop: Shop) -> None:
    for question, end in {
        "What will we spend by the end of the year?": "2027-01-01",
        "Was werden wir bis Jahresende ausgeben?": "2027-01-01",
        "What will we spend by the end of the month?": "2026-12-01",
        "Combien coûterait décembre ?": "2027-01-01",
    }.items():
        assert f"to before {end}" in str(shop.ask(question).text), question


def test_weeks_and_working_days_are_periods(shop: Shop) -> None:
    for question in ("Warum ist die Woche ab dem 19. Oktober teurer?", "why was the week from 19 October dearer?"):
        assert "2026-10-19 to 2026-10-25" in str(shop.ask(question).text), question
    days = spend_by(lambda row: row.day, lambda row: row.day.weekday() < 5)
    cheapest = min(days, key=days.__getitem__)
    assert str(shop.ask("Which day was the cheapest working day?").text).startswith(cheapest.isoformat())
