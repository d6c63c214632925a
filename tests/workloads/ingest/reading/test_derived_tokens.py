from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import ingest_log
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.mapping import resolve_mapping

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("head", "input_tokens", "output", "note"),
    [
        ("time,model,Total Tokens,Output Tokens", [90, 180], [10, 20], '"Total Tokens" minus "Output Tokens"'),
        ("TimeGenerated,ModelName,TokenTransaction,GeneratedTokens", [90, 180], [10, 20], '"TokenTransaction" minus'),
        ("time,model,Total Tokens,Prompt Tokens", [10, 20], [90, 180], "No column has the output"),
    ],
    ids=["input", "azure-metrics", "output"],
)
def test_what_no_column_has_is_the_difference(
    head: str, input_tokens: list[int], output: list[int], note: str, tmp_path: Path
) -> None:
    rows = "2026-01-01T10:00:07Z,gpt-4o,100,10\n2026-01-01T11:00:00Z,gpt-4o,200,20\n2026-01-01T12:00:00Z,gpt-4o,3,4\n"
    log = ingest_log(tmp_path, f"{head}\n{rows}")
    assert (log.column("fresh_input"), log.column("output")) == (input_tokens, output)
    assert any(note in str(each) for each in log.source.notes)
    assert [(str(each.why), each.rows) for each in log.source.rejected] == [
        ("fewer tokens in total than in one of its parts", 1)
    ]


def test_a_total_with_parts_of_its_own_kind_is_not_divided(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="all tokens of a row"):
        ingest_log(tmp_path, "time,model,total_tokens,output_tokens,cached_tokens\n2026-01-01,gpt-4o,9,3,2\n")
    with pytest.raises(BadInput, match="all tokens of a row"):
        ingest_log(tmp_path, "time,model,total_tokens,output_tokens,reasoning_tokens\n2026-01-01,gpt-4o,9,3,2\n")


def test_nothing_is_derived_in_a_format_that_has_both() -> None:
    columns = ["requestId", "total_tokens", "completion_tokens", "startTime"]
    with pytest.raises(BadInput):
        resolve_mapping(FORMATS["litellm"], columns, {}, {})
