"""Tables with groups: each request is counted once, whether totals stand above, below or at several depths."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log

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


@pytest.mark.parametrize("name", TABLES)
def test_each_request_is_counted_once(name: str, tmp_path: Path) -> None:
    log = ingest_log(tmp_path, TABLES[name])
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


def test_a_table_without_totals_keeps_groups_of_one(tmp_path: Path) -> None:
    text = "team,model,requests,input tokens,output tokens\na,,5,100,10\nb,gpt-4o,5,100,10\nc,gpt-4o,7,300,20\n"
    assert ingest_log(tmp_path, text).column("fresh_input") == [100, 100, 300]
