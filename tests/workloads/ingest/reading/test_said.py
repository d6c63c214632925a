"""Messages about a log that was read, or could not be, in another language than English."""

from pathlib import Path

import pytest

from core.exceptions import BadInput
from core.i18n.language import Language
from tests.core.i18n.pseudo_language import CLOSE, OPEN, pseudo
from tests.support.workloads.ingested_logs import ingest_log
from workloads.ingest.fields import FIELDS
from workloads.ingest.formats.registry import FORMATS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Language:
    """Between marks all that is said; numbers as in German."""
    path = tmp_path_factory.mktemp("locale") / "de.po"
    pseudo(path)
    return Language("de", path)


def mark(words: str) -> str:
    return f"{OPEN}{words}{CLOSE}"


def test_notes_and_reasons_are_said_with_the_logs_own_names_in_them(tmp_path: Path, other: Language) -> None:
    rows = "".join(f"2024-05-01 00:00:{second:02},{second},2,{second + 90}\n" for second in range(50))
    log = ingest_log(
        tmp_path,
        f"time,prompt_tokens,output_tokens,latency\n{rows}2024-05-01,-1,2,70\n2024-05-01,1,999999999,70\n,1,2,70\n",
        mapping={"input_tokens": "prompt_tokens"},
    )
    column = mark('input_tokens (column "prompt_tokens")')
    assert [other.translate(one.why) for one in log.source.rejected] == [
        mark(f"{column} is negative"),
        mark("output_tokens is above 100.000.000"),
        mark("time is empty"),
    ]
    assert [other.translate(note) for note in log.source.notes] == [
        mark(
            "Columns were matched by name: time=time, output_tokens=output_tokens, latency=latency. "
            "Correct any that are wrong."
        ),
        mark("Times have no time zone and were read as UTC."),
        mark('"latency" was read as milliseconds, based on its median.'),
    ]


def test_a_log_of_which_too_little_is_left_is_told_of_with_the_reasons(tmp_path: Path, other: Language) -> None:
    with pytest.raises(BadInput) as caught:
        ingest_log(
            tmp_path,
            f"time,input_tokens,output_tokens\n2024-05-01,1,2\n{'2024-05-01,-1,2' + chr(10)}" + ",1,2\n" * 1500,
        )
    reasons = (
        mark(f"{mark('time is empty')} (1.500 rows, e.g. row 3, 4, 5, 6, 7)"),
        mark(f"{mark('input_tokens is negative')} (1 row, e.g. row 2)"),
    )
    told = mark(f"Only 1 of 1.502 rows can be used, too few for reliable figures. Left out: {'; '.join(reasons)}.")
    cell = mark('For example, "input_tokens" has "-1". If another column holds input_tokens, map it.')
    assert other.translate(caught.value.message) == mark(f'"log.csv": {told} {cell}')


def test_what_to_type_in_a_terminal_is_no_part_of_what_is_said(tmp_path: Path, other: Language) -> None:
    with pytest.raises(BadInput) as caught:
        ingest_log(tmp_path, "a,b\n1,2\n")
    assert "--" not in str(caught.value)
    assert caught.value.in_terminal == "To map it: --map input_tokens=COLUMN."
    said = other.translate(caught.value.message)
    assert mark("Table (columns detected)") in said
    assert mark('Columns in the file: "a", "b". None was recognised.') in said


def test_the_names_of_formats_and_what_fields_hold_are_said(other: Language) -> None:
    words = (*(form.title for form in FORMATS.values()), *FIELDS.values())
    assert [other.translate(each) for each in words] == [mark(each) for each in words]
