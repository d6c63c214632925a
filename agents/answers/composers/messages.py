"""Answers in words only: small talk, what no usage log or not this log can answer, and the wishes of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_usd
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from agents.language.rules.period_pairs import label_period
from agents.language.times.calendar import TimeSpan
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.dimensions import UNPRICED, get_dimension
from workloads.query.measure import MissingMeasure
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Operator, Query

CANNOT_TEXTS: Mapping[str, Text] = {
    "quality": text(
        "A usage log doesn't show how good the answers were, so users' judgement or an evaluation "
        "on test questions is needed. It does show cost, latency and errors."
    ),
    "content": text("The log holds no prompts or answers, only their size, so I can't tell what is in the content."),
    "revenue": text("The log shows what customers cost, not what they pay. Compare it with your revenue."),
    "invoice": text(
        "The log shows usage at list prices, not what was billed. Upload the provider's invoice or "
        "cost export to compare."
    ),
    "sessions": text("The log doesn't say how a session ended, or has no sessions at all."),
    "countries": text("The log doesn't say which country users come from."),
    "future_price": text("Nobody knows future prices. The price list has today's."),
    "alert": text("I can't set alerts or budgets here. An operator can set a budget in the administration."),
    "send": text("I can't send mail or run on a schedule. You can download the report and its tables."),
    "energy": text("The log doesn't show energy use, and providers don't publish it per request."),
    "competitors": text("This log has only your own data, nothing of other companies."),
    "retries": text("The log doesn't mark retries. It shows failed requests, and what they cost."),
    "cancelled": text("The log doesn't mark requests that were cancelled. It may show which ones failed."),
    "reach": text("I can forecast the spend of a period, but not the day on which an amount is reached."),
    "currency": text("All figures are in US dollars (USD). I have no exchange rate."),
    "delete": text("I can't delete logs in chat. Delete a log in the list of logs, in its menu."),
}
"""Why a question about a topic cannot be answered, and what would help."""

OPERATE_TEXTS: Mapping[str, Text] = {
    "export": text("Use the “CSV” button under a table, or export the whole conversation from its menu."),
    "prices": text(
        "You can enter your own prices under “Your prices”, beside the selected log. They override the list."
    ),
}
"""Where to do what can't be done by asking."""

TALK_TEXTS: Mapping[str, Text] = {
    "method": text(
        "Spend is the number of tokens × the list price of the model, for each kind of token, plus fees. "
        "“Show how” under an answer has the formula, the SQL and the requests behind a figure."
    ),
    "token": text(
        "A token is the unit that models read and write: about four characters of English. "
        "Providers charge for input, cached input and output tokens at different prices."
    ),
    "hello": text("Hello! Ask me about your log: what it costs, who spends it, why it changed, or how to save."),
    "thanks": text("You're welcome. Ask me anything else about your log."),
    "ok": text("Good. What would you like to know next?"),
    "help": text(
        "I answer questions about your usage log: spend, requests, tokens, latency and errors, by "
        "model, feature, team, customer or time; comparisons, causes, forecasts, what-ifs, and a "
        "full savings report."
    ),
    "who": text(
        "I'm Netra. I analyse usage logs. Every figure is computed from your log; if a language "
        "model is used, the page says which one."
    ),
    "upload": text("Choose “Upload a log” above the question, or drop a file on the page."),
    "plan": text(
        "“What to do, in order” in the report has the steps of each change, its effort and its risk, and how to undo "
        "it. Open the report above to see it."
    ),
    "evaluation": text(
        "Try it first: a usage log doesn't show how good another model's answers are. Send it a sample of your "
        "prompts, compare the answers, then move a small part of the requests. The savings report has the steps."
    ),
    "trial": text(
        "Try it on a small part of the requests first, and compare cost, latency and errors of the weeks before and "
        "after. The savings report has the steps, the risk of each change and how to undo it."
    ),
    "off_topic": text(
        "That's not something a usage log can tell. I can answer questions about its spend, "
        "requests, tokens, latency and errors."
    ),
}

CONTENTS: Mapping[str, Text] = MappingProxyType(
    {
        "latency_ms": text("the latency of each request"),
        "first_token_ms": text("the time to the first token of each request"),
        "request_id": text("a row for each request"),
        "time": text("the time of each request"),
        "status": text("the status of each request"),
        "user": text("the user of each request"),
        "model": text("the names of models with a known price"),
    }
)
"""What a log must hold, by field (docs/formats.md); other fields are named as they are."""


def compose_all_priced(query: Query) -> Answer:
    """Return that there is no request without a price."""
    rest = describe_scope(replace(query, where=tuple(each for each in query.where if UNPRICED not in each.values)))
    none = Figure(name=str(text("Requests without a price")), value=0, unit=Unit.REQUESTS)
    sentence = join_texts(" ", (text("None: every request has a price."), rest))
    return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=(none,))


def asks_for_free(query: Query) -> bool:
    """Whether groups are asked for that cost nothing: "which models are free?"."""
    first = query.having[0] if query.having else None
    return first is not None and first.measure == "spend" and first.operator is Operator.AT_MOST and not first.value


def compose_none_free(query: Query) -> Answer:
    many = get_dimension(query.by[0]).many
    none = Figure(name=str(text("{many} that cost nothing", many=many)), value=0, unit=Unit.COUNT)
    return Answer(kind=AnswerKind.ANSWER, text=text("{many} that cost nothing: none.", many=many), figures=(none,))


def compose_outside(query: Query, known: KnownLogs | None) -> Answer | None:
    """Return which days the log has if a time outside of them is asked about."""
    if known is None or not known.extent.is_dated or query.period.start is None or query.period.end is None:
        return None
    first, last = known.extent.first, known.extent.last
    start, end = query.period.start.date(), query.period.end.date()
    if start <= last and end > first:
        return None
    period = label_period(TimeSpan(first=0, last=0, start=start, end=end))
    sentence = text(
        "The log covers {first} to {last}, so it has nothing of {period}.",
        first=first.isoformat(),
        last=last.isoformat(),
        period=period,
    )
    return Answer(kind=AnswerKind.CANNOT, text=sentence)


def compose_missing(missing: Sequence[MissingMeasure]) -> Answer:
    reasons = list(dict.fromkeys(each.why for each in missing))
    fields = list(dict.fromkeys(each.field for each in missing))
    titles = join_texts(", ", [MEASURES[each.measure].title for each in missing])
    sentence = text(
        "{titles}: unknown. {why} A log with {contents} would show it.",
        titles=titles,
        why=join_texts(" ", reasons),
        contents=join_texts(", ", [CONTENTS.get(field, text("{field}", field=field)) for field in fields]),
    )
    return Answer(kind=AnswerKind.CANNOT, text=sentence)


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
