"""How far the figures of a log can be trusted: its prices, what has none, rows that were left out, and the checks."""

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.formatting import format_figure
from core.i18n.text import Text, join_texts, plural_text, text
from tools.builtin.inspect_workload import WorkloadInspection
from workloads.query.measures import Unit
from workloads.query.result import QueryResult, to_decimal
from workloads.query.values import LogDescription

MAX_NAMED = 5
SUGGESTIONS = ("Which models have no price?", "Does the spend in the log match your figure?", "Spend by model")


def compose_trust(log: LogDescription, inspection: WorkloadInspection, stated: QueryResult) -> Answer:
    figures = [
        Figure(name="Rows", value=inspection.rows, unit=Unit.COUNT),
        Figure(name="Rows left out", value=inspection.rejected_rows, unit=Unit.COUNT),
        Figure(name="Tokens with a price", value=inspection.priced_share, unit=Unit.SHARE),
    ]
    said = [_state_prices(log, inspection), *_state_unpriced(inspection), _state_rows(inspection)]
    said += _compare_stated(stated, figures)
    failed = [text("Checks found: {findings}", findings=join_texts(" ", inspection.failed_checks))]
    said += failed if inspection.failed_checks else [text("The checks found nothing that doesn't add up.")]
    limits = text(
        "Tokens, requests and times are counted from the log. Savings and forecasts are estimates, and say so."
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", said),
        figures=tuple(figures),
        notes=(limits,),
        suggestions=SUGGESTIONS,
    )


def _state_prices(log: LogDescription, inspection: WorkloadInspection) -> Text:
    share = format_figure(inspection.priced_share, Unit.SHARE)
    if not log.list_date:
        return text("Spend is tokens × price. {share} of the tokens have a known price.", share=share)
    return text(
        "Spend is tokens × list price, from the price list of {date}. {share} of the tokens have a price.",
        date=log.list_date,
        share=share,
    )


def _state_unpriced(inspection: WorkloadInspection) -> list[Text]:
    names = [name or "?" for name in inspection.unpriced_models[:MAX_NAMED]]
    return [text("Without a price: {models}.", models=", ".join(names))] if names else []


def _state_rows(inspection: WorkloadInspection) -> Text:
    if not inspection.rejected_rows:
        return plural_text(
            "{n:,} row was read, none was left out.", "{n:,} rows were read, none was left out.", n=inspection.rows
        )
    return text("Rows read: {rows:,}; left out: {n:,}.", n=inspection.rejected_rows, rows=inspection.rows)


def _compare_stated(stated: QueryResult, figures: list[Figure]) -> list[Text]:
    """Return the log's own cost beside the computed one, where it states any."""
    if len(stated.total) < 2 or stated.total[0] is None:
        return [text("The log states no cost of its own to compare with.")]
    theirs, ours = (to_decimal(value) for value in stated.total[:2])
    figures += [
        Figure(name="Spend stated by the log", value=theirs, unit=Unit.USD),
        Figure(name="Computed spend", value=ours, unit=Unit.USD),
    ]
    a, b = (format_figure(value, Unit.USD) for value in (theirs, ours))
    return [text("The log itself states {theirs}; tokens × price gives {ours}.", theirs=a, ours=b)]
