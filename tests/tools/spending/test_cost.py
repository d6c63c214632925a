"""The cost of a run as its user sees it."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.rest_clients import rest
from tests.tools.spending.spend_rows import spend
from tools.spending.ledger import RunCost, load_run_costs

pytestmark = pytest.mark.django_db

MODEL = {"kind": "model", "name": "gpt-4o", "input_tokens": 1000, "cached_tokens": 400, "output_tokens": 50}


def test_each_run_shows_its_own_cost(people: People, django_assert_num_queries: Any) -> None:
    user = people.owner.id
    run, other = spend(user, "0.01"), spend(user, "7")
    spend(user, "0.0023", run, **MODEL)
    spend(user, "0.0001", run, **MODEL)
    found = load_run_costs(user, [run, other, uuid4()])
    assert found == {
        run: RunCost(known=Decimal("0.0124"), input_tokens=2000, cached_tokens=800, output_tokens=100),
        other: RunCost(known=Decimal(7)),
    }
    assert load_run_costs(people.neighbour.id, [run, other]) == {}


def test_an_unknown_price_makes_the_sum_unknown(people: People) -> None:
    run = spend(people.owner.id, "0.01")
    spend(people.owner.id, None, run, **MODEL)
    cost = load_run_costs(people.owner.id, [run])[run].to_json()
    assert cost == {
        "usd": None,
        "known_usd": "0.01",
        "unknown": 1,
        "model_tokens": {"input": 1000, "output": 50, "cached": 400},
    }


def test_a_run_and_its_conversation_show_it(people: People) -> None:
    run, free = queue_run(people.owner), queue_run(people.owner)
    spend(people.owner.id, "0.0123", run.id, **MODEL)
    mine = rest(people.owner)
    shown = mine.get(f"/api/runs/{run.id}/").json()["cost"]
    assert (shown["usd"], shown["unknown"], shown["model_tokens"]["input"]) == ("0.0123", 0, 1000)
    assert mine.get(f"/api/runs/{free.id}/").json()["cost"]["usd"] == "0.00"
    (message,) = mine.get(f"/api/threads/{run.thread_id}/").json()["messages"]
    assert message["run"]["cost"] == shown
    assert mine.get(f"/api/snapshot/?thread={run.thread_id}").json()["thread"]["messages"][0]["run"]["cost"] == shown
