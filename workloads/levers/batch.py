"""Batch: a lower price for requests that may take up to a day, at the price list's batch prices for each token bucket.

Only the user knows what can wait. The lever finds scheduled work and asks about it by name. What is confirmed is in the
headline and the waterfall; what is not is a candidate. If the log can't show scheduled work, the saving on all traffic
is an upper bound, in no total."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text, verbatim_text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Question, Unknown
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed, clear_saving, format_cost
from workloads.levers.batch_prices import (
    assumes_half_price,
    build_batchable,
    list_models_without_batch_price,
    select_effect,
)
from workloads.levers.batch_sources import BatchSource, list_sources, list_unknown_scopes, select_source_effect
from workloads.levers.scheduling import Schedule, can_identify_schedules
from workloads.pricing.constraints import ExcludedChange
from workloads.pricing.lever_answers import build_replies

NAME, TITLE = "batch", text("Move non-urgent requests to batch")
MAX_QUESTIONS = 5  # open ones; each is tried in the waterfall
MAX_DETAILS = 50
MAX_NAMES = 10
FORMULA = join_texts(
    "; ", (text("cost of the requests that can wait − cost of the same tokens at batch prices"), COST_FORMULA)
)
HEADINGS = {
    "source": text("feature, key or user"),
    "when": text("scheduled"),
    "requests": text("requests"),
    "cost_usd": text("cost"),
    "batch_usd": text("as a batch"),
    "answer": text("can wait"),
}


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    """Return the requests that the user lets wait, or else those that may be able to."""
    sources = list_sources(log)
    confirmed = [source.rank for source in sources if source.answer]
    if confirmed:
        return select_source_effect(log, state, confirmed)
    if can_identify_schedules(log):
        waiting = [source.rank for source in sources if source.answer is None]
        return select_source_effect(log, state, waiting) if waiting else None
    return select_effect(log, state)


def build_question_effect_sql(log: PricedLog, state: LogState, scope: str) -> str | None:
    """Return the requests of one source that the user has not said anything about."""
    ranks = [source.rank for source in list_sources(log) if source.scope == scope and source.answer is None]
    return select_source_effect(log, state, ranks) if ranks else None


def estimate(log: PricedLog) -> Estimate:
    sources = list_sources(log)
    if can_identify_schedules(log) or any(source.answer for source in sources):
        return _estimate_sources(log, sources)
    return _estimate_upper_bound(log)


def _estimate_sources(log: PricedLog, sources: Sequence[BatchSource]) -> Estimate:
    confirmed = [source for source in sources if source.answer]
    waiting = [source for source in sources if source.answer is None]
    answered = [source for source in sources if source.answer is not None]
    counted = confirmed or waiting
    result = Estimate(
        name=NAME,
        title=TITLE,
        saving=sum((source.saving for source in counted), Decimal(0)),
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE,
        headline=bool(confirmed),
        formula=FORMULA,
        assumptions=tuple(_list_assumptions(log, confirmed)),
        evidence=tuple(_list_evidence(log, counted)),
        unknowns=tuple(_list_unknowns(log)),
        steps=STEPS,
        details=tuple(_to_detail(source) for source in sources[:MAX_DETAILS]),
        headings=HEADINGS,
        questions=tuple(_to_question(source) for source in [*answered, *waiting[:MAX_QUESTIONS]]),
    )
    if result.saving:
        return result
    if any(source.answer is False for source in sources):
        return clear_saving(result, text("you said that none of the scheduled requests can wait"))
    return clear_saving(result, text("no feature, key or user that is not urgent is scheduled once a day or less"))


def _list_assumptions(log: PricedLog, confirmed: Sequence[BatchSource]) -> Iterable[Text]:
    if confirmed:
        names = ", ".join(source.name for source in confirmed[:MAX_NAMES] if source.name)
        yield text("You confirmed that these can wait: {names}", names=names or text("all requests"))
    else:
        yield text("Scheduled requests can wait up to 24 h, which only you can confirm")
    if not log.has_columns("streamed"):
        yield text("The log does not show whether responses were streamed to somebody who waits")
    if not log.has_columns("session"):
        yield text("The log has no sessions, so conversations can't be told apart")
    yield from _list_price_assumptions(log)


def _list_price_assumptions(log: PricedLog) -> Iterable[Text]:
    yield text("Batch prices come from the price list, for each kind of token; some models have none")
    if assumes_half_price(log):
        yield text("For your own prices, a batch is assumed to cost half")
    yield text("Batch responses may take up to 24 h, and a batch keeps no order, so it may read less from caches")


def _list_evidence(log: PricedLog, counted: Sequence[BatchSource]) -> Iterable[Evidence]:
    if counted:
        cost = sum((source.cost for source in counted), Decimal(0))
        uncached = cost - sum((source.uncached_cost for source in counted), Decimal(0))
        yield Evidence(
            label=text("requests that could be batched"), value=sum(each.requests for each in counted), unit="requests"
        )
        yield Evidence(label=text("their current cost"), value=cost, unit="USD")
        yield Evidence(
            label=text("their cost as a batch"), value=sum((s.batch_cost for s in counted), Decimal(0)), unit="USD"
        )
        yield Evidence(label=text("saving if a batch reads nothing from caches"), value=uncached, unit="USD")
    without = list_models_without_batch_price(log)
    if without:
        yield Evidence(label=text("models without a batch price"), value=", ".join(without[:MAX_NAMES]))
    unknown = list_unknown_scopes(log)
    if unknown:
        yield Evidence(label=text("your answers about names that the log lacks"), value=", ".join(unknown[:MAX_NAMES]))


def _to_detail(source: BatchSource) -> dict[str, DisplayValue]:
    return {
        "source": source.name or text("all requests"),
        "when": describe_schedule(source.schedule) if source.schedule else text("not scheduled"),
        "requests": source.requests,
        "cost_usd": source.cost,
        "batch_usd": source.batch_cost,
        "answer": {True: text("yes"), False: text("no"), None: text("please confirm")}[source.answer],
    }


def _to_question(source: BatchSource) -> Question:
    return Question(
        lever=NAME,
        scope=source.scope,
        question=text("Can {name} wait up to 24 h?", name=source.name or text("all requests")),
        finding=_describe_source(source),
        saving=source.saving,
        answer=source.answer,
        replies=build_replies(NAME, source.scope),
    )


def _describe_source(source: BatchSource) -> Text:
    """Describe it as in "nightly-summaries, one key, 02:00-03:24 UTC, $43.10 → $21.55 as a batch"."""
    facts: list[Text] = [verbatim_text(source.name) if source.name else text("all requests")]
    if source.schedule:
        if source.schedule.keys and source.dimension != "api_key":
            facts.append(
                text("one key")
                if source.schedule.keys == 1
                else plural_text("{n} key", "{n} keys", n=source.schedule.keys)
            )
        facts.append(describe_schedule(source.schedule))
    costs = {"before": format_cost(source.cost), "after": format_cost(source.batch_cost)}
    facts.append(text("{before} → {after} as a batch", **costs))
    return join_texts(", ", facts)


def describe_schedule(schedule: Schedule) -> Text:
    """Return the hours, as in "02:00-03:24 UTC"; the end is rounded up to a minute."""
    end = -(-schedule.end // 60) * 60
    return text(
        "{start}-{end} {zone}",
        start=_format_clock(schedule.start),
        end=_format_clock(end),
        zone=FormattedNumber(schedule.zone),
    )


def _format_clock(second: int) -> FormattedNumber:
    return FormattedNumber(f"{second // 3600 % 24:02}:{second // 60 % 60:02}")


def _estimate_upper_bound(log: PricedLog) -> Estimate:
    cost, batch = log.fetch_one(
        f"SELECT coalesce(sum(cost), 0), coalesce(sum(batch_cost), 0) FROM {build_batchable(log)}"
    )
    result = Estimate(
        name=NAME,
        title=TITLE,
        saving=Decimal(cost) - Decimal(batch),
        basis=Basis.MODELLED,
        bound=Bound.UPPER,
        headline=False,
        formula=FORMULA,
        assumptions=(
            text("All traffic could be batched; the log does not show which requests are urgent"),
            *_list_date_assumptions(log),
            *_list_price_assumptions(log),
        ),
        evidence=tuple(_list_evidence(log, ())),
        unknowns=tuple(_list_unknowns(log)),
        steps=STEPS,
    )
    return result if result.saving else clear_saving(result, text("no request has a batch price below its cost"))


def _list_date_assumptions(log: PricedLog) -> tuple[Text, ...]:
    if log.has_times and log.source.relative_clock:
        return (text("Scheduled requests can't be detected because the times have no date"),)
    return ()


def _list_unknowns(log: PricedLog) -> Iterable[Unknown]:
    if not any(log.has_columns(column) for column in ("feature", "api_key", "end_user")):
        yield Unknown(what=text("which requests can be batched"), column="feature")
    if log.source.relative_clock:
        yield Unknown(what=text("which requests are scheduled (needs times with a date)"), column="time")
    if log.has_sums:
        yield Unknown(what=text("which requests are scheduled (needs one row per request)"), column="request_id")


STEPS = (
    PlanStep(
        step=text("Confirm which jobs can take up to 24 h, then send them through the provider's batch API"),
        effort=join_texts(" - ", ("medium", text("submit jobs, poll, collect results"))),
        risk=join_texts(" - ", ("low", text("same model, slower responses"))),
        undo=text("Send the requests individually again"),
    ),
)

LEVER = Lever(
    name=NAME,
    title=TITLE,
    speed=Speed.OFFLINE,
    estimate=estimate,
    effect=build_effect_sql,
    question_effect=build_question_effect_sql,
    change=ExcludedChange.BATCHES,
    per_request=False,
)
