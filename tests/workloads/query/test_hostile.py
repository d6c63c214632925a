"""Hostile queries reach no SQL, and return no more than their limits."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadInput
from tests.workloads.query.logs import open_analysis
from tests.workloads.query.test_measuring import complete_row
from workloads.analysis.analysis import Analysis
from workloads.analysis.answers import to_plain
from workloads.exact_json import dump_exact
from workloads.query.query import MAX_ROWS, MeasureArguments, Operator

pytestmark = pytest.mark.slow

WORDS = (
    *("'", '"; DROP TABLE log.requests; --', "x') OR 1=1 --", "$p0", "{0}", "%s", "\\", "\0", "🦆", "spend", "day", ""),
    *("(SELECT sql FROM duckdb_tables())", "read_text('/etc/passwd')", "ATTACH ':memory:'", "k1", "row", "cost"),
    *(
        "1e400",
        "1e-99999999",
        "NaN",
        "-1",
        "9999-99-99",
        "2026-06-01",
        "a" * 11_000,
        "\ud800",
        "priced",
        "UTC",
        "../../etc/passwd",
    ),
)
VALUES: tuple[Any, ...] = (*WORDS, None, 0, -1, 10**40, 1.5, True, [], {})


def draw_query(chance: random.Random) -> dict[str, Any]:
    """A query with hostile words in every place where it takes one."""
    known: dict[str, list[str]] = {
        "measures": ["spend", "requests", "latency_p95", "users"],
        "by": ["model", "day", "user", "weekday", "status"],
        "field": ["model", "day", "weekday", "tokens", "spend", "feature", "status"],
        "operator": list(Operator),
    }

    def word(kind: str) -> Any:
        return chance.choice(known[kind]) if chance.random() < 0.7 else chance.choice(WORDS)

    query: dict[str, Any] = {
        "measures": [word("measures") for _ in range(chance.randint(0, 4))],
        "by": [word("by") for _ in range(chance.randint(0, 3))],
        "where": [
            {
                "field": word("field"),
                "operator": word("operator"),
                "values": [chance.choice(VALUES) for _ in range(chance.randint(0, 3))],
            }
            for _ in range(chance.randint(0, 2))
        ],
        "limit": chance.choice([None, 1, 10, 10**9, -1, "2"]),
        "zone": chance.choice(["UTC", "Europe/Berlin", *WORDS]),
    }
    for field, value in (
        ("period", {"start": chance.choice(WORDS), "end": chance.choice(VALUES)}),
        ("order", {"by": word("measures"), "descending": chance.choice(VALUES)}),
        ("having", [{"measure": word("measures"), "operator": word("operator"), "value": chance.choice(VALUES)}]),
        ("statistics", [chance.choice(["p95", "mean", *WORDS])]),
        (chance.choice(WORDS), chance.choice(VALUES)),
    ):
        if chance.random() < 0.15:
            query[field] = value
    return {name: value for name, value in query.items() if name in ("measures", "by") or chance.random() < 0.6}


def check(analysis: Analysis, seed: int) -> bool:
    """Whether the query was answered. Anything but an answer within its limits, or a refusal, is an error."""
    query = draw_query(random.Random(seed))
    try:
        asked = MeasureArguments.model_validate({"query": query})
        result = analysis.measure(asked)
    except (ValueError, BadInput):  # pydantic's is a ValueError
        return False
    assert len(result.rows) <= MAX_ROWS
    assert len(dump_exact(to_plain(result))) < 1_000_000
    assert all(word not in result.sql for word in WORDS if len(word) > 8 and not word.isalpha() and "2026" not in word)
    return True


def run(folder: Path, seeds: range) -> None:
    made = [{**complete_row(), "second": number * 3_600, "end_user": f"u{number}"} for number in range(30)]
    with open_analysis(made, folder) as analysis:
        answered = sum(check(analysis, seed) for seed in seeds)
        whole = analysis.measure(MeasureArguments.model_validate(json.loads('{"query": {"measures": ["requests"]}}')))
    assert answered > len(seeds) / 50
    assert whole.total == (30,)


ENDLESS = ("1e-999999999", "1e-99999999", "0e999999999", "1e-16")


@pytest.mark.parametrize("number", ENDLESS)
@pytest.mark.parametrize("place", ["where", "having"])
def test_no_number_takes_a_gigabyte_to_be_written(number: str, place: str, tmp_path: Path) -> None:
    condition = {"where": {"field": "tokens", "operator": "above", "values": [number]}}
    condition["having"] = {"measure": "spend", "operator": "above", "value": number}
    asked = MeasureArguments.model_validate({"query": {"by": ["model"], place: [condition[place]]}})
    with open_analysis([complete_row()], tmp_path) as analysis, pytest.raises(BadInput, match="decimal places"):
        analysis.measure(asked)


@pytest.mark.slow
def test_hostile_queries_are_answered_or_refused(tmp_path: Path) -> None:
    run(tmp_path, range(200))


@pytest.mark.soak
def test_many_hostile_queries_are_answered_or_refused(tmp_path: Path) -> None:
    run(tmp_path, range(1_000, 11_000))
