"""Answers about what one request's cost is made of: "what was the most expensive call, and why?"."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure
from agents.language.named_measures import KIND_SPEND
from agents.language.reading import Reading
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.query.measures import MEASURES, Unit
from workloads.query.request_parts import PARTS, RequestPart, RequestParts

COLUMNS_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "output_tokens": frozenset({"output"}),
        "cached_tokens": frozenset({"cache_read"}),
        "input_tokens": frozenset({"fresh_input", "cache_read", "cache_write"}),
    }
)
"""The parts of a request's cost that a measure of tokens names."""


def compose_request_parts(reading: Reading, found: RequestParts) -> Answer:
    """Return the request, the part that costs most, and how far it is from the median request."""
    if not found.request.rows:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    names = [column.name for column in found.request.columns]
    row = dict(zip(names, found.request.rows[0], strict=True))
    largest = _find_largest(found)
    asked = _sum_asked(reading, found)
    said = [_state_spend(found, str(row.get("model") or "?")), *_state_asked(asked)]
    said += [] if largest is None else [*_state_largest(found, largest), *_state_length(largest)]
    rows = tuple((each.title, each.tokens, each.price, each.spend, each.median_tokens) for each in found.parts)
    columns = (
        TableColumn(name=text("Part")),
        TableColumn(name=text("Tokens"), unit=Unit.TOKENS),
        TableColumn(name=text("Price per million"), unit=Unit.USD_PER_MILLION_TOKENS),
        TableColumn(name=text("Cost"), unit=Unit.USD),
        TableColumn(name=text("Tokens of the median request"), unit=Unit.TOKENS),
    )
    request = Table(
        title=text("The request"),
        columns=tuple(TableColumn(name=each.title, unit=str(each.unit or "")) for each in found.request.columns),
        rows=found.request.rows,
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (*said, describe_scope(reading.query))),
        figures=(*asked, *_list_figures(found, largest)),
        tables=(Table(title=text("What its cost is made of"), columns=columns, rows=rows), request),
    )


def _sum_asked(reading: Reading, found: RequestParts) -> tuple[Figure, ...]:
    """Return what the kind of tokens that is asked for cost, and its share: "how much of that is output?"."""
    kind = reading.focus[0] if reading.focus else None
    columns = COLUMNS_OF.get(kind or "", frozenset())
    titles = [title for title, column, *_ in PARTS if column in columns]
    spends = [each.spend for each in found.parts if each.title in titles]
    known = [each for each in spends if each is not None]
    if kind is None or not titles or not found.spend or len(known) < len(spends):
        return ()
    title = str(MEASURES[KIND_SPEND[kind]].title)
    return (
        Figure(name=title, value=sum(known, Decimal(0)), unit=Unit.USD),
        Figure(name=str(text("Share of the request")), value=sum(known, Decimal(0)) / found.spend, unit=Unit.SHARE),
    )


def _state_asked(asked: tuple[Figure, ...]) -> list[Text]:
    if not asked:
        return []
    spend, share = (format_figure(each.value, each.unit) for each in asked)
    return [text("{measure}: {spend}, {share} of that.", measure=asked[0].name, spend=spend, share=share)]


def _list_figures(found: RequestParts, largest: RequestPart | None) -> Iterator[Figure]:
    yield Figure(name="Spend of the request", value=found.spend, unit=Unit.USD)
    yield Figure(name="Spend of the median request", value=found.median_spend, unit=Unit.USD)
    if found.spend and found.median_spend:
        yield Figure(name="Ratio", value=round(found.spend / found.median_spend, 1), unit=Unit.RATIO)
    if largest is not None and found.spend and largest.spend is not None:
        yield Figure(name="Share of the largest part", value=largest.spend / found.spend, unit=Unit.SHARE)
    if found.fees:
        yield Figure(name="Fees", value=found.fees, unit=Unit.USD)


def _state_spend(found: RequestParts, model: str) -> Text:
    spend = format_figure(found.spend, Unit.USD)
    if not found.spend or not found.median_spend:
        return text("It cost {spend}, with {model}.", spend=spend, model=model)
    return text(
        "It cost {spend}, with {model}: {times} times the median request ({median}).",
        spend=spend,
        model=model,
        times=FormattedNumber(str(round(found.spend / found.median_spend, 1))),
        median=format_figure(found.median_spend, Unit.USD),
    )


def _find_largest(found: RequestParts) -> RequestPart | None:
    priced = [each for each in found.parts if each.spend]
    return max(priced, key=lambda each: each.spend or 0) if priced else None


def _state_largest(found: RequestParts, largest: RequestPart) -> list[Text]:
    if largest.spend is None or not found.spend:
        return []
    return [
        text(
            "Most of it is “{part}”: {spend} ({share}), for {tokens} at {price} per million.",
            part=largest.title,
            tokens=format_figure(largest.tokens, Unit.TOKENS),
            price=format_figure(largest.price, Unit.USD_PER_MILLION_TOKENS),
            spend=format_figure(largest.spend, Unit.USD),
            share=format_figure(largest.spend / found.spend, Unit.SHARE),
        )
    ]


def _state_length(largest: RequestPart) -> list[Text]:
    """Return how many tokens of that kind the median request has, if they are fewer."""
    if largest.median_tokens >= largest.tokens:
        return []
    tokens = format_figure(largest.median_tokens, Unit.TOKENS)
    return [text("Of these tokens, the median request has {tokens}.", tokens=tokens)]
