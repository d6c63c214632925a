"""The report's part about the log itself: its contents and its repeated prompt prefixes."""

from collections.abc import Iterable

from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text
from workloads.analysis.prefix_cache import HitRate
from workloads.analysis.profile import Percentiles, Profile
from workloads.report.formatting import (
    ReportFormatter,
    format_count,
    format_known_count,
    format_moment,
    format_percent,
    render_table,
)
from workloads.report.report import Report


def render_log(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    source = report.source
    yield f"## {formatter.translate(text('The log'))}"
    yield ""
    facts = ((formatter.translate(label), formatter.translate(value)) for label, value in _list_figures(report.profile))
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
    if not relative and profile.input_tokens is None:  # as of sums
        return text("Sums of requests from {first} to {last}.", first=first, last=last)
    if not relative:
        return text("First request {first}, last {last}.", first=first, last=last)
    return text(
        "First request {first}, last {last}. Times are relative to the start of the log; the date is unknown.",
        first=first,
        last=last,
    )


def _list_figures(profile: Profile) -> Iterable[tuple[Text, str]]:
    tokens = profile.tokens
    yield text("requests"), format_known_count(profile.requests)
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
    if profile.input_tokens and profile.output_tokens:
        yield text("input tokens per request: median (p50) / p95 / p99"), _format_percentiles(profile.input_tokens)
        yield text("output tokens per request: median (p50) / p95 / p99"), _format_percentiles(profile.output_tokens)
    if profile.latency_ms:
        yield text("latency: median (p50) / p95 / p99"), _format_milliseconds(profile.latency_ms)
    if profile.first_token_ms:
        yield text("time to first token: median (p50) / p95 / p99"), _format_milliseconds(profile.first_token_ms)


def _format_percentiles(percentiles: Percentiles) -> Text:
    return join_texts(
        " / ", (FormattedNumber(f"{value:,.0f}") for value in (percentiles.p50, percentiles.p95, percentiles.p99))
    )


def _format_milliseconds(percentiles: Percentiles) -> Text:
    return text("{percentiles} ms", percentiles=_format_percentiles(percentiles))


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
