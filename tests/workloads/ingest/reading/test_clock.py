from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import IngestedLog, ingest_log, utc

pytestmark = pytest.mark.slow


def ingest_times(tmp_path: Path, *times: str, column: str = "time") -> IngestedLog:
    rows = "".join(f'"{time}",1,1\n' for time in times)
    return ingest_log(tmp_path, f"{column},input_tokens,output_tokens\n{rows}")


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-16 18:17:03",
        "2023-11-16T18:17:03Z",
        "2023-11-16T18:17:03.000000000+00:00",
        "2023-11-16 18:17:03,000",
        "2023-11-16T20:17:03+0200",
        "2023-11-16 10:17:03-08",
        "2023-11-16 18:17:03 UTC",
        "2023-11-16 19:17:03 Europe/Berlin",
        "2023/11/16 18:17:03",
        "16/Nov/2023:18:17:03 +0000",
        "16/Nov/2023 18:17:03",
        "Nov 16, 2023 @ 18:17:03.000",
        "16-Nov-2023 18:17:03",
        "16 November 2023 18:17:03",
        "Nov 16, 2023, 06:17:03 PM",
        "Thu, 16 Nov 2023 18:17:03 GMT",
        "16.11.2023 18:17:03",
        "11/16/2023 6:17:03 PM",
        "11/16/2023 18:17:03",
        "1700158623",
        "1700158623.0",
        "1700158623000",
        "1700158623000000",
        "1700158623000000000",
        "1.700158623e9",
    ],
)
def test_it_reads_one_moment_however_it_is_written(tmp_path: Path, text: str) -> None:
    assert ingest_times(tmp_path, text).column("at") == [utc(2023, 11, 16, 18, 17, 3)]


def test_it_reads_mixed_precision_and_zones_in_one_column(tmp_path: Path) -> None:
    log = ingest_times(
        tmp_path, "2023-11-16 18:17:03.9799600", "2023-11-16T19:17:04+01:00", "2023-11-16 18:17", "1700158624500"
    )
    assert log.query("SELECT strftime(\"at\", '%H:%M:%S.%f') FROM log.requests ORDER BY row") == [
        ("18:17:03.979960",),
        ("18:17:04.000000",),
        ("18:17:00.000000",),
        ("18:17:04.500000",),
    ]
    assert "2 of 4 times have no time zone" in log.notes


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2023-11-16T18:17:03Z", "16/Nov/2023 18:17:05"),
        ("16.11.2023 18:17:03", "2023-11-16T18:17:05Z"),
        ("1700158623", "1700158625"),
        ("2023-11-16T18:17:03Z", "2023-11-16T19:17:05+01:00"),
        ("2023-11-16T18:17:03Z", "1700158625"),
    ],
)
def test_the_end_may_be_written_otherwise_than_the_start(tmp_path: Path, start: str, end: str) -> None:
    log = ingest_log(tmp_path, f'time,end_time,input_tokens,output_tokens\n"{start}","{end}",1,1\n')
    assert log.column("latency_ms") == [2_000]


def test_it_says_that_times_without_zone_are_utc(tmp_path: Path) -> None:
    assert "read as UTC" in ingest_times(tmp_path, "11/16/2023 6:17:03 PM").notes
    assert "UTC" not in ingest_times(tmp_path, "2023-11-16T18:17:03Z").notes


def test_it_tells_day_from_month_by_the_whole_column(tmp_path: Path) -> None:
    log = ingest_times(tmp_path, "05/11/2023 10:00", "13/11/2023 10:00")
    assert log.column("at")[0] == utc(2023, 11, 5, 10)
    assert "ambiguous" not in log.notes
    assert ingest_times(tmp_path, "05/11/2023", "05/13/2023").column("at")[0] == utc(2023, 5, 11)


def test_it_takes_the_order_that_spans_less_and_says_so(tmp_path: Path) -> None:
    log = ingest_times(tmp_path, "05/11/2023", "06/11/2023", "07/11/2023")
    assert log.column("at") == [utc(2023, 11, day) for day in (5, 6, 7)]
    assert "read as day first" in log.notes


def test_it_assumes_the_usual_order_where_nothing_tells(tmp_path: Path) -> None:
    slashes, dots = ingest_times(tmp_path, "05/11/2023"), ingest_times(tmp_path, "05.11.2023")
    assert dots.column("at") == [utc(2023, 11, 5)]
    assert "read as month first" in slashes.notes


def test_it_reads_small_numbers_as_a_relative_clock(tmp_path: Path) -> None:
    log = ingest_times(tmp_path, "0", "1.5", "90")
    assert log.source.relative_clock
    assert log.column("at")[1:] == [utc(1970, 1, 1, 0, 0, 1, 500000), utc(1970, 1, 1, 0, 1, 30)]
    assert "seconds since the start of the log" in log.notes
    assert ingest_times(tmp_path, "0", "1500", column="timestamp").source.relative_clock


def test_it_takes_eight_digits_for_a_date(tmp_path: Path) -> None:
    log = ingest_times(tmp_path, "20231116", "20231117")
    assert log.column("at") == [utc(2023, 11, 16), utc(2023, 11, 17)]
    assert not log.source.relative_clock


def test_it_leaves_out_rows_whose_time_cannot_be(tmp_path: Path) -> None:
    good = ["2023-11-16"] * 5
    log = ingest_times(tmp_path, *good, "2023-02-30", "soon", "", "1823-11-16")
    whys = {rejection.why: (rejection.rows, rejection.examples) for rejection in log.source.rejected}
    assert whys == {
        "time is not readable": (2, (6, 7)),
        "time is empty": (1, (8,)),
        "time is before 2000 or after 2099": (1, (9,)),
    }


def test_it_refuses_a_log_whose_times_mean_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"time is not readable.*2 rows, e.g. row 1, 2"):
        ingest_times(tmp_path, "soon", "later")


def test_it_goes_on_without_a_time_column_and_says_what_that_costs(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, "input_tokens,output_tokens\n1,2\n3,4\n")
    assert "no time column" in log.notes
    assert "at" not in log.source.columns
    assert log.column("fresh_input") == [1, 3]
