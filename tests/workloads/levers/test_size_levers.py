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
from tests.workloads.levers.size_oracle import ORACLES, STANDARD, price_now
from workloads.analysis.estimate import Basis
from workloads.levers.base import estimate_saving
from workloads.levers.registry import LEVERS

D = Decimal


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


@settings(deadline=None)
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


@pytest.mark.parametrize("name", ORACLES)
def test_on_sums_of_requests_they_are_unknown(tmp_path: Path, name: str) -> None:
    log = Requests(always={"model": "gpt-5.4", "feature": "chat", "is_sum": True, "requests": 5})
    log.add(fresh_input=280_000, output=50).add(fresh_input=1_000, output=5)
    found = estimate_saving(LEVERS[name], log.write(tmp_path).priced_log())
    assert (found.saving, found.basis) == (None, Basis.UNKNOWN)
