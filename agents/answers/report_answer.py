"""A report as an answer, for those who read answers only, such as `manage.py ask`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agents.answers.answer import Answer, AnswerData, AnswerKind, Figure, Table, TableColumn, to_plain
from agents.answers.formatting import format_figure
from agents.language.reading import load_turn
from agents.language.rules.spending.summaries import FIRST_LEVER
from core.i18n.text import Text, join_texts, text
from workloads.query.measures import Unit


def summarize_report(report: Mapping[str, Any], triage: Mapping[str, Any]) -> AnswerData:
    """Return the answer that a report's JSON (docs/report.md) gives to the question, with its goal and limits.

    `triage` is the step of the triage agent.
    """
    spend = _to_decimal(report["spend"]["total"])
    combination = report.get("combination") or {}
    saving = _to_decimal(combination.get("total"))
    goal = triage["goal_percent"]
    figures = [Figure(name="Spend", value=spend, unit=Unit.USD), Figure(name="Savings", value=saving, unit=Unit.USD)]
    sentences = [
        text(
            "Spend {spend}; confirmed savings {saving}. The report has the levers and what would confirm more.",
            spend=format_figure(spend, Unit.USD),
            saving=format_figure(saving, Unit.USD),
        )
    ]
    if goal:
        share = Decimal(str(goal)) / 100
        figures.append(Figure(name="Goal", value=share, unit=Unit.SHARE))
        sentences.append(text("Goal: {goal} less.", goal=f"{goal:g}%"))
    if (first := _find_first_step(report, triage)) is not None:
        figures.append(Figure(name="First step", value=_to_decimal(first["saving"]), unit=Unit.USD))
        sentences.insert(0, _say_first_step(first))
    sentences += _describe_limits(triage)
    answer = Answer(
        kind=AnswerKind.REPORT,
        text=join_texts(" ", sentences),
        figures=tuple(figures),
        tables=_list_levers(report),
    )
    return to_plain(str(report.get("ask") or ""), answer)


def _find_first_step(report: Mapping[str, Any], triage: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first step of the plan where the question is what to do first."""
    if load_turn(triage["turn"]).reading.topic != FIRST_LEVER:
        return None
    first: Mapping[str, Any] | None = next(iter(report.get("plan") or ()), None)
    return first


def _say_first_step(step: Mapping[str, Any]) -> Text:
    saving = format_figure(_to_decimal(step["saving"]), Unit.USD)
    if step["promised"]:
        return text("First: {step} It saves {saving}.", step=step["step"], saving=saving)
    return text("First: {step} It saves {saving}, if confirmed.", step=step["step"], saving=saving)


def _describe_limits(triage: Mapping[str, Any]) -> list[Text]:
    reading = load_turn(triage["turn"]).reading
    limits = []
    if reading.keep:
        limits.append(text("Left untouched: {names}.", names=", ".join(reading.keep)))
    if triage["guard"]:
        limits.append(text("Must not get worse: {guard}.", guard=_name_guard(triage["guard"])))
    return limits


def _name_guard(guard: str) -> str:
    return f"{guard} latency" if guard.startswith("p") else guard


def _list_levers(report: Mapping[str, Any]) -> tuple[Table, ...]:
    levers = [each for each in report.get("levers", ()) if (_to_decimal(each.get("saving")) or 0) > 0]
    if not levers:
        return ()
    rows = tuple((each["title"], _to_decimal(each["saving"]), str(each["basis"])) for each in levers)
    columns = (
        TableColumn(name=text("Lever")),
        TableColumn(name=text("Saving"), unit=Unit.USD),
        TableColumn(name=text("Basis")),
    )
    return (Table(title=text("Levers, each alone"), columns=columns, rows=rows),)


def _to_decimal(number: Any) -> Decimal | None:
    return None if number is None else Decimal(str(number))
