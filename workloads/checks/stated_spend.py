"""Compare our spend with the cost that the log states, model by model, and name what explains the difference.

Each row whose stated cost differs is attributed to the first of the hypotheses that gives its stated cost (see
workloads.checks.hypotheses). Rows that none of them explains are tried together: the same factor on every row, or
another pair of prices. What is left is called unexplained, so that the causes always sum to the difference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.i18n.text import FormattedNumber, Text, text
from workloads.analysis.priced_log import PricedLog
from workloads.checks.check import Check, CheckCause, CheckPart, CheckState
from workloads.checks.hypotheses import Hypothesis, build_joins, build_rows, create_other_rates, list_hypotheses
from workloads.checks.price_fits import FIT_SUMS_SQL, MAX_ERROR_OF_ALL, FitSums, add_sums, describe_fit

NAME, TITLE = "stated_spend", text("Stated cost")
TOLERANCE = Decimal("0.01")  # of a model's spend
ROW_TOLERANCE = "0.005"  # of a row's cost
MAX_MODELS = 20
MAX_NAMES = 1_000
MAX_JUDGED_ROWS = 200_000  # whose causes are looked for; of more rows, a sample
MAIN_SHARE = 0.95  # of the rows that differ; a hypothesis that explains as many is the cause
_CLOSE, _OPEN = -1, -2  # the causes of rows that hardly differ, and of those that no hypothesis explains
UNEXPLAINED = text("not explained")
ROUNDING = text("rounding and differences below {percent} of a row", percent=FormattedNumber("0.5%"))

_BOTH = "p.logged_cost IS NOT NULL AND p.cost IS NOT NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpend:
    """A model of the log with its stated cost and ours, in USD, over the rows that have both."""

    name: str | None
    stated: Decimal
    computed: Decimal
    rows: int


def check_stated_spend(log: PricedLog) -> Check:
    if not log.has_columns("logged_cost"):
        finding = text("The log states no cost to compare with.")
        return Check(name=NAME, title=TITLE, state=CheckState.UNKNOWN, finding=finding)
    unit = _find_unit(log)
    models = _list_models(log)
    if not models:
        finding = text("The log states no cost for models with a price.")
        return Check(name=NAME, title=TITLE, state=CheckState.UNKNOWN, finding=finding)
    stated = sum((model.stated for model in models), Decimal(0))
    computed = sum((model.computed for model in models), Decimal(0))
    failing = [model for model in models if _differs(model, unit)]
    if not failing:
        finding = text(
            "The log's own cost ({stated}) confirms ours ({computed}), model by model.",
            stated=_format_usd(stated),
            computed=_format_usd(computed),
        )
        return Check(name=NAME, title=TITLE, state=CheckState.PASSED, finding=finding)
    parts = _explain_models(log, failing[:MAX_MODELS], unit)
    return Check(
        name=NAME,
        title=TITLE,
        state=CheckState.FAILED,
        finding=_describe(stated, computed, parts),
        causes=_sum_causes(parts),
        parts=parts,
    )


def _find_unit(log: PricedLog) -> Decimal:
    """Return the last decimal place that the log's costs use, in USD: 0.01 if all are whole cents."""
    (*fits,) = log.fetch_one(
        "SELECT "
        + ", ".join(f"bool_and(logged_cost = round(logged_cost, {places}))" for places in range(2, 9))
        + " FROM log.requests WHERE logged_cost IS NOT NULL"
    )
    places = next((places for places, fit in enumerate(fits, start=2) if fit), 9)
    return Decimal(1).scaleb(-places)


def _list_models(log: PricedLog) -> list[ModelSpend]:
    """Return the models with both costs, the one with the largest difference first."""
    rows = log.fetch_all(
        f"""SELECT p.model, sum(p.logged_cost) AS stated, sum(p.cost) AS computed, count(*)
        FROM priced p WHERE {_BOTH} GROUP BY p.model ORDER BY abs(stated - computed) DESC, p.model
        LIMIT {MAX_NAMES}"""
    )
    return [
        ModelSpend(name=name, stated=stated, computed=computed, rows=count) for name, stated, computed, count in rows
    ]


def _differs(model: ModelSpend, unit: Decimal) -> bool:
    gap = abs(model.stated - model.computed)
    return gap > TOLERANCE * max(abs(model.stated), abs(model.computed)) and gap > model.rows * unit / 2


def _explain_models(log: PricedLog, failing: Sequence[ModelSpend], unit: Decimal) -> tuple[CheckPart, ...]:
    create_other_rates(log, log.build_pricer(), frozenset(model.name for model in failing))
    return tuple(_iter_parts(log, failing, unit))


def _iter_parts(log: PricedLog, failing: Sequence[ModelSpend], unit: Decimal) -> Iterator[CheckPart]:
    hypotheses = list_hypotheses()
    step = -(-sum(model.rows for model in failing) // MAX_JUDGED_ROWS)
    _judge_rows(log, failing, hypotheses, unit, step)
    for model in failing:
        rows = log.fetch_all(
            "SELECT * EXCLUDE (model, gap), gap FROM judged WHERE model IS NOT DISTINCT FROM $model "
            "ORDER BY abs(gap) DESC, cause",
            {"model": model.name},
        )
        judged = [_Judged(cause=cause, sums=FitSums(*sums), gap=gap) for cause, *sums, gap in rows]
        causes = _scale_causes(model, tuple(_explain_model(judged, hypotheses)), step)
        yield CheckPart(model=model.name, stated=model.stated, computed=model.computed, causes=causes)


def _scale_causes(model: ModelSpend, causes: tuple[CheckCause, ...], step: int) -> tuple[CheckCause, ...]:
    """Return the causes in a sample, so that they sum to the difference of all of the model's rows."""
    sampled = sum((cause.amount or Decimal(0) for cause in causes), Decimal(0))
    difference = model.stated - model.computed
    if step == 1 or not sampled:
        return causes
    return tuple(
        replace(cause, amount=(cause.amount or Decimal(0)) * difference / sampled, rows=(cause.rows or 0) * step)
        for cause in causes
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """The rows of a model with one cause: the index of a hypothesis, _CLOSE or _OPEN."""

    cause: int
    sums: FitSums
    gap: Decimal


def _explain_model(judged: Sequence[_Judged], hypotheses: Sequence[Hypothesis]) -> Iterator[CheckCause]:
    """Yield the causes of a model's difference. One that explains all rows goes before several that explain some."""
    off = [each for each in judged if each.cause != _CLOSE]
    together = _explain_together(off)
    if together is not None:
        yield together
        off = []
    for each in off:
        what = hypotheses[each.cause].what if each.cause != _OPEN else describe_fit(each.sums) or UNEXPLAINED
        yield CheckCause(what=what, amount=each.gap, rows=each.sums.n)
    for each in judged:
        if each.cause == _CLOSE and each.gap:
            yield CheckCause(what=ROUNDING, amount=each.gap, rows=each.sums.n)


def _explain_together(off: Sequence[_Judged]) -> CheckCause | None:
    if not off:
        return None
    sums = add_sums(each.sums for each in off)
    if any(each.cause != _OPEN and each.sums.n >= MAIN_SHARE * sums.n for each in off):
        return None
    what = describe_fit(sums, MAX_ERROR_OF_ALL)
    return None if what is None else CheckCause(what=what, amount=sum((e.gap for e in off), Decimal(0)), rows=sums.n)


def _judge_rows(
    log: PricedLog, failing: Sequence[ModelSpend], hypotheses: Sequence[Hypothesis], unit: Decimal, step: int
) -> None:
    """Fill the TEMP table `judged`: for each model and cause the sums that a fit needs, and stated minus our cost.

    Of `step` rows, about one is looked at.
    """
    near = f"abs(stated - {{}}) <= greatest({unit:f} / 2, abs(stated) * {ROW_TOLERANCE})"
    cases = " ".join(f"WHEN {near.format(f'h{place}')} THEN {place}" for place in range(len(hypotheses)))
    costs = ", ".join(f"({each.cost})::DECIMAL(24,12) AS h{place}" for place, each in enumerate(hypotheses))
    models = " OR ".join(f"p.model IS NOT DISTINCT FROM $m{place}" for place in range(len(failing)))
    log.run(
        f"""CREATE OR REPLACE TEMP TABLE judged AS
        WITH tried AS (
            SELECT p.model, p.logged_cost AS stated, p.cost, {costs}, stated::DOUBLE AS z, p.cost::DOUBLE AS c,
                (p.plain_input / nullif(p.p_fresh, 0))::DOUBLE AS x, p.output::DOUBLE AS y,
                p.input::DOUBLE AS v
            FROM ({build_rows()}) p {build_joins()} WHERE {_BOTH} AND hash(p.row) % {step} = 0 AND ({models}))
        SELECT model, CASE WHEN {near.format("cost")} THEN {_CLOSE} {cases} ELSE {_OPEN} END AS cause,
            {FIT_SUMS_SQL}, sum(stated - cost) AS gap
        FROM tried GROUP BY model, cause""",
        {f"m{place}": model.name for place, model in enumerate(failing)},
    )


def _sum_causes(parts: Sequence[CheckPart]) -> tuple[CheckCause, ...]:
    """Return the causes of all models, those with the same words together, the largest amount first."""
    by_words: dict[Text, tuple[Decimal, int]] = {}
    for cause in (cause for part in parts for cause in part.causes):
        amount, rows = by_words.get(cause.what, (Decimal(0), 0))
        by_words[cause.what] = amount + (cause.amount or 0), rows + (cause.rows or 0)
    causes = (CheckCause(what=what, amount=amount, rows=rows) for what, (amount, rows) in by_words.items())
    return tuple(sorted(causes, key=lambda cause: (-abs(cause.amount or Decimal(0)), cause.what)))


def _describe(stated: Decimal, computed: Decimal, parts: Sequence[CheckPart]) -> Text:
    return text(
        "The log states {stated} where we compute {computed}; {gap} of the difference is in {model}.",
        stated=_format_usd(stated),
        computed=_format_usd(computed),
        gap=_format_usd(parts[0].difference),
        model=parts[0].model or text("requests without a model"),
    )


def _format_usd(usd: Decimal) -> FormattedNumber:
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    places = 2 if size >= 1 or not size else max(4, -size.adjusted())
    return FormattedNumber(f"{sign}${size:,.{places}f}")
