"""Ranges of days, and questions about "them", "him" and "it" of the answer before. Oracle: the rows."""

from typing import Any

import pytest

from agents.answers.answer import Answer, AnswerKind, ChipKind
from tests.agents.answers.shop_log import (
    Shop,
    between,
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
