"""Right-sizing: short, simple requests answered by a smaller model of the same provider.

The saving follows from prices; a usage log does not show whether the smaller model answers well enough. So the saving
needs an evaluation and is not in the headline. A feature is routed as a whole: where its requests are simple, and only
if the smaller model costs less for all of them together, with its own rules for cached prefixes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n.text import Text, join_texts, text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.granularity import explain_missing_latency
from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.ingest.database import quote_literal
from workloads.levers.base import COST_FORMULA, Lever, Speed, build_unknown_estimate, clear_saving
from workloads.levers.repricing.offers import (
    EFFECT_PRICES,
    Offer,
    build_offered_costs,
    list_offered_rates,
    select_features,
)
from workloads.levers.repricing.smaller_models import SMALLER_MODELS, TokenRatio, get_token_ratio
from workloads.pricing.constraints import ExcludedChange
from workloads.pricing.price_list import CacheTerms, ListedModel, get_cache_terms
from workloads.pricing.prices import PricedModel
from workloads.pricing.purchases import Purchase

NAME, TITLE = "right_size", text("Use a smaller model for simple requests")
MAX_SHOWN = 50  # models with a row and a latency query each: those with the largest savings
MAX_INPUT_TOKENS, MAX_OUTPUT_TOKENS = 2_000, 300
MIN_SIMPLE_SHARE = "0.95"
FORMULA = join_texts(
    "; ",
    (
        text(
            "cost of simple requests − cost of the same tokens at the smaller model's prices of the same day, with its "
            "own rules for cached prefixes"
        ),
        COST_FORMULA,
    ),
)
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "model": text("model"),
        "smaller_model": text("smaller model"),
        "requests": text("requests"),
        "saving_usd": text("saving"),
        "latency": text("latency"),
    }
)

TEXT_SQL = "p.searches = 0 AND p.audio_input + p.audio_read + p.audio_output + p.image_input = 0"
SIMPLE_SQL = f"""p.input <= {MAX_INPUT_TOKENS} AND p.output <= {MAX_OUTPUT_TOKENS} AND p.reasoning = 0
    AND NOT coalesce(p.has_tools, false) AND {TEXT_SQL}"""

STEPS = (
    PlanStep(
        step=text(
            "Evaluate the smaller model on a few hundred of these prompts; if its answers are good enough, route "
            "short requests to it"
        ),
        effort=join_texts(" - ", ("medium", text("an evaluation set and a routing rule"))),
        risk=join_texts(" - ", ("medium", text("answers may get worse; measure before and after"))),
        undo=text("Route all requests back to the original model"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallerModelTarget:
    """A model of the log, the smaller model to use instead, and the rates and cache rules of that."""

    model: PricedModel
    name: str
    ratio: TokenRatio
    terms: CacheTerms
    offer: Offer


Targets = tuple[SmallerModelTarget, ...]


def list_targets(log: PricedLog) -> Targets:
    return tuple(_iter_targets(log))


def _iter_targets(log: PricedLog) -> Iterable[SmallerModelTarget]:
    for model in log.prices.models:
        smaller = log.assumptions.target_model or SMALLER_MODELS.get(model.model_id or "")
        listed = log.price_list.find(smaller, model.provider_id) if smaller else None
        target = build_target(log, model, listed) if listed and listed[1].id != model.model_id else None
        if target:
            yield target


def build_target(log: PricedLog, model: PricedModel, listed: ListedModel) -> SmallerModelTarget | None:
    """Return the listed target for a model of the log, bought as the model was; None if the list has no price for it.

    Where the tokenizers differ, its rates are those for the most tokens that it may count.
    """
    ratio = get_token_ratio(model.model_id, listed[1].id)
    rates, batch_rates = (
        tuple(
            rate.scale(fresh=ratio.most, output=ratio.most)
            for rate in list_offered_rates(log, listed, Purchase(tier=tier, geography=model.geography))
        )
        for tier in (model.tier, "batch")
    )
    if not rates:
        return None
    terms, own_terms = (
        get_cache_terms(*ids) for ids in ((listed[0].id, listed[1].id), (model.provider_id, model.model_id))
    )
    minimum = terms.minimum if terms.minimum > own_terms.minimum else 0
    offer = Offer(key=model.key, rates=rates, batch_rates=batch_rates, cache_minimum=minimum)
    return SmallerModelTarget(model=model, name=listed[1].id, ratio=ratio, terms=terms, offer=offer)


def build_simple_requests(log: PricedLog, targets: Targets, state: LogState = INITIAL_STATE) -> str:
    """Create the TEMP table of simple requests at the smaller model's prices (offers.OFFERED_SQL), without features
    that would cost more there. Returns its name."""
    costs = build_smaller_costs(log, targets, state)
    table = state.name_table("simple")
    return log.create_table(
        table,
        f"""CREATE TEMP TABLE {table} AS SELECT * FROM {costs} c WHERE EXISTS (
            FROM (SELECT key, feature FROM {costs} GROUP BY ALL HAVING sum(saved) > 0) g
            WHERE g.key = c.key AND g.feature IS NOT DISTINCT FROM c.feature
        )""",
    )


def build_smaller_costs(log: PricedLog, targets: Targets, state: LogState = INITIAL_STATE) -> str:
    """Create the TEMP table of the requests that a smaller model may answer, at its prices, dearer or not: simple ones,
    and all text of features for which the user said so. Returns its name."""
    allowed, denied = list_answers(log)
    simple = f"{SIMPLE_SQL} AND {_build_feature_filter(log)} AND NOT {select_features('p.feature', denied)}"
    confirmed = f"{TEXT_SQL} AND {select_features('p.feature', allowed)}"
    return build_offered_costs(
        log,
        state,
        "smaller_costs",
        (target.offer for target in targets),
        where=f"p.ok IS DISTINCT FROM false AND (({simple}) OR ({confirmed}))",
    )


def list_answers(log: PricedLog) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the features that may use a smaller model, and those that may not, as the user said; "" is none."""
    answers = [answer for answer in log.assumptions.answers if answer.lever == NAME]
    allowed, denied = ([answer.scope for answer in answers if answer.value is said] for said in (True, False))
    return tuple(allowed), tuple(denied)


def _build_feature_filter(log: PricedLog) -> str:
    """Return SQL for whether the request's feature is simple; without features, each request is judged alone."""
    if not log.has_columns("feature"):
        return "true"
    table = log.create_table(
        "simple_features",
        f"""CREATE TEMP TABLE simple_features AS
        SELECT coalesce(feature, '') AS feature FROM priced p WHERE p.ok IS DISTINCT FROM false
        GROUP BY 1 HAVING count(*) FILTER ({SIMPLE_SQL}) >= {MIN_SIMPLE_SHARE} * count(*)""",
    )
    return f"coalesce(p.feature, '') IN (SELECT feature FROM {table})"


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    targets = list_targets(log)
    if not targets:
        return None
    lines = ", ".join(
        f"({target.model.key}, {quote_literal(target.name)}, {target.terms.minimum}, {target.terms.step}, "
        f"{target.terms.ttl})"
        for target in targets
    )
    return f"""SELECT row, {EFFECT_PRICES}, t_model, t_minimum, t_step, t_ttl FROM {_select_routed(log, targets, state)}
        JOIN (VALUES {lines}) targets (key, t_model, t_minimum, t_step, t_ttl) USING (key)"""


def _select_routed(log: PricedLog, targets: Targets, state: LogState = INITIAL_STATE) -> str:
    """Return a subquery of the requests that are routed: those of the features that the user allowed, if any."""
    allowed, _ = list_answers(log)
    where = select_features("feature", allowed) if allowed else "true"
    return f"(SELECT * FROM {build_simple_requests(log, targets, state)} WHERE {where})"


def estimate(log: PricedLog) -> Estimate:
    models = log.prices.models
    if not any(model.model_id for model in models):
        missing = Unknown(what=text("the cost with a smaller model"), column="model")
        return build_unknown_estimate(NAME, TITLE, missing, formula=FORMULA)
    saved, targets = LEVER.compute_saving(log), list_targets(log)
    allowed, _ = list_answers(log)
    result = Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED if allowed else Basis.NEEDS_EVALUATION,
        bound=Bound.ESTIMATE if allowed else Bound.UPPER,
        headline=bool(allowed),
        formula=FORMULA,
        assumptions=(
            text(
                "These features may use a smaller model for all their requests, as you said: {names}",
                names=_name(allowed),
            )
            if allowed
            else _describe_simple(log),
            *_list_ratio_assumptions(targets),
            text("Prefixes that are shorter than the smaller model caches cost what fresh input costs"),
            *(() if allowed else (text("All of its answers are good enough, which needs an evaluation"),)),
        ),
        evidence=_list_evidence(log, targets) if saved else (),
        unknowns=(Unknown(what=text("quality of the smaller model's answers; this needs an evaluation"), column=""),),
        steps=STEPS,
        details=tuple(_list_details(log, targets)) if saved else (),
        headings=dict(HEADINGS),
    )
    if saved:
        return result
    return clear_saving(result, _explain_no_saving(log, targets))


def _name(features: Iterable[str]) -> str:
    return ", ".join(feature or "-" for feature in features)


def _describe_simple(log: PricedLog) -> Text:
    simple = text(
        "A simple request has at most {input:,} input and {output} output tokens, no tools, no reasoning and no error",
        input=MAX_INPUT_TOKENS,
        output=MAX_OUTPUT_TOKENS,
    )
    if not log.has_columns("feature"):
        return simple
    return join_texts(
        "; ", (simple, text("a feature is routed if at least {share} of its requests are simple", share="95%"))
    )


def _list_ratio_assumptions(targets: Targets) -> Iterable[Text]:
    ratios = {target.ratio for target in targets}
    if not ratios or any(ratio.is_known for ratio in ratios):
        yield text("A smaller model with the same tokenizer uses the same number of tokens")
    for ratio in ratios:
        if not ratio.is_known:
            yield text(
                "With another tokenizer, one token of the log is {least} to {most} tokens of the smaller model; the "
                "saving is that for {most}",
                least=str(ratio.least),
                most=str(ratio.most),
            )


def _explain_no_saving(log: PricedLog, targets: Targets) -> Text:
    if not targets:
        return text("no simple request uses a model with a known smaller version")
    requests, saved = log.fetch_one(
        f"SELECT count(*), coalesce(sum(saved), 0) FROM {build_smaller_costs(log, targets)}"
    )
    if not requests:
        return text("no simple request uses a model with a known smaller version")
    if saved < 0:
        return text("the smaller model would cost more for these requests, because it caches less or costs more")
    return text("the smaller model would cost as much for these requests")


def _list_evidence(log: PricedLog, targets: Targets) -> tuple[Evidence, ...]:
    requests, share, cost, then = log.fetch_one(
        f"""SELECT count(*), count(*) / (SELECT count(*) FROM log.requests), sum(now_cost), sum(t_cost)
        FROM {_select_routed(log, targets)}"""
    )
    return (
        Evidence(label=text("simple requests"), value=requests, unit="requests"),
        Evidence(label=text("share of all requests"), value=share, unit="share"),
        Evidence(label=text("their current cost"), value=cost, unit="USD"),
        Evidence(label=text("their cost with the smaller model"), value=then, unit="USD"),
        *_list_ratio_evidence(log, targets),
        Evidence(
            label=text("accepted answers from which asking the smaller model first pays, if checking is free"),
            value=float(then / cost),
            unit="share",
        ),
    )


def _list_ratio_evidence(log: PricedLog, targets: Targets) -> Iterable[Evidence]:
    """Return the saving at the least tokens that the smaller models may count, if that is not known."""
    ranges = {target.model.key: target.ratio for target in targets if not target.ratio.is_known}
    if not ranges:
        return
    lines = ", ".join(f"({key}, {ratio.least / ratio.most:.12f})" for key, ratio in ranges.items())
    (saved,) = log.fetch_one(
        f"""SELECT sum(now_cost - t_cost * coalesce(share::DECIMAL(13,12), 1))
        FROM {_select_routed(log, targets)} LEFT JOIN (VALUES {lines}) shares (key, share) USING (key)"""
    )
    yield Evidence(label=text("saving at the fewest tokens that its tokenizer may count"), value=saved, unit="USD")


def _list_details(log: PricedLog, targets: Targets) -> Iterable[dict[str, DisplayValue]]:
    rows = log.fetch_all(
        f"""SELECT key, count(*), sum(saved) FROM {_select_routed(log, targets)}
        GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {MAX_SHOWN}"""
    )
    totals = {key: rest for key, *rest in rows}
    for target in targets:
        if target.model.key in totals:
            requests, saved = totals[target.model.key]
            yield {
                "model": target.model.model or target.model.model_id or "",
                "smaller_model": target.name,
                "requests": requests,
                "saving_usd": saved,
                "latency": describe_latency(log, target.model.key, target.name),
            }


def describe_latency(log: PricedLog, key: int, target: str) -> Text:
    """Compare p95 of both models on simple requests, if the log has requests of the smaller one."""
    keys = [model.key for model in log.prices.models if model.model_id == target]
    if not keys or explain_missing_latency(log) is not None:
        return Speed.UNVERIFIED.value
    now, then = log.fetch_one(
        f"""SELECT quantile_cont(latency_ms, 0.95) FILTER (key = {key}),
            quantile_cont(latency_ms, 0.95) FILTER (key IN ({", ".join(map(str, keys))}))
        FROM priced WHERE input <= {MAX_INPUT_TOKENS} AND output <= {MAX_OUTPUT_TOKENS}"""
    )
    if not (now and then):
        return Speed.UNVERIFIED.value
    return text("p95 {now:,.0f} ms now, {then:,.0f} ms with the smaller model in this log", now=now, then=then)


LEVER = Lever(
    name=NAME,
    title=TITLE,
    speed=Speed.UNVERIFIED,
    estimate=estimate,
    effect=build_effect_sql,
    change=ExcludedChange.MODELS,
)
