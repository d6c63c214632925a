"""Changes without a period, and of each group: what is compared is said, and the figures are those of the rows."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from agents.answers.answer import AnswerKind, ChipKind
from tests.agents.answers.shop_log import Row, Shop, between, open_shop, spend, spend_by, write_log

FIRST_HALF, SECOND_HALF = between("09-14", "10-11"), between("10-12", "11-08")
BEFORE_LAST_WEEK, LAST_WEEK = between("10-26", "11-01"), between("11-02", "11-08")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def find_changes(
    key: Callable[[Row], str], before: Callable[[Row], bool], after: Callable[[Row], bool]
) -> dict[str, Decimal]:
    old, new = spend_by(key, before), spend_by(key, after)
    return {name: new.get(name, Decimal(0)) - old.get(name, Decimal(0)) for name in {*old, *new}}


def test_the_group_that_grew_most_is_found_by_the_halves_of_the_log(shop: Shop) -> None:
    changes = find_changes(lambda row: row.feature, FIRST_HALF, SECOND_HALF)
    most, least = max(changes, key=changes.__getitem__), min(changes, key=changes.__getitem__)
    for question in (
        "which feature grew the most?",
        "Which feature grew fastest?",
        "welches Feature ist am stärksten gewachsen?",
    ):
        answer = shop.ask(question)
        assert {row[0]: row[-1] for row in answer.tables[0].rows} == changes, question
        assert answer.tables[0].rows[0][0] == most
        assert answer.text.startswith(most)
        assert any("You named no periods" in note for note in answer.notes)
    fell = shop.ask("which feature's spend fell the most?")
    assert fell.tables[0].rows[0][0] == least


def test_requests_of_groups_are_compared_too(shop: Shop) -> None:
    answer = shop.ask("which user's requests grew the most?")
    counts = {row[0]: int(str(row[-1])) for row in answer.tables[0].rows}
    assert max(counts, key=counts.__getitem__) == answer.tables[0].rows[0][0]
    assert answer.tables[0].columns[-1].unit == "requests"


@pytest.mark.parametrize(
    "question",
    [
        "Why did spend go up?",
        "why did our costs change?",
        "Warum sind die Kosten gestiegen?",
        "Pourquoi le coût a-t-il augmenté ?",
    ],
)
def test_why_without_a_period_is_about_the_last_two_weeks(shop: Shop, question: str) -> None:
    answer = shop.ask(question)
    assert answer.kind is AnswerKind.ANSWER
    assert answer.figures[0].value == spend(LAST_WEEK) - spend(BEFORE_LAST_WEEK)
    assert any("You named no periods, so 2026-11-02 to 2026-11-08 is compared" in note for note in answer.notes)


@pytest.mark.parametrize("question", ["Why?", "why is it so expensive?", "Why did it go up?"])
def test_why_without_a_subject_is_asked_back(shop: Shop, question: str) -> None:
    assert shop.ask(question).kind is AnswerKind.CLARIFY


def test_getting_worse_is_about_errors_speed_and_price(shop: Shop) -> None:
    answer = shop.ask("is doc-search getting worse?")
    assert [column.unit for column in answer.tables[0].columns[1:]] == ["share", "ms", "usd_per_request"]
    assert "Latency p95 rose from" in answer.text
    assert "Cost per request rose from" in answer.text
    assert "Error rate" in answer.text


def test_groups_of_two_periods_are_compared_after_a_table(shop: Shop) -> None:
    answer = shop.ask("spend by feature", "compare the first week with the last week")
    changes = find_changes(lambda row: row.feature, between("09-14", "09-20"), LAST_WEEK)
    assert {row[0]: row[-1] for row in answer.tables[0].rows} == changes
    assert "Only in 2026-11-02 to 2026-11-08: night-report." in answer.text
    assert "logs" not in answer.text


def test_at_this_rate_asks_for_a_forecast(shop: Shop) -> None:
    for question in (
        "What will we spend next month at this rate?",
        "Was geben wir bei diesem Tempo nächsten Monat aus?",
    ):
        answer = shop.ask(question)
        assert "2026-12-01" in answer.text, question
        assert not [chip for chip in answer.understood if chip.kind is ChipKind.UNREAD], question


def test_who_asks_for_what_is_named_after_it(shop: Shop) -> None:
    answer = shop.ask("Who is the cheapest vendor?")
    assert answer.tables[0].columns[0].name == "Provider"
