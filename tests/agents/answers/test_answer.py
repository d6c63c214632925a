"""An answer as JSON and as Markdown: names from a log stay text."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn, to_plain, to_plain_cell
from agents.answers.markdown import to_markdown
from core.i18n.text import join_texts, text

EVIL = "<img src=x onerror=alert(1)>[a](http://b.c)|*x*"


def table(*rows: tuple[object, ...], title: str = "Spend by model") -> Table:
    columns = (TableColumn(name=text("Model")), TableColumn(name=text("Spend"), unit="usd"))
    return Table(title=text("{it}", it=title), columns=columns, rows=rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [text("{name} costs most.", name=EVIL), join_texts(" ", (text("{a}", a=EVIL), "x"))])
def test_names_in_a_text_are_escaped(words: object) -> None:
    shown = to_plain("?", Answer(kind=AnswerKind.ANSWER, text=words))["text"]  # type: ignore[arg-type]
    assert "<img" not in shown
    assert "](http" not in shown


def test_names_in_a_table_are_escaped_in_markdown_only() -> None:
    data = to_plain("?", Answer(kind=AnswerKind.ANSWER, text=text("x"), tables=(table((EVIL, Decimal(1))),)))
    assert data["tables"][0]["rows"] == [[EVIL, "1"]]
    assert "<img" not in to_markdown(data)
    assert to_markdown(data).count("|") == 3 * 3


def test_a_plain_name_stays_as_it_is() -> None:
    assert (
        to_plain("?", Answer(kind=AnswerKind.TALK, text=text("{a}", a="support-chat_v2")))["text"] == "support-chat_v2"
    )


def test_figures_are_exact_text_and_unknown_ones_null() -> None:
    figures = (Figure(name="a", value=Decimal("1.500"), unit="usd"), Figure(name="b", value=None, unit="usd"))
    data = to_plain("?", Answer(kind=AnswerKind.ANSWER, text=text("x"), figures=figures))
    assert [each["value"] for each in data["figures"]] == ["1.5", None]
    assert {each["basis"] for each in data["figures"]} == {"observed"}


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02"),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02T03:00:00+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (Decimal("1E+3"), "1000"),
        ("a", "a"),
        (None, None),
    ],
)
def test_cells_are_json(cell: object, plain: object) -> None:
    assert to_plain_cell(cell) == plain  # type: ignore[arg-type]
