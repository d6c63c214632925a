"""The report's part about savings: each lever alone, all one after the other, and what every figure rests on."""

from collections.abc import Iterable

from netra.language.text import Text, text
from workloads.estimate import Estimate, Evidence, Unknown
from workloads.figures import PLURALS, limited, money, value
from workloads.report import Report
from workloads.speaker import Speaker
from workloads.table import MOST_ROWS, table

NAMES = ("model", "smaller_model", "feature")
"""Columns of details that hold names from the log or the price list."""


def levers_section(report: Report, speaker: Speaker) -> Iterable[str]:
    if not report.levers:
        return
    yield f"## {speaker.say(text('Savings, each lever alone'))}"
    yield ""
    yield speaker.say(
        text(
            "Over the log's own span, nothing is extrapolated. Levers overlap: these figures are not to be added up. "
            "*Observed* is arithmetic on the log; *modelled* is a replay or a formula, on the assumptions listed "
            "below; *needs evaluation* means that a log cannot tell, so it is in no total."
        )
    )
    yield ""
    promised = {drop.lever for drop in report.combination.waterfall} if report.combination else set()
    yes, no = speaker.head(text("yes"), text("no"))
    yield from table(
        speaker.head(text("lever"), text("saves"), text("basis"), text("in “can be saved”")),
        (
            (
                speaker.prose(one.title),
                speaker.say(_saves(one, speaker)),
                speaker.basis(one.basis),
                yes if one.name in promised else no,
            )
            for one in report.levers
        ),
    )


def _saves(one: Estimate, speaker: Speaker) -> Text:
    columns = dict.fromkeys(gap.column for gap in one.unknowns if gap.column)
    if one.saving is None and columns:
        return text("unknown, needs {columns}", columns=", ".join(speaker.name(each) for each in columns))
    return _saved(one)


def _saved(one: Estimate) -> Text:
    if one.saving is None:
        return text("unknown")
    if not one.saving:
        return text("nothing to save")
    if one.saving < 0:
        return text("would cost {usd} more", usd=money(-one.saving))
    return limited(one.saving, one.bound)


def waterfall_section(report: Report, speaker: Speaker) -> Iterable[str]:
    found = report.combination
    if not found or not found.waterfall:
        return
    yield f"## {speaker.say(text('Savings, one lever after the other'))}"
    yield ""
    yield speaker.say(text("Each line counts only what the lines above it leave."))
    yield ""
    basis = {one.name: one.basis for one in report.levers}
    yield from table(
        speaker.head(text("lever"), text("spend before"), text("change"), text("spend after"), text("basis")),
        (
            (
                speaker.prose(one.title),
                *(speaker.say(money(usd)) for usd in (one.before, -one.saving, one.after)),
                speaker.basis(basis[one.lever]),
            )
            for one in found.waterfall
        ),
    )


def grounds_section(report: Report, speaker: Speaker) -> Iterable[str]:
    if not report.levers:
        return
    yield f"## {speaker.say(text('What each figure rests on'))}"
    for one in report.levers:
        yield f"\n### {speaker.say(_found(one, speaker))}"
        yield ""
        yield from (f"- {speaker.say(each)}" for each in _grounds(one, speaker))
        if one.details:
            yield ""
            yield from _details(one, speaker)


def _found(one: Estimate, speaker: Speaker) -> Text:
    title = speaker.prose(one.title)
    if one.saving is None:
        return text("{lever}: {saving}", lever=title, saving=_saved(one))
    return text("{lever}: {saving} ({basis})", lever=title, saving=_saved(one), basis=speaker.basis(one.basis))


def _grounds(one: Estimate, speaker: Speaker) -> Iterable[Text]:
    yield text("Computed as: {formula}", formula=speaker.sentence(one.formula))
    yield from (text("Assumed: {assumption}", assumption=speaker.sentence(each)) for each in one.assumptions)
    yield from (text("Found: {fact}", fact=_fact(fact, speaker)) for fact in one.evidence)
    yield from (text("Unknown: {what}", what=speaker.say(_gap(gap, speaker))) for gap in one.unknowns)


def _fact(fact: Evidence, speaker: Speaker) -> str:
    named = fact.unit in PLURALS and fact.unit in fact.label.split()
    found = value(fact.value, "" if named else fact.unit)
    return speaker.say(text("{label}: {found}.", label=speaker.prose(fact.label), found=speaker.prose(found)))


def _gap(gap: Unknown, speaker: Speaker) -> Text:
    what = speaker.prose(gap.what)
    if not gap.column:
        return text("{words}.", words=what)
    return text("{what}; {column} would tell.", what=what, column=speaker.name(gap.column))


def _details(one: Estimate, speaker: Speaker) -> Iterable[str]:
    columns = list(one.details[0])
    yield from table(
        tuple(speaker.prose(one.headings.get(each) or each.removesuffix("_usd").replace("_", " ")) for each in columns),
        (tuple(_cell(each, line[each], speaker) for each in columns) for line in one.details[:MOST_ROWS]),
    )


def _cell(column: str, found: object, speaker: Speaker) -> str:
    if isinstance(found, str):
        return speaker.name(found) if column in NAMES else speaker.prose(found)
    return speaker.say(value(found, "USD" if column.endswith("_usd") else ""))  # type: ignore[arg-type]
