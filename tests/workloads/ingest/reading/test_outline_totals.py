"""Tables with groups: each request is counted once, whether totals stand above, below or at several depths."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log
from workloads.ingest.reading.totals.outline_totals import MOST_ROWS

pytestmark = pytest.mark.slow

Line = tuple[str, int, int, int]
GROUPS: dict[str, list[Line]] = {
    "Search": [("gpt-4o", 120, 1_200_000, 130_000), ("gpt-4o-mini", 400, 4_000_000, 500_000)],
    "Support": [("claude-sonnet-4-5", 90, 800_000, 100_000), ("gpt-4o", 50, 500_000, 60_000)],
    "Data": [("gpt-4o-mini", 70, 700_000, 70_001)],
}
LINES = [line for lines in GROUPS.values() for line in lines]


def add_up(lines: Sequence[Line]) -> str:
    return ",".join(str(sum(numbers)) for numbers in zip(*(line[1:] for line in lines), strict=True))


def write_one_column(head: str, *, above: bool, below: bool, indent: str) -> str:
    """Groups and models in one column."""
    text = f"{head},Requests,Input tokens,Output tokens\n"
    for group, lines in GROUPS.items():
        text += f"{group},{add_up(lines) if above else ',,'}\n"
        text += "".join(f"{indent}{model},{a},{b},{c}\n" for model, a, b, c in lines)
        text += f"Subtotal,{add_up(lines)}\n" if below else ""
    return f"{text}Total,{add_up(LINES)}\n"


def write_two_columns(write_group: Callable[[str, str], str], *, above: bool) -> str:
    """Groups and models in columns of their own; `write_group` returns the cells of a total below a group."""
    text = "Team,Model,Requests,Input tokens,Output tokens\n"
    for group, lines in GROUPS.items():
        text += f"{group},,{add_up(lines)}\n" if above else ""
        text += "".join(f"{'' if above else group},{model},{a},{b},{c}\n" for model, a, b, c in lines)
        text += write_group(group, add_up(lines))
    return f"{text}Total,,{add_up(LINES)}\n"


def write_three_levels() -> str:
    text = "Department,Team,Model,Requests,Input tokens,Output tokens\n"
    for department, groups in (("Product", ("Search", "Support")), ("Other", ("Data",))):
        lines = [line for group in groups for line in GROUPS[group]]
        text += f"{department},,,{add_up(lines)}\n"
        for group in groups:
            text += f",{group},,{add_up(GROUPS[group])}\n"
            text += "".join(f",,{model},{a},{b},{c}\n" for model, a, b, c in GROUPS[group])
        text += f"{department} subtotal,,,{add_up(lines)}\n"
    return f"{text}Grand total,,,{add_up(LINES)}\n"


TABLES = {
    "above-and-below": write_one_column("Team / Model", above=True, below=True, indent="  "),
    "above": write_one_column("Name", above=True, below=False, indent="  "),
    "not-indented": write_one_column("Model", above=True, below=False, indent=""),
    "headings-without-counts": write_one_column("Team / Model", above=False, below=True, indent="    "),
    "pivot": write_two_columns(lambda group, counts: f"{group} Total,,{counts}\n", above=False),
    "in-the-model": write_two_columns(lambda group, counts: f"{group},Subtotal,{counts}\n", above=False),
    "both-in-two-columns": write_two_columns(lambda _, counts: f",Zwischensumme,{counts}\n", above=True),
    "three-levels": write_three_levels(),
}

HEADED = TABLES.keys() - {"in-the-model"}
"""Tables in which a group's name stands once, for all of its rows."""


@pytest.mark.parametrize("name", TABLES)
def test_each_request_is_counted_once(name: str, tmp_path: Path) -> None:
    log = ingest_log(tmp_path, TABLES[name])
    if name in HEADED:
        assert log.column("team") == [group for group, lines in GROUPS.items() for _ in lines]
    counts = zip(*(log.column(each) for each in ("model", "requests", "fresh_input", "output")), strict=True)
    assert list(counts) == LINES
    assert {str(each.why) for each in log.source.rejected} <= {
        "the total of the other rows",
        "no request: it has no usage",
    }


def test_a_row_that_equals_a_sum_by_chance_stays(tmp_path: Path) -> None:
    rows = "".join(f"{model},2026-03-0{n + 1},{n},{n * 1000},{n * 10}\n" for n, model in enumerate(("gpt-4o",) * 6))
    log = ingest_log(tmp_path, f"model,date,requests,input tokens,output tokens\n{rows}")
    assert len(log.column("row")) == 6


HEAD = "team,model,requests,input tokens,output tokens\n"
NO_TOTALS = {
    "another-team": f"{HEAD}a,,5,100,10\nb,gpt-4o,5,100,10\nc,gpt-4o,7,300,20\n",
    "a-group-of-one": f"{HEAD}a,,5,100,10\na,gpt-4o,5,100,10\nc,gpt-4o,7,300,20\n",
    "other-names": f"{HEAD}c,,7,300,30\na,gpt-4o,5,100,10\na,o3,2,200,20\nb,o3,9,1,1\n",
    "other-requests": f"{HEAD}a,,9,300,30\na,gpt-4o,5,100,10\na,o3,2,200,20\n",
    "names-that-others-lack": f"{HEAD}a,,7,300,30\na,gpt-4o,5,100,10\na,o3,2,200,20\nb,,1,1,1\nb,o3,3,40,5\n",
}


@pytest.mark.parametrize("name", NO_TOTALS)
def test_rows_that_equal_others_are_no_totals_without_a_sign(name: str, tmp_path: Path) -> None:
    assert len(ingest_log(tmp_path, NO_TOTALS[name]).column("row")) == NO_TOTALS[name].count("\n") - 1


def test_a_request_is_no_total_of_those_below_it(tmp_path: Path) -> None:
    head = "team,model,input_tokens,output_tokens,latency_ms,time\n"
    rows = "a,,300,30,5,2026-03-01T10:00:01Z\na,gpt-4o,100,10,5,2026-03-01T10:00:02Z\n"
    log = ingest_log(tmp_path, f"{head}{rows}a,o3,200,20,5,2026-03-01T10:00:03Z\nb,o3,7,8,5,2026-03-01T10:00:04Z\n")
    assert len(log.column("row")) == 4


def test_a_long_table_is_searched_for_no_groups(tmp_path: Path) -> None:
    groups = "".join(
        f"t{n},,{n + 9},{n + 300},{n + 30}\nt{n},gpt-4o,4,100,10\nt{n},o3,{n + 5},{n + 200},{n + 20}\n"
        for n in range(3)
    )
    assert len(ingest_log(tmp_path, HEAD + groups).column("row")) == 6
    more = "".join(f"u{n},gpt-4o,1,{n + 7},{n}\n" for n in range(MOST_ROWS))
    assert len(ingest_log(tmp_path, HEAD + groups + more).column("row")) == MOST_ROWS + 9
