"""Prompt caching: input that the provider's cache would have served at its read price, by replaying the log.

With prefix blocks and times: the replay, under the provider's rules (cacheterms). With sessions only, or without times:
an upper bound, out of the headline. With neither: unknown. What the log says was cached already is never saved again.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from netra.language.text import Text, counted, joined, text
from workloads.cacheterms import terms_of
from workloads.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Shown, Unknown
from workloads.ledger import Ledger
from workloads.levers.base import Lever, Speed, unknown
from workloads.levers.policy import PROMISED, caching, replayed, sums
from workloads.replay import TTLS, has_blocks

NAME, TITLE = "prompt_cache", text("Cache the prompts' common prefixes")
MOST_NAMED = 5
MOST_SHOWN = 50  # models of which each gets a row, those with most tokens
REPLAYED = text(
    "input newly read from the cache × (fresh price − cache-read price) "
    "− input newly written to it × (cache-write price − fresh price)"
)
BOUNDED = text("input that a session could re-read × (fresh price − cache-read price)")
TIMED = text(
    "Only a request within the provider's shortest cache time after the previous one of its session reads anything"
)
UNTIMED = text("All that comes again comes while it is still cached, in the file's order: the log tells no times")
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
        effort=joined(" - ", ("medium", text("order of prompts, one parameter"))),
        risk=joined(" - ", ("low", text("same model, same answers; writes cost more where nothing is re-read"))),
        undo=text("Take the cache marks out"),
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
        bound = Unknown(what=text("an upper bound of the prompt-cache saving"), column="session")
        return unknown(NAME, TITLE, Unknown(what=text("prompt-cache saving"), column="blocks"), bound, formula=REPLAYED)
    if not any(model.caches for model in ledger.prices.models):
        what = text("prompt-cache saving, for want of a model with a price for cached input")
        return unknown(NAME, TITLE, Unknown(what=what, column="model"), formula=REPLAYED)
    return _replayed(ledger) if has_blocks(ledger) else _bounded(ledger)


def _replayed(ledger: Ledger) -> Estimate:
    saved = LEVER.saving(ledger)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE if ledger.timed else Bound.UPPER,
        headline=ledger.timed,
        formula=REPLAYED,
        assumptions=(
            text("Prefixes stay cached for the provider's shortest time (5 min for most), renewed on each use"),
            *(() if ledger.timed else (UNTIMED,)),
            text(
                "Only prefixes that this log re-reads in time are written; that is known afterwards, so mark the parts "
                "that never change"
            ),
            text("A cached prefix has the provider's minimum length; writes and reads have the price list's prices"),
            text(
                "Where prefixes are kept longer than 5 min, writes have the price list's price for an hour, "
                "if it has one"
            ),
            *_fairness(ledger),
            *_undocumented(ledger),
        ),
        evidence=_evidence(ledger),
        unknowns=_when(ledger),
        steps=STEPS if saved > 0 else (),
        details=tuple(_by_ttl(ledger)) if ledger.timed else (),
        headings=dict(HEADINGS),
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
        formula=BOUNDED,
        assumptions=(
            text(
                "Within a session each prompt begins with the whole previous one: at most the shorter of the two is "
                "cached"
            ),
            TIMED if ledger.timed else UNTIMED,
            text("Writing to the cache is free"),
            *_fairness(ledger),
            *_undocumented(ledger),
        ),
        evidence=(),
        unknowns=(Unknown(what=text("what prompts in a session really share"), column="blocks"), *_when(ledger)),
        steps=STEPS if saved > 0 else (),
    )


def _fairness(ledger: Ledger) -> tuple[Text, ...]:
    if ledger.has("cache_read"):
        return (text("Input that the log says was read from or written to a cache already is not counted again"),)
    return (text("The log does not tell what was cached already: nothing is taken to have been"),)


def _undocumented(ledger: Ledger) -> tuple[Text, ...]:
    """The models whose cache rules are taken from another provider, as an assumption."""
    models = [model for model in ledger.prices.models if model.caches]
    taken = [one for one in models if not terms_of(one.provider_id, one.model_id).documented]
    if not taken:
        return ()
    names = ", ".join(one.model or one.model_id or "" for one in taken[:MOST_NAMED])
    if len(taken) <= MOST_NAMED:
        return (
            text(
                "OpenAI's cache rules (from 1,024 tokens, 5 min) hold for {names}: their own are not documented",
                names=names,
            ),
        )
    return (
        counted(
            "OpenAI's cache rules (from 1,024 tokens, 5 min) hold for {names} and {n} more: their own are not "
            "documented",
            n=len(taken) - MOST_NAMED,
            names=names,
        ),
    )


def _when(ledger: Ledger) -> tuple[Unknown, ...]:
    if ledger.timed:
        return ()
    return (Unknown(what=text("which prompts come while the cache still holds their prefix"), column="time"),)


def _evidence(ledger: Ledger) -> tuple[Evidence, ...]:
    reads, writes, everything, *_ = sums(ledger)
    return (
        Evidence(label=text("input that would be read from the cache"), value=reads, unit="tokens"),
        Evidence(label=text("input that would be written to it"), value=writes, unit="tokens"),
        Evidence(label=text("saving if everything were written"), value=everything, unit="USD"),
        *_break_even(ledger),
    )


def _break_even(ledger: Ledger) -> tuple[Evidence, ...]:
    """Reads per write from which caching pays, (write - 1) / (1 - read) in multiples of fresh input, per model."""
    return tuple(
        Evidence(
            label=_pays(model.model or model.model_id),
            value=round((model.cache_write - model.fresh_input) / (model.fresh_input - model.cache_read), 3),
            unit="reads",
        )
        for model in [each for each in ledger.prices.models if each.caches and each.cache_write > each.fresh_input][
            :MOST_SHOWN
        ]
    )


def _pays(model: str | None) -> Text:
    if not model:
        return text("reads per write from which caching pays, given prices")
    return text("reads per write from which caching pays, {model}", model=model)


def _by_ttl(ledger: Ledger) -> Iterable[dict[str, Shown]]:
    saved = sums(ledger)[3:]
    for ttl, reread, everything in zip(TTLS, saved[::2], saved[1::2], strict=True):
        label = text("{minutes} min", minutes=ttl // 60) if ttl else text("no limit")
        yield {"kept_for": label, "saving_usd": reread, "saving_if_all_is_written_usd": everything}


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.FASTER, estimate=estimate, effect=effect)
