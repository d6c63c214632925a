"""The report's part about allocation: the log's dimensions side by side, then the parts of each."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType

from core.i18n.text import Text, join_texts, plural_text, text
from workloads.analysis.allocation import AllocatedDimension, AllocatedPart
from workloads.report.formatting import (
    MAX_ROWS,
    ReportFormatter,
    format_count,
    format_known_count,
    format_money,
    format_percent,
    render_table,
)
from workloads.report.markdown_spend import format_name, mark_stated, render_left_out
from workloads.report.report import Report

DIMENSION_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "team": text("team"),
        "feature": text("feature"),
        "user": text("user"),
        "api_key": text("API key"),
        "customer": text("customer"),
        "environment": text("environment"),
        "provider": text("provider"),
        "service_tier": text("service tier"),
        "geography": text("geography"),
        "model": text("model"),
    }
)
"""Labels for the dimensions that Netra knows."""


def render_allocation(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    allocation = report.allocation
    if allocation is None or not allocation.dimensions:
        return
    yield f"## {formatter.translate(text('Allocation'))}"
    yield ""
    yield formatter.translate(_describe_owners(allocation.unowned, formatter))
    yield ""
    head = formatter.translate_head(text("dimension"), text("values"), text("without a value"), text("largest part"))
    yield from render_table(head, (_to_dimension_row(dimension, formatter) for dimension in allocation.dimensions))
    for dimension in allocation.dimensions:
        if dimension.name != "model" or dimension.kept:  # the models are in the section before
            yield ""
            yield from _render_dimension(dimension, formatter)


def _describe_owners(unowned: AllocatedPart | None, formatter: ReportFormatter) -> Text:
    if unowned is None:
        return text(
            "The log names no team, feature, user, API key or customer, so no spend can be assigned to an owner."
        )
    if not unowned.tokens:
        return text("All spend has an owner: a team, feature, user, API key or customer.")
    return text(
        "**Without an owner:** {amount}. These requests name no team, feature, user, API key or customer.",
        amount=formatter.translate(_format_amount(unowned)),
    )


def _to_dimension_row(dimension: AllocatedDimension, formatter: ReportFormatter) -> tuple[str, ...]:
    missing = next((part for part in dimension.parts if part.name is None), None)
    largest = max((part for part in dimension.parts if part.name is not None), key=_get_size, default=None)
    return (
        _label_dimension(dimension, formatter),
        formatter.translate(format_count(dimension.values)),
        formatter.translate(_format_amount(missing)),
        ""
        if largest is None
        else f"{format_name(largest.name, largest.names, formatter)}: {formatter.translate(_format_amount(largest))}",
    )


def _render_dimension(dimension: AllocatedDimension, formatter: ReportFormatter) -> Iterable[str]:
    head = (
        _label_dimension(dimension, formatter),
        *formatter.translate_head(text("requests"), text("tokens"), text("cost"), text("share of cost")),
    )
    yield from render_table(head, (_to_part_row(part, formatter) for part in dimension.parts[:MAX_ROWS]))
    yield from render_left_out(dimension.parts, formatter)


def _to_part_row(part: AllocatedPart, formatter: ReportFormatter) -> tuple[str, ...]:
    return (
        format_name(part.name, part.names, formatter),
        formatter.translate(format_known_count(part.requests)),
        formatter.translate(format_count(part.tokens)),
        formatter.translate(_format_cost(part)),
        "" if part.share is None else formatter.translate(format_percent(part.share)),
    )


def _get_size(part: AllocatedPart) -> tuple[Decimal, int]:
    return (part.cost or Decimal(0), part.tokens)


def _format_cost(part: AllocatedPart) -> Text:
    if part.cost is None:
        return text("unknown, no price")
    cost = mark_stated(join_texts("", (format_money(part.cost),)), part.cost, part.stated)
    if not part.unpriced_tokens:
        return cost
    return plural_text(
        "{usd} and {n:,} token without a price",
        "{usd} and {n:,} tokens without a price",
        usd=cost,
        n=part.unpriced_tokens,
    )


def _format_amount(part: AllocatedPart | None) -> Text:
    if part is None:
        return text("none")
    if part.cost is None or part.share is None:
        return plural_text("{n:,} token", "{n:,} tokens", n=part.tokens)
    return text("{usd} ({share})", usd=format_money(part.cost), share=format_percent(part.share))


def _label_dimension(dimension: AllocatedDimension, formatter: ReportFormatter) -> str:
    if dimension.kept:
        return formatter.to_name(dimension.name)
    return formatter.translate(DIMENSION_LABELS[dimension.name])
