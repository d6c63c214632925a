"""Each dimension of a log divides the whole spend, the part without a value first."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Log, Requests
from workloads.analysis.allocation import AllocatedDimension, Allocation, allocate_spend
from workloads.analysis.spend import MAX_PARTS, compute_spend
from workloads.ingest.pipeline import ingest_file
from workloads.pricing.prices import OTHERS

pytestmark = pytest.mark.slow

PRICED = Requests(always={"model": "gpt-4o", "fresh_input": 1_000, "output": 100})
COST = Decimal("0.0035")  # 1,000 x $2.50 + 100 x $10.00 per million


def requests(*rows: dict[str, Any]) -> Requests:
    log = Requests(always=PRICED.always)
    for second, values in enumerate(rows):
        log.add(second, **values)
    return log


def allocate(tmp_path: Path, *rows: dict[str, Any]) -> Allocation:
    return allocate_spend(requests(*rows).write(tmp_path).priced_log())


def get(allocation: Allocation, name: str) -> AllocatedDimension:
    (found,) = (dimension for dimension in allocation.dimensions if dimension.name == name)
    return found


def costs(dimension: AllocatedDimension) -> list[tuple[str | None, Decimal | None]]:
    return [(part.name, part.cost) for part in dimension.parts]


def test_team_feature_user_and_key_stand_side_by_side(tmp_path: Path) -> None:
    found = allocate(
        tmp_path,
        {"team": "search", "feature": "rank", "end_user": "ann", "api_key": "k1"},
        {"team": "search", "feature": None, "end_user": "bob", "api_key": "k1"},
    )
    assert [dimension.name for dimension in found.dimensions] == ["team", "feature", "user", "api_key", "model"]
    assert costs(get(found, "team")) == [("search", 2 * COST)]
    assert costs(get(found, "feature")) == [(None, COST), ("rank", COST)]  # no team stands in for a feature
    assert costs(get(found, "user")) == [("ann", COST), ("bob", COST)]


def test_each_dimension_sums_to_the_total(tmp_path: Path) -> None:
    rows = [
        {"team": "ab"[n % 2] if n % 5 else None, "end_user": f"u{n}" if n % 3 else None, "environment": "prod"}
        for n in range(70)
    ]
    log = requests(*rows).write(tmp_path)
    total = compute_spend(log.priced_log()).total
    for dimension in allocate_spend(log.priced_log()).dimensions:
        assert sum(part.cost or 0 for part in dimension.parts) == total, dimension.name
        assert sum(part.requests or 0 for part in dimension.parts) == len(rows)
        assert sum(part.share or 0 for part in dimension.parts) == pytest.approx(1)


def test_a_long_list_ends_with_all_others(tmp_path: Path) -> None:
    found = get(allocate(tmp_path, {}, *({"end_user": f"u{n}"} for n in range(MAX_PARTS + 9))), "user")
    assert found.parts[0].name is None
    assert (found.parts[-1].name, found.parts[-1].names, len(found.parts)) == (OTHERS, 10, MAX_PARTS + 1)
    assert found.values == MAX_PARTS + 9


def test_a_request_has_an_owner_if_one_column_names_it(tmp_path: Path) -> None:
    found = allocate(tmp_path, {"team": "a"}, {"end_user": "ann"}, {"environment": "prod"}, {})
    assert found.unowned is not None
    assert (found.unowned.requests, found.unowned.cost, found.unowned.share) == (2, 2 * COST, 0.5)


def test_a_log_without_columns_for_owners_has_no_figure_for_them(tmp_path: Path) -> None:
    assert allocate(tmp_path, {"environment": "prod"}).unowned is None


def test_a_part_without_a_price_costs_an_unknown_amount(tmp_path: Path) -> None:
    rows = ({"team": "a", "model": "unheard-of"}, {"team": "b", "model": "unheard-of"}, {"team": "b"})
    b, a = get(allocate(tmp_path, *rows), "team").parts
    assert (a.name, a.cost, a.share, a.unpriced_tokens) == ("a", None, None, 1_100)
    assert (b.name, b.cost, b.share, b.unpriced_tokens) == ("b", COST, 1.0, 1_100)


def test_names_of_people_and_kept_columns_are_private(tmp_path: Path) -> None:
    found = allocate(tmp_path, {"team": "a", "feature": "f", "end_user": "u", "api_key": "k", "customer": "c"})
    private = {dimension.name for dimension in found.dimensions if dimension.private}
    assert private == {"team", "user", "api_key", "customer"}


def test_a_key_is_not_shown(tmp_path: Path) -> None:
    key = "sk-proj-A1b2C3d4E5f6G7h8I9j0"
    (part,) = get(allocate(tmp_path, {"api_key": key}), "api_key").parts
    assert part.name == "[removed]"


def test_requests_that_rows_sum_up_are_counted(tmp_path: Path) -> None:
    found = get(allocate(tmp_path, {"team": "a", "requests": 40, "is_sum": True}, {"team": "a", "requests": 2}), "team")
    assert found.parts[0].requests == 42


def test_kept_columns_of_a_file_are_dimensions(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    lines = ("1,gpt-4o,1000,100,CC-1", "2,gpt-4o,1000,100,CC-1", "3,gpt-4o,1000,100,", "4,gpt-4o,1000,100,")
    path.write_text("\n".join(("time,model,input_tokens,output_tokens,cost_center", *lines)))
    source = ingest_file(path, tmp_path / "workload.duckdb", format=None, mapping={}, name="log.csv")
    assert source.kept == ("cost_center",)
    assert "cost_center" not in source.ignored
    found = get(allocate_spend(Log(path=tmp_path / "workload.duckdb").priced_log()), "cost_center")
    assert (found.kept, found.private, found.column) == (True, True, "cost_center")
    assert costs(found) == [(None, 2 * COST), ("CC-1", 2 * COST)]


def test_the_reports_total_is_that_of_each_dimension(tmp_path: Path) -> None:
    log = requests({"team": "a"}, {"team": "b"}, {}).write(tmp_path)
    with log.analysis() as analysis:
        document = analysis.report().to_json()
    assert document["allocation"][0]["name"] == "team"
    assert sum(part["cost"] for part in document["allocation"][0]["parts"]) == pytest.approx(document["spend"]["total"])
    assert document["unowned"]["requests"] == 1


def test_assumptions_change_the_allocation(tmp_path: Path) -> None:
    log = requests({"team": "a"}).write(tmp_path)
    found = get(allocate_spend(log.priced_log(price_in=Decimal(1), price_out=Decimal(1))), "team")
    assert found.parts[0].cost == Decimal("0.0011")
