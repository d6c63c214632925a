"""The wishes of a report as a sentence: its target, what stays as it is, and the guarded latency."""

from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind
from agents.answers.formatting import format_usd
from agents.language.reading import Reading
from core.i18n.text import FormattedNumber, Text, join_texts, text


def compose_report(reading: Reading) -> Answer:
    """Return what the report keeps to. The report itself is made by the team."""
    parts: list[Text] = []
    if reading.goal_percent is not None:
        parts.append(text("Target: {share} less.", share=_format_percent(reading.goal_percent)))
    if reading.goal_usd is not None:
        parts.append(text("Target: {amount} less.", amount=FormattedNumber(format_usd(reading.goal_usd))))
    if reading.keep:
        parts.append(text("Unchanged: {names}.", names=", ".join(reading.keep)))
    if reading.guard:
        parts.append(text("Guarded: {percentile} latency.", percentile=reading.guard))
    return Answer(kind=AnswerKind.REPORT, text=join_texts(" ", parts) if parts else text("Here is the report."))


def _format_percent(value: Decimal) -> FormattedNumber:
    digits = f"{value:f}"
    return FormattedNumber(f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}%")
