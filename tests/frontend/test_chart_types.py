"""Each type of an answer's chart is drawn by the page, and has its text: checked without node."""

import json
import re
from pathlib import Path

from agents.answers.answer import ChartType

SOURCES = Path(__file__).parents[2] / "frontend" / "src"
TEXT = re.compile(r"answer\.chart\.(\w+)")
OTHER_TEXTS = {"hint", "more", "tap"}
"""Texts of every chart."""


def test_the_page_draws_each_type_of_chart() -> None:
    (drawings,) = re.findall(r"const DRAWINGS = \{(.*?)\};", (SOURCES / "answer/chart.js").read_text(), re.DOTALL)
    assert set(re.findall(r"(\w+): \w+", drawings)) == set(ChartType)


def test_each_type_of_chart_has_its_text() -> None:
    names = json.loads((SOURCES / "texts.json").read_text())
    types = {match[1] for name in names if (match := TEXT.fullmatch(name))}
    assert types - OTHER_TEXTS == set(ChartType)
