from pathlib import Path

import pytest

from tests.support.workloads.builder import Requests
from workloads.checks.check import CheckState
from workloads.checks.run_checks import check_unread_columns
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.reading.unread import classify_column
from workloads.ingest.schema import UnreadColumn

pytestmark = pytest.mark.slow

HEAD = "time,model,input_tokens,output_tokens"
ROW = "2026-06-01T10:0{n}:00Z,gpt-4o,{i},{o}"


def read(folder: Path, column: str, cells: list[str]) -> list[str]:
    lines = [f"{ROW.format(n=n, i=100 + n * n, o=20 + n)},{cell}" for n, cell in enumerate(cells)]
    (path := folder / "log.csv").write_text("\n".join([f"{HEAD},{column}", *lines]))
    source = ingest_file(path, folder / "log.duckdb", format=None, mapping={}, name="log.csv")
    return [f"{each.name}={each.example}" for each in source.unread]


@pytest.mark.parametrize(
    ("column", "cells", "unread"),
    [
        ("video_tokens", ["0", "7", "3"], ["video_tokens=7"]),
        ("pricing_tier", ["default", "scale", "default"], ["pricing_tier=scale"]),
        ("is_batched", ["false", "true", "true"], []),
        ("internal_charge", ["0.1", "0.2", "0.4"], ["internal_charge=0.1"]),
        ("video_tokens", ["0", "0", ""], []),
        ("uncached_tokens", ["100", "101", "104"], []),  # repeats the input
        ("billed_tokens", ["120", "122", "126"], []),  # input and output
        ("max_tokens", ["9", "9", "9"], []),
        ("davon aus dem Cache", ["7", "8", "9"], []),
        ("cached", ["0", "1", "0"], []),
        ("mode", ["sync", "batch", "sync"], ["mode=batch"]),
        ("endpoint", ["/v1/batches", "/v1/batches", "/v1/batches"], []),
        ("job", ["batch", "batch", "batch"], ["job=batch"]),
        ("cache_ttl", ["300", "300", "3600"], []),
        ("token_type", ["a", "b", "c"], []),
        ("batch_id", ["1", "2", "3"], ["batch_id=1"]),
    ],
)
def test_it_finds_what_bears_on_money_and_says_something_new(
    tmp_path: Path, column: str, cells: list[str], unread: list[str]
) -> None:
    assert read(tmp_path, column, cells) == unread


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("usage.promptTokens", "tokens"),
        ("TotalCost", None),
        ("audioCost", "cost"),
        ("metadata.num_model_requests", "requests"),
        ("tokens_per_second", None),
        ("prices.input", None),
        ("count", None),
    ],
)
def test_it_tells_by_the_words_of_a_name(name: str, kind: str | None) -> None:
    assert classify_column(name) == kind


def test_the_check_names_them_with_a_value(tmp_path: Path) -> None:
    unread = (UnreadColumn(name="video_tokens", example="7"),)
    log = Requests().add(model="gpt-4o", fresh_input=1).write(tmp_path, unread=unread).priced_log()
    found = check_unread_columns(log)
    assert found.state is CheckState.FAILED
    assert "video_tokens" in found.finding
    assert found.causes[0].what == "video_tokens, for example 7"
