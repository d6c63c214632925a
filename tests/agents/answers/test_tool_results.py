"""The result of any tool is shown, by the fields of its type."""

from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel

from agents.answers.answer import AnswerKind
from agents.answers.tool_results import MAX_FIGURES, MAX_ROWS, compose_tool_result, render_result
from core.i18n.text import text


@dataclass(frozen=True)
class Row:
    name: str
    requests: int
    spend_usd: Decimal


@dataclass(frozen=True)
class ModelCensus:
    models: int
    rows: tuple[Row, ...]
    names: tuple[str, ...]


class ModelShare(BaseModel):
    share: float
    note: str


def test_a_number_is_a_figure() -> None:
    figures, tables = render_result("Count models", 3)
    assert [(each.name, each.value, each.unit) for each in figures] == [("Count models", 3, "count")]
    assert tables == ()


def test_records_are_a_table_with_units_and_names_a_list() -> None:
    figures, tables = render_result(
        "Found", ModelCensus(2, (Row("a", 1, Decimal("0.5")), Row("b", 2, Decimal(1))), ("x", "y"))
    )
    assert [(each.name, each.value) for each in figures] == [("Models", 2)]
    records, names = tables
    assert [(str(column.name), column.unit) for column in records.columns] == [
        ("Name", ""), ("Requests", "requests"), ("Spend usd", "usd"),
    ]  # fmt: skip
    assert records.rows == (("a", 1, Decimal("0.5")), ("b", 2, Decimal(1)))
    assert names.rows == (("x",), ("y",))


def test_a_pydantic_model_and_a_mapping_are_shown() -> None:
    figures, tables = render_result("It", ModelShare(share=0.25, note="as planned"))
    assert [(each.name, each.value, each.unit) for each in figures] == [("Share", 0.25, "share")]
    assert tables[0].rows == (("as planned",),)
    assert render_result("By model", {"a": 1, "b": 2})[1][0].rows == (("a", 1), ("b", 2))


def test_nothing_is_shown_of_nothing_and_much_is_cut() -> None:
    assert render_result("It", None) == ((), ())
    assert len(render_result("It", {"a": {f"n{i}": {"x": i} for i in range(500)}})[0]) == MAX_FIGURES
    assert len(render_result("It", list(range(MAX_ROWS + 5)))[1][0].rows) == MAX_ROWS


def test_a_result_that_contains_itself_ends() -> None:
    endless: dict[str, object] = {"n": 1}
    endless["again"] = endless
    assert render_result("It", endless)[0]


def test_what_a_tool_returned_is_an_answer_with_its_figures() -> None:
    answer = compose_tool_result(
        "count_models", text("Count models"), ModelCensus(2, (Row("a", 1, Decimal(1)),), ("x",))
    )
    assert (answer.kind, str(answer.text)) == (AnswerKind.ANSWER, "Models: 2")
    assert [(each.tool, each.figures, each.tables) for each in answer.shown] == [("count_models", (0,), (0, 1))]
    listed = compose_tool_result("list_names", text("List names"), ("x", "y"))
    assert str(listed.text) == "List names: see the table."


def test_a_refusal_is_why_there_is_no_answer() -> None:
    answer = compose_tool_result("count_models", text("Count models"), text("The log has no models."))
    assert (answer.kind, str(answer.text)) == (AnswerKind.CANNOT, "The log has no models.")
