"""The report as Markdown, for a terminal and a page. Every text that is not ours goes through `escape`."""

from collections.abc import Iterable

from workloads.combine import Candidate, Combination, Drop
from workloads.escape import name, prose
from workloads.estimate import Bound
from workloads.figures import limited, money, percent, sentence, span
from workloads.mapping import FIELDS
from workloads.markdown_levers import grounds_section, levers_section, waterfall_section
from workloads.markdown_log import log_section, prefixes_section, spend_section
from workloads.report import Report
from workloads.table import table


def to_markdown(report: Report) -> str:
    """The whole report; sections without content are left out."""
    sections = (
        _head(report),
        log_section(report),
        spend_section(report),
        prefixes_section(report),
        levers_section(report),
        waterfall_section(report),
        _plan(report),
        grounds_section(report),
        _unknowns(report),
        _notes(report),
    )
    return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"


def headline(report: Report) -> str:
    """What was spent and what can be saved, in one plain sentence without names from the log."""
    if report.spend is None:
        return f"{report.profile.rows:,} requests; what they cost could not be worked out."
    spent = f"{money(report.spend.total)} spent on {report.spend.priced_requests:,} requests"
    if report.combination is None:
        return f"{spent}; no savings were worked out."
    found = report.combination
    bases = " and ".join(dict.fromkeys(_basis(report, drop.lever) for drop in found.waterfall))
    sure = f"{money(found.total)} ({percent(found.share)}) can be saved, {bases}" if bases else "no saving is certain"
    best = max((one.adds for one in found.candidates if one.adds > 0), default=None)
    return f"{spent}; {sure}" + (f"; up to {money(best)} more if confirmed." if best else ".")


def _head(report: Report) -> Iterable[str]:
    yield f"# LLM cost report: {name(report.source.name)}"
    yield ""
    if report.source.synthetic:
        yield "**Synthetic log:** its requests were generated, not made.\n"
    if report.missing:
        yield f"**Incomplete:** failed: {prose(', '.join(report.missing))}.\n"
        yield from (f"- {prose(f'{part}: {why}')}" for part, why in report.because.items())
        yield ""
    if report.spend:
        seconds = report.profile.span_seconds
        yield (
            f"- **Spend:** {money(report.spend.total)} for {report.spend.priced_requests:,} requests"
            f"{'' if seconds is None else f' in {span(seconds)}'} (prices: {prose(report.prices_used)})"
        )
        if report.spend.unpriced_requests:
            yield f"- **Not in it:** {report.spend.unpriced_requests:,} requests without a price"
    if report.combination:
        yield from _savings(report, report.combination)
        yield from _goal(report.combination)
        yield from _guard(report.combination)


def _savings(report: Report, found: Combination) -> Iterable[str]:
    if found.waterfall:
        how = ", ".join(_part(report, drop) for drop in found.waterfall)
        yield f"- **Can be saved:** {money(found.total)} ({percent(found.share)} of the spend): {how}"
    else:
        yield "- **Can be saved:** nothing that this log alone can promise"
    more = [one for one in found.candidates if one.adds > 0]
    yield from (_possible(one) for one in more)
    if len(more) > 1:
        yield "- What needs confirming overlaps: each is given alone, and they are not to be added up"


def _part(report: Report, drop: Drop) -> str:
    return f"{prose(drop.title.lower())} {money(drop.saving)} ({_basis(report, drop.lever)})"


def _basis(report: Report, lever: str) -> str:
    return next(one.basis.value for one in report.levers if one.name == lever)


def _possible(one: Candidate) -> str:
    return f"- **If confirmed:** {limited(one.adds, one.bound)} more: {prose(one.title.lower())} ({one.basis.value})"


def _goal(found: Combination) -> Iterable[str]:
    if found.goal_percent is None:
        return
    goal = f"- **Goal of {found.goal_percent:g} %:**"
    if found.gap is None:
        yield f"{goal} cannot be judged, nothing in the log has a price"
    elif found.goal_met:
        yield f"{goal} met"
    else:
        closing = ", ".join(prose(one.title.lower()) for one in found.candidates if one.closes)
        yield f"{goal} {money(found.gap)} short" + (f"; enough if confirmed, each alone: {closing}" if closing else "")


def _guard(found: Combination) -> Iterable[str]:
    guard = found.guard
    if guard is None:
        return
    times = [
        f"{label} {ms:,.0f} ms" for label, ms in (("now", guard.before_ms), ("after", guard.after_ms)) if ms is not None
    ]
    yield f"- **{guard.metric} latency:** {', '.join((guard.verdict, *times))}. {prose(guard.note)}"


def _plan(report: Report) -> Iterable[str]:
    if not report.plan:
        return
    yield "## Plan"
    yield ""
    bounds = {one.name: one.bound for one in report.levers}
    for number, item in enumerate(report.plan, start=1):
        bound = bounds.get(item.lever, Bound.ESTIMATE)
        kind = f"saves {limited(item.saving, bound)}{'' if item.promised else ' if confirmed'}"
        yield f"{number}. **{prose(item.step)}** ({kind}, {_basis(report, item.lever)})"
        yield f"   Effort: {prose(item.effort)}. Risk: {prose(item.risk)}. Undo: {prose(item.undo)}."


def _unknowns(report: Report) -> Iterable[str]:
    if not report.unknowns:
        return
    yield "## Unknown, and what would tell"
    yield ""
    told: dict[str, list[str]] = {}
    for one in report.unknowns:
        told.setdefault(one.column, []).append(one.what)
    beyond = told.pop("", [])
    if told:
        rows = ((name(column), prose(FIELDS.get(column, "")), prose("; ".join(what))) for column, what in told.items())
        yield from table(("bring", "which is", "to know"), rows)
    yield from (f"\nNo column would tell the {prose(sentence(what))}" for what in beyond)


def _notes(report: Report) -> Iterable[str]:
    if not report.notes:
        return
    yield "## Notes"
    yield ""
    yield from (f"- {prose(sentence(note))}" for note in report.notes)
