"""Prompt caching: input that the provider's cache would have served at its read price, by replaying the log.

With prefix blocks and times, the log is replayed under the provider's rules (price_list.CACHE_TERMS). With sessions
only, or without times, the saving is an upper bound, out of the headline; with neither it is unknown. Input that the
log says was cached already is never saved again."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from core.i18n.text import Text, join_texts, plural_text, text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.prefix_cache import TTLS, has_blocks
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import Lever, Speed, build_unknown_estimate
from workloads.levers.cache_policy import PROMISED_POLICY, build_cacheable_sql, build_replay_sql, sum_policies
from workloads.pricing.price_list import get_cache_terms

NAME, TITLE = "prompt_cache", text("Cache the prompts' common prefixes")
MAX_NAMED = 5
MAX_SHOWN = 50  # models with a row each, those with most tokens
REPLAY_FORMULA = text(
    "input newly read from the cache × (fresh price − cache-read price) "
    "− input newly written to it × (cache-write price − fresh price)"
)
UPPER_BOUND_FORMULA = text("input that a session could re-read × (fresh price − cache-read price)")
TIMED_ASSUMPTION = text(
    "Only a request within the provider's shortest cache time after the previous one of its session reads anything"
)
UNTIMED_ASSUMPTION = text(
    "All that comes again comes while it is still cached, in the file's order: the log tells no times"
)
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "kept_for": text("kept for"),
        "saving_usd": text("saving"),
        "saving_if_all_is_written_usd": text("saving if all is written"),
    }
)

STEPS = (
    PlanStep(
        step=text(
            "Put what does not change (instructions, tools, documents) first, what changes last; mark the end of the "
            "re-read part for caching where the provider wants it marked"
        ),
        effort=join_texts(" - ", ("medium", text("order of prompts, one parameter"))),
        risk=join_texts(" - ", ("low", text("same model, same answers; writes cost more where nothing is re-read"))),
        undo=text("Take the cache marks out"),
    ),
)


def build_session_reads(log: PricedLog) -> str:
    """Create the TEMP table of the most that sessions could re-read: the shorter of two successive prompts within the
    TTL.

    Returns its name.
    """
    return log.create_table(
        "session_reads",
        f"""CREATE TEMP TABLE session_reads AS
        SELECT row, greatest(0, least({build_cacheable_sql("shared")} - cache_read, fresh_input)) AS to_read FROM (
            SELECT *, CASE WHEN epoch_us("at") - lag(epoch_us("at")) OVER talk < cache_ttl * 1000000
                THEN least(lag(input) OVER talk, input) ELSE 0 END AS shared
            FROM priced WHERE session IS NOT NULL AND p_read < p_fresh
            WINDOW talk AS (PARTITION BY key, session ORDER BY "at", row)
        )""",
    )


def build_effect_sql(log: PricedLog) -> str | None:
    if not any(model.has_cache_discount for model in log.prices.models):
        return None
    if has_blocks(log):
        tokens = f"{PROMISED_POLICY.reads} AS to_read, {PROMISED_POLICY.writes} AS to_write"
        changed = f"SELECT row, {tokens} FROM {build_replay_sql(log)}"
        return f"SELECT * FROM ({changed}) WHERE to_read > 0 OR to_write > 0"
    if log.has_columns("session"):
        return f"SELECT row, to_read FROM {build_session_reads(log)} WHERE to_read > 0"
    return None


def estimate(log: PricedLog) -> Estimate:
    if not (has_blocks(log) or log.has_columns("session")):
        bound = Unknown(what=text("an upper bound of the prompt-cache saving"), column="session")
        return build_unknown_estimate(
            NAME, TITLE, Unknown(what=text("prompt-cache saving"), column="blocks"), bound, formula=REPLAY_FORMULA
        )
    if not any(model.has_cache_discount for model in log.prices.models):
        what = text("prompt-cache saving, for want of a model with a price for cached input")
        return build_unknown_estimate(NAME, TITLE, Unknown(what=what, column="model"), formula=REPLAY_FORMULA)
    return _estimate_replay(log) if has_blocks(log) else _estimate_upper_bound(log)


def _estimate_replay(log: PricedLog) -> Estimate:
    saved = LEVER.compute_saving(log)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE if log.has_times else Bound.UPPER,
        headline=log.has_times,
        formula=REPLAY_FORMULA,
        assumptions=(
            text("Prefixes stay cached for the provider's shortest time (5 min for most), renewed on each use"),
            *(() if log.has_times else (UNTIMED_ASSUMPTION,)),
            text(
                "Only prefixes that this log re-reads in time are written; that is known afterwards, so mark the parts "
                "that never change"
            ),
            text("A cached prefix has the provider's minimum length; writes and reads have the price list's prices"),
            text(
                "Where prefixes are kept longer than 5 min, writes have the price list's price for an hour, "
                "if it has one"
            ),
            *_list_logged_cache_assumptions(log),
            *_list_undocumented_rules(log),
        ),
        evidence=_list_evidence(log),
        unknowns=_list_time_unknowns(log),
        steps=STEPS if saved > 0 else (),
        details=tuple(_list_savings_by_ttl(log)) if log.has_times else (),
        headings=dict(HEADINGS),
    )


def _estimate_upper_bound(log: PricedLog) -> Estimate:
    saved = LEVER.compute_saving(log)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.UPPER,
        headline=False,
        formula=UPPER_BOUND_FORMULA,
        assumptions=(
            text(
                "Within a session each prompt begins with the whole previous one: at most the shorter of the two is "
                "cached"
            ),
            TIMED_ASSUMPTION if log.has_times else UNTIMED_ASSUMPTION,
            text("Writing to the cache is free"),
            *_list_logged_cache_assumptions(log),
            *_list_undocumented_rules(log),
        ),
        evidence=(),
        unknowns=(
            Unknown(what=text("what prompts in a session really share"), column="blocks"),
            *_list_time_unknowns(log),
        ),
        steps=STEPS if saved > 0 else (),
    )


def _list_logged_cache_assumptions(log: PricedLog) -> tuple[Text, ...]:
    if log.has_columns("cache_read"):
        return (text("Input that the log says was read from or written to a cache already is not counted again"),)
    return (text("The log does not tell what was cached already: nothing is taken to have been"),)


def _list_undocumented_rules(log: PricedLog) -> tuple[Text, ...]:
    """Return the assumption about models whose cache rules are taken from another provider."""
    models = [model for model in log.prices.models if model.has_cache_discount]
    undocumented = [model for model in models if not get_cache_terms(model.provider_id, model.model_id).is_documented]
    if not undocumented:
        return ()
    names = ", ".join(model.model or model.model_id or "" for model in undocumented[:MAX_NAMED])
    if len(undocumented) <= MAX_NAMED:
        return (
            text(
                "OpenAI's cache rules (from 1,024 tokens, 5 min) hold for {names}: their own are not documented",
                names=names,
            ),
        )
    return (
        plural_text(
            "OpenAI's cache rules (from 1,024 tokens, 5 min) hold for {names} and {n} more: their own are not "
            "documented",
            n=len(undocumented) - MAX_NAMED,
            names=names,
        ),
    )


def _list_time_unknowns(log: PricedLog) -> tuple[Unknown, ...]:
    if log.has_times:
        return ()
    return (Unknown(what=text("which prompts come while the cache still holds their prefix"), column="time"),)


def _list_evidence(log: PricedLog) -> tuple[Evidence, ...]:
    reads, writes, everything, *_ = sum_policies(log)
    return (
        Evidence(label=text("input that would be read from the cache"), value=reads, unit="tokens"),
        Evidence(label=text("input that would be written to it"), value=writes, unit="tokens"),
        Evidence(label=text("saving if everything were written"), value=everything, unit="USD"),
        *_list_break_even(log),
    )


def _list_break_even(log: PricedLog) -> tuple[Evidence, ...]:
    """Return for each model the reads per write from which caching pays: (write - 1) / (1 - read), in multiples of the
    price of fresh input."""
    discounted = [model for model in log.prices.models if model.has_cache_discount]
    return tuple(
        Evidence(
            label=_label_break_even(model.model or model.model_id),
            value=round((model.cache_write - model.fresh_input) / (model.fresh_input - model.cache_read), 3),
            unit="reads",
        )
        for model in [model for model in discounted if model.cache_write > model.fresh_input][:MAX_SHOWN]
    )


def _label_break_even(model: str | None) -> Text:
    if not model:
        return text("reads per write from which caching pays, given prices")
    return text("reads per write from which caching pays, {model}", model=model)


def _list_savings_by_ttl(log: PricedLog) -> Iterable[dict[str, DisplayValue]]:
    saved = sum_policies(log)[3:]
    for ttl, reread, everything in zip(TTLS, saved[::2], saved[1::2], strict=True):
        label = text("{minutes} min", minutes=ttl // 60) if ttl else text("no limit")
        yield {"kept_for": label, "saving_usd": reread, "saving_if_all_is_written_usd": everything}


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.FASTER, estimate=estimate, effect=build_effect_sql)
