"""Questions name further columns of the user's file, and the values in them, as they name ours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.answers.answer import Answer, AnswerKind
from tests.agents.answers.shop_log import Shop, open_shop
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.opening import open_analysis
from workloads.pricing.assumptions import Assumptions

PRICE = Decimal("2.5") / 1_000_000
REGIONS = {"eu-west": 3_000, "us-east": 1_000}  # input tokens of a request
CENTERS = ("R&D 7", "Field Ops")
TYPES, TIERS, CALLS, PROJECTS = (
    ("audit", "trace"),
    ("gold", "silver"),
    ("acompletion", "aembedding"),
    ("atlas", "borealis"),
)


def _iter_lines() -> Iterator[str]:
    yield "timestamp,model,input_tokens,output_tokens,region,Cost Center,note,logType,meta.app_tier,call_type,Project"
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for number in range(20):
        region = list(REGIONS)[number % 2]
        at = (start + timedelta(days=number)).isoformat()
        more = f"{TYPES[number % 5 == 0]},{TIERS[number % 2]},{CALLS[number % 4 == 0]},{PROJECTS[number % 2]}"
        yield f"{at},gpt-4o,{REGIONS[region]},0,{region},{CENTERS[number % 4 == 0]},free text number {number},{more}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder: Path = tmp_path_factory.mktemp("further")
    temp = folder / "temp"
    temp.mkdir()
    log = open_analysis(ingest_log(folder, "\n".join(_iter_lines()) + "\n").out, temp, Assumptions())._priced_log
    return open_shop(log)


def get_rows(answer: Answer) -> dict[object, object]:
    return {row[0]: row[1] for row in answer.tables[0].rows}


SPEND = {region: 10 * tokens * PRICE for region, tokens in REGIONS.items()}


@pytest.mark.slow
@pytest.mark.parametrize("question", ["spend by region", "spend per regions", "Kosten pro Region", "gasto por region"])
def test_a_column_is_a_dimension(shop: Shop, question: str) -> None:
    assert get_rows(shop.ask(question)) == SPEND


def test_the_words_of_a_column_are_its_name(shop: Shop) -> None:
    assert set(get_rows(shop.ask("spend by cost center"))) == set(CENTERS)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Which log type is the most expensive?", TYPES),  # logType
        ("spend by log_types", TYPES),
        ("spend by logtype", TYPES),
        ("spend per app tier", TIERS),  # meta.app_tier
        ("spend per call type", CALLS),
        ("Which project costs the most?", PROJECTS),  # the column that the team is read from
    ],
)
def test_a_column_is_named_as_in_the_file(shop: Shop, question: str, names: tuple[str, ...]) -> None:
    assert set(get_rows(shop.ask(question))) == set(names)


def test_calls_of_one_kind_are_named_in_ones_own_words(shop: Shop) -> None:
    """A fourth of the rows, each in eu-west, are embeddings."""
    spent = 5 * REGIONS["eu-west"] * PRICE
    for question in ("what do we spend on embeddings?", "spend on the embedding", "Was kosten Embeddings?"):
        assert shop.ask(question).figures[0].value == spent, question


@pytest.mark.parametrize("question", ["What did eu-west cost?", "spend in eu-west", "only eu-west"])
def test_a_value_is_a_filter(shop: Shop, question: str) -> None:
    assert shop.ask("spend by model", question).figures[0].value == SPEND["eu-west"]


def test_values_are_compared(shop: Shop) -> None:
    assert str(shop.ask("is us-east more expensive than eu-west?").text).startswith("No.")


def test_a_column_that_no_log_has_is_said(shop: Shop) -> None:
    answer = shop.ask("spend by building")
    assert answer.kind is AnswerKind.CANNOT
    assert "building" in str(answer.text)
