"""The texts of the prompt-cache lever: its assumptions and steps."""

from collections.abc import Mapping
from types import MappingProxyType

from core.i18n.text import Text, join_texts, plural_text, text
from workloads.analysis.estimate import PlanStep
from workloads.analysis.priced_log import PricedLog
from workloads.levers.cache_policy import AUTOMATIC, CacheSavings, CacheSetting, Writes
from workloads.pricing.price_list import get_cache_terms

MAX_NAMED = 5
TIMED_ASSUMPTION = text(
    "A request reads from the cache only within the provider's shortest cache lifetime "
    "after the previous one of its session"
)
UNTIMED_ASSUMPTION = text("Every repeated prefix is still cached when it recurs, in file order; the log has no times")
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "kept_for": text("cache lifetime"),
        "saving_usd": text("saving if prefixes are cached from their second use on"),
        "saving_if_all_is_written_usd": text("saving if everything is cached"),
        "most_usd": text("at most, in hindsight"),
    }
)
LIFETIMES = (text("{minutes} min", minutes=5), text("{hours} h", hours=1))

EFFORT = join_texts(" - ", ("medium", text("reorder prompts, set one parameter")))
RISK = join_texts(" - ", ("low", text("same model, same answers; cache writes cost extra if the prefix is not reused")))
ORDER = text("Put static content (instructions, tools, documents) first and variable content last")
AUTOMATIC_STEP = PlanStep(
    step=join_texts(
        "; ", (ORDER, text("the provider then caches by itself, so check that its responses report cached tokens"))
    ),
    effort=join_texts(" - ", ("medium", text("reorder prompts"))),
    risk=join_texts(" - ", ("low", text("same model, same answers"))),
    undo=text("Restore the previous order"),
)


STEP = PlanStep(
    step=join_texts("; ", (ORDER, text("where the provider requires it, mark the end of the static part for caching"))),
    effort=EFFORT,
    risk=RISK,
    undo=text("Remove the cache markers"),
)


def list_logged_cache_assumptions(log: PricedLog) -> tuple[Text, ...]:
    if log.has_columns("cache_read"):
        return (
            text(
                "Input that the log reports as already cached (read or written) is not counted again, and requests "
                "with it keep their own marks"
            ),
        )
    return (text("The log reports no cached tokens, so no input is assumed to be cached already"),)


def describe_settings(savings: CacheSavings) -> tuple[Text, ...]:
    best = savings.best
    marked = (_describe_setting(best),) if best else ()
    unmarked = (
        (text("A provider that caches by itself writes every prefix and keeps it for its shortest lifetime"),)
        if savings.automatic > 0
        else ()
    )
    return (*marked, *unmarked)


def _describe_setting(setting: CacheSetting) -> Text:
    """Return which prefixes are written and how long they are cached."""
    lifetime = LIFETIMES[setting.is_long]
    if setting.writes_which is Writes.ALL:
        return text(
            "Every prefix is written and cached for {lifetime}, renewed on each use; of the settings that can be run, "
            "this one saves most on this log",
            lifetime=lifetime,
        )
    return text(
        "A prefix is written from its second use on and cached for {lifetime}, renewed on each use; of the settings "
        "that can be run, this one saves most on this log",
        lifetime=lifetime,
    )


def build_step(setting: CacheSetting) -> PlanStep:
    if setting == AUTOMATIC:
        return AUTOMATIC_STEP
    lifetime = LIFETIMES[setting.is_long]
    mark = (
        text("mark the end of every prompt for caching, for {lifetime}", lifetime=lifetime)
        if setting.writes_which is Writes.ALL
        else text("mark a prefix for caching once it was sent before, for {lifetime}", lifetime=lifetime)
    )
    return PlanStep(
        step=join_texts("; ", (ORDER, mark)), effort=EFFORT, risk=RISK, undo=text("Remove the cache markers")
    )


def describe_readiness(log: PricedLog) -> Text:
    if log.has_columns("first_token_ms"):
        return text("A prefix can be read once a request with it has begun to answer")
    if log.has_columns("latency_ms"):
        return text("A prefix can be read once a request with it has answered; the log has no time to the first token")
    return text(
        "A prefix can be read right after a request with it was sent, because the log has no latency; requests of "
        "one instant don't read from each other"
    )


def list_undocumented_rules(log: PricedLog) -> tuple[Text, ...]:
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
