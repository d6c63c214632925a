"""The report's part about the log itself: its contents, its spend, the applied prices, and repeated prefixes."""

from collections.abc import Iterable, Sequence

from core.i18n.text import Figure, Text, join_texts, plural_text, text
from workloads.analysis.prefix_cache import HitRate
from workloads.analysis.profile import Percentiles, Profile
from workloads.analysis.spend import LogSpend, SpendPart
from workloads.pricing.prices import OTHERS, PricedModel, UnpricedModel
from workloads.report.formatting import (
    MAX_ROWS,
    ReportFormatter,
    format_count,
    format_moment,
    format_money,
    format_percent,
    format_price,
    render_table,
)
from workloads.report.report import HISTORY_LABELS, Report


def render_log(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    source = report.source
    yield f"## {formatter.translate(text('The log'))}"
    yield ""
    facts = ((formatter.translate(label), formatter.translate(found)) for label, found in _list_figures(report.profile))
    yield from render_table(formatter.translate_head(text("metric"), text("value")), facts)
    for rejection in source.rejected:
        words = plural_text(
            "{n:,} row was left out: {why} (row {rows})",
            "{n:,} rows were left out: {why} (rows {rows})",
            n=rejection.rows,
            why=formatter.to_prose(rejection.why),
            rows=", ".join(map(str, rejection.examples)),
        )
        yield f"\n{formatter.translate(words)}"
    if source.guessed:
        columns = ", ".join(f"{ours} = {formatter.to_name(theirs)}" for ours, theirs in source.mapping.items())
        yield f"\n{formatter.translate(text('Columns were matched by name; please check: {columns}', columns=columns))}"
    yield ""
    yield formatter.translate(_describe_time_range(report.profile))


def _describe_time_range(profile: Profile) -> Text:
    if profile.first is None or profile.last is None:
        return text("The log has no times, so the dates of its requests are unknown.")
    relative = profile.relative_clock
    first, last = (format_moment(at, relative=relative) for at in (profile.first, profile.last))
    if not relative:
        return text("First request {first}, last {last}.", first=first, last=last)
    return text(
        "First request {first}, last {last}. Times are relative to the start of the log; the date is unknown.",
        first=first,
        last=last,
    )


def _list_figures(profile: Profile) -> Iterable[tuple[Text, str]]:
    tokens = profile.tokens
    yield text("requests"), format_count(profile.rows)
    yield (
        text("input tokens"),
        text(
            "{all:,} (fresh {fresh:,}, cache read {read:,}, cache write {written:,})",
            all=tokens.input,
            fresh=tokens.fresh_input,
            read=tokens.cache_read,
            written=tokens.cache_write,
        ),
    )
    yield text("output tokens"), format_count(tokens.output)
    yield from _list_distributions(profile)
    if profile.peak:
        busiest = plural_text(
            "{n:,} request, {times:.2f} times the average minute",
            "{n:,} requests, {times:.2f} times the average minute",
            n=profile.peak.requests,
            times=profile.peak.to_mean,
        )
        yield text("busiest minute"), busiest
    if profile.error_rate is not None:
        yield text("error rate"), format_percent(profile.error_rate)


def _list_distributions(profile: Profile) -> Iterable[tuple[Text, str]]:
    yield text("input tokens per request: median (p50) / p95 / p99"), _format_percentiles(profile.input_tokens)
    yield text("output tokens per request: median (p50) / p95 / p99"), _format_percentiles(profile.output_tokens)
    if profile.latency_ms:
        yield text("latency: median (p50) / p95 / p99"), _format_milliseconds(profile.latency_ms)
    if profile.first_token_ms:
        yield text("time to first token: median (p50) / p95 / p99"), _format_milliseconds(profile.first_token_ms)


def _format_percentiles(percentiles: Percentiles) -> Text:
    return join_texts(" / ", (Figure(f"{value:,.0f}") for value in (percentiles.p50, percentiles.p95, percentiles.p99)))


def _format_milliseconds(percentiles: Percentiles) -> Text:
    return text("{percentiles} ms", percentiles=_format_percentiles(percentiles))


def render_spend(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    if not report.spend:
        return
    spend = report.spend
    yield f"## {formatter.translate(text('Spend'))}"
    yield ""
    yield from _render_parts(text("model"), spend.by_model, spend, formatter)
    if spend.by_feature:
        yield ""
        yield from _render_parts(text("feature"), spend.by_feature, spend, formatter)
    yield from _render_prices(report, formatter)
    for model in report.prices.unpriced[:MAX_ROWS]:
        words = plural_text(
            "No price for {model}: {n:,} request ({why})",
            "No price for {model}: {n:,} requests ({why})",
            n=model.requests,
            model=_format_name(model.model, model.names, formatter),
            why=formatter.to_prose(model.why),
        )
        yield f"\n{formatter.translate(words)}"
    yield from _render_left_out(report.prices.unpriced, formatter)
    if spend.logged is not None:
        words = plural_text(
            "The log's own cost for one of these requests is {usd}.",
            "The log's own cost for {n:,} of these requests is {usd}.",
            n=spend.logged_requests,
            usd=format_money(spend.logged),
        )
        yield f"\n{formatter.translate(words)}"


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
    yield from _render_left_out(report.prices.models, formatter)


def _to_price_row(model: PricedModel, formatter: ReportFormatter) -> tuple[str, ...]:
    prices = (model.fresh_input, model.cache_read, model.cache_write, model.output)
    return (
        _format_name(model.model, model.names, formatter),
        formatter.translate(_format_listed_model(model, formatter)),
        *(formatter.translate(format_price(usd)) for usd in prices),
        formatter.translate(_describe_price_source(model)),
    )


def _format_listed_model(one: PricedModel, formatter: ReportFormatter) -> str:
    if not one.model_id:
        return text("your prices")
    model = formatter.to_name(f"{one.provider_id}/{one.model_id}")
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
    yield from _render_left_out(parts, formatter)


def _render_left_out(
    entries: Sequence[SpendPart | PricedModel | UnpricedModel], formatter: ReportFormatter
) -> Iterable[str]:
    """Say how many names a list does not show."""
    hidden = sum(entry.names for entry in entries[MAX_ROWS:])
    if hidden:
        words = plural_text(
            "{n:,} more name is listed in the JSON report.", "{n:,} more names are listed in the JSON report.", n=hidden
        )
        yield f"\n{formatter.translate(words)}"


def _to_part_row(part: SpendPart, spend: LogSpend, formatter: ReportFormatter) -> tuple[str, ...]:
    return (
        _format_name(part.name, part.names, formatter),
        formatter.translate(format_count(part.requests)),
        formatter.translate(format_count(part.tokens)),
        formatter.translate(format_money(part.cost)),
        formatter.translate(format_percent(float(part.cost / spend.total))) if spend.total else "",
    )


def _format_name(name: str | None, names: int, formatter: ReportFormatter) -> str:
    if name != OTHERS:
        return formatter.to_name(name)
    return formatter.translate(plural_text("all others ({n:,} name)", "all others ({n:,} names)", n=names))


def render_prefixes(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    prefix_cache = report.prefix_cache
    if not prefix_cache or not prefix_cache.rates:
        return
    yield f"## {formatter.translate(text('Repeated prompt prefixes'))}"
    yield ""
    yield formatter.translate(
        text(
            "Hit rates of an ideal prompt-prefix cache without a minimum length, by cache lifetime. Savings with the "
            "provider's own cache are listed under the levers."
        )
    )
    if prefix_cache.in_file_order:
        yield formatter.translate(text("The log has no times, so file order is used."))
    yield ""
    head = formatter.translate_head(
        text("cache lifetime"), text("share of input tokens"), text("share of blocks"), text("input tokens")
    )
    yield from render_table(head, (_to_rate_row(rate, formatter) for rate in prefix_cache.rates))
    if prefix_cache.logged_share is not None:
        words = text(
            "According to the log, {share} of all input tokens were read from a cache.",
            share=format_percent(prefix_cache.logged_share),
        )
        yield f"\n{formatter.translate(words)}"


def _to_rate_row(rate: HitRate, formatter: ReportFormatter) -> tuple[str, ...]:
    return (
        formatter.translate(_format_ttl(rate.ttl_seconds)),
        formatter.translate(format_percent(rate.by_tokens)),
        formatter.translate(format_percent(rate.by_blocks)),
        formatter.translate(format_count(rate.hit_tokens)),
    )


def _format_ttl(seconds: int | None) -> Text:
    return text("no expiry") if seconds is None else text("{n} min", n=seconds // 60)
