"""Prompt caching: input that the provider's cache would have served at its read price, by replaying the log.

With prefix blocks and times, the log is replayed under the provider's rules (price_list.CACHE_TERMS). With sessions
only, or without times, the saving is an upper bound, which is not in the headline; with neither it is unknown. Input
that the log reports as cached already is not counted again."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from core.i18n.text import Text, join_texts, plural_text, text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.log_state import LogState
from workloads.analysis.prefix_cache import TTLS, has_blocks
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import Lever, Speed, build_unknown_estimate
from workloads.levers.cache_policy import PROMISED_POLICY, build_cacheable_sql, build_replay_sql, sum_policies
from workloads.pricing.constraints import ExcludedChange
from workloads.pricing.price_list import get_cache_terms

NAME, TITLE = "prompt_cache", text("Use prompt caching")
MAX_NAMED = 5
MAX_SHOWN = 50  # models with a row each: those with the most tokens
REPLAY_FORMULA = text(
    "additional cache reads × (fresh input price − cache-read price) "
    "− additional cache writes × (cache-write price − fresh input price)"
)
UPPER_BOUND_FORMULA = text("input that sessions could read from the cache × (fresh input price − cache-read price)")
TIMED_ASSUMPTION = text(
    "A request reads from the cache only within the provider's shortest cache lifetime "
    "after the previous one of its session"
)
UNTIMED_ASSUMPTION = text("Every repeated prefix is still cached when it recurs, in file order; the log has no times")
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "kept_for": text("cache lifetime"),
        "saving_usd": text("saving"),
        "saving_if_all_is_written_usd": text("saving if everything is cached"),
    }
)

STEPS = (
    PlanStep(
        step=text(
            "Put static content (instructions, tools, documents) first and variable content last; where the provider "
            "requires it, mark the end of the static part for caching"
        ),
        effort=join_texts(" - ", ("medium", text("reorder prompts, set one parameter"))),
        risk=join_texts(
            " - ", ("low", text("same model, same answers; cache writes cost extra if the prefix is not reused"))
        ),
        undo=text("Remove the cache markers"),
    ),
)


def build_session_reads(log: PricedLog) -> str:
    """Create the TEMP table of the most tokens that sessions could read from the cache: the shorter of two successive
    prompts within the TTL. Returns its name."""
    return log.create_table(
        "session_reads",
        f"""CREATE TEMP TABLE session_reads AS
        SELECT row, greatest(0, least({build_cacheable_sql("shared")} - cache_read, fresh_input)) AS to_read FROM (
            SELECT *, CASE WHEN epoch_us("at") - lag(epoch_us("at")) OVER turns < cache_ttl * 1000000
                THEN least(lag(input) OVER turns, input) ELSE 0 END AS shared
            FROM priced WHERE session IS NOT NULL AND p_read < p_fresh
            WINDOW turns AS (PARTITION BY key, session ORDER BY "at", row)
        )""",
    )


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    if not any(model.has_cache_discount for model in log.prices.models):
        return None
    if has_blocks(log):
        tokens = f"{PROMISED_POLICY.reads} AS to_read, {PROMISED_POLICY.writes} AS to_write"
        changed = f"SELECT row, {tokens} FROM {build_replay_sql(log)}"
        select = f"SELECT * FROM ({changed}) WHERE to_read > 0 OR to_write > 0"
        return f"SELECT e.* FROM ({select}) e JOIN {state.relation} s USING (row) WHERE is_made"
    if log.has_columns("session"):
        return f"""SELECT row, to_read FROM {build_session_reads(log)} JOIN {state.relation} s USING (row)
            WHERE to_read > 0 AND is_made"""
    return None


def estimate(log: PricedLog) -> Estimate:
    if not (has_blocks(log) or log.has_columns("session")):
        bound = Unknown(what=text("an upper limit on prompt-caching savings"), column="session")
        return build_unknown_estimate(
            NAME, TITLE, Unknown(what=text("prompt-caching savings"), column="blocks"), bound, formula=REPLAY_FORMULA
        )
    if not any(model.has_cache_discount for model in log.prices.models):
        what = text("prompt-caching savings (no model has a price for cached input)")
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
            text("Prefixes stay cached for the provider's shortest lifetime (5 min for most), renewed on each use"),
            *(() if log.has_times else (UNTIMED_ASSUMPTION,)),
            text(
                "Only prefixes that are reused in time are written; this is only known in hindsight, so mark the parts "
                "that never change"
            ),
            text(
                "Cached prefixes have at least the provider's minimum length; cache reads and writes cost "
                "their list prices"
            ),
            text("For cache lifetimes above 5 min, writes cost the 1-hour list price where there is one"),
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
                "Within a session, each prompt starts with the entire previous one, so at most the shorter of the two "
                "is cached"
            ),
            TIMED_ASSUMPTION if log.has_times else UNTIMED_ASSUMPTION,
            text("Cache writes are free"),
            *_list_logged_cache_assumptions(log),
            *_list_undocumented_rules(log),
        ),
        evidence=(),
        unknowns=(
            Unknown(what=text("how much the prompts of a session share"), column="blocks"),
            *_list_time_unknowns(log),
        ),
        steps=STEPS if saved > 0 else (),
    )


def _list_logged_cache_assumptions(log: PricedLog) -> tuple[Text, ...]:
    if log.has_columns("cache_read"):
        return (text("Input that the log reports as already cached (read or written) is not counted again"),)
    return (text("The log reports no cached tokens, so no input is assumed to be cached already"),)


def _list_undocumented_rules(log: PricedLog) -> tuple[Text, ...]:
    """Return the assumption about models to which another provider's cache rules are applied."""
    models = [model for model in log.prices.models if model.has_cache_discount]
    undocumented = [model for model in models if not get_cache_terms(model.provider_id, model.model_id).is_documented]
    if not undocumented:
        return ()
    names = ", ".join(model.model or model.model_id or "" for model in undocumented[:MAX_NAMED])
    if len(undocumented) <= MAX_NAMED:
        return (
            text(
                "OpenAI's caching rules (from 1,024 tokens, 5 min) are applied to {names}, whose own rules are "
                "undocumented",
                names=names,
            ),
        )
    return (
        plural_text(
            "OpenAI's caching rules (from 1,024 tokens, 5 min) are applied to {names} and {n} more, whose own rules "
            "are undocumented",
            n=len(undocumented) - MAX_NAMED,
            names=names,
        ),
    )


def _list_time_unknowns(log: PricedLog) -> tuple[Unknown, ...]:
    if log.has_times:
        return ()
    return (Unknown(what=text("which prompts arrive while their prefix is still cached"), column="time"),)


def _list_evidence(log: PricedLog) -> tuple[Evidence, ...]:
    reads, writes, everything, *_ = sum_policies(log)
    return (
        Evidence(label=text("additional input read from the cache"), value=reads, unit="tokens"),
        Evidence(label=text("additional input written to the cache"), value=writes, unit="tokens"),
        Evidence(label=text("saving if every prefix were written"), value=everything, unit="USD"),
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
        return text("break-even reads per write, at your prices")
    return text("break-even reads per write, {model}", model=model)


def _list_savings_by_ttl(log: PricedLog) -> Iterable[dict[str, DisplayValue]]:
    saved = sum_policies(log)[3:]
    for ttl, reread, everything in zip(TTLS, saved[::2], saved[1::2], strict=True):
        label = text("{minutes} min", minutes=ttl // 60) if ttl else text("no expiry")
        yield {"kept_for": label, "saving_usd": reread, "saving_if_all_is_written_usd": everything}


LEVER = Lever(
    name=NAME, title=TITLE, speed=Speed.FASTER, estimate=estimate, effect=build_effect_sql, change=ExcludedChange.CACHES
)
