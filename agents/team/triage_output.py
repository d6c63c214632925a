"""The result of triage: what a question asks for, whether the log has enough data, and the agents that follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from agents.answers.answer import AnswerKind
from agents.answers.two_logs import OtherLog
from agents.framework.deps import AgentResult
from agents.language.reading import QuestionKind, Reading, Turn, dump_turn
from agents.models import ANALYST_AGENT
from agents.team.intent import (
    AskCategory,
    AskClassification,
)
from core.i18n.text import Text, join_texts, plural_text, text, verbatim_text
from tools.builtin.inspect_workload import WorkloadInspection
from workloads.report.escaping import escape_name

Sufficiency = Literal["sufficient", "partial", "insufficient"]


EMPTY_TEXT = verbatim_text("")
MIN_PRICED_SHARE = 0.5  # of all tokens; below it, a report would cover too little of the log


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageOutput:
    """`route` names the agents that follow, in order. `guidance` (Markdown) says why a report can't be written.

    `kind` is what the question asks for (agents.answers.answer.AnswerKind), `turn` how it was read
    (agents.language.reading). `other_log` is compared with the run's log.
    """

    category: AskCategory
    intent: str
    goal_percent: float | None
    guard: str | None
    sufficiency: Sufficiency
    missing: Mapping[str, Text]
    route: tuple[str, ...]
    guidance: Text
    kind: str = AnswerKind.REPORT
    turn: Any = None
    other_log: OtherLog | None = None


KIND_NAMES: Mapping[AnswerKind, Text] = MappingProxyType(
    {
        AnswerKind.ANSWER: text("A question about the log."),
        AnswerKind.CLARIFY: text("The question can mean several things."),
        AnswerKind.CANNOT: text("The log can't answer this."),
        AnswerKind.TALK: text("Not a question about the log."),
        AnswerKind.OPERATE: text("A request to do something."),
    }
)


def get_answer_kind(reading: Reading) -> AnswerKind:
    kinds = {
        QuestionKind.REPORT: AnswerKind.REPORT,
        QuestionKind.CLARIFY: AnswerKind.CLARIFY,
        QuestionKind.CANNOT: AnswerKind.CANNOT,
        QuestionKind.TALK: AnswerKind.TALK,
    }
    return kinds.get(reading.kind, AnswerKind.ANSWER)


def pass_to_analyst(reading: Reading, problem: Text, other: OtherLog | None) -> AgentResult[TriageOutput]:
    kind = get_answer_kind(reading)
    if problem and kind is not AnswerKind.TALK:
        kind = AnswerKind.CANNOT
    output = TriageOutput(
        category="usage",
        intent="",
        goal_percent=None,
        guard=None,
        sufficiency="insufficient" if problem else "sufficient",
        missing={},
        route=(ANALYST_AGENT,),
        guidance=_describe_problem(problem) if kind is AnswerKind.CANNOT and problem else EMPTY_TEXT,
        kind=kind.value,
        turn=dump_turn(Turn(reading=reading)),
        other_log=other,
    )
    return AgentResult(output=output, summary=KIND_NAMES[kind], messages=[])


def pass_wish(answer: Text) -> AgentResult[TriageOutput]:
    """Pass on what was done, or where to do it, for the analyst to say."""
    output = TriageOutput(
        category="usage",
        intent="",
        goal_percent=None,
        guard=None,
        sufficiency="sufficient",
        missing={},
        route=(ANALYST_AGENT,),
        guidance=answer,
        kind=AnswerKind.OPERATE.value,
        turn=dump_turn(Turn(reading=Reading(kind=QuestionKind.TALK, topic="ok"))),
    )
    return AgentResult(output=output, summary=KIND_NAMES[AnswerKind.OPERATE], messages=[])


def assess_ask(
    verdict: AskClassification, inspection: WorkloadInspection | None, problem: Text, order: tuple[str, ...]
) -> TriageOutput:
    """Combine the classification with the log's contents: can a report be written, and by which agents?

    If it can't, the analyst says why.
    """
    sufficiency = _assess_sufficiency(inspection)
    can_report = sufficiency != "insufficient"
    return TriageOutput(
        **verdict.model_dump(),
        sufficiency=sufficiency,
        missing=dict(inspection.missing) if inspection else {},
        route=order if can_report else (ANALYST_AGENT,),
        guidance=EMPTY_TEXT if can_report else _build_guidance(inspection, problem),
        kind=(AnswerKind.REPORT if can_report else AnswerKind.CANNOT).value,
    )


def _assess_sufficiency(inspection: WorkloadInspection | None) -> Sufficiency:
    if inspection is None or inspection.rows == 0 or inspection.priced_share < MIN_PRICED_SHARE:
        return "insufficient"
    return "partial" if inspection.missing or inspection.unpriced_models else "sufficient"


def _describe_problem(problem: Text) -> Text:
    return text(
        "{problem}\n\nUpload a log to get started. docs/formats.md lists the supported formats.\n", problem=problem
    )


def _build_guidance(inspection: WorkloadInspection | None, problem: Text) -> Text:
    if inspection is None:
        return _describe_problem(problem)
    price = text("Choose the model, or enter your own prices in USD per million tokens, then ask again.")
    missing_columns = join_texts(
        "\n", (join_texts("", (f"- `{field}`: ", use)) for field, use in inspection.missing.items())
    )
    more = text("Adding these columns would improve the report:")
    return join_texts("", (join_texts("\n\n", (_describe_unpriced(inspection), price, more, missing_columns)), "\n"))


def _describe_unpriced(inspection: WorkloadInspection) -> Text:
    if inspection.priced_share == 0 and inspection.unpriced_models == (None,):
        return plural_text(
            "The log has {n:,} request but doesn't name its model, so no report was written: its cost is unknown.",
            "The log has {n:,} requests but doesn't name their model, so no report was written: their cost is unknown.",
            n=inspection.rows,
        )
    return plural_text(
        "The log has {n:,} request, but {share:.0%} of its tokens have no known price (models: {models}), so no "
        "report was written.",
        "The log has {n:,} requests, but {share:.0%} of its tokens have no known price (models: {models}), so no "
        "report was written.",
        n=inspection.rows,
        share=1 - inspection.priced_share,
        models=join_texts(", ", (escape_name(model) for model in inspection.unpriced_models[:10])),
    )
