"""The report as Markdown, for a terminal and a page. Every text that is not ours goes through `escape`."""

from collections.abc import Iterable, Sequence

from workloads.combine import Combination
from workloads.escape import name, prose
from workloads.estimate import Bound, Estimate
from workloads.figures import money, percent, span, value
from workloads.markdown_log import log_section, prefixes_section, spend_section
from workloads.report import Report
from workloads.table import MOST_ROWS, table


def to_markdown(report: Report) -> str:
    """The whole report; sections without content are left out."""
    sections = (
        _head(report),
        log_section(report),
        spend_section(report),
        prefixes_section(report),
        _levers(report),
        _waterfall(report.combination),
        _plan(report),
        _grounds(report),
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
    sure = f"{money(found.total)} ({percent(found.share)}) can be saved" if found.waterfall else "no saving is certain"
    best = max((one.adds for one in found.candidates), default=None)
    return f"{spent}; {sure}" + (f", up to {money(best)} more if confirmed." if best else ".")


def _head(report: Report) -> Iterable[str]:
    yield f"# LLM cost report: {name(report.source.name)}"
    yield ""
    if report.source.synthetic:
        yield "**Synthetic log:** its requests were generated, not made.\n"
    if report.missing:
        yield f"**Incomplete:** failed: {prose(', '.join(report.missing))}.\n"
    if report.spend:
        yield (
            f"- **Spend:** {money(report.spend.total)} for {report.spend.priced_requests:,} requests in "
            f"{span(report.profile.span_seconds)} (prices: {prose(report.prices_used)})"
        )
    if report.combination:
        yield from _savings(report.combination, report.levers)
        yield from _goal(report.combination)


def _savings(found: Combination, levers: Sequence[Estimate]) -> Iterable[str]:
    if found.waterfall:
        basis = {one.name: one.basis.value for one in levers}
        how = ", ".join(f"{prose(drop.title.lower())} ({basis[drop.lever]})" for drop in found.waterfall)
        yield f"- **Can be saved:** {money(found.total)} ({percent(found.share)} of the spend): {how}"
    else:
        yield "- **Can be saved:** nothing that this log alone can promise"
    for one in found.candidates:
        more = f"{_limit(one.bound)} {money(one.adds)} more"
        yield f"- **If confirmed:** {more}: {prose(one.title.lower())} ({one.basis.value})"


def _limit(bound: Bound) -> str:
    return {Bound.UPPER: "up to", Bound.LOWER: "at least", Bound.ESTIMATE: "about"}[bound]


def _goal(found: Combination) -> Iterable[str]:
    if found.goal_percent is not None and found.gap is None:
        yield f"- **Goal of {found.goal_percent:g} %:** cannot be judged, nothing in the log has a price"
    elif found.gap is not None:
        closing = [prose(one.title.lower()) for one in found.candidates if one.closes]
        gap = f"{money(found.gap)} short" + (f"; alone enough if confirmed: {', '.join(closing)}" if closing else "")
        yield f"- **Goal of {found.goal_percent:g} %:** {'met' if found.goal_met else gap}"
    if found.guard:
        guard = found.guard
        times = "" if guard.before_ms is None else f", now {guard.before_ms:,.0f} ms"
        yield f"- **p95 latency:** {guard.verdict}{times}. {prose(guard.note)}"


def _levers(report: Report) -> Iterable[str]:
    if not report.levers:
        return
    yield "## Levers, each alone (they overlap: not to be added up)"
    yield ""
    yield from table(
        ("lever", "saving", "basis", "in the headline"),
        ((prose(one.title), _saving(one), one.basis.value, "yes" if one.headline else "no") for one in report.levers),
    )


def _saving(one: Estimate) -> str:
    if one.saving is None:
        return "unknown"
    return money(one.saving) if one.bound is Bound.ESTIMATE else f"{money(one.saving)} ({one.bound.value})"


def _waterfall(found: Combination | None) -> Iterable[str]:
    if not found or not found.waterfall:
        return
    yield "## One after the other"
    yield ""
    rows = [(prose(one.title), money(one.before), money(-one.saving), money(one.after)) for one in found.waterfall]
    yield from table(("lever", "before", "change", "after"), rows)


def _plan(report: Report) -> Iterable[str]:
    if not report.plan:
        return
    yield "## Plan"
    yield ""
    for number, item in enumerate(report.plan, start=1):
        kind = money(item.saving) if item.promised else f"{money(item.saving)} if confirmed"
        yield f"{number}. **{prose(item.step)}** ({kind})"
        yield f"   Effort: {prose(item.effort)}. Risk: {prose(item.risk)}. Undo: {prose(item.undo)}."


def _grounds(report: Report) -> Iterable[str]:
    if not report.levers:
        return
    yield "## What each figure rests on"
    for one in report.levers:
        basis = "" if one.saving is None else f", {one.basis.value}"
        yield f"\n### {prose(one.title)}: {_saving(one)}{basis}"
        yield ""
        yield from (f"- Assumed: {prose(text)}" for text in one.assumptions)
        yield from (f"- {prose(fact.label)}: {prose(value(fact.value, fact.unit))}" for fact in one.evidence)
        yield from (f"- Unknown: {prose(gap.what)} (would tell: {prose(gap.column)})" for gap in one.unknowns)
        if one.details:
            yield ""
            yield from _details(one)


def _details(one: Estimate) -> Iterable[str]:
    columns = list(one.details[0])
    rows = (tuple(_cell(column, line[column]) for column in columns) for line in one.details[:MOST_ROWS])
    yield from table(tuple(prose(column.replace("_", " ")) for column in columns), rows)


def _cell(column: str, found: object) -> str:
    unit = "USD" if column.endswith("_usd") else ""
    return name(found) if isinstance(found, str) else value(found, unit)  # type: ignore[arg-type]


def _unknowns(report: Report) -> Iterable[str]:
    if not report.unknowns:
        return
    yield "## Unknown, and what would tell"
    yield ""
    yield from table(("unknown", "column"), ((prose(one.what), prose(one.column)) for one in report.unknowns))


def _notes(report: Report) -> Iterable[str]:
    if not report.notes:
        return
    yield "## Notes"
    yield ""
    yield from (f"- {prose(note)}" for note in report.notes)
