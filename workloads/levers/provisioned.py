"""Provisioned capacity: units that are paid by the hour instead of tokens, for the model that costs most.

Units = ceil(peak tokens per second / tokens per second of a unit); capacity pays if the API costs more than units x
price x hours. The throughput of a unit at the latency that is needed, and its price, are the user's: no log has
them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import Basis, Bound, Estimate, Evidence, NumberQuestion, PlanStep, Unknown
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import Lever, Speed, build_unknown_estimate, clear_saving
from workloads.pricing.number_sentences import build_number_replies
from workloads.pricing.prices import PricedModel

NAME, TITLE = "provisioned", text("Buy capacity by the hour instead of tokens")
THROUGHPUT_SCOPE, PRICE_SCOPE = "tokens_per_second", "usd_per_hour"
"""The scopes of the user's answers: what one unit processes, input and output together, and what it costs."""

MIN_ANSWER, MAX_ANSWER = Decimal(10) ** -9, Decimal(10) ** 9
FORMULA = text(
    "cost of the model's requests − units × price of a unit × hours; units = peak tokens per second ÷ tokens per "
    "second of a unit, rounded up"
)
STEPS = (
    PlanStep(
        step=text(
            "Replay the busiest hour against a test deployment, then buy the units that keep latency within limits"
        ),
        effort=join_texts(" - ", ("high", text("load test, contract, routing of what exceeds the capacity"))),
        risk=join_texts(" - ", ("medium", text("paid whether used or not; peaks above the capacity wait or fail"))),
        undo=text("End the commitment when its term allows, and go back to paying by the token"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The traffic of the model that costs most: `peak` is the tokens per second of the busiest minute of the clock."""

    model: PricedModel
    cost: Decimal
    hours: Decimal
    peak: Decimal


def measure_traffic(log: PricedLog) -> Traffic | None:
    """Return the traffic that capacity would be bought for; None without prices, times or a span."""
    if not (log.prices.models and log.has_times):
        return None
    rows = log.fetch_all(
        """SELECT key, sum(cost), max(epoch_us("at")) - min(epoch_us("at")) FROM scoped
        WHERE key IS NOT NULL AND service_tier IS DISTINCT FROM 'batch' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"""
    )
    models = {model.key: model for model in log.prices.models}
    for key, cost, span in rows:
        if span:
            (tokens,) = log.fetch_one(
                f"""SELECT max(tokens) FROM (
                    SELECT sum(input + output)::BIGINT AS tokens FROM scoped
                    WHERE key = {key} AND service_tier IS DISTINCT FROM 'batch' GROUP BY epoch_us("at") // 60000000
                )"""
            )
            hours, peak = Decimal(span) / 3_600_000_000, Decimal(tokens) / 60
            return Traffic(model=models[key], cost=cost, hours=hours, peak=peak)
    return None


def compute_capacity_cost(log: PricedLog, traffic: Traffic) -> Decimal | None:
    """Return what the units would cost over the log's span in USD; None if the user has not said what a unit is."""
    units, price = count_units(log, traffic), _get_number(log, PRICE_SCOPE)
    return None if units is None or price is None else (units * price * traffic.hours).quantize(Decimal("1e-12"))


def count_units(log: PricedLog, traffic: Traffic) -> int | None:
    throughput = _get_number(log, THROUGHPUT_SCOPE)
    return int((traffic.peak / throughput).to_integral_value(ROUND_CEILING)) if throughput else None


def _get_number(log: PricedLog, scope: str) -> Decimal | None:
    value = log.assumptions.get_answer(NAME, scope)
    return value if isinstance(value, Decimal) and MIN_ANSWER <= value <= MAX_ANSWER else None


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    """Return the requests of the model without a price of their own; the first one carries the cost of the units. None
    if these cost more."""
    traffic = measure_traffic(log)
    capacity = compute_capacity_cost(log, traffic) if traffic else None
    if traffic is None or capacity is None or capacity >= traffic.cost:
        return None
    return f"""SELECT row, 0 AS t_fresh, 0 AS t_read, 0 AS t_write, 0 AS t_write_1h, 0 AS t_output,
            CASE WHEN row = min(row) OVER () THEN {capacity:f} ELSE 0 END AS t_surcharge
        FROM {state.relation} s JOIN (SELECT row FROM scoped WHERE key = {traffic.model.key}) USING (row)
        WHERE is_made AND NOT is_batched AND price_share = 1"""


def estimate(log: PricedLog) -> Estimate:
    traffic = measure_traffic(log)
    if traffic is None:
        return build_unknown_estimate(NAME, TITLE, *_list_unknowns(log), formula=FORMULA)
    if compute_capacity_cost(log, traffic) is None:
        unknown = build_unknown_estimate(NAME, TITLE, *_list_unknowns(log), formula=FORMULA)
        return replace(unknown, evidence=tuple(_list_evidence(log, traffic)), quantities=_list_quantities(log))
    saved = LEVER.compute_saving(log)
    result = Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE,
        headline=False,
        formula=FORMULA,
        assumptions=(
            text("One unit processes as many tokens per second as you say, at the latency that you need"),
            text("The units are paid for all hours from the first to the last request, and cover the busiest minute"),
            text("Capacity is bought for the model that costs most; its requests in batches stay there"),
        ),
        evidence=tuple(_list_evidence(log, traffic)),
        unknowns=(),
        steps=STEPS,
        quantities=_list_quantities(log),
    )
    if saved > 0:
        return result
    cleared = clear_saving(result, text("the units would cost more than the tokens do"))
    return replace(cleared, evidence=(*cleared.evidence, *result.evidence))


def _list_unknowns(log: PricedLog) -> Iterable[Unknown]:
    if not log.has_times:
        yield Unknown(what=text("the peak of tokens per second"), column="time")
    if _get_number(log, THROUGHPUT_SCOPE) is None:
        yield Unknown(what=text("tokens per second of one unit of capacity, which you can enter"), column="")
    if _get_number(log, PRICE_SCOPE) is None:
        yield Unknown(what=text("the price of a unit per hour, which you can enter"), column="")


def _list_quantities(log: PricedLog) -> tuple[NumberQuestion, ...]:
    questions = {
        THROUGHPUT_SCOPE: text("How many tokens per second, input and output, does one unit of capacity process?"),
        PRICE_SCOPE: text("What does one unit of capacity cost per hour?"),
    }
    units = {THROUGHPUT_SCOPE: "tokens_per_second", PRICE_SCOPE: "USD"}
    return tuple(
        NumberQuestion(
            lever=NAME,
            scope=scope,
            question=question,
            unit=units[scope],
            answer=_get_number(log, scope),
            replies=build_number_replies(NAME, scope),
        )
        for scope, question in questions.items()
    )


def _list_evidence(log: PricedLog, traffic: Traffic) -> Iterable[Evidence]:
    yield Evidence(label=text("model that costs most"), value=traffic.model.model or traffic.model.model_id or "")
    yield Evidence(label=text("its tokens per second in the busiest minute"), value=round(traffic.peak, 3), unit="")
    yield Evidence(label=text("its cost per hour"), value=round(traffic.cost / traffic.hours, 6), unit="USD")
    units = count_units(log, traffic)
    if units is not None:
        yield Evidence(label=text("units of capacity"), value=units)
        yield Evidence(
            label=text("price of a unit per hour below which capacity pays"),
            value=round(traffic.cost / traffic.hours / units, 6),
            unit="USD",
        )
    capacity = compute_capacity_cost(log, traffic)
    if capacity is not None:
        yield Evidence(label=text("cost of the units"), value=capacity, unit="USD")


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.UNVERIFIED, estimate=estimate, effect=build_effect_sql)
