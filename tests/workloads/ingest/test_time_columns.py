"""The column with the time of a request, whatever its name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log, utc
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.mapping import resolve_mapping
from workloads.ingest.time_columns import choose_time, read_zone

MOMENT, OTHER_MOMENT = "2025-11-03T08:15:30Z", "2025-11-04T09:00:00Z"


@pytest.mark.parametrize("name", ["when", "logged", "ts_utc", "eventTime", "call_time", "Zeit", "createdOn", "x"])
@pytest.mark.parametrize(
    "cells",
    [
        (MOMENT, OTHER_MOMENT),
        ("1762157730", "1762246800"),
        ("1762157730123", "1762246800000"),
        ("20251103081530",),
        ("Nov 3, 2025 @ 08:15:30.000",),
        ("3. November 2025 08:15",),
        ("2025-11", "2025-12"),
        ("Mon Nov 03 2025 09:15:30 GMT+0100 (Central European Standard Time)",),
    ],
)
def test_a_column_with_times_is_found_by_its_cells(name: str, cells: Sequence[str]) -> None:
    assert choose_time({"tokens": ("12", "90"), name: cells}, {}).column == name


@pytest.mark.parametrize("name", ["updated_at", "completedAt", "expires", "Ende", "last_seen"])
def test_a_time_of_something_else_is_not_that_of_the_request(name: str) -> None:
    assert choose_time({name: (MOMENT,)}, {}).column == ""


@pytest.mark.parametrize("cells", [("1762157730", "1999999999"), ("4921", "88"), ("gpt-4o",), ("3.5",), ("12:30:00",)])
def test_ids_counts_and_durations_are_no_times(cells: Sequence[str]) -> None:
    assert choose_time({"when": cells}, {}).column == ""


def test_the_name_decides_between_columns_with_times() -> None:
    assert choose_time({"ingested": (MOMENT,), "request_sent": (MOMENT,)}, {}).column == "request_sent"
    assert choose_time({"event_time": (MOMENT,), "shift": (MOMENT,)}, {}).column == "event_time"


def test_two_columns_that_may_both_be_it_are_asked_about() -> None:
    choice = choose_time({"alpha": (MOMENT,), "beta": (OTHER_MOMENT,)}, {})
    assert (choice.column, choice.rivals) == ("", ("alpha", "beta"))


def test_a_column_named_time_with_durations_gives_way_to_one_with_times() -> None:
    examples: Mapping[str, Sequence[str]] = {"time": ("1.25", "0.8"), "logged": (MOMENT,)}
    assert choose_time(examples, {"time": "time"}).column == "logged"
    assert choose_time({"time": ("1.25", "0.8")}, {"time": "time"}).column == "time"
    assert choose_time({"time": (MOMENT,), "logged": (MOMENT,)}, {"time": "time"}).column == "time"


def test_a_column_called_tag_with_days_is_the_time() -> None:
    examples = {"Tag": ("03.11.2025",), "input_tokens": ("5",), "output_tokens": ("6",)}
    assert resolve_mapping(FORMATS["tabular"], list(examples), {}, examples).columns["time"] == "Tag"
    examples = {**examples, "Tag": ("search",)}
    assert resolve_mapping(FORMATS["tabular"], list(examples), {}, examples).columns["feature"] == "Tag"


def test_a_time_of_day_beside_days_belongs_to_them() -> None:
    days = ("03.11.2025", "04.11.2025")
    assert choose_time({"Datum": days, "Uhrzeit": ("08:15:30",)}, {"time": "Datum"}).clock == "Uhrzeit"
    assert choose_time({"Date": days, "Hour": ("0", "23")}, {"time": "Date"}).clock == "Hour"
    assert choose_time({"Date": days, "Processing time": ("00:00:12",)}, {"time": "Date"}).clock == ""
    assert choose_time({"Date": (MOMENT,), "Heure": ("08:15",)}, {"time": "Date"}).clock == ""


@pytest.mark.parametrize(
    ("column", "zone"),
    [
        ("Time (UTC+2)", "+02:00"),
        ("Time [GMT-05:30]", "-05:30"),
        ("ts_utc", "Z"),
        ("timestamp (UTC)", "Z"),
        ("Date (Europe/Berlin)", " Europe/Berlin"),
        ("Time (PST)", " PST"),
        ("time", ""),
        ("time-2", ""),
        ("request_at", ""),
        ("Time (UTC+99)", ""),
    ],
)
def test_a_name_may_state_the_zone(column: str, zone: str) -> None:
    assert read_zone(column) == zone


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "cells", "moment"),
    [
        ("Time (UTC+2)", "2025-11-03 10:15:30", utc(2025, 11, 3, 8, 15, 30)),
        ("Datum;Uhrzeit", "03.11.2025;08:15:30", utc(2025, 11, 3, 8, 15, 30)),
        ("Date;Hour", "2025-11-13;8", utc(2025, 11, 13, 8)),
        ("when", "Mon Nov 03 2025 09:15:30 GMT+0100 (Central European Standard Time)", utc(2025, 11, 3, 8, 15, 30)),
        ("when", "Mon Nov  3 08:15:30 UTC 2025", utc(2025, 11, 3, 8, 15, 30)),
        ("when", "20251103T081530Z", utc(2025, 11, 3, 8, 15, 30)),
        ("when", "20251103081530", utc(2025, 11, 3, 8, 15, 30)),
        ("Month", "2025-11", utc(2025, 11, 1)),
        ("Month", "Nov 2025", utc(2025, 11, 1)),
        ("Month", "Nov-25", utc(2025, 11, 1)),
        ("Monat", "März 2025", utc(2025, 3, 1)),
        ("Mois", "févr. 2025", utc(2025, 2, 1)),
        ("Mês", "dez/2025", utc(2025, 12, 1)),
    ],
)
def test_times_of_other_layouts_are_read(tmp_path: Path, head: str, cells: str, moment: datetime) -> None:
    log = ingest_log(tmp_path, f"{head};input_tokens;output_tokens\n{cells};5;6\n")
    assert log.column("at") == [moment]


@pytest.mark.slow
def test_a_report_without_a_certain_time_names_the_columns(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"alpha,beta,input_tokens,output_tokens\n{MOMENT},{OTHER_MOMENT},5,6\n")
    assert 'Several columns hold times: "alpha", "beta".' in log.notes
