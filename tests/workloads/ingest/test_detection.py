import gzip
from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import bring_file, ingest_log
from workloads.ingest.detection import FileKind, choose_format, examine_file

CSV = "time,model,input_tokens,output_tokens\n2024-05-01 10:00:00,gpt-4o,100,10\n2024-05-01 10:00:01,gpt-4o,200,20\n"


def test_it_goes_by_content_and_not_by_the_name(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text('{"input_tokens": 1}')
    assert examine_file(path).kind is FileKind.JSON


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"  \n\n ", "empty"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0", "binary"),
        (b"PK\x03\x04rest", "damaged"),
        (b"SQLite format 3\0", "SQLite"),
        (gzip.compress(CSV.encode() * 50, mtime=0)[:40], "gzip file is damaged"),
        (b"PAR1 and then nothing of use", "damaged, incomplete"),
        (b"\n\na,b\n1,2\n", "first line"),
        (b"[1, 2, 3]", "no JSON objects"),
        (CSV.splitlines()[0].encode(), "header but no rows"),
        ('{"input_tokens": 1, "output_tokens": 2}'.encode("utf-16")[:-1], "invalid characters"),
    ],
)
def test_it_says_what_is_wrong_with_a_file_that_is_no_log(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        ingest_log(tmp_path, content)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert not list(tmp_path.glob("*log.duckdb*"))


def test_it_says_that_a_file_is_missing_or_a_directory(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="File not found"):
        bring_file(tmp_path, tmp_path / "nowhere.csv")
    with pytest.raises(BadInput, match="directory"):
        bring_file(tmp_path, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        CSV.encode("utf-8-sig"),
        CSV.encode("utf-16"),
        gzip.compress(CSV.encode(), mtime=0),
        CSV.replace("\n", "\r\n").encode(),
        CSV.replace(",", ";").encode(),
        CSV.replace(",", "\t").encode(),
        (CSV + "\n\n").encode(),
    ],
)
def test_it_reads_every_usual_way_of_writing_the_same_table(tmp_path: Path, content: bytes) -> None:
    log = ingest_log(tmp_path, content)
    assert log.query("SELECT model, sum(fresh_input), sum(output) FROM log.requests GROUP BY model") == [
        ("gpt-4o", 300, 30)
    ]


@pytest.mark.slow
def test_it_reads_latin_1_and_says_so(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, CSV.replace("gpt-4o", "modèle").encode("latin-1"))
    assert log.column("model") == ["modèle", "modèle"]
    assert "Latin-1" in log.notes


def test_it_knows_no_format_but_those_of_the_catalogue() -> None:
    with pytest.raises(
        BadInput, match="anthropic_console, .*, azure, .*, litellm, .*, mooncake, netra, .*, openai_batch, .*, tabular"
    ):
        choose_format(["a"], "excel")


def test_it_falls_back_to_guessing() -> None:
    assert choose_format(["when", "tokens"], None).name == "tabular"
    assert choose_format(["timestamp", "contexttokens", "GENERATEDTOKENS", "more"], None).name == "azure"
