"""Prompt caching: input that the provider's cache would have served at its read price, by replaying the log.

With prefix blocks: the replay, under the provider's rules (cacheterms). With sessions only: an upper bound, out of
the headline. With neither: unknown. What the log says was cached already is never saved again.
"""

from collections.abc import Iterable

from workloads.estimate import Basis, Bound, Estimate, Evidence, Number, PlanStep, Unknown
from workloads.ledger import Ledger
from workloads.levers.base import Lever, Speed, unknown
from workloads.levers.policy import PROMISED, caching, replayed, sums
from workloads.replay import TTLS, has_blocks

NAME, TITLE = "prompt_cache", "Cache the prompts' common prefixes"

STEPS = (
    PlanStep(
        step="Put what does not change (instructions, tools, documents) first, what changes last; mark the end of the "
        "re-read part for caching where the provider wants it marked",
        effort="medium - order of prompts, one parameter",
        risk="low - same model, same answers; writes cost more where nothing is re-read",
        undo="Take the cache marks out",
    ),
)


def by_session(ledger: Ledger) -> str:
    """The TEMP table of the most that sessions could re-read: the shorter of two prompts in a row, within the TTL."""
    return ledger.build(
        "session_reads",
        f"""CREATE TEMP TABLE session_reads AS
        SELECT row, greatest(0, least({caching("shared")} - cache_read, fresh_input)) AS to_read FROM (
            SELECT *, CASE WHEN epoch_us("at") - lag(epoch_us("at")) OVER talk < cache_ttl * 1000000
                THEN least(lag(input) OVER talk, input) ELSE 0 END AS shared
            FROM priced WHERE session IS NOT NULL AND p_read < p_fresh
            WINDOW talk AS (PARTITION BY key, session ORDER BY "at", row)
        )""",
    )


def effect(ledger: Ledger) -> str | None:
    if not any(model.caches for model in ledger.prices.models):
        return None
    if has_blocks(ledger):
        found = f"SELECT row, {PROMISED.reads} AS to_read, {PROMISED.writes} AS to_write FROM {replayed(ledger)}"
        return f"SELECT * FROM ({found}) WHERE to_read > 0 OR to_write > 0"
    if ledger.has("session"):
        return f"SELECT row, to_read FROM {by_session(ledger)} WHERE to_read > 0"
    return None


def estimate(ledger: Ledger) -> Estimate:
    if not (has_blocks(ledger) or ledger.has("session")):
        what = "prompt-cache saving (needs hashes of prefix blocks; a session id gives an upper bound)"
        return unknown(NAME, TITLE, Unknown(what=what, column="blocks"))
    if not any(model.caches for model in ledger.prices.models):
        what = "prompt-cache saving (needs a model whose price for cached input is known)"
        return unknown(NAME, TITLE, Unknown(what=what, column="model"))
    return _replayed(ledger) if has_blocks(ledger) else _bounded(ledger)


def _replayed(ledger: Ledger) -> Estimate:
    saved = LEVER.saving(ledger)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE,
        headline=True,
        assumptions=(
            "Prefixes stay cached for the provider's shortest time (5 min for most), renewed on each use",
            "Only prefixes that this log re-reads in time are written; that is known afterwards, so mark the parts "
            "that never change",
            "A cached prefix has the provider's minimum length; writes and reads have the price list's prices",
            *_fairness(ledger),
        ),
        evidence=_evidence(ledger),
        unknowns=(),
        steps=STEPS if saved > 0 else (),
        details=tuple(_by_ttl(ledger)),
    )


def _bounded(ledger: Ledger) -> Estimate:
    saved = LEVER.saving(ledger)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.UPPER,
        headline=False,
        assumptions=(
            "Within a session each prompt begins with the whole previous one: at most the shorter of the two is cached",
            "Time since the previous request of the session is under the provider's shortest cache time; writes free",
            *_fairness(ledger),
        ),
        evidence=(),
        unknowns=(Unknown(what="what prompts in a session really share", column="blocks"),),
        steps=STEPS if saved > 0 else (),
    )


def _fairness(ledger: Ledger) -> tuple[str, ...]:
    if ledger.has("cache_read"):
        return ("Input that the log says was read from or written to a cache already is not counted again",)
    return ("The log does not tell what was cached already: nothing is taken to have been",)


def _evidence(ledger: Ledger) -> tuple[Evidence, ...]:
    reads, writes, everything, *_ = sums(ledger)
    return (
        Evidence(label="input that would be read from the cache", value=reads, unit="tokens"),
        Evidence(label="input that would be written to it", value=writes, unit="tokens"),
        Evidence(label="saving if everything were written", value=everything, unit="USD"),
        *_break_even(ledger),
    )


def _break_even(ledger: Ledger) -> tuple[Evidence, ...]:
    """Reads per write from which caching pays, (write - 1) / (1 - read) in multiples of fresh input, per model."""
    return tuple(
        Evidence(
            label=f"reads per write to break even, {model.model or model.model_id or 'given prices'}",
            value=round((model.cache_write - model.fresh_input) / (model.fresh_input - model.cache_read), 3),
            unit="reads",
        )
        for model in ledger.prices.models
        if model.caches and model.cache_write > model.fresh_input
    )


def _by_ttl(ledger: Ledger) -> Iterable[dict[str, Number | str]]:
    saved = sums(ledger)[3:]
    for ttl, reread, everything in zip(TTLS, saved[::2], saved[1::2], strict=True):
        label = f"{ttl // 60} min" if ttl else "no limit"
        yield {"ttl": label, "saving_usd": reread, "saving_cache_all_usd": everything}


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.FASTER, estimate=estimate, effect=effect)
