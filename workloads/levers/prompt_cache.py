"""Prompt caching: input that the provider's cache would have served at its read price, by replaying the log.

With prefix blocks and times, the log is replayed under the provider's rules (price_list.CACHE_TERMS). Where prompts
have to be marked for caching, the saving is that of the best setting that can be run (cache_policy.RUNNABLE), not of
perfect foresight. A provider that caches by itself may have done so already: unless the log reports cached tokens, what
it would save is an upper bound. With sessions only, or without times, the saving is an upper bound as well, and with
neither it is unknown. Input that the log reports as cached is not counted again."""

from core.i18n.text import Text, text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, Unknown
from workloads.analysis.log_state import LogState
from workloads.analysis.prefix_cache import has_blocks
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import Lever, Speed, build_unknown_estimate
from workloads.levers.cache_policy import (
    AUTOMATIC,
    CacheSavings,
    CacheSetting,
    build_cacheable_sql,
    build_replay_sql,
    measure_savings,
    sum_tokens,
)
from workloads.levers.prompt_cache_texts import (
    HEADINGS,
    LIFETIMES,
    STEP,
    TIMED_ASSUMPTION,
    UNTIMED_ASSUMPTION,
    build_step,
    describe_readiness,
    describe_settings,
    list_logged_cache_assumptions,
    list_undocumented_rules,
)
from workloads.pricing.constraints import ExcludedChange

NAME, TITLE = "prompt_cache", text("Use prompt caching")
MAX_SHOWN = 50  # models with a row each: those with the most tokens
REPLAY_FORMULA = text(
    "additional cache reads × (fresh input price − cache-read price) "
    "− additional cache writes × (cache-write price − fresh input price)"
)
UPPER_BOUND_FORMULA = text("input that sessions could read from the cache × (fresh input price − cache-read price)")


def build_session_reads(log: PricedLog, state: LogState) -> str:
    """Create the TEMP table of the most tokens that sessions could read from the cache: the shorter of two successive
    prompts within the TTL. Returns its name."""
    table = state.name_table("session_reads")
    return log.create_table(
        table,
        f"""CREATE TEMP TABLE {table} AS
        SELECT row, greatest(0, least({build_cacheable_sql("shared")} - cache_read, fresh_input)) AS to_read FROM (
            SELECT *, CASE WHEN epoch_us("at") - lag(epoch_us("at")) OVER turns < cache_ttl * 1000000
                THEN least(lag(input) OVER turns, input) ELSE 0 END AS shared
            FROM (
                SELECT s.*, r."at", hash(s.cache_owner, r.session) AS conversation,
                    s.fresh_input + s.cache_read + s.cache_write AS input
                FROM {state.relation} s JOIN log.requests r USING (row)
                WHERE r.session IS NOT NULL AND s.p_read < s.p_fresh AND s.is_made AND NOT s.is_batched
            )
            WINDOW turns AS (PARTITION BY conversation ORDER BY "at", row)
        )""",
    )


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    if not any(model.has_cache_discount for model in log.prices.models):
        return None
    if has_blocks(log):
        selects = (
            f"""SELECT row, {setting.reads} AS to_read, {_build_writes_sql(setting)}
            FROM {build_replay_sql(log, state)} WHERE {setting.applies}"""
            for setting in _list_settings(log)
        )
        changed = " UNION ALL ".join(selects)
        return f"FROM ({changed}) WHERE to_read > 0 OR to_write > 0 OR to_write_1h > 0" if changed else None
    if log.has_columns("session"):
        return f"SELECT row, to_read FROM {build_session_reads(log, state)} WHERE to_read > 0"
    return None


def _build_writes_sql(setting: CacheSetting) -> str:
    short, long = ("0", setting.writes) if setting.is_long else (setting.writes, "0")
    return f"{short} AS to_write, {long} AS to_write_1h"


def _list_settings(log: PricedLog) -> tuple[CacheSetting, ...]:
    """Return the settings that count: the best one for prompts that have to be marked, and what the provider does by
    itself if the log tells what is cached already, or if there is nothing else."""
    savings = measure_savings(log)
    best = (savings.best,) if savings.best else ()
    counts_automatic = savings.automatic > 0 and (log.has_columns("cache_read") or not best)
    return (*best, *((AUTOMATIC,) if counts_automatic else ()))


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
    saved, savings, settings = LEVER.compute_saving(log), measure_savings(log), _list_settings(log)
    is_promised = log.has_times and (log.has_columns("cache_read") or AUTOMATIC not in settings)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE if is_promised else Bound.UPPER,
        headline=is_promised,
        formula=REPLAY_FORMULA,
        assumptions=(
            *describe_settings(savings),
            *(() if log.has_times else (UNTIMED_ASSUMPTION,)),
            describe_readiness(log),
            text(
                "Cached prefixes have at least the provider's minimum length; cache reads and writes cost "
                "their list prices"
            ),
            text("All requests of a model share one cache; failed requests and batches neither read nor write"),
            *list_logged_cache_assumptions(log),
            *list_undocumented_rules(log),
        ),
        evidence=_list_evidence(log, savings, settings),
        unknowns=_list_time_unknowns(log) + _list_automatic_unknowns(log, savings),
        steps=tuple(build_step(setting) for setting in settings) if saved > 0 else (),
        details=_list_details(savings) if log.has_times and any(savings.runnable) else (),
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
            *list_logged_cache_assumptions(log),
            *list_undocumented_rules(log),
        ),
        evidence=(),
        unknowns=(
            Unknown(what=text("how much the prompts of a session share"), column="blocks"),
            *_list_time_unknowns(log),
        ),
        steps=(STEP,) if saved > 0 else (),
    )


def _list_automatic_unknowns(log: PricedLog, savings: CacheSavings) -> tuple[Unknown, ...]:
    if log.has_columns("cache_read") or savings.automatic <= 0:
        return ()
    what = text("what providers that cache by themselves have served from the cache already")
    return (Unknown(what=what, column="cached_tokens"),)


def _list_time_unknowns(log: PricedLog) -> tuple[Unknown, ...]:
    if log.has_times:
        return ()
    return (Unknown(what=text("which prompts arrive while their prefix is still cached"), column="time"),)


def _list_evidence(log: PricedLog, savings: CacheSavings, settings: tuple[CacheSetting, ...]) -> tuple[Evidence, ...]:
    reads, writes = sum_tokens(log, settings)
    most = (
        (
            Evidence(
                label=text("at most, if it were known which prefixes are read again"), value=savings.bound, unit="USD"
            ),
        )
        if any(savings.runnable)
        else ()
    )
    automatic = (
        (Evidence(label=text("at most, by providers that cache by themselves"), value=savings.automatic, unit="USD"),)
        if AUTOMATIC not in settings and savings.automatic > 0
        else ()
    )
    return (
        Evidence(label=text("additional input read from the cache"), value=reads, unit="tokens"),
        Evidence(label=text("additional input written to the cache"), value=writes, unit="tokens"),
        *most,
        *automatic,
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


def _list_details(savings: CacheSavings) -> tuple[dict[str, DisplayValue], ...]:
    """Return the savings of the settings that can be run, a row for each lifetime, beside perfect foresight."""
    pairs = zip(savings.runnable[::2], savings.runnable[1::2], strict=True)
    return tuple(
        {
            "kept_for": lifetime,
            "saving_usd": seen,
            "saving_if_all_is_written_usd": everything,
            "most_usd": max(seen, everything, most),
        }
        for lifetime, (seen, everything), most in zip(LIFETIMES, pairs, savings.hindsight, strict=True)
    )


LEVER = Lever(
    name=NAME, title=TITLE, speed=Speed.FASTER, estimate=estimate, effect=build_effect_sql, change=ExcludedChange.CACHES
)
