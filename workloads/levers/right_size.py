"""Right-sizing: short, simple requests answered by a smaller model of the same provider.

The saving follows from prices; a usage log does not show whether the smaller model answers well enough. So the saving
needs an evaluation and is not in the headline. A feature is routed as a whole: where its requests are simple, and only
if the smaller model costs less for all of them together, with its own rules for cached prefixes."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType

from core.i18n.text import Text, join_texts, text, verbatim_text
from workloads.analysis.estimate import Basis, Bound, Estimate, PlanStep, Question, Unknown
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.ingest.database import quote_literal
from workloads.levers.base import COST_FORMULA, Lever, Speed, build_unknown_estimate, clear_saving, format_cost
from workloads.levers.repricing.offers import EFFECT_PRICES, select_features
from workloads.levers.repricing.smaller_evidence import MAX_SHOWN, list_details, list_evidence
from workloads.levers.repricing.smaller_models import (
    LEVER_NAME,
    MAX_INPUT_TOKENS,
    MAX_OUTPUT_TOKENS,
    Targets,
    build_simple_requests,
    build_smaller_costs,
    list_answers,
    list_targets,
    select_routed,
)
from workloads.pricing.constraints import ExcludedChange
from workloads.pricing.lever_answers import build_replies

NAME, TITLE = LEVER_NAME, text("Use a smaller model for simple requests")
MAX_QUESTIONS = 5  # open ones; each is tried in the waterfall
FORMULA = join_texts(
    "; ",
    (
        text(
            "cost of simple requests − cost of the same tokens at the smaller model's prices of the same day, with its "
            "own rules for cached prefixes"
        ),
        COST_FORMULA,
    ),
)
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "model": text("model"),
        "smaller_model": text("smaller model"),
        "requests": text("requests"),
        "saving_usd": text("saving"),
        "latency": text("latency"),
    }
)

STEPS = (
    PlanStep(
        step=text(
            "Evaluate the smaller model on a few hundred of these prompts; if its answers are good enough, route "
            "short requests to it"
        ),
        effort=join_texts(" - ", ("medium", text("an evaluation set and a routing rule"))),
        risk=join_texts(" - ", ("medium", text("answers may get worse; measure before and after"))),
        undo=text("Route all requests back to the original model"),
    ),
)


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    targets = list_targets(log)
    return _select_effect(targets, select_routed(log, targets, state)) if targets else None


def build_question_effect_sql(log: PricedLog, state: LogState, scope: str) -> str | None:
    """Return the effect on one feature that the user has not said anything about."""
    targets = list_targets(log)
    if not targets or scope in {name for names in list_answers(log) for name in names}:
        return None
    rows = f"(SELECT * FROM {build_simple_requests(log, targets, state)} WHERE {select_features('feature', [scope])})"
    return _select_effect(targets, rows)


def _select_effect(targets: Targets, rows: str) -> str:
    lines = ", ".join(
        f"({target.model.key}, {quote_literal(target.name)}, {target.terms.minimum}, {target.terms.step}, "
        f"{target.terms.ttl}, {target.terms.is_automatic})"
        for target in targets
    )
    return f"""SELECT row, {EFFECT_PRICES}, t_model, t_minimum, t_step, t_ttl, t_automatic FROM {rows}
        JOIN (VALUES {lines}) targets (key, t_model, t_minimum, t_step, t_ttl, t_automatic) USING (key)"""


def estimate(log: PricedLog) -> Estimate:
    models = log.prices.models
    if not any(model.model_id for model in models):
        missing = Unknown(what=text("the cost with a smaller model"), column="model")
        return build_unknown_estimate(NAME, TITLE, missing, formula=FORMULA)
    saved, targets = LEVER.compute_saving(log), list_targets(log)
    allowed, _ = list_answers(log)
    result = Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED if allowed else Basis.NEEDS_EVALUATION,
        bound=Bound.ESTIMATE if allowed else Bound.UPPER,
        headline=bool(allowed),
        formula=FORMULA,
        assumptions=(
            text(
                "These features may use a smaller model for all their requests, as you said: {names}",
                names=_name(allowed),
            )
            if allowed
            else _describe_simple(log),
            *_list_ratio_assumptions(targets),
            text("Prefixes that are shorter than the smaller model caches cost what fresh input costs"),
            *(() if allowed else (text("All of its answers are good enough, which needs an evaluation"),)),
        ),
        evidence=list_evidence(log, targets) if saved else (),
        unknowns=(Unknown(what=text("quality of the smaller model's answers; this needs an evaluation"), column=""),),
        steps=STEPS,
        details=tuple(list_details(log, targets)) if saved else (),
        headings=dict(HEADINGS),
        questions=tuple(_list_questions(log, targets)),
    )
    if saved:
        return result
    return clear_saving(result, _explain_no_saving(log, targets))


def _name(features: Iterable[str]) -> str:
    return ", ".join(feature or "-" for feature in features)


def _list_questions(log: PricedLog, targets: Targets) -> Iterable[Question]:
    """Ask whether a feature may use the smaller model, for those that save most; "" stands for no feature."""
    if not targets:
        return
    allowed, denied = list_answers(log)
    rows = log.fetch_all(
        f"""SELECT coalesce(feature, '') AS name, sum(now_cost), sum(t_cost)
        FROM {build_simple_requests(log, targets)} GROUP BY 1 ORDER BY sum(saved) DESC, 1 LIMIT {MAX_SHOWN}"""
    )
    open_ones = 0
    for name, now, then in rows:
        is_open = name not in allowed
        open_ones += is_open
        if not is_open or open_ones <= MAX_QUESTIONS:
            yield _to_question(name, now, then, answer=None if is_open else True)
    for name in denied:
        yield _to_question(name, None, None, answer=False)


def _to_question(name: str, now: Decimal | None, then: Decimal | None, *, answer: bool | None) -> Question:
    named = verbatim_text(name) if name else text("requests without a feature")
    if now is None or then is None:
        finding, saving = named, Decimal(0)
    else:
        amounts = text(
            "{before} → {after} with a smaller model",
            before=format_cost(now),
            after=format_cost(then),
        )
        finding, saving = join_texts(", ", (named, amounts)), now - then
    return Question(
        lever=NAME,
        scope=name,
        question=text("Can {name} use a smaller model? Say yes only if you have evaluated its answers.", name=named),
        finding=finding,
        saving=saving,
        answer=answer,
        replies=build_replies(NAME, name),
    )


def _describe_simple(log: PricedLog) -> Text:
    simple = text(
        "A simple request has at most {input:,} input and {output} output tokens, no tools, no reasoning and no error",
        input=MAX_INPUT_TOKENS,
        output=MAX_OUTPUT_TOKENS,
    )
    if not log.has_columns("feature"):
        return simple
    return join_texts(
        "; ", (simple, text("a feature is routed if at least {share} of its requests are simple", share="95%"))
    )


def _list_ratio_assumptions(targets: Targets) -> Iterable[Text]:
    ratios = {target.ratio for target in targets}
    if not ratios or any(ratio.is_known for ratio in ratios):
        yield text("A smaller model with the same tokenizer uses the same number of tokens")
    for ratio in ratios:
        if not ratio.is_known:
            yield text(
                "With another tokenizer, one token of the log is {least} to {most} tokens of the smaller model; the "
                "saving is that for {most}",
                least=str(ratio.least),
                most=str(ratio.most),
            )


def _explain_no_saving(log: PricedLog, targets: Targets) -> Text:
    if not targets:
        return text("no simple request uses a model with a known smaller version")
    requests, saved = log.fetch_one(
        f"SELECT count(*), coalesce(sum(saved), 0) FROM {build_smaller_costs(log, targets)}"
    )
    if not requests:
        return text("no simple request uses a model with a known smaller version")
    if saved < 0:
        return text("the smaller model would cost more for these requests, because it caches less or costs more")
    return text("the smaller model would cost as much for these requests")


LEVER = Lever(
    name=NAME,
    title=TITLE,
    speed=Speed.UNVERIFIED,
    estimate=estimate,
    effect=build_effect_sql,
    question_effect=build_question_effect_sql,
    change=ExcludedChange.MODELS,
)
