"""The levers about sizes, against the oracle in plain Python, on logs that Hypothesis makes up."""

import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.workloads.builder import Requests
from tests.workloads.levers.size_oracle import ORACLES, STANDARD, WAITING, price_now, price_row, save_waiting
from workloads.analysis.estimate import Basis
from workloads.levers.base import estimate_saving
from workloads.levers.registry import LEVERS
from workloads.pricing.assumptions import LeverAnswer

pytestmark = pytest.mark.slow

D = Decimal
EXAMPLES = settings(deadline=None, max_examples=settings().max_examples // 6)  # each writes and analyses a log


@st.composite
def _draw_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of features that are mostly small, at the edge of a price step, or anything."""
    rows: list[dict[str, Any]] = []
    for feature in draw(st.lists(st.sampled_from(["triage", "chat", "docs", None]), min_size=1, unique=True)):
        model = draw(st.sampled_from(sorted(STANDARD)))
        edge = draw(st.sampled_from([1_000, 2_100, 5_000, 200_000, 272_000]))
        for _ in range(draw(st.integers(1, 24))):
            far = draw(st.integers(0, 30)) == 0
            size = edge + draw(st.integers(-edge, edge // 5 if not far else 4 * edge))
            read, write = (draw(st.integers(0, size)) for _ in range(2))
            rows.append(
                {
                    "model": model,
                    "feature": feature,
                    "cache_read": read,
                    "cache_write": min(write, size - read),
                    "fresh_input": size - read - min(write, size - read),
                    "output": draw(st.integers(0, 200 if not far else 4_000)),
                    "reasoning": 0,
                    "has_tools": far and draw(st.booleans()),
                    "ok": draw(st.sampled_from([True, True, True, None, False])),
                }
            )
    return rows


def _estimate_all(rows: Sequence[dict[str, Any]], **always: Any) -> dict[str, Decimal | None]:
    log = Requests(always=always)
    for row in rows:
        log.add(**row)
    with tempfile.TemporaryDirectory() as folder:
        priced_log = log.write(Path(folder)).priced_log()
        found = {name: estimate_saving(LEVERS[name], priced_log).saving for name in ORACLES}
        priced_log.close()
    return found


@EXAMPLES
@given(_draw_rows())
def test_each_saves_what_the_oracle_says_whatever_the_order_and_no_more_than_it_costs(
    rows: list[dict[str, Any]],
) -> None:
    found = _estimate_all(rows)
    has_features = any(row["feature"] for row in rows)
    for name, oracle in ORACLES.items():
        if has_features or name == "tier_cliff":
            assert found[name] == oracle(rows) == oracle(sorted(rows, key=str)), name
            assert 0 <= (found[name] or 0) <= sum(map(price_now, rows))


@st.composite
def _draw_waiting_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of two features, bought in all ways, within the hours in which DeepSeek is dear."""
    return [
        {
            "feature": draw(st.sampled_from(["jobs", "chat"])),
            "model": draw(st.sampled_from(["gpt-5", "deepseek-v4-flash", "claude-haiku-4-5"])),
            "service_tier": draw(st.sampled_from([None, "priority", "flex", "batch"])),
            **{name: draw(st.integers(0, 9_000)) for name in ("fresh_input", "cache_read", "cache_write", "output")},
        }
        for _ in range(draw(st.integers(1, 25)))
    ]


@EXAMPLES
@given(_draw_waiting_rows())
def test_what_may_wait_saves_what_the_oracle_says_and_all_levers_together_no_more(rows: list[dict[str, Any]]) -> None:
    """The requests start at 02:00 UTC; the user says of one feature that nobody waits for it."""
    answers = tuple(LeverAnswer(lever=name, scope="jobs", value=True) for name in WAITING)
    log = Requests()
    for number, row in enumerate(rows):
        log.add(number - 10 * 3_600, **row)
    with tempfile.TemporaryDirectory() as folder:
        stored = log.write(Path(folder))
        with stored.analysis(answers=answers) as analysis:
            found = {name: analysis.estimate(name).saving for name in WAITING}
            total = analysis.combine(tuple(WAITING)).total
    wanted = {name: save_waiting(name, rows, "jobs") for name in WAITING}
    assert found == wanted
    assert total == sum(wanted.values())  # no request is in two of them
    for name, (model, tier, now, _) in WAITING.items():
        touched = [row for row in rows if (row["model"], row["service_tier"]) == (model, tier)]
        assert wanted[name] <= sum(price_row(row, now) for row in touched)


@pytest.mark.parametrize("name", ORACLES)
def test_on_sums_of_requests_they_are_unknown(tmp_path: Path, name: str) -> None:
    log = Requests(always={"model": "gpt-5.4", "feature": "chat", "is_sum": True, "requests": 5})
    log.add(fresh_input=280_000, output=50).add(fresh_input=1_000, output=5)
    found = estimate_saving(LEVERS[name], log.write(tmp_path).priced_log())
    assert (found.saving, found.basis) == (None, Basis.UNKNOWN)
