"""The report's part about the log itself: what it holds, what it cost, at which prices, and prefixes seen again."""

from collections.abc import Iterable, Sequence

from workloads.escape import name, prose
from workloads.figures import moment, money, percent, price
from workloads.profile import Profile
from workloads.replay import HitRate
from workloads.report import Report
from workloads.spend import Part, Spend
from workloads.table import MOST_ROWS, table


def log_section(report: Report) -> Iterable[str]:
    source = report.source
    yield "## The log"
    yield ""
    yield from table(("figure", "value"), _facts(report))
    for one in source.rejected:
        rows = ", ".join(map(str, one.examples))
        yield f"\n{one.rows:,} rows were left out: {prose(one.why)} (rows {rows})"
    if source.guessed:
        columns = ", ".join(f"{ours} = {name(theirs)}" for ours, theirs in source.mapping.items())
        yield f"\nThe columns were guessed; check them: {columns}"
    yield ""
    yield _when(report.profile)


def _when(profile: Profile) -> str:
    if profile.first is None or profile.last is None:
        return "When its requests were made is unknown: the log has no times."
    relative = profile.relative_clock
    ends = f"First request {moment(profile.first, relative=relative)}, last {moment(profile.last, relative=relative)}."
    return f"{ends} Times count from the log's start; no date is known." if relative else ends


def _facts(report: Report) -> Iterable[tuple[str, str]]:
    profile = report.profile
    tokens = profile.tokens
    yield "requests", f"{profile.rows:,}"
    yield (
        "input tokens",
        f"{tokens.input:,} (fresh {tokens.fresh_input:,}, cache read {tokens.cache_read:,}, "
        f"cache write {tokens.cache_write:,})",
    )
    yield "output tokens", f"{tokens.output:,}"
    for label, one, unit in (
        ("input tokens of a request", profile.input_tokens, ""),
        ("output tokens of a request", profile.output_tokens, ""),
        ("latency", profile.latency_ms, " ms"),
        ("time to first token", profile.first_token_ms, " ms"),
    ):
        if one:
            yield f"{label}: median (p50) / p95 / p99", f"{one.p50:,.0f} / {one.p95:,.0f} / {one.p99:,.0f}{unit}"
    if profile.peak:
        busiest = f"{profile.peak.requests:,} requests, {profile.peak.to_mean:.2f} times the mean minute"
        yield "busiest minute", busiest
    if profile.error_rate is not None:
        yield "error rate", percent(profile.error_rate)


def spend_section(report: Report) -> Iterable[str]:
    if not report.spend:
        return
    spend = report.spend
    yield "## Spend"
    yield ""
    yield from table(("model", "requests", "tokens", "cost", "share of cost"), _parts(spend.by_model, spend))
    if spend.by_feature:
        yield ""
        yield from table(("feature", "requests", "tokens", "cost", "share of cost"), _parts(spend.by_feature, spend))
    yield from _prices(report)
    for one in report.prices.unpriced[:MOST_ROWS]:
        yield f"\nWithout a price: {name(one.model)}, {one.requests:,} requests ({prose(one.why)})"
    if spend.logged is not None:
        yield f"\nThe log itself says {money(spend.logged)} for {spend.logged_requests:,} of these requests."


def _prices(report: Report) -> Iterable[str]:
    if not report.prices.models:
        return
    yield "\nPrices in USD per million tokens:\n"
    head = ("model in the log", "priced as", "input", "cached input", "cache write", "output", "price from")
    rows = (
        (
            name(one.model),
            name(f"{one.provider_id}/{one.model_id}") + (" (assumed)" if one.assumed else "")
            if one.model_id
            else "your prices",
            price(one.fresh_input),
            price(one.cache_read),
            price(one.cache_write),
            price(one.output),
            one.history.value + (f"; {one.rates} rates by date, hour or prompt length" if one.rates > 1 else ""),
        )
        for one in report.prices.models[:MOST_ROWS]
    )
    yield from table(head, rows)


def _parts(parts: Sequence[Part], spend: Spend) -> Iterable[tuple[str, ...]]:
    for part in parts[:MOST_ROWS]:
        share = percent(float(part.cost / spend.total)) if spend.total else ""
        yield name(part.name), f"{part.requests:,}", f"{part.tokens:,}", money(part.cost), share


def prefixes_section(report: Report) -> Iterable[str]:
    found = report.prefix_cache
    if not found or not found.rates:
        return
    yield "## Prompt beginnings seen before"
    yield ""
    yield (
        "What an ideal cache of prompt prefixes would have served, whatever their length, by how long it keeps what is "
        "not used. What a provider's own cache would save is told under the levers."
    )
    if found.in_file_order:
        yield "The log has no times: its file's order stands for theirs."
    yield ""
    yield from table(
        ("kept unused for", "share of input tokens", "share of blocks", "input tokens"), map(_rate, found.rates)
    )
    if found.logged_share is not None:
        yield f"\nThe log itself says that {percent(found.logged_share)} of all input tokens were read from a cache."


def _rate(rate: HitRate) -> tuple[str, ...]:
    return _ttl(rate.ttl_seconds), percent(rate.by_tokens), percent(rate.by_blocks), f"{rate.hit_tokens:,}"


def _ttl(seconds: int | None) -> str:
    return "for ever" if seconds is None else f"{seconds // 60} min"
