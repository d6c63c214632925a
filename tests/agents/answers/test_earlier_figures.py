"""Follow-ups of single requests, of a part of a whole and of a mean keep what is asked. Oracle: the rows."""

from collections.abc import Callable

import pytest

from agents.answers.answer import Answer
from tests.agents.answers.shop_log import ROWS, Row, Shop, count, open_shop, spend, spend_by, write_log

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def of(**values: str) -> Callable[[Row], bool]:
    return lambda row: all(getattr(row, name) == value for name, value in values.items())


def get_cell(answer: Answer, column: str) -> object:
    table = answer.tables[0]
    return table.rows[0][[str(each.name) for each in table.columns].index(column)]


def get_first(answer: Answer) -> float:
    return float(str(answer.figures[0].value))


def test_another_rank_is_of_the_same_requests(shop: Shop) -> None:
    rows = [row for row in ROWS if row.feature == "doc-search"]
    first = "the most expensive request of doc-search"
    assert get_cell(shop.ask(first, "and the slowest?"), "Latency") == max(row.latency for row in rows)
    assert get_cell(shop.ask(first, "and the cheapest?"), "Spend") == min(row.cost for row in rows)
    assert get_cell(shop.ask(first, "and the longest prompt?"), "Input tokens") == max(row.input for row in rows)


def test_which_one_it_was_is_told_of_the_request(shop: Shop) -> None:
    longest = max(ROWS, key=lambda row: row.input)
    assert str(shop.ask("the longest prompt", "which feature was it?").text).endswith(f"Feature: {longest.feature}.")
    assert str(shop.ask("the longest prompt", "and which team was it?").text).endswith(f"Team: {longest.team}.")


def test_a_part_of_others_is_of_them(shop: Shop) -> None:
    def is_slow(row: Row) -> bool:
        return row.latency > 2000

    mini = of(model="gpt-4o-mini")
    part = count(lambda row: is_slow(row) and mini(row)) / count(mini)
    asked = ("How many requests took longer than 2 seconds?", "What share of requests is that?", "and for gpt-4o-mini?")
    assert get_first(shop.ask(*asked)) == pytest.approx(part)
    other = shop.ask("What did we spend on gpt-4o?", "What share is that?", "and gpt-4.1?")
    assert get_first(other) == pytest.approx(float(spend(of(model="gpt-4.1")) / spend()))


def test_a_mean_of_others_is_one(shop: Shop) -> None:
    users = spend_by(lambda row: row.user, of(team="Research"))
    answer = shop.ask("What did an average user cost?", "and in Research?")
    assert get_first(answer) == pytest.approx(float(sum(users.values()) / len(users)))
