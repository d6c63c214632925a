"""Questions about the file and its prices: repeated rows, and the user's discount. Oracle: the rows."""

from decimal import Decimal
from pathlib import Path

import pytest

from agents.answers.answer import AnswerKind
from tests.agents.answers.shop_log import Shop, open_shop
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.opening import open_analysis
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.slow

ROWS = 12
LIST_PRICE = ROWS * 1_000 * Decimal("2.5") / 1_000_000


def open_with(folder: Path, assumptions: Assumptions, repeated: int = 0) -> Shop:
    lines = [f"2026-03-0{n % 6 + 1}T10:00:00Z,gpt-4o,1000,0,r{n}" for n in range(ROWS)]
    content = "\n".join(("timestamp,model,input_tokens,output_tokens,request_id", *lines, *lines[:repeated])) + "\n"
    folder.mkdir()
    (folder / "temp").mkdir()
    return open_shop(open_analysis(ingest_log(folder, content).out, folder / "temp", assumptions)._priced_log)


def test_repeated_rows_are_counted(tmp_path: Path) -> None:
    for repeated in (0, 1, 5):
        shop = open_with(tmp_path / str(repeated), Assumptions(), repeated)
        for question in ("how many duplicates are there?", "Gibt es Duplikate?"):
            answer = shop.ask(question)
            assert (answer.kind, answer.figures[0].value) == (AnswerKind.ANSWER, repeated)
        assert shop.ask("how many requests are there?").figures[0].value == ROWS


def test_a_known_discount_is_taken_off(tmp_path: Path) -> None:
    shop = open_with(tmp_path / "log", Assumptions(discount_percent=Decimal("12.5")))
    for question in (
        "total spend net of the discount",
        "what did we pay after our discount?",
        "net spend",
        "Kosten nach Rabatt",
        "dépenses après remise",
        "gasto con descuento",
    ):
        answer = shop.ask(question)
        assert answer.figures[0].value == LIST_PRICE * Decimal("0.875"), question
        assert "Your discount of 12.5% is taken off." in answer.notes
    assert shop.ask("spend by model", "and net of the discount?").tables
    assert shop.ask("what would we spend at list prices?").kind is AnswerKind.CANNOT


def test_list_prices_are_those_without_a_discount(tmp_path: Path) -> None:
    shop = open_with(tmp_path / "log", Assumptions())
    answer = shop.ask("spend before the discount")
    assert answer.figures[0].value == LIST_PRICE
    assert "I don't know of any discount, so nothing is taken off." in answer.notes
    assert any("“net”" in note for note in shop.ask("how many tokens net of the cache?").notes)


def test_totals_of_an_unknown_number_of_requests_are_said(tmp_path: Path) -> None:
    lines = [f"2026-03-0{day},gpt-4o,{day}00000,1000," for day in range(1, 7)]
    content = "\n".join(("date,model,input_tokens,output_tokens,requests", *lines)) + "\n"
    (tmp_path / "temp").mkdir()
    log = open_analysis(ingest_log(tmp_path, content).out, tmp_path / "temp", Assumptions())._priced_log
    shop = open_shop(log)
    for question in ("What is the average cost per request?", "how many requests were there?", "tokens per request"):
        answer = shop.ask(question)
        assert answer.kind is AnswerKind.CANNOT, question
        assert "don't say how many requests" in str(answer.text)
    assert shop.ask("total spend").figures[0].value
