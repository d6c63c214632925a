"""Columns that no name is known for: by their words, and by their cells."""

import pytest

from workloads.ingest.cell_contents import classify_tokens
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.mapping import resolve_mapping

TABULAR = FORMATS["tabular"]


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Tokens In", "input_tokens"),
        ("Prompt-Token", "input_tokens"),
        ("Token di input", "input_tokens"),
        ("Jetons en entrée", "input_tokens"),
        ("numPromptTokens", "input_tokens"),
        ("Tokens de saída", "output_tokens"),
        ("Antwort-Token", "output_tokens"),
        ("Jetons de sortie", "output_tokens"),
        ("Gecachte Token", "cached_tokens"),
        ("cached input tokens", "cached_tokens"),
        ("Cache-Lese-Tokens", "cached_tokens"),
        ("tokens_cache_written", "cache_write_tokens"),
        ("uncached input tokens", "fresh_input_tokens"),
        ("max output tokens", None),
        ("avg_input_tokens", None),
        ("estimated input tokens", None),
        ("system tokens", None),
        ("reasoning tokens", None),
        ("input cost", None),
        ("total tokens", None),
        ("llm_input_tokens_total", None),
        ("tokens", None),
    ],
)
def test_the_words_of_a_name_say_which_tokens_it_counts(column: str, field: str | None) -> None:
    assert classify_tokens(column) == field


def test_cells_complete_what_names_leave_open() -> None:
    examples = {
        "Logged": ("2025-11-03T08:15:30Z",),
        "LLM": ("gpt-4o-2024-08-06", "claude-sonnet-4-5"),
        "Verarbeitung": ("Standard", "Batch"),
        "Prompt-Token": ("1.500", "900"),
        "Antwort-Token": ("40",),
    }
    assert resolve_mapping(TABULAR, list(examples), {}, examples).columns == {
        "time": "Logged",
        "model": "LLM",
        "service_tier": "Verarbeitung",
        "input_tokens": "Prompt-Token",
        "output_tokens": "Antwort-Token",
    }


def test_an_endpoint_for_batches_is_a_tier_but_a_job_called_batch_is_asked_about() -> None:
    counts = {"input_tokens": ("5",), "output_tokens": ("6",)}
    endpoints = {**counts, "endpoint": ("/v1/chat/completions", "/v1/batches")}
    assert resolve_mapping(TABULAR, list(endpoints), {}, endpoints).columns["service_tier"] == "endpoint"
    jobs = {**counts, "job": ("nightly", "batch")}
    mapping = resolve_mapping(TABULAR, list(jobs), {}, jobs)
    assert "service_tier" not in mapping.columns
    assert mapping.batch_hints == ("job",)


@pytest.mark.parametrize(("cells", "is_count"), [(("128", "0"), True), (("true",), False), (("0", "1"), False)])
def test_a_column_called_cached_counts_tokens_only_if_it_counts(cells: tuple[str, ...], is_count: bool) -> None:
    examples = {"input_tokens": ("500",), "output_tokens": ("6",), "cached": cells}
    assert ("cached_tokens" in resolve_mapping(TABULAR, list(examples), {}, examples).columns) == is_count


def test_words_that_are_no_counts_are_not_tokens() -> None:
    examples = {"Tokens In": ("a lot",), "input_tokens": ("5",), "output_tokens": ("6",)}
    assert resolve_mapping(TABULAR, list(examples), {}, examples).columns["input_tokens"] == "input_tokens"
