"""The requests that a smaller model of the same provider may answer, and what they would cost there.

Models with the same tokenizer count the same tokens. Between tokenizers the counts differ, by how much depends on the
text: the range here covers English, code and other languages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from core.i18n.text import Text, text
from workloads.analysis.granularity import explain_missing_latency
from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import Speed
from workloads.levers.repricing.offers import Offer, build_offered_costs, list_offered_rates, select_features
from workloads.pricing.price_list import CacheTerms, ListedModel, get_cache_terms
from workloads.pricing.prices import PricedModel
from workloads.pricing.purchases import Purchase

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

TOKENIZERS: tuple[tuple[str, str], ...] = (
    (r"gpt-(4o|4\.1|4\.5|5|6|oss)|chatgpt-4o|o[1-9]\b", "o200k"),
    (r"gpt-(4|3\.5)|text-embedding", "cl100k"),
    (r"claude-(opus-(4-[7-9]|[5-9])|sonnet-[5-9]|haiku-[5-9])", "Claude, from Opus 4.7"),
    (r"claude", "Claude, until Opus 4.6"),
    (r"gemini|gemma", "Gemini"),
    (r"grok", "Grok"),
    (r"deepseek", "DeepSeek"),
    (r"mistral|ministral|magistral|codestral|mixtral", "Mistral"),
    (r"llama", "Llama"),
    (r"qwen|qwq", "Qwen"),
)
"""Models, as regular expressions on the price list's names, and their tokenizers; the first match counts. OpenAI's are
those of tiktoken; Anthropic says that Opus 4.7 counts up to 1.35 times the tokens of models before it."""

LEVER_NAME = "right_size"
MAX_INPUT_TOKENS, MAX_OUTPUT_TOKENS = 2_000, 300
MIN_SIMPLE_SHARE = "0.95"
TEXT_SQL = "p.searches = 0 AND p.audio_input + p.audio_read + p.audio_output + p.image_input = 0"
SIMPLE_SQL = f"""p.input <= {MAX_INPUT_TOKENS} AND p.output <= {MAX_OUTPUT_TOKENS} AND p.reasoning = 0
    AND NOT coalesce(p.has_tools, false) AND {TEXT_SQL}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRatio:
    """How many tokens the target counts for one token of the log: from `least` to `most`."""

    least: Decimal
    most: Decimal

    @property
    def is_known(self) -> bool:
        return self.least == self.most


SAME = TokenRatio(least=Decimal(1), most=Decimal(1))
OTHER = TokenRatio(least=Decimal("0.75"), most=Decimal("1.35"))


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


def get_token_ratio(model: str | None, target: str) -> TokenRatio:
    """Return the range of token ratios between two models of the price list."""
    ours, theirs = _find_tokenizer(model or ""), _find_tokenizer(target)
    return SAME if model == target or (ours is not None and ours == theirs) else OTHER


def _find_tokenizer(model: str) -> str | None:
    return next((name for pattern, name in TOKENIZERS if re.search(pattern, model)), None)


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
    answers = [answer for answer in log.assumptions.answers if answer.lever == LEVER_NAME]
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


def select_routed(log: PricedLog, targets: Targets, state: LogState = INITIAL_STATE) -> str:
    """Return a subquery of the requests that are routed: those of the features that the user allowed, if any."""
    allowed, _ = list_answers(log)
    where = select_features("feature", allowed) if allowed else "true"
    return f"(SELECT * FROM {build_simple_requests(log, targets, state)} WHERE {where})"


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
