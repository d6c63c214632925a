"""Tier cliffs: prompts just above the length from which the whole request has a higher price.

Some models re-price all tokens of a request whose prompt is longer than 100,000, 200,000 or 272,000 tokens. A prompt
that is a few tokens longer can be trimmed to that length. Whether the answer stays as good needs an evaluation."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from core.i18n.text import Text, join_texts, text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed, build_unknown_estimate, clear_saving
from workloads.levers.repricing.cuts import CUT_EFFECT, build_cut_costs
from workloads.pricing.constraints import ExcludedChange

NAME, TITLE = "tier_cliff", text("Keep prompts below the long-prompt price")
MAX_EXCESS_SHARE = "0.1"
"""How far above its start a prompt may be to be trimmed, as a share of that length."""
MAX_SHOWN = 50
FORMULA = join_texts(
    "; ",
    (text("cost of the requests just above the limit − their cost with the prompt cut to the limit"), COST_FORMULA),
)
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "model": text("model"),
        "limit": text("limit in tokens"),
        "requests": text("requests"),
        "tokens": text("tokens to cut"),
        "saving_usd": text("saving"),
    }
)
STEPS = (
    PlanStep(
        step=text(
            "Before sending a prompt just above the limit, drop the least relevant part, such as the oldest turns or "
            "the last documents found; compare the answers"
        ),
        effort=join_texts(" - ", ("medium", text("count tokens before sending, and a rule for what to drop"))),
        risk=join_texts(" - ", ("medium", text("answers may miss what was dropped; measure before and after"))),
        undo=text("Send the whole prompt again"),
    ),
)


def build_trimmed(log: PricedLog, state: LogState = INITIAL_STATE) -> str:
    """Create the TEMP table of the requests that can be trimmed to the start of a higher price. Returns its name."""
    return build_cut_costs(
        log,
        state,
        "trimmed",
        keep_input="u.min_input - 1",
        where=f"u.min_input > 0 AND s.input - (u.min_input - 1) <= {MAX_EXCESS_SHARE} * (u.min_input - 1)",
    )


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    if not (has_cliffs(log) and _has_long_prompts(log)):
        return None
    # What cannot be cut to the limit, because most of it is written to the cache, keeps the higher price.
    return f"SELECT row, {CUT_EFFECT} FROM {build_trimmed(log, state)} WHERE changes AND cut_read + cut_fresh = above"


def has_cliffs(log: PricedLog) -> bool:
    """Whether a model of the log has a price for long prompts."""
    (found,) = log.fetch_one("SELECT count(*) FROM rates WHERE min_input > 0")
    return bool(found)


def _has_long_prompts(log: PricedLog) -> bool:
    """Whether a prompt is longer than a start of a higher price. No lever makes one longer."""
    (found,) = log.fetch_one(
        """SELECT count(*) FROM rates WHERE min_input > 0
            AND min_input <= (SELECT max(fresh_input + cache_read + cache_write) FROM log.requests)"""
    )
    return bool(found)


def estimate(log: PricedLog) -> Estimate:
    if not has_cliffs(log):
        if log.prices.models:
            return clear_saving(_build_estimate(log), text("no model in the log has a higher price for long prompts"))
        missing = Unknown(what=text("the cost above the price for long prompts"), column="model")
        return build_unknown_estimate(NAME, TITLE, missing, formula=FORMULA)
    result = _build_estimate(log)
    return result if result.saving else clear_saving(result, text("no prompt is just above a limit"))


def _build_estimate(log: PricedLog) -> Estimate:
    saved = LEVER.compute_saving(log)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.NEEDS_EVALUATION,
        bound=Bound.UPPER,
        headline=False,
        formula=FORMULA,
        assumptions=(
            text("Prompts at most {share} above the limit can be cut to it", share="10%"),
            text("Cached input is cut first, which saves only its read price; the rest of the prompt stays as cached"),
            text("The answers stay as good and as long, which needs an evaluation"),
        ),
        evidence=_list_evidence(log) if saved else (),
        unknowns=(
            Unknown(what=text("quality of the answers to shorter prompts; this needs an evaluation"), column=""),
        ),
        steps=STEPS,
        details=tuple(_list_details(log)) if saved else (),
        headings=dict(HEADINGS),
    )


def _list_evidence(log: PricedLog) -> tuple[Evidence, ...]:
    above, cost = log.fetch_one(
        """SELECT count(*), coalesce(sum(cost), 0) FROM scoped p JOIN (SELECT DISTINCT key, min(min_input) AS first
            FROM rates WHERE min_input > 0 GROUP BY key) cliffs USING (key) WHERE NOT p.is_sum AND p.input >= first"""
    )
    trimmed, tokens = log.fetch_one(
        f"SELECT count(*), coalesce(sum(cut_read + cut_fresh), 0)::BIGINT FROM ({build_effect_sql(log, INITIAL_STATE)})"
    )
    return (
        Evidence(label=text("requests above the limit"), value=above, unit="requests"),
        Evidence(label=text("their current cost"), value=cost, unit="USD"),
        Evidence(label=text("requests just above the limit"), value=trimmed, unit="requests"),
        Evidence(label=text("input to cut"), value=tokens, unit="tokens"),
    )


def _list_details(log: PricedLog) -> Iterable[dict[str, DisplayValue]]:
    names = {model.key: model.model or model.model_id or "" for model in log.prices.models}
    rows = log.fetch_all(
        f"""SELECT key, input - above AS kept, count(*), sum(above)::BIGINT, sum(saved) FROM {build_trimmed(log)}
        WHERE changes AND cut_read + cut_fresh = above GROUP BY 1, 2 ORDER BY 5 DESC, 1, 2 LIMIT {MAX_SHOWN}"""
    )
    for key, limit, requests, tokens, saved in rows:
        yield {
            "model": names[key],
            "limit": limit,
            "requests": requests,
            "tokens": tokens,
            "saving_usd": saved,
        }


LEVER = Lever(
    name=NAME,
    title=TITLE,
    speed=Speed.UNVERIFIED,
    estimate=estimate,
    effect=build_effect_sql,
    change=ExcludedChange.LENGTHS,
)
