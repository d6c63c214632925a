"""Questions of the person who pays the bill about one day of marked requests, and about times beyond the log. Oracle:
the rows."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from agents.answers.answer import Answer, AnswerKind
from tests.agents.answers.shop_log import PRICES, Shop, open_shop
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.opening import open_analysis
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.slow

HEADER = "timestamp,model,input_tokens,output_tokens,reasoning_tokens,starred"


@dataclass(frozen=True, slots=True)
class Row:
    model: str
    input: int
    output: int
    reasoning: int
    is_starred: bool

    @property
    def cost(self) -> Decimal:
        price, _, output = PRICES[self.model]
        return (self.input * price + self.output * output) / 1_000_000


ROWS = tuple(
    Row(("gpt-4o", "gpt-4o-mini")[i % 2], 1_000 * (i + 1), 300 * (i + 1) * (1 + 3 * (i % 2)), 100 * (i + 1), i % 3 == 0)
    for i in range(8)
)


def spend(keep: Callable[[Row], bool] = lambda row: True) -> Decimal:
    return sum((row.cost for row in ROWS if keep(row)), Decimal(0))


def is_kept(row: Row) -> bool:
    return not row.is_starred


def is_large(row: Row) -> bool:
    return row.model == "gpt-4o"


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    lines = (
        f"2026-11-03T10:{i:02}:00Z,{row.model},{row.input},{row.output},{row.reasoning},{str(row.is_starred).lower()}"
        for i, row in enumerate(ROWS)
    )
    return open_lines(tmp_path_factory.mktemp("day") / "log", "\n".join((HEADER, *lines)) + "\n")


def open_lines(folder: Path, lines: str) -> Shop:
    folder.mkdir()
    out = ingest_log(folder, lines).out
    (folder / "temp").mkdir()
    return open_shop(open_analysis(out, folder / "temp", Assumptions())._priced_log)


def list_values(answer: Answer) -> list[object]:
    return [figure.value for figure in answer.figures]


def test_marked_requests_are_left_out_of_what_was_asked(day: Shop) -> None:
    both = "how many requests were starred and what did we pay for them?"
    first = day.ask(both)
    count = sum(map(is_kept, ROWS))
    assert {len(ROWS) - count, spend(lambda row: row.is_starred)} <= set(list_values(first))
    assert list_values(day.ask(both, "and without the starred ones?"))[:2] == [count, spend(is_kept)]
    assert spend(is_kept) in list_values(day.ask("what did we spend without the starred ones?"))
    by_model = day.ask(both, "and by model?").tables[0].rows
    assert sum(int(str(row[1])) for row in by_model) == len(ROWS) - count


def test_a_model_at_half_or_twice_its_price_has_as_many_requests(day: Shop) -> None:
    before = spend(is_large)
    for question, factor in (
        ("what if gpt-4o had cost half?", Decimal("0.5")),
        ("what if gpt-4o cost twice as much?", Decimal(2)),
        ("what if gpt-4o cost a quarter of what it does?", Decimal("0.25")),
        ("Was wäre, wenn gpt-4o die Hälfte kosten würde?", Decimal("0.5")),
        ("et si gpt-4o coûtait la moitié ?", Decimal("0.5")),
        ("¿y si gpt-4o costara la mitad?", Decimal("0.5")),
    ):
        assert list_values(day.ask(question))[:2] == [before, before * factor], question
    assert day.ask("what if a third of the cost of gpt-4o vanished?").figures == ()
    moved = day.ask("what if gpt-4o had cost half?", "what would it cost if half of it used gpt-4o-mini?")
    assert Decimal(str(list_values(moved)[1])) < Decimal(str(list_values(moved)[0]))


def test_prices_and_parts_of_output_are_no_sums(day: Shop) -> None:
    reasoning = {model: sum(row.reasoning for row in ROWS if row.model == model) for model in ("gpt-4o", "gpt-4o-mini")}
    output = sum(row.output for row in ROWS)
    for question in (
        "What share of output tokens is reasoning?",
        "What percentage of our output is reasoning tokens?",
        "Welcher Anteil der Output-Tokens ist Reasoning?",
        "¿Qué parte de los tokens de salida son razonamiento?",
    ):
        part = sum(reasoning.values())
        assert list_values(day.ask(question))[:3] == [Decimal(part) / output, part, output], question
    cost = sum(tokens * PRICES[model][2] for model, tokens in reasoning.items()) / 1_000_000
    assert cost in list_values(day.ask("How much did reasoning tokens cost?"))
    for question in (
        "Which model has the cheapest output token?",
        "Welches Modell hat die günstigsten Output-Tokens?",
        "Quel modèle a le token de sortie le moins cher ?",
        "¿Qué modelo tiene el token de salida más barato?",
    ):
        rows = [(row[0], Decimal(str(row[1]))) for row in day.ask(question).tables[0].rows]
        assert rows == [("gpt-4o-mini", Decimal("0.6")), ("gpt-4o", Decimal(10))], question
    rates = day.ask("Cost per 1000 output tokens by model").tables[0].rows
    assert {row[0]: float(str(row[1])) for row in rates} == pytest.approx({"gpt-4o": 0.01, "gpt-4o-mini": 0.0006})


def test_times_beyond_the_log_get_its_end_instead_of_nothing(day: Shop) -> None:
    same = day.ask("Compare the first day with the last day")
    assert same.kind is AnswerKind.CANNOT
    assert same.text.startswith("Both periods are the same, 2026-11-03")
    for question in ("why did it go up on Nov 4", "compare Nov 3 with Nov 4"):
        answer = day.ask(question)
        assert answer.kind is AnswerKind.CANNOT, question
        assert str(answer.text) == "The log ends on 2026-11-03, so it has nothing of 2026-11-04."
    assert "The log covers 2026-11-03 to 2026-11-03, and a forecast needs" in str(day.ask("Spend next month").text)
    for question in ("Spend on Nov 4", "What did 5 December cost?", "Spend in December"):
        answer = day.ask(question)
        assert (answer.kind, answer.figures) == (AnswerKind.CANNOT, ()), question
        assert "The log covers 2026-11-03 to 2026-11-03, so it has nothing of" in str(answer.text), question
    assert "The log ends on 2026-11-03, which is the day meant here." in map(
        str, day.ask("What did we spend yesterday?").notes
    )
    assert list_values(day.ask("What if requests double next month?"))[:2] == [spend(), 2 * spend()]
    moved = day.ask("What if we used gpt-4o-mini instead of gpt-4o next month?")
    assert list_values(moved)[0] == spend(is_large)
    assert any("not of 2026-12-01 to 2026-12-31" in str(note) for note in moved.notes)


def test_a_question_after_a_figure_that_the_log_lacks_is_one_by_itself(day: Shop) -> None:
    assert day.ask("How many requests failed?").figures == ()
    assert spend() in list_values(day.ask("How many requests failed?", "What is the total for weekdays only?"))
    week = day.ask("output tokens by model", "Gesamtkosten pro Woche").tables[0].rows
    assert [row[1] for row in week] == [spend()]
    assert day.ask("Were any requests logged twice?").figures == ()


def test_a_log_of_sums_offers_nothing_that_it_lacks(tmp_path: Path) -> None:
    lines = [f"2026-11-{day:02},gpt-4o,{day},{1000 * day},{100 * day}" for day in range(1, 16)]  # 1 November: a Sunday
    header = "date,model,requests,input_tokens,output_tokens"
    sums = open_lines(tmp_path / "sums", "\n".join((header, *lines)) + "\n")
    first = sums.ask("requests in the first week")
    assert list_values(first)[0] == sum(range(1, 8))
    assert list_values(sums.ask("requests in the second week"))[0] == sum(range(8, 15))
    offered = {str(option.label) for chip in first.understood for option in chip.options}
    assert "Spend" in offered
    assert offered.isdisjoint({"Error rate", "Latency p95"})
    assert [each.rows for each in first.shown] == [False]
    for question in ("List the biggest rows", "zeige die größten Zeilen"):
        answer = sums.ask(question)
        assert answer.figures == (), question
        assert "no single requests" in str(answer.text)
    assert not any(each.startswith("List ") for each in sums.ask("spend by day").suggestions)
