"""The report as Markdown, for a terminal and a page. Every text that is not ours goes through `escape`."""

from collections.abc import Iterable

from netra.language.language import Language
from netra.language.text import Text, joined, text
from workloads.estimate import Bound
from workloads.figures import limited
from workloads.mapping import FIELDS
from workloads.markdown_head import head_section
from workloads.markdown_levers import grounds_section, levers_section, waterfall_section
from workloads.markdown_log import log_section, prefixes_section, spend_section
from workloads.plan import PlanItem
from workloads.report import Report
from workloads.speaker import Speaker
from workloads.table import table


def to_markdown(report: Report, language: Language) -> str:
    """The whole report; sections without content are left out."""
    speaker = Speaker(language)
    sections = (
        head_section(report, speaker),
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
    usd, basis = limited(item.saving, bound), speaker.basis(report.basis_of(item.lever))
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
