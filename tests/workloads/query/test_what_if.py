"""The cost of requests under a supposition: nothing changes without a change, and prices are those of the list."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from core.exceptions import BadInput
from tests.support.workloads.builder import Requests
from tests.workloads.query.logs import PRICES, Row, cost, open_analysis, patient, rows
from tests.workloads.query.test_measuring import complete_row
from workloads.query.query import Filter, Query, SuppositionKind, WhatIfArguments

pytestmark = pytest.mark.slow

D = Decimal
MINE = Query(where=(Filter(field="model", values=("gpt-4o",)),))


@patient
@given(made=rows)
def test_without_a_change_nothing_changes(made: list[Row], tmp_path_factory: Any) -> None:
    with open_analysis([complete_row(), *made], tmp_path_factory.mktemp("log")) as analysis:
        found = [
            analysis.what_if(WhatIfArguments(query=MINE, change=change, model="gpt-4o"))
            for change in (
                *(
                    SuppositionKind.NONE,
                    SuppositionKind.MODEL,
                    SuppositionKind.TRAFFIC,
                    SuppositionKind.PRICE,
                    SuppositionKind.OUTPUT,
                ),
            )
        ]
    assert [each.saving for each in found] == [0] * len(found)
    assert all(each.whole_after == each.whole_before for each in found)


@patient
@given(made=rows)
def test_another_model_is_priced_by_the_list(made: list[Row], tmp_path_factory: Any) -> None:
    made = [complete_row(), *made]
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        for target in ("gpt-4o-mini", "gpt-4o"):  # one after the other: nothing of the first is left
            found = analysis.what_if(WhatIfArguments(query=Query(), change=SuppositionKind.MODEL, model=target))
            priced = [row for row in made if PRICES[row["model"]]]
            assert found.before == sum(cost(row) or 0 for row in priced)
            assert found.after == sum(cost({**row, "model": target}) or 0 for row in priced)
            assert found.unchanged == len(made) - len(priced)


def test_batches_cost_half(tmp_path: Path) -> None:
    with open_analysis([complete_row()], tmp_path) as analysis:
        found = analysis.what_if(WhatIfArguments(query=Query(), change=SuppositionKind.BATCH))
    assert 0 < found.after < found.before


def test_without_a_cache_cached_tokens_cost_what_fresh_ones_do(tmp_path: Path) -> None:
    with open_analysis([complete_row()], tmp_path) as analysis:
        found = analysis.what_if(WhatIfArguments(query=Query(), change=SuppositionKind.NO_CACHE))
    assert found.after - found.before == 4 * (D("2.5") - D("1.25")) / 1_000_000


def test_shorter_outputs_and_more_traffic(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000, "output": 100_000}).add().write(tmp_path)
    with log.analysis() as analysis:
        shorter, more = (
            analysis.what_if(WhatIfArguments(query=Query(), change=change, factor=D(factor)))
            for change, factor in ((SuppositionKind.OUTPUT, "0.5"), (SuppositionKind.TRAFFIC, "3"))
        )
    assert (shorter.before, shorter.after, more.after) == (D("3.5"), D(3), D("10.5"))


def test_the_users_own_price_of_the_target_counts(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000}).add().write(tmp_path)
    with log.analysis(discount_percent=D(50)) as analysis:
        found = analysis.what_if(WhatIfArguments(query=Query(), change=SuppositionKind.MODEL, model="gpt-4o-mini"))
    assert (found.before, found.after) == (D("1.25"), D("0.075"))


def test_an_unknown_model_is_named(tmp_path: Path) -> None:
    with open_analysis([complete_row()], tmp_path) as analysis, pytest.raises(BadInput, match="not in the price list"):
        analysis.what_if(WhatIfArguments(query=Query(), change=SuppositionKind.MODEL, model="gpt-nine"))
