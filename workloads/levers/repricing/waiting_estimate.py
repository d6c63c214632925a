"""The estimate of a lever for requests that can wait: what is confirmed, what is asked, and what is unknown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from core.i18n.text import Text, join_texts, text, verbatim_text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Question, Unknown
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import Lever, Speed, build_unknown_estimate, clear_saving, format_cost
from workloads.levers.repricing.waiting import (
    MAX_QUESTIONS,
    WaitingRule,
    WaitingSource,
    build_source_effect,
    list_sources,
)
from workloads.levers.scheduling import can_identify_schedules
from workloads.pricing.constraints import ExcludedChange
from workloads.pricing.lever_answers import build_replies

MAX_DETAILS = 50
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "source": text("feature, key or user"),
        "requests": text("requests"),
        "cost_usd": text("cost"),
        "then_usd": text("cost then"),
        "answer": text("can wait"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTexts:
    """What such a lever says. `question` has the field {name}; `nothing`: why it saves nothing on a log."""

    title: Text
    formula: Text
    assumptions: tuple[Text, ...]
    nothing: Text
    steps: tuple[PlanStep, ...]


def build_waiting_lever(name: str, build_rule: Callable[[PricedLog], WaitingRule], texts: WaitingTexts) -> Lever:
    """Return the lever of a rule: its estimate, its effect, and that of each question it asks."""
    return Lever(
        name=name,
        title=texts.title,
        speed=Speed.OFFLINE,
        estimate=lambda log: estimate_waiting(log, build_rule(log), texts),
        effect=lambda log, state: build_waiting_effect(log, state, build_rule(log)),
        question_effect=lambda log, state, scope: build_waiting_question_effect(log, state, build_rule(log), scope),
        change=ExcludedChange.BATCHES,
    )


def estimate_waiting(log: PricedLog, rule: WaitingRule, texts: WaitingTexts) -> Estimate:
    """Return the estimate: of the confirmed sources, or else of the open ones, which are not in the headline."""
    sources = list_sources(log, rule)
    confirmed = [source for source in sources if source.answer]
    waiting = [source for source in sources if source.answer is None]
    if rule.offers and not sources and not can_identify_schedules(log):
        return build_unknown_estimate(rule.lever, texts.title, *_list_unknowns(log), formula=texts.formula)
    counted = confirmed or waiting
    result = Estimate(
        name=rule.lever,
        title=texts.title,
        saving=sum((source.saving for source in counted), Decimal(0)),
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE,
        headline=bool(confirmed),
        formula=texts.formula,
        assumptions=(
            text("You confirmed that nobody waits for these requests")
            if confirmed
            else text("Nobody waits for scheduled requests, which only you can confirm"),
            *texts.assumptions,
        ),
        evidence=tuple(_list_evidence(counted)),
        unknowns=(),
        steps=texts.steps,
        details=tuple(_to_detail(source) for source in sources[:MAX_DETAILS]),
        headings=dict(HEADINGS),
        questions=tuple(
            _to_question(rule, source)
            for source in [*(one for one in sources if one.answer is not None), *waiting[:MAX_QUESTIONS]]
        ),
    )
    if result.saving:
        return result
    return clear_saving(result, text("no request that may wait has a lower price") if rule.offers else texts.nothing)


def build_waiting_effect(log: PricedLog, state: LogState, rule: WaitingRule) -> str | None:
    """Return the effect on the confirmed sources, or else on the open ones."""
    sources = list_sources(log, rule)
    confirmed = [source.rank for source in sources if source.answer]
    return build_source_effect(
        log, state, rule, confirmed or [source.rank for source in sources if source.answer is None]
    )


def build_waiting_question_effect(log: PricedLog, state: LogState, rule: WaitingRule, scope: str) -> str | None:
    """Return the effect on one source that the user has not said anything about."""
    ranks = [source.rank for source in list_sources(log, rule) if source.name == scope and source.answer is None]
    return build_source_effect(log, state, rule, ranks)


def _list_unknowns(log: PricedLog) -> Iterable[Unknown]:
    if not any(log.has_columns(column) for column in ("feature", "api_key", "end_user")):
        yield Unknown(what=text("which requests can wait"), column="feature")
    if log.source.relative_clock:
        yield Unknown(what=text("which requests are scheduled (needs times with a date)"), column="time")
    if log.has_sums:
        yield Unknown(what=text("which requests are scheduled (needs one row per request)"), column="request_id")


def _list_evidence(counted: Sequence[WaitingSource]) -> Iterable[Evidence]:
    requests = sum(source.requests for source in counted)
    yield Evidence(label=text("requests that may wait"), value=requests, unit="requests")
    yield Evidence(
        label=text("their current cost"), value=sum((source.now for source in counted), Decimal(0)), unit="USD"
    )
    yield Evidence(
        label=text("their cost then"), value=sum((source.then for source in counted), Decimal(0)), unit="USD"
    )


def _to_detail(source: WaitingSource) -> dict[str, DisplayValue]:
    return {
        "source": source.name,
        "requests": source.requests,
        "cost_usd": source.now,
        "then_usd": source.then,
        "answer": {True: text("yes"), False: text("no"), None: text("please confirm")}[source.answer],
    }


def _to_question(rule: WaitingRule, source: WaitingSource) -> Question:
    before, after = format_cost(source.now), format_cost(source.then)
    return Question(
        lever=rule.lever,
        scope=source.name,
        question=text("Is it true that nobody waits for {name}?", name=source.name),
        finding=join_texts(", ", (verbatim_text(source.name), text("{before} → {after}", before=before, after=after))),
        saving=source.saving,
        answer=source.answer,
        replies=build_replies(rule.lever, source.name),
    )
