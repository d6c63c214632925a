"""Target lengths per feature: the user's own, or a multiple of the feature's median.

A log shows how long prompts and answers are, not how long they have to be. So a feature's target is what the user says,
or three times its median, which only outliers exceed. Both need an evaluation."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from core.i18n.text import Text, plural_text, text
from workloads.analysis.estimate import (
    Basis,
    Bound,
    DisplayValue,
    Estimate,
    Evidence,
    NumberQuestion,
    PlanStep,
    Unknown,
)
from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.ingest.database import quote_literal
from workloads.levers.base import Lever, Speed, build_unknown_estimate, clear_saving
from workloads.levers.repricing.cuts import CUT_EFFECT, build_cut_costs
from workloads.pricing.constraints import ExcludedChange
from workloads.pricing.number_sentences import build_number_replies

MIN_REQUESTS = 20
MEDIANS = 3
"""How many medians long a request may be."""
MAX_TARGET = 10**9
MAX_SHOWN = 50
MAX_ASKED = 3
"""Features without a target of the user's that are asked about."""
LENGTH_HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "feature": text("feature"),
        "median": text("median"),
        "target": text("target"),
        "requests": text("requests above it"),
        "tokens": text("tokens above it"),
        "saving_usd": text("saving"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthRule:
    """What a lever about lengths cuts: `tokens` is SQL about `priced`, `keeps` the argument of `build_cut_costs`.

    `ask` is the question for a feature's target.
    """

    name: str
    title: Text
    tokens: str
    keeps: str
    formula: Text
    assumptions: tuple[Text, ...]
    unknown: Text
    ask: Callable[[str], Text]
    steps: tuple[PlanStep, ...]


def build_length_lever(rule: LengthRule) -> Lever:
    """Return the lever of a rule: its estimate and its effect."""
    lever = Lever(
        name=rule.name,
        title=rule.title,
        speed=Speed.FASTER,
        estimate=lambda log: _estimate_lengths(log, rule, lever),
        effect=lambda log, state: _build_effect(log, rule, state),
        change=ExcludedChange.LENGTHS,
    )
    return lever


def build_targets(log: PricedLog, rule: LengthRule) -> str:
    """Create the TEMP table of the features that have a target: feature ('' for none), requests, median, longest,
    target.

    A feature needs MIN_REQUESTS single, successful requests for a target from its median; the user's own target holds
    for any. Returns the table's name.
    """
    table = f"targets_{rule.name}"
    given = ", ".join(
        f"({quote_literal(feature)}, {target})"
        for feature, target in _list_given_targets(log, rule)
        if "\0" not in feature
    )
    return log.create_table(
        table,
        f"""CREATE TEMP TABLE {table} AS
        SELECT f.*, coalesce(g.target, CASE WHEN requests >= {MIN_REQUESTS} THEN {MEDIANS} * median END) AS target
        FROM (
            SELECT coalesce(feature, '') AS feature, count(*) AS requests,
                quantile_disc({rule.tokens}, 0.5)::BIGINT AS median, max({rule.tokens})::BIGINT AS longest
            FROM priced WHERE NOT is_sum AND ok IS DISTINCT FROM false GROUP BY 1
        ) f LEFT JOIN ({f"VALUES {given}" if given else "SELECT NULL, NULL"}) g (feature, target) USING (feature)
        WHERE coalesce(g.target, CASE WHEN requests >= {MIN_REQUESTS} THEN 1 END) IS NOT NULL""",
    )


def build_cut_lengths(log: PricedLog, rule: LengthRule, state: LogState = INITIAL_STATE) -> str:
    """Create the TEMP table of the requests that are longer than their feature's target (cuts.build_cut_costs)."""
    return build_cut_costs(
        log,
        state,
        f"cut_{rule.name}",
        joins=f"JOIN {build_targets(log, rule)} target ON target.feature = coalesce(p.feature, '')",
        **{rule.keeps: "target.target"},
    )


def _build_effect(log: PricedLog, rule: LengthRule, state: LogState) -> str | None:
    if not (log.has_columns("feature") and _has_long_requests(log, rule)):
        return None
    return f"SELECT row, {CUT_EFFECT} FROM {build_cut_lengths(log, rule, state)}"


def _has_long_requests(log: PricedLog, rule: LengthRule) -> bool:
    """Whether a request of the log is longer than its feature's target. No lever makes one longer."""
    (count,) = log.fetch_one(f"SELECT count(*) FROM {build_targets(log, rule)} WHERE longest > target")
    return bool(count)


def _estimate_lengths(log: PricedLog, rule: LengthRule, lever: Lever) -> Estimate:
    if not log.has_columns("feature"):
        missing = Unknown(what=rule.unknown, column="feature")
        return build_unknown_estimate(rule.name, rule.title, missing, formula=rule.formula)
    saved = lever.compute_saving(log)
    result = Estimate(
        name=rule.name,
        title=rule.title,
        saving=saved,
        basis=Basis.NEEDS_EVALUATION,
        bound=Bound.UPPER,
        headline=False,
        formula=rule.formula,
        assumptions=(
            text(
                "Without a target of yours, a feature's target is {times} times its median, from {least} requests on",
                times=MEDIANS,
                least=MIN_REQUESTS,
            ),
            *rule.assumptions,
        ),
        evidence=_list_evidence(log, rule) if saved else (),
        unknowns=(
            Unknown(what=text("quality of the answers at the target length; this needs an evaluation"), column=""),
        ),
        steps=rule.steps,
        details=tuple(_list_details(log, rule)) if saved else (),
        headings=dict(LENGTH_HEADINGS),
        quantities=tuple(_list_quantities(log, rule, _list_details(log, rule) if saved else ())),
    )
    return result if saved else clear_saving(result, text("no request is longer than its feature's target"))


def _list_quantities(
    log: PricedLog, rule: LengthRule, details: Iterable[Mapping[str, DisplayValue]]
) -> Iterable[NumberQuestion]:
    """Yield the targets to ask for: those that were given, and of the features that are worth most."""
    given = dict(_list_given_targets(log, rule))
    worth = {feature: each for each in details if isinstance(feature := each["feature"], str) and feature}
    for feature in dict.fromkeys((*filter(None, given), *list(worth)[:MAX_ASKED])):
        target = given.get(feature)
        yield NumberQuestion(
            lever=rule.name,
            scope=feature,
            question=rule.ask(feature),
            unit="tokens",
            answer=None if target is None else Decimal(target),
            replies=build_number_replies(rule.name, feature),
            finding=_describe_lengths(worth[feature]) if feature in worth else None,
        )


def _describe_lengths(found: Mapping[str, DisplayValue]) -> Text:
    return plural_text(
        "Half have at most {median:,}; {n:,} request has more than {target:,}.",
        "Half have at most {median:,}; {n:,} requests have more than {target:,}.",
        n=int(str(found["requests"])),
        median=int(str(found["median"])),
        target=int(str(found["target"])),
    )


def _list_given_targets(log: PricedLog, rule: LengthRule) -> Iterable[tuple[str, int]]:
    """Return the user's targets by feature."""
    return (
        (answer.scope, int(answer.value))
        for answer in log.assumptions.answers
        if answer.lever == rule.name and isinstance(answer.value, Decimal) and 0 <= answer.value <= MAX_TARGET
    )


def _list_evidence(log: PricedLog, rule: LengthRule) -> tuple[Evidence, ...]:
    requests, tokens = log.fetch_one(
        f"SELECT count(*), sum(cut_read + cut_fresh + cut_output)::BIGINT FROM {build_cut_lengths(log, rule)}"
    )
    return (
        Evidence(label=text("requests above their feature's target"), value=requests, unit="requests"),
        Evidence(label=text("tokens above the targets"), value=tokens, unit="tokens"),
    )


def _list_details(log: PricedLog, rule: LengthRule) -> Iterable[dict[str, DisplayValue]]:
    rows = log.fetch_all(
        f"""SELECT feature, median, target, count(*), sum(cut_read + cut_fresh + cut_output)::BIGINT, sum(saved)
        FROM (SELECT * REPLACE (coalesce(feature, '') AS feature) FROM {build_cut_lengths(log, rule)})
        JOIN {build_targets(log, rule)} USING (feature) GROUP BY 1, 2, 3 ORDER BY 6 DESC, 1 LIMIT {MAX_SHOWN}"""
    )
    for feature, median, target, requests, tokens, saved in rows:
        yield {
            "feature": feature,
            "median": median,
            "target": target,
            "requests": requests,
            "tokens": tokens,
            "saving_usd": saved,
        }
