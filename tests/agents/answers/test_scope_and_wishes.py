"""The requests that an answer is about, in words; and wishes that are met elsewhere."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agents.answers.conditions import MAX_SHOWN, describe_filter, describe_scope
from agents.answers.operating import MAX_WISH, answer_wish
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_prices import OwnPrice
from workloads.query.query import Filter, Operator, Period, Query, Value


@pytest.mark.parametrize(
    ("field", "operator", "values", "said"),
    [
        ("model", Operator.IS, ("gpt-4o",), "Model: gpt-4o"),
        ("model", Operator.IS_NOT, ("gpt-4o", "o3"), "Model: not gpt-4o, o3"),
        ("model", Operator.CONTAINS, ("mini",), "Model contains “mini”"),
        ("model", Operator.LACKS, ("mini",), "Model doesn't contain “mini”"),
        ("latency_ms", Operator.ABOVE, (10_000,), "Latency above 10.0 s"),
        ("latency_ms", Operator.AT_LEAST, (900,), "Latency at least 900 ms"),
        ("spend", Operator.BELOW, (Decimal("0.5"),), "Cost of the request below $0.5"),
        ("tokens", Operator.AT_MOST, (12_000,), "Tokens at most 12,000"),
        ("weekday", Operator.IS, (6, 7), "Day of the week: Saturday and Sunday"),
        ("weekday", Operator.IS, (1, 2, 3, 4, 5), "Day of the week: Monday to Friday"),
        ("hour_of_day", Operator.IS, (22, 23, 0, 1), "Hour of the day: 22:00 to 02:00"),
        (
            "model",
            Operator.IS,
            tuple(f"m{place}" for place in range(MAX_SHOWN + 2)),
            "m0, m1, m2, m3, m4, m5 and 2 more",
        ),
    ],
)
def test_a_filter_is_said_with_its_unit(field: str, operator: Operator, values: tuple[Value, ...], said: str) -> None:
    assert describe_filter(Filter(field=field, operator=operator, values=values)).endswith(said)


def test_a_scope_is_its_filters_and_its_period_and_nothing_for_the_whole_log() -> None:
    where = (Filter(field="model", values=("gpt-4o",)),)
    first, last = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 9, tzinfo=UTC)
    assert describe_scope(Query()) == ""
    assert describe_scope(Query(where=where)) == "(Model: gpt-4o)"
    assert describe_scope(Query(period=Period(start=first))) == "(from 2026-10-05 on)"
    assert describe_scope(Query(period=Period(end=last))) == "(before 2026-10-09)"
    both = Query(where=where, period=Period(start=first, end=last))
    assert describe_scope(both) == "(Model: gpt-4o; 2026-10-05 to 2026-10-08)"  # the end is exclusive


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("Please export this as CSV", "can be downloaded as CSV"),
        ("Rename this conversation", "in its menu"),
        ("Change our prices", "gpt-4o costs us 2/8"),
    ],
)
def test_a_wish_is_told_where_it_is_met(wish: str, said: str) -> None:
    answer = answer_wish(wish, Assumptions())
    assert answer is not None
    assert said in answer


@pytest.mark.parametrize("ask", ["How much did we export?", "export " + "this " * MAX_WISH, ""])
def test_a_question_is_no_wish(ask: str) -> None:
    assert answer_wish(ask, Assumptions()) is None


def test_prices_are_said_to_be_saved_only_if_they_are() -> None:
    price = OwnPrice(model="gpt-4o", fresh_input=Decimal(2), output=Decimal(8))
    saved = answer_wish("gpt-4o costs us 2/8", Assumptions(model_prices=(price,)))
    assert saved is not None
    assert "gpt-4o costs $2.00 per million input tokens and $8.00 per million output tokens" in saved
    lost = answer_wish("gpt-4o costs us 2/8", Assumptions())
    assert lost is not None
    assert "was not saved" in lost
