"""The report's part about the log itself: what it holds, what it cost, at which prices, and prefixes seen again."""

from collections.abc import Iterable, Sequence

from netra.language.text import Figure, Text, counted, joined, text
from workloads.figures import count, moment, money, percent, price
from workloads.prices import OTHERS, PricedModel, UnpricedModel
from workloads.profile import Percentiles, Profile
from workloads.replay import HitRate
from workloads.report import HISTORIES, Report
from workloads.speaker import Speaker
from workloads.spend import Part, Spend
from workloads.table import MOST_ROWS, table


def log_section(report: Report, speaker: Speaker) -> Iterable[str]:
    source = report.source
    yield f"## {speaker.say(text('The log'))}"
    yield ""
    facts = ((speaker.say(label), speaker.say(found)) for label, found in _facts(report.profile))
    yield from table(speaker.head(text("figure"), text("value")), facts)
    for one in source.rejected:
        words = counted(
            "{n:,} row was left out: {why} (row {rows})",
            "{n:,} rows were left out: {why} (rows {rows})",
            n=one.rows,
            why=speaker.prose(one.why),
            rows=", ".join(map(str, one.examples)),
        )
        yield f"\n{speaker.say(words)}"
    if source.guessed:
        columns = ", ".join(f"{ours} = {speaker.name(theirs)}" for ours, theirs in source.mapping.items())
        yield f"\n{speaker.say(text('The columns were guessed; check them: {columns}', columns=columns))}"
    yield ""
    yield speaker.say(_when(report.profile))


def _when(profile: Profile) -> Text:
    if profile.first is None or profile.last is None:
        return text("When its requests were made is unknown: the log has no times.")
    relative = profile.relative_clock
    first, last = (moment(at, relative=relative) for at in (profile.first, profile.last))
    if not relative:
        return text("First request {first}, last {last}.", first=first, last=last)
    return text(
        "First request {first}, last {last}. Times count from the log's start; no date is known.",
        first=first,
        last=last,
    )


def _facts(profile: Profile) -> Iterable[tuple[Text, str]]:
    tokens = profile.tokens
    yield text("requests"), count(profile.rows)
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
    yield text("output tokens"), count(tokens.output)
    yield from _distributions(profile)
    if profile.peak:
        busiest = counted(
            "{n:,} request, {times:.2f} times the mean minute",
            "{n:,} requests, {times:.2f} times the mean minute",
            n=profile.peak.requests,
            times=profile.peak.to_mean,
        )
        yield text("busiest minute"), busiest
    if profile.error_rate is not None:
        yield text("error rate"), percent(profile.error_rate)


def _distributions(profile: Profile) -> Iterable[tuple[Text, str]]:
    yield text("input tokens of a request: median (p50) / p95 / p99"), _percentiles(profile.input_tokens)
    yield text("output tokens of a request: median (p50) / p95 / p99"), _percentiles(profile.output_tokens)
    if profile.latency_ms:
        yield text("latency: median (p50) / p95 / p99"), _milliseconds(profile.latency_ms)
    if profile.first_token_ms:
        yield text("time to first token: median (p50) / p95 / p99"), _milliseconds(profile.first_token_ms)


def _percentiles(one: Percentiles) -> Text:
    return joined(" / ", (Figure(f"{each:,.0f}") for each in (one.p50, one.p95, one.p99)))


def _milliseconds(one: Percentiles) -> Text:
    return text("{percentiles} ms", percentiles=_percentiles(one))


def spend_section(report: Report, speaker: Speaker) -> Iterable[str]:
    if not report.spend:
        return
    spend = report.spend
    yield f"## {speaker.say(text('Spend'))}"
    yield ""
    yield from _parts(text("model"), spend.by_model, spend, speaker)
    if spend.by_feature:
        yield ""
        yield from _parts(text("feature"), spend.by_feature, spend, speaker)
    yield from _prices(report, speaker)
    for one in report.prices.unpriced[:MOST_ROWS]:
        words = counted(
            "Without a price: {model}, {n:,} request ({why})",
            "Without a price: {model}, {n:,} requests ({why})",
            n=one.requests,
            model=_named(one.model, one.names, speaker),
            why=speaker.prose(one.why),
        )
        yield f"\n{speaker.say(words)}"
    yield from _left_out(report.prices.unpriced, speaker)
    if spend.logged is not None:
        words = counted(
            "The log itself says {usd} for one of these requests.",
            "The log itself says {usd} for {n:,} of these requests.",
            n=spend.logged_requests,
            usd=money(spend.logged),
        )
        yield f"\n{speaker.say(words)}"


def _prices(report: Report, speaker: Speaker) -> Iterable[str]:
    if not report.prices.models:
        return
    yield f"\n{speaker.say(text('Prices in USD per million tokens:'))}\n"
    head = speaker.head(
        text("model in the log"),
        text("priced as"),
        text("input"),
        text("cached input"),
        text("cache write"),
        text("output"),
        text("price from"),
    )
    yield from table(head, (_priced(one, speaker) for one in report.prices.models[:MOST_ROWS]))
    yield from _left_out(report.prices.models, speaker)


def _priced(one: PricedModel, speaker: Speaker) -> tuple[str, ...]:
    prices = (one.fresh_input, one.cache_read, one.cache_write, one.output)
    return (
        _named(one.model, one.names, speaker),
        speaker.say(_priced_as(one, speaker)),
        *(speaker.say(price(usd)) for usd in prices),
        speaker.say(_from(one)),
    )


def _priced_as(one: PricedModel, speaker: Speaker) -> str:
    if not one.model_id:
        return text("your prices")
    model = speaker.name(f"{one.provider_id}/{one.model_id}")
    return text("{model} (assumed)", model=model) if one.assumed else model


def _from(one: PricedModel) -> Text:
    history = HISTORIES[one.history]
    if one.rates <= 1:
        return history
    return counted(
        "{history}; {n} rate by date, hour or prompt length",
        "{history}; {n} rates by date, hour or prompt length",
        n=one.rates,
        history=history,
    )


def _parts(of: Text, parts: Sequence[Part], spend: Spend, speaker: Speaker) -> Iterable[str]:
    head = speaker.head(of, text("requests"), text("tokens"), text("cost"), text("share of cost"))
    yield from table(head, (_part(part, spend, speaker) for part in parts[:MOST_ROWS]))
    yield from _left_out(parts, speaker)


def _left_out(found: Sequence[Part | PricedModel | UnpricedModel], speaker: Speaker) -> Iterable[str]:
    """How many names a list does not show."""
    left = sum(one.names for one in found[MOST_ROWS:])
    if left:
        words = counted(
            "{n:,} more name is listed in the JSON report.", "{n:,} more names are listed in the JSON report.", n=left
        )
        yield f"\n{speaker.say(words)}"


def _part(part: Part, spend: Spend, speaker: Speaker) -> tuple[str, ...]:
    return (
        _named(part.name, part.names, speaker),
        speaker.say(count(part.requests)),
        speaker.say(count(part.tokens)),
        speaker.say(money(part.cost)),
        speaker.say(percent(float(part.cost / spend.total))) if spend.total else "",
    )


def _named(name: str | None, names: int, speaker: Speaker) -> str:
    if name != OTHERS:
        return speaker.name(name)
    return speaker.say(counted("all others ({n:,} name)", "all others ({n:,} names)", n=names))


def prefixes_section(report: Report, speaker: Speaker) -> Iterable[str]:
    found = report.prefix_cache
    if not found or not found.rates:
        return
    yield f"## {speaker.say(text('Prompt beginnings seen before'))}"
    yield ""
    yield speaker.say(
        text(
            "What an ideal cache of prompt prefixes would have served, whatever their length, by how long it keeps "
            "what is not used. What a provider's own cache would save is told under the levers."
        )
    )
    if found.in_file_order:
        yield speaker.say(text("The log has no times: its file's order stands for theirs."))
    yield ""
    head = speaker.head(
        text("kept unused for"), text("share of input tokens"), text("share of blocks"), text("input tokens")
    )
    yield from table(head, (_rate(rate, speaker) for rate in found.rates))
    if found.logged_share is not None:
        words = text(
            "The log itself says that {share} of all input tokens were read from a cache.",
            share=percent(found.logged_share),
        )
        yield f"\n{speaker.say(words)}"


def _rate(rate: HitRate, speaker: Speaker) -> tuple[str, ...]:
    return (
        speaker.say(_ttl(rate.ttl_seconds)),
        speaker.say(percent(rate.by_tokens)),
        speaker.say(percent(rate.by_blocks)),
        speaker.say(count(rate.hit_tokens)),
    )


def _ttl(seconds: int | None) -> Text:
    return text("for ever") if seconds is None else text("{n} min", n=seconds // 60)
