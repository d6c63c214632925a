"""Right-sizing: short, simple requests answered by a smaller model of the same provider.

The saving follows from prices; a usage log does not show whether the smaller model answers well enough. So the saving
needs an evaluation and is not in the headline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n.text import Text, join_texts, text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.granularity import explain_missing_latency
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed, build_unknown_estimate, clear_saving
from workloads.pricing.prices import PricedModel
from workloads.pricing.rates import Rate, list_rates

NAME, TITLE = "right_size", text("Use a smaller model for simple requests")
MAX_SHOWN = 50  # models with a row and a latency query each: those with the largest savings
MAX_INPUT_TOKENS, MAX_OUTPUT_TOKENS = 2_000, 300
FORMULA = join_texts(
    "; ", (text("cost of simple requests − cost of the same tokens at the smaller model's prices"), COST_FORMULA)
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

SMALLER_MODELS: Mapping[str, str] = MappingProxyType(
    {
        "gpt-4": "gpt-4o-mini",
        "gpt-4-turbo": "gpt-4o-mini",
        "gpt-4o": "gpt-4o-mini",
        "gpt-4o-2024-05-13": "gpt-4o-mini",
        "gpt-4.1": "gpt-4.1-mini",
        "gpt-5": "gpt-5-mini",
        "gpt-5.1": "gpt-5-mini",
        "gpt-5.2": "gpt-5-mini",
        "gpt-5.4": "gpt-5.4-mini",
        "gpt-5.6-sol": "gpt-5.6-luna",
        "gpt-5.6-terra": "gpt-5.6-luna",
        "gpt-6-sol": "gpt-6-luna",
        "o1": "o4-mini",
        "o3": "o4-mini",
        "claude-3-opus-latest": "claude-3-5-haiku-latest",
        "claude-3-5-sonnet": "claude-3-5-haiku-latest",
        "claude-3-7-sonnet-latest": "claude-3-5-haiku-latest",
        "claude-opus-4-0": "claude-haiku-4-5",
        "claude-opus-4-1": "claude-haiku-4-5",
        "claude-opus-4-5": "claude-haiku-4-5",
        "claude-opus-4-6": "claude-haiku-4-5",
        "claude-opus-4-7": "claude-haiku-4-5",
        "claude-opus-4-8": "claude-haiku-4-5",
        "claude-sonnet-4-0": "claude-haiku-4-5",
        "claude-sonnet-4-5": "claude-haiku-4-5",
        "claude-sonnet-4-6": "claude-haiku-4-5",
        "claude-opus-5": "claude-haiku-5-5",
        "claude-opus-5-5": "claude-haiku-5-5",
        "claude-sonnet-5": "claude-haiku-5-5",
        "claude-sonnet-5-5": "claude-haiku-5-5",
        "gemini-1.5-pro": "gemini-1.5-flash",
        "gemini-2.5-pro": "gemini-2.5-flash",
        "gemini-3-pro-preview": "gemini-3-flash-preview",
        "mistral-large": "mistral-small-latest",
        "grok-3": "grok-3-mini",
        "grok-4-0709": "grok-4-fast-reasoning",
    }
)
"""Models and their smaller siblings of the same provider, by the price list's names."""

SIMPLE_SQL = f"""input <= {MAX_INPUT_TOKENS} AND output <= {MAX_OUTPUT_TOKENS} AND NOT coalesce(has_tools, false)
    AND ok IS DISTINCT FROM false AND p_fresh > t_fresh AND p_output > t_output"""

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
    """A model of the log and the smaller model to use instead, with its current price."""

    model: PricedModel
    name: str
    rate: Rate


def list_targets(log: PricedLog) -> tuple[SmallerModelTarget, ...]:
    return tuple(_iter_targets(log))


def _iter_targets(log: PricedLog) -> Iterable[SmallerModelTarget]:
    for model in log.prices.models:
        smaller = SMALLER_MODELS.get(model.model_id or "")
        listed = log.price_list.find(smaller, model.provider_id) if smaller else None
        rates = list_rates(listed[1]) if listed else ()
        short = [rate for rate in rates if rate.min_input == 0]
        if smaller and short:
            rate = short[-1].apply_discount(log.assumptions.discount_percent)
            yield SmallerModelTarget(model=model, name=smaller, rate=rate)


def build_simple_requests(log: PricedLog) -> str:
    """Create the TEMP table of simple requests with the smaller model's prices. Returns its name."""
    targets = ((target.model.key, target.rate) for target in list_targets(log))
    lines = ", ".join(
        f"({key}, {rate.fresh:f}, {rate.cache_read:f}, {rate.cache_write:f}, {rate.output:f})" for key, rate in targets
    )
    return log.create_table(
        "simple",
        f"""CREATE TEMP TABLE simple AS
        SELECT row, key, t_fresh::DECIMAL(18,12) AS t_fresh, t_read::DECIMAL(18,12) AS t_read,
            t_write::DECIMAL(18,12) AS t_write, t_output::DECIMAL(18,12) AS t_output,
            (cost - fresh_input * t_fresh - cache_read * t_read - cache_write * t_write - output * t_output)
                ::DECIMAL(24,12) AS saved
        FROM priced JOIN (VALUES {lines}) targets (key, t_fresh, t_read, t_write, t_output) USING (key)
        WHERE {SIMPLE_SQL}""",
    )


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    if not list_targets(log):
        return None
    return f"""SELECT row, t_fresh, t_read, t_write, t_output
        FROM {build_simple_requests(log)} JOIN {state.relation} s USING (row) WHERE is_made"""


def estimate(log: PricedLog) -> Estimate:
    models = log.prices.models
    if not any(model.model_id for model in models):
        missing = Unknown(what=text("the cost with a smaller model"), column="model")
        return build_unknown_estimate(NAME, TITLE, missing, formula=FORMULA)
    saved = LEVER.compute_saving(log)
    result = Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.NEEDS_EVALUATION,
        bound=Bound.UPPER,
        headline=False,
        formula=FORMULA,
        assumptions=(
            text(
                "A simple request has at most {input:,} input and {output} output tokens, no tools and no error",
                input=MAX_INPUT_TOKENS,
                output=MAX_OUTPUT_TOKENS,
            ),
            text("The smaller model uses the same number of tokens (ratio 1) at its current list price"),
            text("All of its answers are good enough, which needs an evaluation"),
        ),
        evidence=_list_evidence(log) if saved else (),
        unknowns=(Unknown(what=text("quality of the smaller model's answers; this needs an evaluation"), column=""),),
        steps=STEPS,
        details=tuple(_list_details(log)) if saved else (),
        headings=dict(HEADINGS),
    )
    if saved:
        return result
    return clear_saving(result, text("no simple request uses a model with a known smaller version"))


def _list_evidence(log: PricedLog) -> tuple[Evidence, ...]:
    requests, share = log.fetch_one(
        f"SELECT count(*), count(*) / (SELECT count(*) FROM log.requests) FROM {build_simple_requests(log)}"
    )
    return (
        Evidence(label=text("simple requests"), value=requests, unit="requests"),
        Evidence(label=text("share of all requests"), value=share, unit="share"),
    )


def _list_details(log: PricedLog) -> Iterable[dict[str, DisplayValue]]:
    rows = log.fetch_all(
        f"""SELECT key, count(*), sum(saved) FROM {build_simple_requests(log)}
        GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {MAX_SHOWN}"""
    )
    totals = {key: rest for key, *rest in rows}
    for target in list_targets(log):
        if target.model.key in totals:
            requests, saved = totals[target.model.key]
            yield {
                "model": target.model.model or target.model.model_id or "",
                "smaller_model": target.name,
                "requests": requests,
                "saving_usd": saved,
                "latency": _describe_latency(log, target),
            }


def _describe_latency(log: PricedLog, target: SmallerModelTarget) -> Text:
    """Compare p95 of both models on simple requests, if the log has requests of the smaller one."""
    keys = [model.key for model in log.prices.models if model.model_id == target.name]
    if not keys or explain_missing_latency(log) is not None:
        return Speed.UNVERIFIED.value
    now, then = log.fetch_one(
        f"""SELECT quantile_cont(latency_ms, 0.95) FILTER (key = {target.model.key}),
            quantile_cont(latency_ms, 0.95) FILTER (key IN ({", ".join(map(str, keys))}))
        FROM priced WHERE input <= {MAX_INPUT_TOKENS} AND output <= {MAX_OUTPUT_TOKENS}"""
    )
    if not (now and then):
        return Speed.UNVERIFIED.value
    return text("p95 {now:,.0f} ms now, {then:,.0f} ms with the smaller model in this log", now=now, then=then)


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.UNVERIFIED, estimate=estimate, effect=build_effect_sql)
