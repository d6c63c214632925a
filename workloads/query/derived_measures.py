"""Measures that follow from others: prices of many at once, and the spend that a log states beside the computed one."""

from core.i18n.text import text
from workloads.query.measure import INPUT_SQL, REQUESTS_SQL, Measure, Unit, build_money


def build_bulk_prices() -> tuple[Measure, ...]:
    """Return what a thousand or a million requests cost, and a thousand tokens."""
    return (
        Measure(
            name="cost_per_thousand_requests",
            title=text("Cost per 1,000 requests"),
            unit=Unit.USD_PER_THOUSAND_REQUESTS,
            sql=f"sum(spend)::DECIMAL(38,12) * 1000 / nullif({REQUESTS_SQL}, 0)",
            formula=text("spend ÷ requests × 1,000"),
        ),
        Measure(
            name="cost_per_million_requests",
            title=text("Cost per million requests"),
            unit=Unit.USD_PER_MILLION_REQUESTS,
            sql=f"sum(spend)::DECIMAL(38,12) * 1000000 / nullif({REQUESTS_SQL}, 0)",
            formula=text("spend ÷ requests × 1,000,000"),
        ),
        Measure(
            name="cost_per_thousand_tokens",
            title=text("Cost per 1,000 tokens"),
            unit=Unit.USD_PER_THOUSAND_TOKENS,
            sql=f"sum(spend)::DECIMAL(38,12) * 1000 / nullif(sum({INPUT_SQL} + output), 0)",
            formula=text("spend ÷ tokens × 1,000"),
        ),
        Measure(
            name="cost_per_thousand_input",
            title=text("Cost per 1,000 input tokens"),
            unit=Unit.USD_PER_THOUSAND_TOKENS,
            sql=f"sum(cost_input)::DECIMAL(38,12) * 1000 / nullif(sum({INPUT_SQL}), 0)",
            formula=text("spend on input, cached input included ÷ input tokens × 1,000"),
        ),
        Measure(
            name="cost_per_thousand_output",
            title=text("Cost per 1,000 output tokens"),
            unit=Unit.USD_PER_THOUSAND_TOKENS,
            sql="sum(cost_output)::DECIMAL(38,12) * 1000 / nullif(sum(output), 0)",
            formula=text("spend on output ÷ output tokens × 1,000"),
        ),
    )


def build_reasoning_spend() -> Measure:
    return build_money(
        "reasoning_spend",
        text("Spend on reasoning"),
        "reasoning * p_output",
        text("reasoning tokens × price of output"),
        ("reasoning",),
    )


def build_stated_spend() -> tuple[Measure, ...]:
    """Return both figures of the requests that have a price and a stated cost."""
    return (
        build_money(
            "stated_spend",
            text("Spend stated by the log, where we have a price"),
            "CASE WHEN cost IS NOT NULL THEN logged_cost END",
            text("sum of the log's own cost column over the requests that have a price"),
            ("logged_cost",),
        ),
        build_money(
            "checked_spend",
            text("Computed spend, where the log states a cost"),
            "CASE WHEN logged_cost IS NOT NULL THEN cost END",
            text("tokens × price over the requests for which the log states a cost"),
            ("logged_cost",),
        ),
    )
