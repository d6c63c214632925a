from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import ingest_log
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.given_mapping import parse_mapping
from workloads.ingest.mapping import resolve_mapping

TABULAR = FORMATS["tabular"]


def test_it_parses_pairs() -> None:
    assert parse_mapping(["input_tokens=prompt tok", "user=who=x"]) == {"input_tokens": "prompt tok", "user": "who=x"}


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (["input_tokens"], "Use field=column"),
        (["tokens=x"], 'Unknown field "tokens".*input_tokens'),
        (["time=a", "time=b"], "twice"),
    ],
)
def test_it_refuses_pairs_that_say_nothing(pairs: list[str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_mapping(pairs)


def test_it_names_what_is_missing_what_there_is_and_what_was_guessed() -> None:
    with pytest.raises(BadInput) as caught:
        resolve_mapping(TABULAR, ["when", "model", "Prompt Tokens", "answer"], {})
    message = str(caught.value)
    assert "no column for output_tokens" in message
    assert '"answer"' in message
    assert "input_tokens=Prompt Tokens" in message
    assert "--map" not in message
    assert caught.value.in_terminal == "To map it: --map output_tokens=COLUMN."


def test_it_says_when_a_given_column_is_not_there() -> None:
    with pytest.raises(BadInput, match=r'no column "promt_tok", which input_tokens is mapped to.*"prompt_tok"'):
        resolve_mapping(TABULAR, ["prompt_tok", "output_tokens"], {"input_tokens": "promt_tok"})


def test_it_takes_what_the_user_gives_over_what_it_guesses() -> None:
    plan = resolve_mapping(
        TABULAR, ["input_tokens", "better", "output_tokens", "ts"], {"input_tokens": "better", "time": ""}
    )
    assert plan.columns == {"input_tokens": "better", "output_tokens": "output_tokens"}


def test_it_finds_a_field_inside_an_object_only_after_all_plain_columns() -> None:
    plan = resolve_mapping(TABULAR, ["body.usage.prompt_tokens", "usage.completion_tokens", "meta.model", "engine"], {})
    assert plan.columns["input_tokens"] == "body.usage.prompt_tokens"
    assert plan.columns["model"] == "engine"


@pytest.mark.slow
def test_it_is_no_guess_once_everything_was_given(tmp_path: Path) -> None:
    given = {"input_tokens": "a", "output_tokens": "b", "time": "c"}
    log = ingest_log(tmp_path, "a,b,c,d\n5,6,2024-01-01,x\n", mapping=given)
    assert not log.source.guessed
    assert log.source.mapping == given
    assert log.source.ignored == ("d",)


@pytest.mark.parametrize("name", FORMATS)
def test_it_maps_only_to_fields_that_there_are(name: str) -> None:
    form = FORMATS[name]
    assert form.name == name
    assert resolve_mapping(form, [columns[0] for columns in form.fields.values()], {}).columns


@pytest.mark.slow
def test_columns_of_other_languages_are_recognised(tmp_path: Path) -> None:
    german = "Datum;Modell;Eingabe-Token;Ausgabe-Token;Abteilung\n03.11.2026 08:00;gpt-4o;1.500;200;Vertrieb\n"
    log = ingest_log(tmp_path, german + german.split("\n")[1].replace("1.500", "2.250") + "\n")
    assert log.query("SELECT sum(fresh_input)::INT, max(team) FROM log.requests") == [(3_750, "Vertrieb")]


@pytest.mark.parametrize(("one", "other"), [("Prompt", "Completion"), ("in", "out"), ("Input", "Output")])
def test_a_pair_of_plain_names_is_tokens_if_both_are_whole_numbers(tmp_path: Path, one: str, other: str) -> None:
    head = f"day,model,{one},{other},calls\n"
    log = ingest_log(tmp_path, f"{head}2026-11-01,gpt-4o,1500,70,3\n2026-11-02,gpt-4o,1600,80,4\n")
    assert log.query("SELECT sum(fresh_input)::INT, sum(output)::INT FROM log.requests") == [(3_100, 150)]
    with pytest.raises(BadInput, match="no columns for"):
        ingest_log(tmp_path, f"{head}2026-11-01,gpt-4o,Hello,Hi,3\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "cells", "read"),
    [
        ("cost", "0.5", True),
        ("cost", "$0.5", True),
        ("cost", "0.5 €", False),
        ("cost,currency", "0.5,USD", True),
        ("cost,currency", "0.5,EUR", False),
        ("cost,billing_currency", "0.5,GBP", False),
    ],
)
def test_costs_in_another_currency_are_not_read(tmp_path: Path, columns: str, cells: str, read: bool) -> None:
    head = f"time,model,input_tokens,output_tokens,{columns}\n"
    log = ingest_log(tmp_path, f"{head}2026-11-01T08:00:00Z,our-model,10,5,{cells}\n")
    assert [cost is not None for cost in log.column("logged_cost")] == [read]
    assert [each.name for each in log.source.unread] == ([] if read or "€" in cells else ["cost"])


@pytest.mark.slow
def test_a_column_named_processing_is_the_tier(tmp_path: Path) -> None:
    head = "time,model,input_tokens,output_tokens,processing\n"
    log = ingest_log(tmp_path, f"{head}2026-11-01T08:00:00Z,gpt-5,10,5,flex\n2026-11-01T08:01:00Z,gpt-5,10,5,done\n")
    assert log.column("service_tier") == ["flex", None]


@pytest.mark.parametrize("column", ["user.id", "model.id", "metadata.type"])
def test_a_nested_id_is_not_the_requests(column: str) -> None:
    found = resolve_mapping(FORMATS["tabular"], [column, "input_tokens", "output_tokens"], {}).columns
    assert not {"request_id", "span_id", "kind"} & set(found)
    assert (
        resolve_mapping(FORMATS["tabular"], ["id", "input_tokens", "output_tokens"], {}).columns["request_id"] == "id"
    )
