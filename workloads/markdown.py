"""The report as Markdown, for a terminal and a page. Every text that is not ours goes through `escape`."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import reduce
from types import MappingProxyType

from netra.language.language import Language
from netra.language.text import Figure, Text, counted, joined, text
from workloads.combine import Candidate, Combination, Drop, Guard
from workloads.estimate import Basis, Bound
from workloads.figures import limited, money, percent, span
from workloads.mapping import FIELDS
from workloads.markdown_levers import grounds_section, levers_section, waterfall_section
from workloads.markdown_log import log_section, prefixes_section, spend_section
from workloads.plan import PlanItem
from workloads.report import Report
from workloads.speaker import BASES, Speaker
from workloads.spend import Spend
from workloads.table import table

VERDICTS: Mapping[str, Text] = MappingProxyType(
    {"kept": text("kept"), "unverified": text("unverified"), "unknown": text("unknown")}
)
"""What becomes of latency, as `Guard` has it."""


def to_markdown(report: Report, language: Language) -> str:
    """The whole report; sections without content are left out."""
    speaker = Speaker(language)
    sections = (
        _head(report, speaker),
        log_section(report, speaker),
        spend_section(report, speaker),
        prefixes_section(report, speaker),
        levers_section(report, speaker),
        waterfall_section(report, speaker),
        _plan(report, speaker),
        grounds_section(report, speaker),
        _unknowns(report, speaker),
        _notes(report, speaker),
    )
    return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"


def headline(report: Report) -> Text:
    """What was spent and what can be saved, in one plain sentence without names from the log."""
    if report.spend is None:
        return counted(
            "{n:,} requests; what they cost could not be worked out.",
            "{n:,} requests; what they cost could not be worked out.",
            n=report.profile.rows,
        )
    if report.combination is None:
        return counted(
            "{spent} spent on {n:,} requests; no savings were worked out.",
            "{spent} spent on {n:,} requests; no savings were worked out.",
            n=report.spend.priced_requests,
            spent=money(report.spend.total),
        )
    return _spent_and_saved(report, report.spend, report.combination)


def _spent_and_saved(report: Report, spend: Spend, found: Combination) -> Text:
    n, spent = spend.priced_requests, money(spend.total)
    best = max((one.adds for one in found.candidates if one.adds > 0), default=None)
    bases = list(dict.fromkeys(BASES[_basis(report, drop.lever)] for drop in found.waterfall))
    if not bases:
        return _uncertain(n, spent, best)
    how = reduce(lambda one, other: text("{one} and {other}", one=one, other=other), bases)
    sure = {"spent": spent, "saved": money(found.total), "share": percent(found.share), "how": how}
    if best is None:
        return counted(
            "{spent} spent on {n:,} requests; {saved} ({share}) can be saved, {how}.",
            "{spent} spent on {n:,} requests; {saved} ({share}) can be saved, {how}.",
            n=n,
            **sure,
        )
    return counted(
        "{spent} spent on {n:,} requests; {saved} ({share}) can be saved, {how}; up to {more} more if confirmed.",
        "{spent} spent on {n:,} requests; {saved} ({share}) can be saved, {how}; up to {more} more if confirmed.",
        n=n,
        more=money(best),
        **sure,
    )


def _uncertain(n: int, spent: Figure, best: Decimal | None) -> Text:
    if best is None:
        return counted(
            "{spent} spent on {n:,} requests; no saving is certain.",
            "{spent} spent on {n:,} requests; no saving is certain.",
            n=n,
            spent=spent,
        )
    return counted(
        "{spent} spent on {n:,} requests; no saving is certain; up to {more} more if confirmed.",
        "{spent} spent on {n:,} requests; no saving is certain; up to {more} more if confirmed.",
        n=n,
        spent=spent,
        more=money(best),
    )


def _head(report: Report, speaker: Speaker) -> Iterable[str]:
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
            "**Spend:** {usd} for {n:,} requests (prices: {prices})",
            "**Spend:** {usd} for {n:,} requests (prices: {prices})",
            n=spend.priced_requests,
            **figures,
        )
        if seconds is None
        else counted(
            "**Spend:** {usd} for {n:,} requests in {span} (prices: {prices})",
            "**Spend:** {usd} for {n:,} requests in {span} (prices: {prices})",
            n=spend.priced_requests,
            span=span(seconds),
            **figures,
        )
    )
    yield f"- {speaker.say(words)}"
    if spend.unpriced_requests:
        without = counted(
            "**Not in it:** {n:,} requests without a price",
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
    basis = speaker.basis(_basis(report, drop.lever))
    words = text("{what} {usd} ({basis})", what=speaker.within(drop.title), usd=money(drop.saving), basis=basis)
    return speaker.say(words)


def _basis(report: Report, lever: str) -> Basis:
    return next(one.basis for one in report.levers if one.name == lever)


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


def _plan(report: Report, speaker: Speaker) -> Iterable[str]:
    if not report.plan:
        return
    yield f"## {speaker.say(text('Plan'))}"
    yield ""
    for number, item in enumerate(report.plan, start=1):
        yield f"{number}. **{speaker.prose(item.step)}** ({speaker.say(_saves(report, item, speaker))})"
        words = text(
            "Effort: {effort}. Risk: {risk}. Undo: {undo}.",
            effort=speaker.level(item.effort),
            risk=speaker.level(item.risk),
            undo=speaker.prose(item.undo),
        )
        yield f"   {speaker.say(words)}"


def _saves(report: Report, item: PlanItem, speaker: Speaker) -> Text:
    bound = next((one.bound for one in report.levers if one.name == item.lever), Bound.ESTIMATE)
    usd, basis = limited(item.saving, bound), speaker.basis(_basis(report, item.lever))
    if item.promised:
        return text("saves {usd}, {basis}", usd=usd, basis=basis)
    return text("saves {usd} if confirmed, {basis}", usd=usd, basis=basis)


def _unknowns(report: Report, speaker: Speaker) -> Iterable[str]:
    if not report.unknowns:
        return
    yield f"## {speaker.say(text('Unknown, and what would tell'))}"
    yield ""
    told: dict[str, list[str]] = {}
    for one in report.unknowns:
        told.setdefault(one.column, []).append(one.what)
    beyond = told.pop("", [])
    if told:
        rows = (
            (speaker.name(column), speaker.prose(FIELDS.get(column, "")), speaker.prose(joined("; ", what)))
            for column, what in told.items()
        )
        yield from table(speaker.head(text("bring"), text("which is"), text("to know")), rows)
    for what in beyond:
        yield f"\n{speaker.sentence(text('No column would tell the {what}', what=what))}"


def _notes(report: Report, speaker: Speaker) -> Iterable[str]:
    if not report.notes:
        return
    yield f"## {speaker.say(text('Notes'))}"
    yield ""
    yield from (f"- {speaker.sentence(note)}" for note in report.notes)
