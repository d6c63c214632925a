"""The report's parts about spend: by model, with the applied prices and models without one; and with another model."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text
from workloads.analysis.allocation import AllocatedPart
from workloads.analysis.spend import LogSpend, SpendPart
from workloads.levers.repricing.what_if import WhatIf, WhatIfLine
from workloads.pricing.prices import OTHERS, PricedModel, PriceHistory, UnpricedModel
from workloads.report.formatting import (
    MAX_ROWS,
    ReportFormatter,
    format_count,
    format_known_count,
    format_money,
    format_percent,
    format_price,
    format_requests,
    render_table,
)
from workloads.report.report import HISTORY_LABELS, Report


def render_spend(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    if not report.spend:
        return
    spend = report.spend
    yield f"## {formatter.translate(text('Spend'))}"
    yield ""
    yield from _render_parts(text("model"), spend.by_model, spend, formatter)
    yield from _render_prices(report, formatter)
    for model in report.prices.unpriced[:MAX_ROWS]:
        words = text(
            "No price for {model}: {requests} ({why})",
            requests=format_requests(model.requests),
            model=format_name(model.model, model.names, formatter),
            why=formatter.to_prose(model.why),
        )
        yield f"\n{formatter.translate(words)}"
    yield from render_left_out(report.prices.unpriced, formatter)
    if spend.stated_requests != 0:
        words = text(
            "**Stated by the log:** {usd} ({share}) of the spend is the log's own cost of {requests} of models without "
            "a price. It was not computed, and no saving is estimated on it.",
            usd=format_money(spend.stated),
            share=format_percent(float(spend.stated / spend.total)) if spend.total else FormattedNumber("-"),
            requests=format_requests(spend.stated_requests),
        )
        yield f"\n{formatter.translate(words)}"
    if spend.logged is not None:
        words = text(
            "The log's own cost for {requests} is {usd}.",
            requests=format_requests(spend.logged_requests),
            usd=format_money(spend.logged),
        )
        yield f"\n{formatter.translate(words)}"


def render_what_if(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    found = report.what_if
    if found is None:
        return
    title = text("What if {model} answered every request?", model=formatter.to_name(found.target))
    yield f"## {formatter.translate(title)}"
    yield ""
    yield formatter.translate(_describe_what_if(found))
    if found.lines:
        yield ""
        yield from render_table(
            formatter.translate_head(
                text("model"), text("rows"), text("left out"), text("cost"), text("cost then"), text("latency")
            ),
            (_to_what_if_row(line, formatter) for line in found.lines[:MAX_ROWS]),
        )
    yield ""
    for assumption in found.assumptions:
        yield f"- {formatter.translate(text('Assumption: {assumption}', assumption=formatter.to_sentence(assumption)))}"
    for gap in found.unknowns:
        yield f"- {formatter.translate(text('Unknown: {what}.', what=formatter.to_prose(gap.what)))}"


def _render_prices(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    if not report.prices.models:
        return
    yield f"\n{formatter.translate(text('Prices in USD per million tokens:'))}\n"
    head = formatter.translate_head(
        text("model in the log"),
        text("priced as"),
        text("input"),
        text("cached input"),
        text("cache write"),
        text("output"),
        text("price source"),
    )
    yield from render_table(head, (_to_price_row(model, formatter) for model in report.prices.models[:MAX_ROWS]))
    yield from render_left_out(report.prices.models, formatter)
    if any(model.history is not PriceHistory.GIVEN for model in report.prices.models):
        described = text(
            "Price list: genai-prices {version}, as of {date}.",
            version=report.prices.list_version,
            date=report.prices.list_date,
        )
        yield f"\n{formatter.translate(described)}"
    if (file := report.prices.file) is not None:
        described = (
            text(
                "This installation's price file: {title}, as of {date}.",
                title=formatter.to_name(file.title),
                date=file.date,
            )
            if file.title
            else text("This installation's price file: as of {date}.", date=file.date)
        )
        yield f"\n{formatter.translate(described)}"


def _to_price_row(model: PricedModel, formatter: ReportFormatter) -> tuple[str, ...]:
    prices = (model.fresh_input, model.cache_read, model.cache_write, model.output)
    return (
        format_name(model.model, model.names, formatter),
        formatter.translate(_format_listed_model(model, formatter)),
        *(formatter.translate(format_price(usd)) for usd in prices),
        formatter.translate(_describe_price_source(model)),
    )


def _format_listed_model(one: PricedModel, formatter: ReportFormatter) -> str:
    if not one.model_id:
        return text("your prices")
    model = formatter.to_name(f"{one.provider_id}/{one.model_id}")
    if one.tier:
        return text("{model} ({tier})", model=model, tier=formatter.to_name(one.tier))
    return text("{model} (assumed)", model=model) if one.assumed else model


def _describe_price_source(model: PricedModel) -> Text:
    history = HISTORY_LABELS[model.history]
    if model.rates <= 1:
        return history
    return plural_text(
        "{history}; {n} rate by date, hour or prompt length",
        "{history}; {n} rates by date, hour or prompt length",
        n=model.rates,
        history=history,
    )


def _render_parts(of: Text, parts: Sequence[SpendPart], spend: LogSpend, formatter: ReportFormatter) -> Iterable[str]:
    head = formatter.translate_head(of, text("requests"), text("tokens"), text("cost"), text("share of cost"))
    yield from render_table(head, (_to_part_row(part, spend, formatter) for part in parts[:MAX_ROWS]))
    yield from render_left_out(parts, formatter)


def render_left_out(
    entries: Sequence[SpendPart | AllocatedPart | PricedModel | UnpricedModel], formatter: ReportFormatter
) -> Iterable[str]:
    """Yield a sentence with the number of names that a list does not show."""
    hidden = sum(entry.names for entry in entries[MAX_ROWS:])
    if hidden:
        words = plural_text(
            "{n:,} more name is listed in the JSON report.", "{n:,} more names are listed in the JSON report.", n=hidden
        )
        yield f"\n{formatter.translate(words)}"


def _to_part_row(part: SpendPart, spend: LogSpend, formatter: ReportFormatter) -> tuple[str, ...]:
    return (
        format_name(part.name, part.names, formatter),
        formatter.translate(format_known_count(part.requests)),
        formatter.translate(format_count(part.tokens)),
        formatter.translate(mark_stated(join_texts("", (format_money(part.cost),)), part.cost, part.stated)),
        formatter.translate(format_percent(float(part.cost / spend.total))) if spend.total else "",
    )


def mark_stated(words: Text, cost: Decimal, stated: Decimal) -> Text:
    """Return `words` for a cost, with how much of it the log states."""
    if not stated:
        return words
    if stated == cost:
        return text("{usd}, stated by the log", usd=words)
    return text("{usd}, {stated} of it stated by the log", usd=words, stated=format_money(stated))


def format_name(name: str | None, names: int, formatter: ReportFormatter) -> str:
    if name != OTHERS:
        return formatter.to_name(name)
    return formatter.translate(plural_text("all others ({n:,} name)", "all others ({n:,} names)", n=names))


def _describe_what_if(found: WhatIf) -> Text:
    if not found.lines:
        return text("No other model's requests could be answered by it.")
    now, then = format_money(found.now), _format_money_range(found.then_least, found.then_most)
    if found.saving < 0:
        return text(
            "These requests cost {now}; the same tokens would cost {then} there, up to {more} more (modelled).",
            now=now,
            then=then,
            more=format_money(-found.saving),
        )
    return text(
        "These requests cost {now}; the same tokens would cost {then} there, {saving} less (modelled).",
        now=now,
        then=then,
        saving=format_money(found.saving),
    )


def _format_money_range(least: Decimal, most: Decimal) -> str:
    if least == most:
        return format_money(most)
    return text("{least} to {most}", least=format_money(least), most=format_money(most))


def _to_what_if_row(line: WhatIfLine, formatter: ReportFormatter) -> tuple[str, ...]:
    return (
        formatter.to_name(line.model),
        f"{line.rows:,}",
        f"{line.left_out:,}",
        formatter.translate(format_money(line.now)),
        formatter.translate(_format_money_range(line.then_least, line.then_most)),
        formatter.translate(line.latency),
    )
