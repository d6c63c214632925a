"""The number of requests and the cost, by the words of a column's name in several languages."""

from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log
from workloads.ingest.columns.figure_names import complete_figures, counts_requests, names_cost
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.mapping import resolve_mapping

REQUESTS = ("Usage Request Count", "Anzahl Anfragen", "Anzahl der API-Aufrufe", "Nombre de requêtes", "# of calls")
OTHER_COUNTS = ("Request", "Failed requests", "Request tokens", "Requests per user", "Cached calls", "Count of users")
COSTS = ("Coste (USD)", "Custo (US$)", "Kosten Ist", "Coût total", "Sum of Total Cost", "Betrag (USD)", "Spesa")
OTHER_COSTS = (
    "Kosten (€)",
    "Cost EUR",
    "Input cost",
    "Cost per request",
    "Kosten Soll",
    "Betrag",
    "Cost %",
    "Avg cost",
)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_name_says_that_it_counts_requests(name: str) -> None:
    assert counts_requests(name)


@pytest.mark.parametrize("name", OTHER_COUNTS)
def test_a_name_with_another_word_counts_something_else(name: str) -> None:
    assert not counts_requests(name)


@pytest.mark.parametrize(("name", "is_cost"), [*((each, True) for each in COSTS), *((c, False) for c in OTHER_COSTS)])
def test_a_cost_is_told_by_all_words_of_its_name(name: str, is_cost: bool) -> None:
    assert names_cost(name) == is_cost


def test_the_number_of_rows_of_a_group_is_that_of_its_requests_only_beside_tokens() -> None:
    examples = {"Count": ("100", "150"), "Tokens in": ("5", "6")}
    assert complete_figures({"input_tokens": "Tokens in"}, list(examples), examples)["requests"] == "Count"
    assert "requests" not in complete_figures({}, list(examples), examples)


def test_of_two_columns_of_one_kind_none_is_chosen() -> None:
    examples = {"Anzahl der Aufrufe": ("1",), "Zahl der Anfragen": ("2",), "Kosten": ("1,5",), "Coste": ("2,5",)}
    assert complete_figures({}, list(examples), examples) == {}


def test_a_cost_in_another_currency_is_not_read() -> None:
    examples = {"Kosten": ("1,50 €",), "input_tokens": ("1",), "output_tokens": ("2",)}
    assert "cost_usd" not in resolve_mapping(FORMATS["tabular"], list(examples), {}, examples).columns


@pytest.mark.slow
def test_a_cost_without_a_currency_is_read_with_a_note(tmp_path: Path) -> None:
    rows = "gpt-4o;Anzahl;1000000;100000;3,50\n".replace("Anzahl", "7")
    log = ingest_log(tmp_path, "Modell;Anzahl API-Aufrufe;Eingabe-Token;Ausgabe-Token;Kosten Ist\n" + rows)
    assert (log.source.requests, [str(cost) for cost in log.column("logged_cost")]) == (7, ["3.500000000"])
    assert '"Kosten Ist" states no currency and was read as US dollars.' in log.notes
    stated = ingest_log(tmp_path, "Model,Tokens in,Tokens out,Coste\ngpt-4o,1000,100,US$ 3.50\n")
    assert [str(cost) for cost in stated.column("logged_cost")] == ["3.500000000"]
    assert "states no currency" not in stated.notes
