"""Compose the answer to a question from the results of the tools that were called for it (agents.answers.calls), with
the computations behind it: the formula, the SQL, and the requests behind each figure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agents.answers.answer import Answer, AnswerKind, Choice
from agents.answers.calls import list_calls
from agents.answers.composers.changes import compose_change
from agents.answers.composers.comparisons import compose_comparison
from agents.answers.composers.figures import compose_measure, compose_part
from agents.answers.composers.listings import compose_anomalies, compose_left_out, compose_period, compose_requests
from agents.answers.composers.messages import CANNOT_TEXTS, OPERATE_TEXTS, TALK_TEXTS, compose_report
from agents.answers.composers.outlook import compose_forecast, compose_replacement, compose_what_if, scale_forecast
from agents.answers.composers.spending.columns import compose_columns
from agents.answers.composers.spending.registry import COMPOSERS, compose_topic
from agents.answers.computations import show_computation
from agents.answers.follow_ups import describe_reading, note_unread, suggest_questions
from agents.answers.joining import join_questions
from agents.answers.money_results import compose_money, list_needed
from agents.answers.period_notes import list_partial_notes, list_zone_notes
from agents.answers.spoken_asks import speak_asks
from agents.answers.verdicts import UNDECIDED, decide
from agents.language.questions import KnownLogs
from agents.language.reading import DiscountBasis, QuestionKind, Reading
from agents.language.rules.details.events import STATED
from agents.language.rules.lately import LATELY
from agents.language.rules.spending.summaries import COLUMNS
from agents.language.steps.members import get_main
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.anomalies import Anomalies
from workloads.query.change.sides import Change
from workloads.query.forecast import Forecast
from workloads.query.measures import Unit
from workloads.query.requests import RequestList
from workloads.query.result import QueryResult
from workloads.query.values import LogDescription
from workloads.query.what_if import WhatIfResult


def compose_answer(reading: Reading, results: Sequence[object], known: KnownLogs | None = None) -> Answer:
    """Return the answer, given one result for each of `list_calls(reading)`, in order.

    A result is what the tool returned, or the Text of its refusal. With the logs' names (`known`), what was understood
    can be changed with a click. Raises TypeError for results that don't belong to the calls.
    """
    left = iter(results)
    answers = [_compose_one(each, left, known) for each in iter_questions(reading)]
    answer = answers[0] if len(answers) == 1 else join_questions(reading, answers)
    main = get_main(reading)
    if answer.kind is AnswerKind.ANSWER:
        unread = dict.fromkeys(word for each in iter_questions(reading) for word in each.unread)
        main = replace(main, unread=tuple(unread))
        periods = (*_note_periods(reading), *_note_partial(reading, known), *list_zone_notes(reading, known))
        prices = _note_prices(reading, answer, known)
        notes = tuple(dict.fromkeys((*note_unread(main), *answer.notes, *periods, *prices)))
        answer = replace(answer, understood=describe_reading(main, known), notes=notes)
    if known is not None and known.has_sums:
        answer = replace(answer, shown=tuple(replace(each, rows=False) for each in answer.shown))
    own = answer.suggestions if known is None or known.has_prices else ()
    answer = replace(answer, suggestions=own or suggest_questions(main, answer, known))
    return speak_asks(answer, reading.language)


def _note_periods(reading: Reading) -> tuple[Text, ...]:
    """Return the note on the periods of a change for which the question names none."""
    if reading.topic != LATELY or len(reading.parts) < 2:
        return ()
    first, second = reading.parts[0].label, reading.parts[1].label
    return (text("You named no periods, so {second} is compared with {first}.", first=first, second=second),)


def _note_partial(reading: Reading, known: KnownLogs | None) -> Iterator[Text]:
    for each in iter_questions(reading):
        yield from list_partial_notes(each, known)


def _note_prices(reading: Reading, answer: Answer, known: KnownLogs | None) -> Iterator[Text]:
    """Yield the notes on the date of the price list and on the discount under an answer about money."""
    units = (
        *(each.unit for each in answer.figures),
        *(column.unit for table in answer.tables for column in table.columns),
    )
    if known is None or not any(unit.startswith(Unit.USD) for unit in units):
        return
    if known.list_date:
        yield text("Prices: the list as of {date}.", date=known.list_date)
    if len(known.discounts) == 1:
        percent = FormattedNumber(f"{known.discounts[0].normalize():f}%")
        yield text("Your discount of {percent} is taken off.", percent=percent)
    elif known.discounts:
        yield text("Your discounts are taken off.")
    elif reading.basis is DiscountBasis.GROSS:
        yield text("I don't know of any discount, so nothing is taken off.")


def iter_questions(reading: Reading) -> Iterator[Reading]:
    """Yield the reading without further questions, then those."""
    yield replace(reading, rest=()) if reading.rest else reading
    for each in reading.rest:
        yield from iter_questions(each)


def _compose_one(reading: Reading, results: Iterator[object], known: KnownLogs | None) -> Answer:
    own = [_suppose(reading, next(results)) for _ in list_calls(reading)]
    refusal = next((result for result in list_needed(reading, own) if isinstance(result, Text)), None)
    if refusal is not None:
        return Answer(kind=AnswerKind.CANNOT, text=refusal)
    if not own:
        return _compose_message(reading)
    composed = compose_topic(reading, own, known) or _compose_results(reading, own, known)
    answer = _add_verdict(composed, reading, own, known)
    is_computed = answer.kind is AnswerKind.ANSWER
    return replace(answer, shown=show_computation(reading, own, answer)) if is_computed else answer


def _suppose(reading: Reading, result: object) -> object:
    return scale_forecast(result, reading.supposition) if isinstance(result, Forecast) else result


def _add_verdict(answer: Answer, reading: Reading, results: Sequence[object], known: KnownLogs | None) -> Answer:
    """Return the answer with its yes or no first, or with a note that the question is not answered by one."""
    if not reading.whether or answer.kind is not AnswerKind.ANSWER or reading.topic in (STATED, *COMPOSERS):
        return answer
    verdict = decide(reading, results, known)
    if verdict is None:
        is_open = reading.kind is QuestionKind.MEASURE and not (
            reading.is_ratio or reading.focus or reading.premise or reading.topic
        )
        return replace(answer, notes=(*answer.notes, UNDECIDED)) if is_open else answer
    said = join_texts(" ", (verdict.said, answer.text))
    return replace(answer, text=said, figures=(*answer.figures, *verdict.figures))


def _compose_results(reading: Reading, results: Sequence[object], known: KnownLogs | None) -> Answer:
    match reading.kind, results:
        case QuestionKind.MEASURE, [QueryResult() as result]:
            return compose_measure(reading, result, known)
        case QuestionKind.COMPARE, [QueryResult() as part, QueryResult() as whole, *_]:
            if reading.is_ratio:
                return compose_part(reading, part, whole)
            return compose_comparison(reading, [each for each in results if isinstance(each, QueryResult)])
        case QuestionKind.EXPLAIN, [Change() as change]:
            return compose_change(reading, change, reading.parts)
        case QuestionKind.FORECAST, [Forecast() as forecast]:
            return compose_forecast(reading, forecast)
        case _:
            return compose_money(reading, results, known) or _compose_other_results(reading, results)


def _compose_other_results(reading: Reading, results: Sequence[object]) -> Answer:
    match reading.kind, results:
        case QuestionKind.REQUESTS, [RequestList() as found]:
            return compose_requests(reading, found)
        case QuestionKind.WHAT_IF, [WhatIfResult() as result]:
            return compose_what_if(reading, result)
        case QuestionKind.WHAT_IF, [QueryResult() as before, QueryResult() as after, QueryResult() as whole]:
            return compose_replacement(reading, before, after, whole)
        case QuestionKind.ANOMALIES, [Anomalies() as anomalies]:
            return compose_anomalies(reading, anomalies)
        case QuestionKind.PERIOD, [LogDescription() as description]:
            return compose_columns(description) if reading.topic == COLUMNS else compose_period(description)
        case QuestionKind.REPEATS, [LogDescription() as description]:
            return compose_left_out(reading, description)
    raise TypeError(f"no answer to {reading.kind} from {[type(each).__name__ for each in results]}")


def _compose_message(reading: Reading) -> Answer:
    """Return an answer without figures."""
    match reading.kind:
        case QuestionKind.TALK:
            return Answer(kind=AnswerKind.TALK, text=TALK_TEXTS[reading.topic])
        case QuestionKind.OPERATE:
            return Answer(kind=AnswerKind.TALK, text=OPERATE_TEXTS[reading.topic])
        case QuestionKind.CANNOT:
            sentence = reading.message or CANNOT_TEXTS[reading.topic]
            return Answer(kind=AnswerKind.CANNOT, text=sentence, suggestions=reading.choices)
        case QuestionKind.CLARIFY if reading.message is not None:
            choices = tuple(Choice(label=each, ask=each) for each in reading.choices)
            return Answer(kind=AnswerKind.CLARIFY, text=reading.message, choices=choices)
        case QuestionKind.REPORT:
            return compose_report(reading)
    message = text("I'm not sure what you would like to know. Name a figure, such as spend, requests or latency.")
    return Answer(kind=AnswerKind.CLARIFY, text=message)
