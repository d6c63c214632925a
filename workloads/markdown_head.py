"""What a report begins with: spent, saved, goal and guard."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from netra.language.text import Text, counted, joined, text
from workloads.combine import Candidate, Combination, Drop, Guard
from workloads.figures import limited, money, percent, span
from workloads.report import Report
from workloads.speaker import Speaker
from workloads.spend import Spend

VERDICTS: Mapping[str, Text] = MappingProxyType(
    {"kept": text("kept"), "unverified": text("unverified"), "unknown": text("unknown")}
)
"""What becomes of latency, as `Guard` has it."""


def head_section(report: Report, speaker: Speaker) -> Iterable[str]:
    yield f"# {speaker.say(text('LLM cost report: {name}', name=speaker.name(report.source.name)))}"
    yield ""
    if report.source.synthetic:
        yield speaker.say(text("**Synthetic log:** its requests were generated, not made.")) + "\n"
    if report.missing:
        parts = speaker.prose(", ".join(report.missing))
        yield speaker.say(text("**Incomplete:** failed: {parts}.", parts=parts)) + "\n"
        yield from (f"- {speaker.prose(joined(': ', (part, why)))}" for part, why in report.because.items())
        yield ""
    if report.spend:
        yield from _spent(report, report.spend, speaker)
    if report.combination:
        yield from _savings(report, report.combination, speaker)
        yield from _goal(report.combination, speaker)
        yield from _guard(report.combination.guard, speaker)


def _spent(report: Report, spend: Spend, speaker: Speaker) -> Iterable[str]:
    seconds = report.profile.span_seconds
    figures = {"usd": money(spend.total), "prices": speaker.prose(report.prices_used)}
    words = (
        counted(
            "**Spend:** {usd} for {n:,} request (prices: {prices})",
            "**Spend:** {usd} for {n:,} requests (prices: {prices})",
            n=spend.priced_requests,
            **figures,
        )
        if seconds is None
        else counted(
            "**Spend:** {usd} for {n:,} request in {span} (prices: {prices})",
            "**Spend:** {usd} for {n:,} requests in {span} (prices: {prices})",
            n=spend.priced_requests,
            span=span(seconds),
            **figures,
        )
    )
    yield f"- {speaker.say(words)}"
    if spend.unpriced_requests:
        without = counted(
            "**Not in it:** {n:,} request without a price",
            "**Not in it:** {n:,} requests without a price",
            n=spend.unpriced_requests,
        )
        yield f"- {speaker.say(without)}"


def _savings(report: Report, found: Combination, speaker: Speaker) -> Iterable[str]:
    if found.waterfall:
        words = text(
            "**Can be saved:** {usd} ({share} of the spend): {how}",
            usd=money(found.total),
            share=percent(found.share),
            how=", ".join(_part(report, drop, speaker) for drop in found.waterfall),
        )
        yield f"- {speaker.say(words)}"
    else:
        yield f"- {speaker.say(text('**Can be saved:** nothing that this log alone can promise'))}"
    more = [one for one in found.candidates if one.adds > 0]
    yield from (_possible(one, speaker) for one in more)
    if len(more) > 1:
        overlap = text("What needs confirming overlaps: each is given alone, and they are not to be added up")
        yield f"- {speaker.say(overlap)}"


def _part(report: Report, drop: Drop, speaker: Speaker) -> str:
    basis = speaker.basis(report.basis_of(drop.lever))
    words = text("{what} {usd} ({basis})", what=speaker.within(drop.title), usd=money(drop.saving), basis=basis)
    return speaker.say(words)


def _possible(one: Candidate, speaker: Speaker) -> str:
    words = text(
        "**If confirmed:** {usd} more: {what} ({basis})",
        usd=limited(one.adds, one.bound),
        what=speaker.within(one.title),
        basis=speaker.basis(one.basis),
    )
    return f"- {speaker.say(words)}"


def _goal(found: Combination, speaker: Speaker) -> Iterable[str]:
    if found.goal_percent is not None:
        yield f"- {speaker.say(_judged(found, found.goal_percent, speaker))}"


def _judged(found: Combination, percents: float, speaker: Speaker) -> Text:
    if found.gap is None:
        return text("**Goal of {goal:g} %:** cannot be judged, nothing in the log has a price", goal=percents)
    if found.goal_met:
        return text("**Goal of {goal:g} %:** met", goal=percents)
    gap = money(found.gap)
    closing = ", ".join(speaker.within(one.title) for one in found.candidates if one.closes)
    if not closing:
        return text("**Goal of {goal:g} %:** {gap} short", goal=percents, gap=gap)
    return text(
        "**Goal of {goal:g} %:** {gap} short; enough if confirmed, each alone: {levers}",
        goal=percents,
        gap=gap,
        levers=closing,
    )


def _guard(guard: Guard | None, speaker: Speaker) -> Iterable[str]:
    if guard is not None:
        yield f"- {speaker.say(_watched(guard, speaker))}"


def _watched(guard: Guard, speaker: Speaker) -> Text:
    verdict, note = VERDICTS.get(guard.verdict, guard.verdict), speaker.prose(guard.note)
    if guard.before_ms is None:
        return text("**{metric} latency:** {verdict}. {note}", metric=guard.metric, verdict=verdict, note=note)
    if guard.after_ms is None:
        return text(
            "**{metric} latency:** {verdict}, now {now:,.0f} ms. {note}",
            metric=guard.metric,
            verdict=verdict,
            now=guard.before_ms,
            note=note,
        )
    return text(
        "**{metric} latency:** {verdict}, now {now:,.0f} ms, after {after:,.0f} ms. {note}",
        metric=guard.metric,
        verdict=verdict,
        now=guard.before_ms,
        after=guard.after_ms,
        note=note,
    )
