"""A file that can't be read is refused in the user's words: what it is, an example, and what to upload instead."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import ingest_log

COSTS = (
    "start_time,end_time,amount_value,amount_currency,line_item,project_id\n"
    '1793491200,1793577600,1.25,usd,"gpt-4o-mini, input",proj_x\n'
)
COSTS_API = {
    "object": "page",
    "data": [
        {
            "object": "bucket",
            "start_time": 1793491200,
            "end_time": 1793577600,
            "results": [
                {"object": "organization.costs.result", "amount": {"value": 0.06, "currency": "usd"}, "line_item": "x"}
            ],
        }
    ],
}
COST_REPORT = {
    "data": [
        {
            "starting_at": "2026-11-01T00:00:00Z",
            "results": [{"currency": "USD", "amount": "123.45", "cost_type": "tokens", "model": "claude-haiku-4-5"}],
        }
    ]
}
SERVER_LOG = "".join(
    f"INFO 11-20 10:00:{second:02} logger.py:39] Received request chatcmpl-{second}: prompt: 'x'\n"
    for second in range(9)
)
STAMPED_LOG = "".join(f"2026-11-20 10:00:{second:02},123 [INFO] root: POST /v1/chat 200\n" for second in range(9))
PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>,,,</body></html>\n"
ERROR = {"error": {"message": "Incorrect API key provided", "type": "invalid_request_error", "code": None}}

BILL = "day,model,amount\n2026-11-01,gpt-4o,1.25\n"
NO_USAGE = '{"id": 1, "model": "gpt-4o"}\n{"id": 2, "model": "gpt-4o"}\n'

REFUSALS: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "OpenAI's costs": (COSTS, ("OpenAI's cost export", '"amount_value" has "1.25"', "Usage > Export")),
    "OpenAI's costs API": (
        json.dumps(COSTS_API),
        ("OpenAI's cost export", '"amount.value" has "0.06"'),
    ),
    "Anthropic's cost report": (
        json.dumps(COST_REPORT),
        ("Anthropic's cost report", "not Cost"),
    ),
    "a bill": (
        "day,model,amount\n2026-11-01,gpt-4o,1.25\n",
        ('money in "amount", but no tokens', '"amount" has "1.25"'),
    ),
    "a kind of tokens a row": (
        "time,model,type,amount\n2026-11-01,m,request_count,2\n2026-11-01,m,input_cache_hit_tokens,7\n"
        "2026-11-01,m,input_cache_miss_tokens,70\n2026-11-01,m,output_tokens,9\n2026-11-01,m,training_tokens,9\n",
        ('"type" has "input_cache_hit_tokens" in one row and "input_cache_miss_tokens" in another', "pivot table"),
    ),
    "all tokens in one": (
        "day,model,tokens\n2026-11-01,gpt-4o,4711\n",
        ('"tokens" has all tokens of a row ("4711")', "Usage > Export"),
    ),
    "a column a team": (
        "day,search input,search output\n2026-11-01,815,7\n",
        ("no columns for", 'For example, "search input" has "815"', "Usage > Export"),
    ),
    "a column a model": (
        "day,gpt-4o,gpt-4o-mini\n2026-11-01,815,7\n",
        ('"tokens" has all tokens of a row ("815")', "Usage > Export"),
    ),
    "metrics": (json.dumps({"resourceMetrics": [{"a": 1}]}), ("OpenTelemetry's metrics", "traces")),
    "a server's log": (SERVER_LOG, ("server's text log", "one JSON object a line")),
    "a log with times": (STAMPED_LOG, ("server's text log",)),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", ("PDF document", "CSV or JSON")),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(50), ("image",)),
    "an empty file": ("", ("empty",)),
    "blanks": ("\n \n\n", ("empty",)),
    "a page": (PAGE, ("web page", "sign in")),
    "a zipped page": (gzip.compress(PAGE.encode()), ("web page",)),
    "an error": (json.dumps(ERROR), ("error message", "Incorrect API key provided")),
    "JSON without usage": (
        '{"id": 1, "model": "gpt-4o"}\n{"id": 2, "model": "gpt-4o"}\n',
        ("no columns for", '"model"'),
    ),
    "no rows": ('{"data": [], "has_more": false}', ("no columns for",)),
}


@pytest.mark.parametrize(("content", "words"), REFUSALS.values(), ids=REFUSALS)
def test_it_says_what_the_file_is_and_what_to_upload(
    tmp_path: Path, content: str | bytes, words: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as caught:
        ingest_log(tmp_path, content)
    said = str(caught.value)
    assert all(each in said for each in words), said


def test_it_says_that_an_archive_is_encrypted(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("log.csv", "model,input_tokens,output_tokens\nm,1,2\n")
    content = bytearray(packed.getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    with pytest.raises(BadInput, match="encrypted"):
        ingest_log(tmp_path, bytes(content))


@pytest.mark.slow
def test_it_shows_a_cell_that_can_not_be_read_and_its_column(tmp_path: Path) -> None:
    rows = "".join(f"2026-11-0{day} 10:00,gpt-4o,{day} t,{day}\n" for day in range(1, 6))
    with pytest.raises(BadInput, match='For example, "prompt_tokens" has "1 t"'):
        ingest_log(tmp_path, f"time,model,prompt_tokens,completion_tokens\n{rows}")


@pytest.mark.slow
def test_a_table_with_levels_is_no_servers_log(tmp_path: Path) -> None:
    rows = "".join(f"2026-11-03 08:00:0{second}\tINFO\tgpt-4o\t100\t10\n" for second in range(5))
    log = ingest_log(tmp_path, f"time\tlevel\tmodel\tinput_tokens\toutput_tokens\n{rows}")
    assert log.source.rows == 5
