"""Sums of rows have the same costs, under every hypothesis and to the last digit, as the rows one by one."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support.workloads.builder import Log, Requests
from workloads.analysis.priced_log import PricedLog
from workloads.checks.hypotheses import build_joins, build_rows, list_hypotheses
from workloads.invoices.logged import compute_logged, create_slots, list_slots

pytestmark = pytest.mark.slow

MODELS = (
    *("gpt-4o", "gpt-4o-mini", "gpt-5", "o3", "claude-sonnet-4-5", "claude-sonnet-4-20250514", "claude-haiku-4-5"),
    *("gemini-2.5-pro", "gemini-2.5-flash", "deepseek-chat", "gpt-4o-audio-preview", "house-model", None),
)
"""Models with prices for long prompts, hours, dates and tiers, and some without a price."""
TIERS = (None, None, "batch", "flex", "priority")
DAY = 86_400


def make_up_log(folder: Path, seed: int, rows: int = 400, **always: Any) -> Log:
    dice, log = Random(seed), Requests()
    for _ in range(rows):
        fresh, read, write = (dice.choice((0, 1, dice.randrange(9_000), dice.randrange(300_000))) for _ in range(3))
        output = dice.randrange(5_000)
        values = {
            "model": dice.choice(MODELS),
            "service_tier": dice.choice(TIERS),
            **dict(
                zip(("fresh_input", "cache_read", "cache_write", "output"), (fresh, read, write, output), strict=True)
            ),
            "cache_write_1h": dice.choice((0, write // 3)),
            "audio_input": dice.choice((0, fresh // 2)),
            "reasoning": dice.choice((0, output // 2)),
            "searches": dice.choice((0, 0, 3)),
            "is_sum": dice.random() < 0.2,
            **always,
        }
        log.add(dice.randrange(-200 * DAY, 40 * DAY), **values)
    return log.write(folder)


def sum_rows(log: PricedLog, shift: int) -> list[tuple[Any, ...]]:
    """Day, model, and the cost without fees under each hypothesis, from every row of `priced`."""
    others = ", ".join(f"sum(({each.cost} - p.fees)::DECIMAL(24,12))" for each in list_hypotheses())
    return log.fetch_all(
        f"""SELECT (p."at" + INTERVAL ({shift}) MINUTE)::DATE AS day, p.model, sum(p.cost - p.fees), sum(p.fees),
            {others}
        FROM ({build_rows()}) p {build_joins()} WHERE p.cost IS NOT NULL GROUP BY ALL ORDER BY ALL"""
    )


@pytest.mark.parametrize(("seed", "shift"), [(0, 0), (1, -330), (2, 600)])
def test_sums_have_the_costs_of_their_rows(tmp_path: Path, seed: int, shift: int) -> None:
    log = make_up_log(tmp_path, seed).priced_log()
    slots = create_slots(log)
    found = compute_logged(log, slots, shift_minutes=shift)
    by_row = sum_rows(log, shift)
    assert [(cell.day, cell.model, cell.cost, cell.fees, *cell.others) for cell in found.cells] == by_row
    others = [value for row in by_row for value in row[4:]]
    assert {value is None for value in others} == {True, False}
    kinds = sum((amount for cell in found.cells for amount in cell.kinds.values()), Decimal(0))
    assert kinds == sum((cell.cost for cell in found.cells), Decimal(0))


def test_half_hours_sum_to_the_spend(tmp_path: Path) -> None:
    log = make_up_log(tmp_path, 5).priced_log()
    slots = list_slots(log, create_slots(log))
    ((spend,),) = log.fetch_all("SELECT sum(cost - fees) FROM priced")
    ((first,),) = log.fetch_all('SELECT min("at") FROM priced WHERE cost IS NOT NULL')
    assert sum(slots.values()) == spend
    assert date(1970, 1, 1) + timedelta(minutes=30 * min(slots)) == first.date()


def test_a_log_without_dates_has_one_sum(tmp_path: Path) -> None:
    log = (
        Requests()
        .add(0, model="gpt-4o", fresh_input=1_000_000)
        .add(DAY, model="gpt-4o")
        .timeless(tmp_path)
        .priced_log()
    )
    found = compute_logged(log, create_slots(log), shift_minutes=0)
    assert [(cell.day, cell.model, cell.cost) for cell in found.cells] == [(None, "gpt-4o", Decimal("2.5"))]
