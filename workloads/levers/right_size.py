"""Right-sizing: short, simple requests answered by a smaller model of the same provider.

What is saved is arithmetic on prices; whether the smaller model answers well enough is not in a usage log. So the
saving needs an evaluation and stays out of the headline.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from netra.language.text import Text, joined, text
from workloads.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Shown, Unknown
from workloads.granularity import why_no_latency
from workloads.ledger import Ledger
from workloads.levers.base import COST, Lever, Speed, unknown, without_saving
from workloads.prices import PricedModel
from workloads.rates import Rate, rates_of

NAME, TITLE = "right_size", text("Answer simple requests with a smaller model")
MOST_SHOWN = 50  # models of which each gets a row, and a look at its latency: those that save most
LONGEST_INPUT, LONGEST_OUTPUT = 2_000, 300
FORMULA = joined("; ", (text("cost of simple requests − cost of the same tokens at the smaller model's prices"), COST))
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "model": text("model"),
        "smaller_model": text("smaller model"),
        "requests": text("requests"),
        "saving_usd": text("saving"),
        "latency": text("latency"),
    }
)

SMALLER: Mapping[str, str] = MappingProxyType(
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
"""A model's smaller sibling, both by the price list's names; looked up at the same provider."""

SIMPLE = f"""input <= {LONGEST_INPUT} AND output <= {LONGEST_OUTPUT} AND NOT coalesce(has_tools, false)
    AND ok IS DISTINCT FROM false AND p_fresh > t_fresh AND p_output > t_output"""

STEPS = (
    PlanStep(
        step=text(
            "Judge the smaller model's answers on a few hundred of these prompts; if they are good enough, route "
            "short requests to it"
        ),
        effort=joined(" - ", ("medium", text("an evaluation set and a routing rule"))),
        risk=joined(" - ", ("medium", text("answers may get worse: measure before and after"))),
        undo=text("Route everything to the former model"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A model of the log and the smaller one that would answer, with its price today."""

    model: PricedModel
    name: str
    rate: Rate


def targets(ledger: Ledger) -> tuple[Target, ...]:
    return tuple(_targets(ledger))


def _targets(ledger: Ledger) -> Iterable[Target]:
    for model in ledger.prices.models:
        smaller = SMALLER.get(model.model_id or "")
        found = ledger.catalogue.find(smaller, model.provider_id) if smaller else None
        rates = rates_of(found[1]) if found else ()
        short = [rate for rate in rates if rate.min_input == 0]
        if smaller and short:
            rate = short[-1].discounted(ledger.assumptions.discount_percent)
            yield Target(model=model, name=smaller, rate=rate)


def simple(ledger: Ledger) -> str:
    """The TEMP table of simple requests with the smaller model's prices."""
    lines = ", ".join(
        f"({one.model.key}, {one.rate.fresh:f}, {one.rate.cache_read:f}, {one.rate.cache_write:f}, {one.rate.output:f})"
        for one in targets(ledger)
    )
    return ledger.build(
        "simple",
        f"""CREATE TEMP TABLE simple AS
        SELECT row, key, t_fresh::DECIMAL(18,12) AS t_fresh, t_read::DECIMAL(18,12) AS t_read,
            t_write::DECIMAL(18,12) AS t_write, t_output::DECIMAL(18,12) AS t_output,
            (cost - fresh_input * t_fresh - cache_read * t_read - cache_write * t_write - output * t_output)
                ::DECIMAL(24,12) AS saved
        FROM priced JOIN (VALUES {lines}) targets (key, t_fresh, t_read, t_write, t_output) USING (key)
        WHERE {SIMPLE}""",
    )


def effect(ledger: Ledger) -> str | None:
    return f"SELECT row, t_fresh, t_read, t_write, t_output FROM {simple(ledger)}" if targets(ledger) else None


def estimate(ledger: Ledger) -> Estimate:
    models = ledger.prices.models
    if not any(model.model_id for model in models):
        lack = Unknown(what=text("what a smaller model would cost"), column="model")
        return unknown(NAME, TITLE, lack, formula=FORMULA)
    saved = LEVER.saving(ledger)
    found = Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.NEEDS_EVALUATION,
        bound=Bound.UPPER,
        headline=False,
        formula=FORMULA,
        assumptions=(
            text(
                "Simple means at most {input:,} input and {output} output tokens, no tools, no error",
                input=LONGEST_INPUT,
                output=LONGEST_OUTPUT,
            ),
            text("The smaller model uses as many tokens (ratio 1) at its list price of today"),
            text("All of them get good enough answers: that is what needs the evaluation"),
        ),
        evidence=_evidence(ledger) if saved else (),
        unknowns=(Unknown(what=text("quality of the smaller model's answers: only an evaluation tells"), column=""),),
        steps=STEPS,
        details=tuple(_details(ledger)) if saved else (),
        headings=dict(HEADINGS),
    )
    if saved:
        return found
    return without_saving(found, text("no simple request is of a model with a smaller sibling in our list"))


def _evidence(ledger: Ledger) -> tuple[Evidence, ...]:
    requests, share = ledger.one(
        f"SELECT count(*), count(*) / (SELECT count(*) FROM log.requests) FROM {simple(ledger)}"
    )
    return (
        Evidence(label=text("simple requests"), value=requests, unit="requests"),
        Evidence(label=text("their share of all requests"), value=share, unit="share"),
    )


def _details(ledger: Ledger) -> Iterable[dict[str, Shown]]:
    largest = f"SELECT key, count(*), sum(saved) FROM {simple(ledger)} GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {MOST_SHOWN}"
    totals = {key: rest for key, *rest in ledger.all(largest)}
    for target in targets(ledger):
        if target.model.key in totals:
            requests, saved = totals[target.model.key]
            yield {
                "model": target.model.model or target.model.model_id or "",
                "smaller_model": target.name,
                "requests": requests,
                "saving_usd": saved,
                "latency": _latency(ledger, target),
            }


def _latency(ledger: Ledger, target: Target) -> Text:
    """p95 of both models on simple requests where the log has the smaller one's own; else unverified."""
    keys = [model.key for model in ledger.prices.models if model.model_id == target.name]
    if not keys or why_no_latency(ledger) is not None:
        return Speed.UNVERIFIED.value
    now, then = ledger.one(
        f"""SELECT quantile_cont(latency_ms, 0.95) FILTER (key = {target.model.key}),
            quantile_cont(latency_ms, 0.95) FILTER (key IN ({", ".join(map(str, keys))}))
        FROM priced WHERE input <= {LONGEST_INPUT} AND output <= {LONGEST_OUTPUT}"""
    )
    if not (now and then):
        return Speed.UNVERIFIED.value
    return text("p95 {now:,.0f} ms now, {then:,.0f} ms where the log has the smaller model", now=now, then=then)


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.UNVERIFIED, estimate=estimate, effect=effect)
